"""Each player's movement in a few curves: principal velocities of the cells that move.

Sway of the body (below 0.8 Hz) is removed and frames that are not equally spaced are brought to
an even grid, block by block, so that memory does not grow with the cells times the length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, MotionField, Player, Players

_RATE_HZ = 30.0  # about; faster video is thinned to a whole fraction
_BLOCK = 1024
_SWAY_HZ = 0.8
_MOVING_SHARE = 0.8
# Cells between two players are left out where one moves more: the other would be judged by them.
_OWN_POWER = 4
_FEWEST_CELLS = 8
_COMPONENTS = 6
_TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Movement:
    """The movement of all players on an even grid of times.

    times_s : (frames,). rate_hz : their rate.
    principal : (players, components, frames) principal velocities, strongest first: first those
        of the velocities as they are, then those of each cell's velocity over its deviation.
    speed : (players, frames) mean speed of the player's cells, sway included.
    """

    times_s: FloatArray
    rate_hz: float
    principal: NDArray[np.float32]
    speed: NDArray[np.float32]


def movement_of(players: Players) -> Movement:
    """Principal velocities and speed of every player. At least one player, four frames."""
    field = players.field
    times_s, rate_hz = _even_times(field)
    blocks = _Blocks(field, times_s, rate_hz)
    energy = sum((b**2).sum(axis=(0, -1)) for _, b in blocks.swayless())
    cells = [_moving(player, np.asarray(energy)) for player in players.players]
    bases = _principal_axes(blocks, cells)
    principal = np.zeros((len(cells), 2 * _COMPONENTS, len(times_s)), np.float32)
    speed = np.zeros((len(cells), len(times_s)), np.float32)
    for part, block in blocks.swayless():
        for k, mask in enumerate(cells):
            mine = block[:, mask].reshape(-1, block.shape[-1])
            principal[k, : len(bases[k]), part] = bases[k] @ mine
    for part, block in blocks.plain():
        for k, mask in enumerate(cells):
            speed[k, part] = np.hypot(*block[:, mask]).mean(axis=0)
    return Movement(times_s, rate_hz, principal, speed)


def _even_times(field: MotionField) -> tuple[FloatArray, float]:
    rate_hz = field.frame_rate_hz
    rate_hz /= max(1, round(rate_hz / _RATE_HZ))
    span_s = float(field.times_s[-1] - field.times_s[0])
    count = max(4, int(span_s * rate_hz) + 1)
    return field.times_s[0] + np.arange(count) / rate_hz, rate_hz


class _Blocks:
    """The field on an even grid of times, in blocks."""

    def __init__(self, field: MotionField, times_s: FloatArray, rate_hz: float) -> None:
        self._field, self._times_s = field, times_s
        # a velocity belongs to the middle between its two frames
        self._known_s = field.times_s - np.diff(field.times_s, prepend=field.times_s[0]) / 2
        # a Gaussian that passes half the power at the edge of the sway
        self._sigma = np.sqrt(np.log(2.0)) / (2 * np.pi * _SWAY_HZ) * rate_hz
        self._halo = int(np.ceil(4 * self._sigma))

    def plain(self) -> Iterator[tuple[slice, FloatArray]]:
        """Slices of the grid with velocities (2, rows, columns, times)."""
        for start in range(0, len(self._times_s), _BLOCK):
            stop = min(start + _BLOCK, len(self._times_s))
            yield slice(start, stop), self._resampled(start, stop)

    def swayless(self) -> Iterator[tuple[slice, FloatArray]]:
        """The same without slow sway."""
        for start in range(0, len(self._times_s), _BLOCK):
            stop = min(start + _BLOCK, len(self._times_s))
            first, last = max(0, start - self._halo), min(len(self._times_s), stop + self._halo)
            block = self._resampled(first, last)
            block -= gaussian_filter1d(block, self._sigma, axis=-1, mode="nearest")
            yield slice(start, stop), block[..., start - first : stop - first]

    def _resampled(self, start: int, stop: int) -> FloatArray:
        wanted, known = self._times_s[start:stop], self._known_s
        right = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
        low = int(right[0]) - 1
        block = self._field.read(low, int(right[-1]) + 1)
        share = (wanted - known[right - 1]) / (known[right] - known[right - 1])
        share = np.clip(share, 0.0, 1.0).astype(np.float32)
        right = right - low
        return block[..., right - 1] * (1 - share) + block[..., right] * share


def _moving(player: Player, energy: FloatArray) -> NDArray[np.bool_]:
    """The cells of a player that hold most of the energy."""
    mine = energy * player.weight**_OWN_POWER
    count = max(_FEWEST_CELLS, int(_MOVING_SHARE * np.count_nonzero(player.weight > 0.1)))
    count = min(count, mine.size)
    moving = np.asarray(mine >= max(np.partition(mine.ravel(), -count)[-count], _TINY))
    if not moving.any():  # somebody who never moves: one still cell, which says nothing
        moving.ravel()[player.weight.argmax()] = True
    return moving


def _principal_axes(blocks: _Blocks, cells: list[NDArray[np.bool_]]) -> list[FloatArray]:
    """Per player, (components, 2 x cells) projections: of plain, then of scaled velocities."""
    sizes = [2 * int(mask.sum()) for mask in cells]
    grams = [np.zeros((size, size)) for size in sizes]
    for _, block in blocks.swayless():
        for gram, mask in zip(grams, cells, strict=True):
            mine = block[:, mask].reshape(len(gram), -1)
            gram += mine @ mine.T
    return [_axes(gram) for gram in grams]


def _axes(gram: FloatArray) -> FloatArray:
    scale = 1.0 / np.sqrt(np.diag(gram) + _TINY)
    count = min(_COMPONENTS, len(gram))
    rows = np.zeros((2 * _COMPONENTS, len(gram)), np.float32)
    rows[:count] = np.linalg.eigh(gram)[1][:, ::-1].T[:count]
    scaled = np.linalg.eigh(gram * scale * scale[:, None])[1][:, ::-1].T[:count]
    rows[_COMPONENTS : _COMPONENTS + count] = scaled * scale
    return rows
