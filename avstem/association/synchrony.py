"""Which player moves at which part's onsets, beyond chance.

From each principal velocity of a player three curves are taken: turns of direction weighted by
the speed around, acceleration, speed, all on a logarithmic scale, so that one wild gesture does
not outweigh a hundred strokes. What they have in common with a part's notes is measured against
all time shifts (``nulls``), which makes it a z-score whatever the number of curves, however they
depend on each other, however much a player moves and however dense a part is.

Two things are asked: does the player move when notes begin (``onset_scores``), and among the
notes, more when the pitch leaps (``leap_scores``: the hand shifts, the bow crosses strings, other
fingers move)? The second is blind to the rhythm that parts often share.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from avstem.association.movement import Movement
from avstem.association.nulls import stand_out
from avstem.datatypes import FloatArray, Notes

_ONSET_SIGMA_S = 0.05
_TURN_SIGMA_S = 0.06
_AROUND_S = 0.17
_LARGEST_LEAP = 12.0  # semitones; beyond an octave a hand moves no more


def onset_scores(movement: Movement, notes: tuple[Notes, ...]) -> FloatArray:
    """(parts, players) z-scores of movement at the parts' onsets."""
    trains = np.array([_train(part, np.ones(len(part)), movement) for part in notes])
    return _scores(movement, trains)


def leap_scores(movement: Movement, notes: tuple[Notes, ...]) -> FloatArray:
    """(parts, players) z-scores of movement that grows with the parts' pitch leaps."""
    trains = np.array([_train(part, _leaps(part), movement) for part in notes])
    return _scores(movement, trains)


def _scores(movement: Movement, trains: FloatArray) -> FloatArray:
    columns = []
    for player, principal in enumerate(movement.principal):
        curves = movement.evened(player, motion_curves(principal, movement.rate_hz))
        columns.append(stand_out(curves, trains, movement.rate_hz))
    return np.stack(columns, axis=1)


def _leaps(part: Notes) -> FloatArray:
    """Size of the leap to each note over the mean one, so that rhythm alone scores nothing."""
    leaps = np.abs(np.diff(part.pitches.astype(float), prepend=part.pitches[:1]))
    leaps = np.minimum(leaps, _LARGEST_LEAP)
    return leaps - leaps.mean() if len(part) else leaps


def _train(part: Notes, weights: FloatArray, movement: Movement) -> FloatArray:
    """A bump at each onset, (frames,); of notes that start together the last one counts."""
    position = np.rint((part.onsets_s - movement.times_s[0]) * movement.rate_hz).astype(int)
    train = np.zeros(len(movement.times_s))
    shown = (position >= 0) & (position < len(train))
    train[position[shown]] = weights[shown]
    return np.asarray(gaussian_filter1d(train, _ONSET_SIGMA_S * movement.rate_hz))


def motion_curves(principal: FloatArray, rate_hz: float) -> FloatArray:
    """(3 x components, frames): turns, acceleration and speed of each principal velocity."""
    speed = np.abs(principal)
    around = uniform_filter1d(speed, 2 * round(_AROUND_S * rate_hz) + 1, axis=-1)
    turned = np.zeros_like(principal)
    turned[..., 1:] = np.signbit(principal[..., 1:]) != np.signbit(principal[..., :-1])
    turns = gaussian_filter1d(turned * around, _TURN_SIGMA_S * rate_hz, axis=-1)
    acceleration = np.abs(np.gradient(principal, axis=-1))
    return compressed(np.concatenate([turns, acceleration, speed]))


def compressed(curves: FloatArray) -> FloatArray:
    """Logarithm of curves (curves, frames) >= 0, each relative to its mean."""
    return np.asarray(np.log1p(curves / (curves.mean(axis=-1, keepdims=True) + 1e-6)))
