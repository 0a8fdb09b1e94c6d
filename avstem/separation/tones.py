"""Tones in a salience of pitches: stretches in which a pitch stands out.

Many of them are real, some are ghosts: an octave or a twelfth of a tone that sounds. Which is
which the one who tells voices apart decides (``streams``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing

from avstem.datatypes import FloatArray, IntArray
from avstem.separation.heard import loud

MORE = 1  # tones at a time than there are voices
GAP_FRAMES = 2  # within a tone that are bridged
SHORTEST_FRAMES = 2
TINY = 1e-9


@dataclass(frozen=True)
class Threshold:
    """Salience that a tone needs: a share of its frame's, and decibels below level 1."""

    share: float
    floor_db: float


GENEROUS = Threshold(0.03, -28.0)  # hardly a real tone is missed
STRICT = Threshold(0.06, -22.0)


@dataclass(frozen=True, eq=False)
class Tones:
    """Tones by their beginning; parallel arrays of shape (tones,).

    first, stop : frames [first, stop). pitch : row of the salience. level : mean salience, 1 is
        loud.
    """

    first: IntArray
    stop: IntArray
    pitch: IntArray
    level: FloatArray

    def __len__(self) -> int:
        return len(self.first)

    def backwards(self) -> tuple[Tones, IntArray]:
        """The tones as they are when time runs backwards, and the number that each had."""
        end = int(self.stop.max(initial=0))
        order = np.lexsort((self.pitch, -self.stop))
        pitch, level = self.pitch[order], self.level[order]
        return Tones(end - self.stop[order], end - self.first[order], pitch, level), order


def standing_out(
    salience: FloatArray, voices: int, threshold: Threshold = STRICT
) -> NDArray[np.bool_]:
    """Where pitches stand out in a salience (pitches, frames), short gaps bridged."""
    total = salience.sum(0)
    above = np.pad(salience, ((1, 1), (0, 0)))
    peak = (salience >= above[2:]) & (salience >= above[:-2]) & (salience > TINY)
    rank = (-np.where(peak, salience, 0.0)).argsort(0, kind="stable").argsort(0)
    floor = loud(salience.max(0, initial=0.0)) * 10 ** (threshold.floor_db / 20)
    least = np.maximum(threshold.share * total, floor)
    found = peak & (salience > least) & (rank < voices + MORE)
    bridge = np.ones((1, GAP_FRAMES + 1), bool)
    padded = np.pad(found, ((0, 0), (GAP_FRAMES, GAP_FRAMES)))
    return np.asarray(binary_closing(padded, bridge)[:, GAP_FRAMES:-GAP_FRAMES])


def find_tones(salience: FloatArray, voices: int) -> Tones:
    """Tones of a salience (pitches, frames) in which so many voices sound."""
    edges = np.diff(np.pad(standing_out(salience, voices), ((0, 0), (1, 1))).astype(int), axis=1)
    pitch, first = np.nonzero(edges == 1)
    stop = np.nonzero(edges == -1)[1]
    sums = np.pad(np.cumsum(salience, axis=1, dtype=float), ((0, 0), (1, 0)))
    mean = (sums[pitch, stop] - sums[pitch, first]) / (stop - first)
    level = mean / (loud(salience.max(0, initial=0.0)) + TINY)
    long = np.flatnonzero(stop - first >= SHORTEST_FRAMES)
    kept = long[np.lexsort((pitch[long], first[long]))]
    return Tones(first[kept], stop[kept], pitch[kept], level[kept])
