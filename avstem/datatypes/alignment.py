"""Records of the alignment stage: the score as performed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes.base import FloatArray, require
from avstem.datatypes.media import Notes


@dataclass(frozen=True, eq=False)
class TimeMap:
    """Score time to media time, piecewise linear through anchors, both strictly increasing."""

    score_s: FloatArray  # (anchors,)
    media_s: FloatArray  # (anchors,)

    def __post_init__(self) -> None:
        require(self.score_s.shape == self.media_s.shape, "anchors must come in pairs")
        require(len(self.score_s) >= 2, "a time map needs at least two anchors")
        for name in ("score_s", "media_s"):
            require(bool(np.all(np.diff(getattr(self, name)) > 0)), f"{name} must increase")

    def to_media(self, score_s: FloatArray) -> FloatArray:
        """Media times of score times; beyond the ends the mean tempo goes on."""
        return _extend(score_s, self.score_s, self.media_s)

    def to_score(self, media_s: FloatArray) -> FloatArray:
        """Score times of media times; the inverse of ``to_media``."""
        return _extend(media_s, self.media_s, self.score_s)


def _extend(x: FloatArray, xs: FloatArray, ys: FloatArray) -> FloatArray:
    slope = (ys[-1] - ys[0]) / (xs[-1] - xs[0])
    inside = np.interp(x, xs, ys)
    before, after = np.minimum(x - xs[0], 0.0), np.maximum(x - xs[-1], 0.0)
    return np.asarray(inside + slope * (before + after))


@dataclass(frozen=True, eq=False)
class Alignment:
    """The score as performed.

    notes : one per part of the score, in media time, same notes in the same order of the part.
    confidence : overall fit of score and recording, 0 to 1.
    confidence_per_s : (seconds,) the same for each second of media time from the first onset.
    """

    timemap: TimeMap
    notes: tuple[Notes, ...]
    confidence: float
    confidence_per_s: FloatArray
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(0.0 <= self.confidence <= 1.0, f"confidence outside 0 to 1: {self.confidence}")
