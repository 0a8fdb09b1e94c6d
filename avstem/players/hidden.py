"""Players who are hidden for a while: somebody stands before them, or they have left.

A player who rests still looks like before, for the most part: head, body, chair, the wall behind.
Where what is seen in a player's box has nothing in common with what is seen while the player moves,
for seconds, the player is not there, and nothing is known of their playing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening, median_filter

from avstem.datatypes import Box, FloatArray, IntArray, MotionField, Player, Players, Region

# Correlation with the usual looks: 0.6 and more for players who rest, about 0 for what hides them.
_GONE = 0.3
_SHORTEST_LOOKS = 4
_FEWEST_LOOKS = 8
# The usual looks are those of this share of the time, in which most moves in the player's place;
# who moves there and is seen for less than this share is somebody who passes by.
_MOVING_SHARE = 0.25
_SPEED_FRAMES = 8


def without_hidden(players: Players) -> Players:
    """Players whose regions leave out when they are hidden, and a warning for each of them."""
    field = players.field
    found, told = [], []
    for player in players.players:
        kept, spans_s = _kept(player, field)
        if spans_s and kept:
            player = replace(player, views=kept)
            told.append(_warning(player.index, spans_s))
        found.append(player)
    warnings = (*players.warnings, *told)
    return replace(players, players=tuple(found), warnings=warnings)


def _warning(index: int, spans_s: list[tuple[float, float]]) -> str:
    spans = " and ".join(f"from {start:.0f} to {stop:.0f} s" for start, stop in spans_s)
    return (
        f"Player {index} is hidden or away {spans}: nothing is known of them there, and their part "
        "is judged by the rest."
    )


def _kept(
    player: Player, field: MotionField
) -> tuple[tuple[Region, ...], list[tuple[float, float]]]:
    """A player's regions without the frames in which they are hidden, and when that is."""
    kept: list[Region] = []
    spans_s = []
    for region in player.regions(len(field.times_s)):
        gone = _gone_frames(region, field)
        kept += _parts(region, gone)
        spans_s += [(float(field.times_s[a]), float(field.times_s[b - 1])) for a, b in gone]
    return tuple(kept), spans_s


def _parts(region: Region, gone: list[tuple[int, int]]) -> list[Region]:
    edges = [region.start, *(frame for span in gone for frame in span), region.stop]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [replace(region, start=a, stop=b) for a, b in spans if b > a]


def _gone_frames(region: Region, field: MotionField) -> list[tuple[int, int]]:
    """Spans of frames [start, stop) in which the region's box shows something else."""
    inside = (field.look_frames >= region.start) & (field.look_frames < region.stop)
    frames = field.look_frames[inside]
    if len(frames) < _FEWEST_LOOKS:
        return []
    cells = _box_cells(region.box_px, field)
    alike = _alike(field.looks[inside][:, cells].astype(float), _speeds(frames, region, field))
    gone = binary_opening(median_filter(alike, 3) < _GONE, np.ones(_SHORTEST_LOOKS))
    if gone.all():
        return []
    gone = binary_dilation(gone, np.ones(3))  # while it comes and goes it hides a part
    edges = np.flatnonzero(np.diff(gone, prepend=False, append=False))
    starts = [region.start if n == 0 else int(frames[n]) for n in edges[::2]]
    stops = [region.stop if n == len(frames) else int(frames[n]) for n in edges[1::2]]
    return list(zip(starts, stops, strict=True))


def _box_cells(box: Box, field: MotionField) -> NDArray[np.bool_]:
    """Cells whose middle lies in a box, one at least, (rows, columns)."""
    rows, columns = field.texture.shape
    x = (np.arange(columns) + 0.5) * field.cell_px[0]
    y = (np.arange(rows) + 0.5) * field.cell_px[1]
    cells = ((y >= box.y0) & (y < box.y1))[:, None] & ((x >= box.x0) & (x < box.x1))
    if not cells.any():
        cells[int(np.argmin(np.abs(y - box.y0))), int(np.argmin(np.abs(x - box.x0)))] = True
    return np.asarray(cells)


def _speeds(frames: IntArray, region: Region, field: MotionField) -> FloatArray:
    """Mean speed of the player's cells right after each look."""
    own = region.weight >= min(0.5, float(region.weight.max()))
    speeds = []
    for frame in frames:
        block = field.read(int(frame), min(int(frame) + _SPEED_FRAMES, region.stop))
        speeds.append(np.hypot(*block[:, own]).mean())
    return np.array(speeds)


def _alike(looks: FloatArray, speeds: FloatArray) -> FloatArray:
    """Correlation of each look (looks, cells) with the usual one of the moving player."""
    moving = speeds >= np.quantile(speeds, 1.0 - _MOVING_SHARE)
    alike = _likeness(looks, np.median(looks[moving], axis=0))
    if (alike >= _GONE).mean() < _MOVING_SHARE:
        return _likeness(looks, np.median(looks, axis=0))
    return alike


def _likeness(looks: FloatArray, usual: FloatArray) -> FloatArray:
    usual = usual - usual.mean()
    centred = looks - looks.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=1) * (usual**2).sum())
    return np.asarray((centred @ usual + 1e-6) / (size + 1e-6))
