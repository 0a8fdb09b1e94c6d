"""Who moves while a part plays and rests while it rests.

Only rests that last count: through a short one the hands stay up. A part that never rests for
long says nothing here and scores 0 with everybody.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from avstem.association.movement import Movement
from avstem.association.nulls import stand_out
from avstem.association.synchrony import compressed
from avstem.datatypes import FloatArray, Notes

_LONG_REST_S = 2.0
_SMOOTH_S = 0.5
_NEAR_S = 4.0  # playing and resting change slowly
_ALIKE_S = 1.0


def activity_scores(movement: Movement, notes: tuple[Notes, ...]) -> FloatArray:
    """(parts, players) z-scores of moving more while the part plays than while it rests."""
    sigma = _SMOOTH_S * movement.rate_hz
    trains = np.array(
        [gaussian_filter1d(_playing(part, movement.times_s), sigma) for part in notes]
    )
    columns = []
    for player, principal in enumerate(movement.principal):
        speed = compressed(gaussian_filter1d(np.abs(principal), sigma, axis=-1))
        speed = movement.evened(player, speed)
        columns.append(stand_out(speed, trains, movement.rate_hz, _NEAR_S, _ALIKE_S))
    return np.stack(columns, axis=1)


def _playing(part: Notes, times_s: FloatArray) -> FloatArray:
    """(frames,) 1 from a phrase's first onset to its last offset, 0 in long rests."""
    playing = np.zeros(len(times_s))
    for first_s, last_s in part.phrases(_LONG_REST_S):
        playing[(times_s >= first_s) & (times_s <= last_s)] = 1.0
    return playing
