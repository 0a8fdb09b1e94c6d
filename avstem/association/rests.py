"""Who plays while a part plays, and rests while it rests.

Evidence comes from the lanes of who plays when, which are told from movement alone. Each step is a
chance to be wrong: the likelihood of a part's phrases under a player's lane says how wrong. Only
rests that last count, as in the lanes; parts that never rest say little.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from avstem.datatypes import Absent, Activity, Affinity, FloatArray, Notes

_STEP_S = 0.5  # between two looks
_LONG_REST_S = 2.0
_WEIGHT = 0.15  # steps depend on each other, and lanes are surer than they should be
_DOUBT = 0.05  # of every step of a lane
_LONGEST_S = 60.0  # more music counts as much as this: a lane that errs, errs all along


def with_rests(
    affinity: Affinity, notes: tuple[Notes, ...], playing: Activity | Absent
) -> Affinity:
    """The affinity with what playing and resting speak for; unchanged where nobody looked.

    playing : rows of players, by movement. notes : of the parts, media time. Before the first and
        after the last of all notes nothing is compared: there may be no music yet.
    """
    heard = [part for part in notes if len(part)]
    if isinstance(playing, Absent) or not heard:
        return affinity
    first_s = min(float(part.onsets_s[0]) for part in heard)
    last_s = max(float(part.offsets_s.max()) for part in heard)
    times_s = first_s + (np.arange(math.ceil((last_s - first_s) / _STEP_S)) + 0.5) * _STEP_S
    sounds = np.array([_sounding(part, times_s) for part in notes])
    lanes = np.clip(playing.at(times_s), _DOUBT, 1.0 - _DOUBT)
    fits = sounds @ np.log(lanes).T + (1.0 - sounds) @ np.log(1.0 - lanes).T
    fits = fits - fits.mean(axis=1, keepdims=True)
    weight = _WEIGHT * min(1.0, _LONGEST_S / (last_s - first_s))
    return replace(affinity, scores=affinity.scores + weight * fits)


def _sounding(part: Notes, times_s: FloatArray) -> FloatArray:
    """(times,) 1 from a phrase's first onset to its last offset, 0 in long rests."""
    found = np.zeros(len(times_s))
    for first_s, last_s in part.phrases(_LONG_REST_S):
        found[(times_s >= first_s) & (times_s <= last_s)] = 1.0
    return found
