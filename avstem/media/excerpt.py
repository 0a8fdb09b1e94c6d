"""A stretch of a mixture, as a mixture of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray, Mixture
from avstem.errors import RequestError


@dataclass(frozen=True)
class Excerpt:
    """Samples [first, first + samples) of ``whole``, see ``avstem.datatypes.Mixture``."""

    whole: Mixture
    first: int
    samples: int

    @property
    def rate_hz(self) -> int:
        """Sample rate of the whole."""
        return self.whole.rate_hz

    @property
    def channels(self) -> int:
        """Number of channels of the whole."""
        return self.whole.channels

    @property
    def start_s(self) -> float:
        """Media time of the excerpt's first sample."""
        return self.whole.start_s + self.first / self.rate_hz

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the whole."""
        return self.whole.warnings

    def read(self, start: int, count: int) -> FloatArray:
        """Samples [start, start + count) as float32 (channels, count); zeros outside."""
        block = np.zeros((self.channels, max(count, 0)), np.float32)
        first, last = max(start, 0), min(start + count, self.samples)
        if first < last:
            found = self.whole.read(self.first + first, last - first)
            block[:, first - start : last - start] = found
        return block


def excerpt(whole: Mixture, from_s: float, to_s: float) -> Excerpt:
    """What lies in [from_s, to_s), seconds from the first sample of ``whole``.

    Raises RequestError when nothing of the sound lies there.
    """
    first = max(math.ceil(from_s * whole.rate_hz), 0)
    last = min(math.ceil(to_s * whole.rate_hz), whole.samples)
    if first >= last:
        raise RequestError(
            f"Expected sound from {from_s:g} s to {to_s:g} s, found "
            f"{whole.samples / whole.rate_hz:g} s of it in all.",
            "Choose a span inside the recording.",
        )
    return Excerpt(whole, first, last - first)
