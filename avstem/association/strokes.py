"""Which player's strokes fall on which part's onsets: the published method, to compare with.

Task: affinity of parts and players. Conventions: all times in frames, as published. The only
liberty is that cells of the motion field stand for pixels.

Reference: B. Li, K. Dinesh, Z. Duan, G. Sharma, "See and listen: score-informed association of
sound tracks to players in chamber music performance videos", ICASSP 2017, sections 3.1 to 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from avstem.datatypes import Affinity, FloatArray, MotionField, Notes, Player, Players

BoolArray = NDArray[np.bool_]

_AVERAGE_RADIUS_FRAMES = 5
_SIGMA_FRAMES = 3.0
_BLOCK_FRAMES = 512
_TINY = 1e-12


def associate_strokes(players: Players, notes: tuple[Notes, ...]) -> Affinity:
    """Affinity whose scores are ln M of Eq. 3, so that they add up to ln S of Eq. 4.

    The curves are the principal motion velocities chi(n) of Eq. 1, standardised.
    """
    field = players.field
    velocities = principal_velocities(players)
    strokes = [stroke_likelihood(chi) for chi in velocities]
    onsets = [onset_train(part.onsets_s, field.times_s) for part in notes]
    scores = [[np.log(_TINY + matching(f, g)) for f in strokes] for g in onsets]
    scores_array = np.array(scores).reshape(len(notes), len(strokes))
    deviation = velocities.std(axis=1, keepdims=True) + _TINY
    return Affinity("strokes", scores_array, velocities / deviation, field.times_s)


def principal_velocities(players: Players) -> FloatArray:
    """chi(n) of each player, (players, frames): Eq. 1 on the cells that move most."""
    field = players.field
    hot = _hot_cells(field, players.players)
    moved = np.zeros((len(hot), 2, len(field.times_s)))
    for start, block in _blocks(field):
        for k, cells in enumerate(hot):
            moved[k, :, start : start + block.shape[-1]] = block[:, cells].mean(axis=1)
    return np.array([_project(u) for u in moved]).reshape(len(hot), -1)


def _blocks(field: MotionField) -> Iterator[tuple[int, FloatArray]]:
    for start in range(0, len(field.times_s), _BLOCK_FRAMES):
        yield start, field.read(start, start + _BLOCK_FRAMES)


def _hot_cells(field: MotionField, players: tuple[Player, ...]) -> list[BoolArray]:
    """Per player, the cells two standard deviations above the mean motion magnitude."""
    magnitude = np.zeros(field.texture.shape)
    for _, block in _blocks(field):
        magnitude += np.hypot(block[0], block[1]).sum(axis=-1)
    return [_hot(magnitude, player.weight > 0.5) for player in players]


def _hot(magnitude: FloatArray, region: BoolArray) -> BoolArray:
    if not region.any():
        return np.ones_like(region)
    inside = magnitude[region]
    hot: BoolArray = region & (magnitude > inside.mean() + 2.0 * inside.std())
    return hot if hot.any() else region & (magnitude >= inside.max())


def _project(moved: FloatArray) -> FloatArray:
    """Velocity (2, frames) along its principal axis, (frames,)."""
    _, axes = np.linalg.eigh(np.cov(moved))
    return np.asarray(axes[:, -1] @ moved)


def stroke_likelihood(chi: FloatArray) -> FloatArray:
    """f(n) of Eq. 2: zero crossings of chi, weighted by its magnitude around, smoothed."""
    magnitude = uniform_filter1d(np.abs(chi), 2 * _AVERAGE_RADIUS_FRAMES + 1, mode="nearest")
    crossing = np.zeros_like(chi)
    crossing[1:] = np.signbit(chi[1:]) != np.signbit(chi[:-1])
    return np.asarray(gaussian_filter1d(crossing * magnitude, _SIGMA_FRAMES, mode="constant"))


def onset_train(onsets_s: FloatArray, times_s: FloatArray) -> FloatArray:
    """g(n): 1 at the frames nearest to onsets, else 0; onsets off the picture are left out."""
    shown = onsets_s[(onsets_s >= times_s[0]) & (onsets_s <= times_s[-1])]
    middles = (times_s[1:] + times_s[:-1]) / 2
    train = np.zeros(len(times_s))
    train[np.searchsorted(middles, shown)] = 1.0
    return train


def matching(strokes: FloatArray, onsets: FloatArray) -> float:
    """M of Eq. 3: geometric mean of recall and precision; 0 without strokes or onsets."""
    size = onsets.sum() * strokes.sum()
    return float(strokes @ onsets / np.sqrt(size)) if size > 0 else 0.0
