"""A mixture in memory and sources that sum to it, cut into blocks at will."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from avstem.datatypes import FloatArray, SourceBlock


class MemoryMixture:
    def __init__(self, sound: FloatArray, rate_hz: int = 48000, start_s: float = 0.0) -> None:
        self.sound = sound
        self.rate_hz = rate_hz
        self.channels, self.samples = sound.shape
        self.start_s = start_s

    def read(self, start: int, count: int) -> FloatArray:
        out = np.zeros((self.channels, count), dtype=np.float32)
        low, high = max(start, 0), min(start + count, self.samples)
        if high > low:
            out[:, low - start : high - start] = self.sound[:, low:high]
        return out


def make_sources(parts: int, channels: int, samples: int, seed: int = 0) -> FloatArray:
    """Noise of different loudness, (parts, channels, samples), peaks below full scale."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(-1.0, 1.0, (parts, channels, samples))
    return (noise * rng.uniform(0.02, 0.3, (parts, 1, 1))).astype(np.float32)


def blocks_of(sources: FloatArray, cuts: Sequence[int] = ()) -> Iterator[SourceBlock]:
    """Blocks that begin at 0 and at every cut."""
    edges = [0, *sorted(cuts), sources.shape[2]]
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        yield SourceBlock(start, sources[:, :, start:end])
