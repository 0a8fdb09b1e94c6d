"""Who plays while a part plays, and rests while it rests.

Evidence comes from the lanes of who plays when, which are told from movement alone. Each step is a
chance to be wrong: the likelihood of a part's phrases under a player's lane says how wrong. Only
rests that last count, as in the lanes; parts that never rest say little.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from avstem.datatypes import Absent, Activity, Affinity, FloatArray, Notes

_LONG_REST_S = 2.0
_WEIGHT = 0.15  # steps depend on each other, and lanes are surer than they should be
_DOUBT = 0.05  # of every step of a lane
_LONGEST_S = 60.0  # longer recordings count as much as this: a lane that errs, errs all along


def with_rests(
    affinity: Affinity, notes: tuple[Notes, ...], playing: Activity | Absent
) -> Affinity:
    """The affinity with what playing and resting speak for; unchanged where nobody looked.

    playing : rows of players, by movement. notes : of the parts, media time.
    """
    if isinstance(playing, Absent):
        return affinity
    steps = playing.playing.shape[1]
    times_s = playing.start_s + (np.arange(steps) + 0.5) * playing.step_s
    sounds = np.array([_sounding(part, times_s) for part in notes]).reshape(len(notes), steps)
    lanes = np.clip(playing.playing, _DOUBT, 1.0 - _DOUBT)
    fits = sounds @ np.log(lanes).T + (1.0 - sounds) @ np.log(1.0 - lanes).T
    fits = fits - fits.mean(axis=1, keepdims=True)
    weight = _WEIGHT * min(1.0, _LONGEST_S / (steps * playing.step_s))
    return replace(affinity, scores=affinity.scores + weight * fits)


def _sounding(part: Notes, times_s: FloatArray) -> FloatArray:
    """(times,) 1 from a phrase's first onset to its last offset, 0 in long rests."""
    found = np.zeros(len(times_s))
    for first_s, last_s in part.phrases(_LONG_REST_S):
        found[(times_s >= first_s) & (times_s <= last_s)] = 1.0
    return found
