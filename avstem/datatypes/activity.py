"""Records of the activity stage: who is playing when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes.base import FloatArray, require


@dataclass(frozen=True, eq=False)
class Activity:
    """Who plays when, on even steps of media time.

    playing : (rows, steps) probability in [0, 1] of playing during a step; rows are players where
        it comes from their movement, parts where it comes from the aligned score.
    start_s, step_s : beginning of the first step, length of a step.
    source : "motion" or "score".
    """

    playing: FloatArray
    start_s: float
    step_s: float
    source: str

    def __post_init__(self) -> None:
        require(self.playing.ndim == 2, "playing must be (rows, steps)")
        inside = (self.playing >= 0.0) & (self.playing <= 1.0)
        require(bool(np.all(inside)), "playing must lie between 0 and 1")
        require(self.step_s > 0.0, f"a step needs a length, found {self.step_s}")

    def at(self, times_s: FloatArray) -> FloatArray:
        """(rows, times) probabilities at media times; before and after all steps 0.5: unknown."""
        step = np.floor((np.asarray(times_s) - self.start_s) / self.step_s).astype(int)
        steps = self.playing.shape[1]
        known = (step >= 0) & (step < steps)
        return np.where(known, self.playing[:, np.clip(step, 0, steps - 1)], 0.5)
