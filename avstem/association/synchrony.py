"""Which player moves at which part's onsets, beyond chance.

From each principal velocity of a player three curves are taken: turns of direction weighted by
the speed around, acceleration, speed. Each is correlated with each part's onsets at all time
shifts; what stands out at no shift is evidence. Evidence of all curves is pooled at every shift
and compared with the far shifts again, which makes the result a z-score whatever the number of
curves and however they depend on each other.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from avstem.association.movement import Movement
from avstem.association.nulls import correlations, spectra, standardise
from avstem.datatypes import FloatArray, Notes

_ONSET_SIGMA_S = 0.06
_TURN_SIGMA_S = 0.06
_AROUND_S = 0.17


def synchrony_scores(movement: Movement, notes: tuple[Notes, ...]) -> FloatArray:
    """(parts, players) z-scores of coincidence."""
    trains = [spectra(onset_train(part.onsets_s, movement)) for part in notes]
    scores = np.zeros((len(notes), len(movement.principal)))
    for q, principal in enumerate(movement.principal):
        curves = spectra(motion_curves(principal, movement.rate_hz))
        for p, train in enumerate(trains):
            scores[p, q] = _pooled(curves, train, movement)[0]
    return scores


def _pooled(curves: FloatArray, train: FloatArray, movement: Movement) -> FloatArray:
    """z-score at all shifts of the evidence of all curves together."""
    values = correlations(curves, train, len(movement.times_s))
    z = standardise(values, movement.rate_hz)
    together = np.sqrt((np.maximum(z, 0.0) ** 2).sum(axis=0))
    return standardise(together, movement.rate_hz)


def onset_train(onsets_s: FloatArray, movement: Movement) -> FloatArray:
    """A bump at each onset, (frames,); notes that start together count once."""
    position = np.rint((onsets_s - movement.times_s[0]) * movement.rate_hz).astype(int)
    train = np.zeros(len(movement.times_s))
    train[position[(position >= 0) & (position < len(train))]] = 1.0
    return np.asarray(gaussian_filter1d(train, _ONSET_SIGMA_S * movement.rate_hz))


def motion_curves(principal: FloatArray, rate_hz: float) -> FloatArray:
    """(3 x components, frames): turns, acceleration and speed of each principal velocity."""
    speed = np.abs(principal)
    around = uniform_filter1d(speed, 2 * round(_AROUND_S * rate_hz) + 1, axis=-1)
    turned = np.zeros_like(principal)
    turned[..., 1:] = np.signbit(principal[..., 1:]) != np.signbit(principal[..., :-1])
    turns = gaussian_filter1d(turned * around, _TURN_SIGMA_S * rate_hz, axis=-1)
    acceleration = np.abs(np.gradient(principal, axis=-1))
    return np.concatenate([turns, acceleration, speed])
