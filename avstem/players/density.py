"""Where somebody moves, and how many they are: maps on the cells of a picture, shared out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from avstem.datatypes import FloatArray, MotionField
from avstem.players.mixture import Mixture, alike, published

_BLOCK_FRAMES = 512
_MOST_PLAYERS = 8
# Neighbouring cells move together, so that this many count as one observation of the criterion.
_PATCH_CELLS = 3.0
_FREE_PER_PLAYER = 3  # x, y and share
_LEAST_SPEED = 0.1  # flow pixels per second; camera noise leaves less


def mean_speed(field: MotionField, start: int = 0, stop: int | None = None) -> FloatArray:
    """Mean speed of each cell (rows, columns) in frames [start, stop), flow pixels per second."""
    total = np.zeros(field.texture.shape)
    stop = len(field.times_s) if stop is None else stop
    for first in range(start, stop, _BLOCK_FRAMES):
        block = field.read(first, min(first + _BLOCK_FRAMES, stop))
        total += np.hypot(block[0], block[1]).sum(axis=-1)
    return np.asarray(total / max(1, stop - start))


def density_of(
    speed: FloatArray, method: str = "default", seen: NDArray[np.bool_] | None = None
) -> FloatArray:
    """How likely somebody is in each cell, from mean speeds where the texture can be trusted.

    method : "gmm" leaves the speeds as they are. seen : cells that the camera has shown.
    """
    return _equalised(speed, seen) if method == "default" else speed


def _equalised(speed: FloatArray, seen: NDArray[np.bool_] | None) -> FloatArray:
    """Where somebody moves, hardly how much: logarithm of the speed above the still picture's."""
    known = speed if seen is None else speed[seen]
    floor = float(np.median(known))
    spread = float(np.median(np.abs(known - floor)))
    above = np.maximum(gaussian_filter(speed, 0.7) - floor - 3.0 * spread, 0.0)
    if above.max() < _LEAST_SPEED:
        return np.zeros_like(above)
    scale = 0.1 * float(np.quantile(above[above > 0], 0.9))
    return np.asarray(np.log1p(above / scale))


def shares_of(
    density: FloatArray,
    count: int | Literal["auto"],
    method: str = "default",
    most: int = _MOST_PLAYERS,
) -> FloatArray:
    """Each player's share of each cell (players, rows, columns).

    count : "auto" for the number, 1 to ``most``, that the Bayesian information criterion prefers.
    """
    fit: Callable[[FloatArray, int], Mixture] = alike if method == "default" else published
    if count != "auto":
        return fit(density, count).shares
    fits = [fit(density, n) for n in range(1, most + 1)]
    return min(fits, key=lambda one: _criterion(one, density)).shares


def _criterion(fit: Mixture, density: FloatArray) -> float:
    """Bayesian information criterion, as if each patch of moving cells were one observation."""
    observations = np.count_nonzero(density > 0.1 * density.max()) / _PATCH_CELLS
    free = _FREE_PER_PLAYER * len(fit.shares)
    return float(-2 * observations * fit.log_likelihood + free * np.log(observations))


def extent(mass: FloatArray) -> tuple[float, float, float, float]:
    """Rectangle x0, y0, x1, y1 in cells: 96 % of the mass in x and y, and a cell on all sides."""
    x0, x1 = _span(mass.sum(axis=0))
    y0, y1 = _span(mass.sum(axis=1))
    return x0 - 1, y0 - 1, x1 + 1, y1 + 1


def _span(mass: FloatArray) -> tuple[float, float]:
    """Where 2 % and 98 % of a profile lie, in cells."""
    share = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    low, high = np.interp([0.02, 0.98], share, np.arange(len(share)))
    return float(low), float(high)
