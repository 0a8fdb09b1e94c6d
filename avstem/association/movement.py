"""Each player's movement in a few curves: principal velocities of the cells that move.

Sway of the body (below 0.8 Hz) is removed and frames that are not equally spaced are brought to
an even grid, block by block, so that memory does not grow with the cells times the length. Where
the camera cuts or pans, or somebody is hidden for a while, each of a player's regions has cells
and principal axes of its own, and what is derived from them is standardised region by region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, MotionField, Players

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
        0 where a player is not seen or does not move; over their mean size in each of the
        stretches ``seen``.
    speed : (players, frames) mean speed of the player's cells, sway included.
    seen : per player, the stretches of frames in each of which the player was followed by the same
        cells; empty where everybody is seen all the time in one view.
    """

    times_s: FloatArray
    rate_hz: float
    principal: NDArray[np.float32]
    speed: NDArray[np.float32]
    seen: tuple[tuple[slice, ...], ...] = ()

    def evened(self, player: int, curves: FloatArray) -> FloatArray:
        """Curves (curves, frames) of a player, comparable between stretches, 0 where unseen.

        Another view shows the same movement larger or from the side: within each stretch a curve
        gets mean 0 and deviation 1. Unchanged where there is but one.
        """
        if not self.seen:
            return curves
        even = np.zeros_like(curves)
        for part in self.seen[player]:
            here = curves[:, part] - curves[:, part].mean(axis=-1, keepdims=True)
            even[:, part] = here / (here.std(axis=-1, keepdims=True) + _TINY)
        return even


@dataclass(frozen=True, eq=False)
class _Track:
    """A player's cells (rows, columns) during some times of the even grid."""

    player: int
    times: slice
    mask: NDArray[np.bool_]

    def within(self, part: slice) -> tuple[slice, slice]:
        """Times that the track shares with a block, on the grid and within the block."""
        start = max(part.start, self.times.start)
        stop = max(start, min(part.stop, self.times.stop))
        return slice(start, stop), slice(start - part.start, stop - part.start)


def movement_of(players: Players) -> Movement:
    """Principal velocities and speed of every player. At least one player, four frames."""
    field = players.field
    times_s, rate_hz = _even_times(field)
    blocks = _Blocks(field, times_s, rate_hz)
    tracks = _tracks(players, blocks, times_s)
    bases = _principal_axes(blocks, tracks)
    principal = np.zeros((len(players.players), 2 * _COMPONENTS, len(times_s)), np.float32)
    speed = np.zeros((len(players.players), len(times_s)), np.float32)
    for part, block in blocks.swayless():
        for track, base in zip(tracks, bases, strict=True):
            here, inside = track.within(part)
            if here.start == here.stop:
                continue
            mine = block[:, track.mask][..., inside].reshape(base.shape[1], -1)
            principal[track.player, : len(base), here] = base @ mine
    seen = _seen(players, tracks)
    for player, parts in enumerate(seen):
        for part in parts:  # a closer view shows the same movement larger
            size = np.abs(principal[player, :, part]).mean(axis=-1, keepdims=True)
            principal[player, :, part] /= size + _TINY
    for part, block in blocks.plain():
        for track in tracks:
            here, inside = track.within(part)
            if here.start < here.stop:
                mine = block[:, track.mask][..., inside]
                speed[track.player, here] = np.hypot(*mine).mean(axis=0)
    return Movement(times_s, rate_hz, principal, speed, seen)


def _seen(players: Players, tracks: list[_Track]) -> tuple[tuple[slice, ...], ...]:
    if not any(player.views for player in players.players):
        return ()
    return tuple(
        tuple(track.times for track in tracks if track.player == player.index)
        for player in players.players
    )


def _tracks(players: Players, blocks: _Blocks, times_s: FloatArray) -> list[_Track]:
    """The moving cells of every player in each of their regions."""
    frame_s = players.field.times_s
    found = []
    for player in players.players:
        # of those who do not move only the camera's noise is left
        for region in player.regions(len(frame_s)) if player.moves else ():
            start, stop = 0, len(times_s)
            if player.views:
                start = int(np.searchsorted(times_s, frame_s[region.start]))
                stop = int(np.searchsorted(times_s, frame_s[region.stop - 1], side="right"))
            found.append((player.index, region, slice(start, max(stop, start))))
    energy = blocks.energy({(times.start, times.stop) for _, _, times in found})
    return [
        _Track(index, times, _moving(region.weight, energy[times.start, times.stop]))
        for index, region, times in found
        if times.stop > times.start
    ]


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

    def energy(self, spans: set[tuple[int, int]]) -> dict[tuple[int, int], FloatArray]:
        """Per span of times, each cell's swayless energy (rows, columns)."""
        shape = self._field.texture.shape
        total: dict[tuple[int, int], FloatArray] = {span: np.zeros(shape) for span in spans}
        for part, block in self.swayless():
            for start, stop in spans:
                inside = slice(
                    max(0, start - part.start), max(0, min(stop, part.stop) - part.start)
                )
                if inside.start < inside.stop:
                    total[start, stop] += (block[..., inside] ** 2).sum(axis=(0, -1))
        return total

    def _resampled(self, start: int, stop: int) -> FloatArray:
        wanted, known = self._times_s[start:stop], self._known_s
        right = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
        low = int(right[0]) - 1
        block = self._field.read(low, int(right[-1]) + 1)
        share = (wanted - known[right - 1]) / (known[right] - known[right - 1])
        share = np.clip(share, 0.0, 1.0).astype(np.float32)
        right = right - low
        return block[..., right - 1] * (1 - share) + block[..., right] * share


def _moving(weight: FloatArray, energy: FloatArray) -> NDArray[np.bool_]:
    """The cells of a player's region that hold most of the energy."""
    mine = energy * weight**_OWN_POWER
    count = max(_FEWEST_CELLS, int(_MOVING_SHARE * np.count_nonzero(weight > 0.1)))
    count = min(count, mine.size)
    moving = np.asarray(mine >= max(np.partition(mine.ravel(), -count)[-count], _TINY))
    if not moving.any():  # somebody who never moves: one still cell, which says nothing
        moving.ravel()[weight.argmax()] = True
    return moving


def _principal_axes(blocks: _Blocks, tracks: list[_Track]) -> list[FloatArray]:
    """Per track, (components, 2 x cells) projections: of plain, then of scaled velocities."""
    sizes = [2 * int(track.mask.sum()) for track in tracks]
    grams = [np.zeros((size, size)) for size in sizes]
    for part, block in blocks.swayless():
        for gram, track in zip(grams, tracks, strict=True):
            _, inside = track.within(part)
            if inside.start < inside.stop:
                mine = block[:, track.mask][..., inside].reshape(len(gram), -1)
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
