"""Players who are hidden for a while: somebody stands before them, or they have left.

A player who rests still looks like before, for the most part: head, body, chair, the wall behind.
Where what is seen in a player's place has nothing in common with what is seen while the player
moves, for seconds, the player is not there, and nothing is known of their playing. Views of one
scene are compared with each other, so that a cut does not hide who is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening, median_filter

from avstem.datatypes import FloatArray, IntArray, MotionField, Player, Players, Region, Similarity
from avstem.players.scenes import Canvas, Scene, scenes_of

# Correlation with the usual looks: 0.6 and more for players who rest, about 0 for what hides them.
_GONE = 0.3
_SHORTEST_LOOKS = 4
_FEWEST_LOOKS = 8
# The usual looks are those of this share of the time, in which most moves in the player's place;
# who moves there and is seen for less than this share is somebody who passes by.
_MOVING_SHARE = 0.25
_SPEED_FRAMES = 8
# A look that shows less of a player's place says nothing.
_SHOWN_SHARE = 0.3
_ALIKE_S = 0.5  # between spans that are told as one


def without_hidden(players: Players) -> Players:
    """Players whose regions leave out when they are hidden, and a warning for each of them."""
    field = players.field
    plates = _plates(field)
    found, told = [], []
    for player in players.players:
        kept, spans_s = _kept(player, field, plates)
        if spans_s and kept:
            player = replace(player, views=kept)
            told.append(_warning(player.index, spans_s))
        found.append(player)
    warnings = (*players.warnings, *told)
    now = replace(players, players=tuple(found), warnings=warnings)
    return replace(now, box_time_s=_picture_s(now)) if told else now


def _picture_s(players: Players) -> float:
    """Time of a picture that the boxes lie on and that shows most players.

    The middle of the longest stretch of such pictures.
    """
    times_s, seen = players.field.times_s, players.shown().sum(axis=0)
    if players.box_time_s is not None:
        frame = int(np.abs(times_s - players.box_time_s).argmin())
        home = next(view for view in players.field.views if view.start <= frame < view.stop)
        seen[: home.start] = seen[home.stop :] = -1
    best = np.flatnonzero(np.diff(seen == seen.max(), prepend=False, append=False))
    start, stop = max(best.reshape(-1, 2), key=lambda span: span[1] - span[0])
    return float(times_s[(start + stop) // 2])


def _warning(index: int, spans_s: list[tuple[float, float]]) -> str:
    whole: list[tuple[float, float]] = []
    for start_s, stop_s in spans_s:  # a new view does not interrupt it
        if whole and start_s - whole[-1][1] < _ALIKE_S:
            start_s = whole.pop()[0]
        whole.append((start_s, stop_s))
    spans = " and ".join(f"from {start_s:.0f} to {stop_s:.0f} s" for start_s, stop_s in whole)
    return (
        f"Player {index} is hidden or away {spans}: nothing is known of them there, and their part "
        "is judged by the rest."
    )


@dataclass(frozen=True, eq=False)
class _Plate:
    """What a scene looks like about once a second, on its canvas.

    places : (looks,) where each look's view lies. frames : (looks,) when they were taken.
    looks : (looks, height, width) grey levels. shown : the same shape, where the view shows them.
    """

    canvas: Canvas
    places: tuple[Similarity, ...]
    frames: IntArray
    looks: FloatArray
    shown: NDArray[np.bool_]

    @classmethod
    def of(cls, field: MotionField, scene: Scene, spans: list[tuple[int, int]]) -> _Plate:
        """Of a scene whose views last those spans of frames, in the order of the scene's views."""
        canvas = Canvas.of(scene, *field.texture.shape)
        taken: list[tuple[int, Similarity, FloatArray]] = []
        for place, (start, stop) in zip(scene.places, spans, strict=True):
            inside = (field.look_frames >= start) & (field.look_frames < stop)
            looks = field.looks[inside].astype(np.float32)
            frames = field.look_frames[inside]
            taken += [(int(f), place, look) for f, look in zip(frames, looks, strict=True)]
        taken.sort(key=lambda one: one[0])
        whole = np.ones(field.texture.shape, np.float32)
        size = (len(taken), canvas.height, canvas.width)
        return cls(
            canvas,
            tuple(place for _, place, _ in taken),
            np.array([frame for frame, _, _ in taken], dtype=int),
            np.reshape([canvas.gather(look, place) for _, place, look in taken], size),
            np.reshape([canvas.gather(whole, place) > 0.99 for _, place, _ in taken], size),
        )

    def cells(self, region: Region, field: MotionField) -> NDArray[np.bool_]:
        """Cells (height, width) of a region's box, one at least."""
        box, (width, height) = region.box_px, field.cell_px
        place = self.places[int(np.searchsorted(self.frames, region.start))]
        x0, y0, x1, y1 = self.canvas.of_view(
            (box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height), place
        )
        x, y = np.arange(self.canvas.width) + 0.5, np.arange(self.canvas.height) + 0.5
        found = ((y >= y0) & (y < y1))[:, None] & ((x >= x0) & (x < x1))
        if not found.any():
            found[int(np.abs(y - y0).argmin()), int(np.abs(x - x0).argmin())] = True
        return np.asarray(found)


def _plates(field: MotionField) -> list[_Plate]:
    """One per scene."""
    if not field.views:
        frames = len(field.times_s)
        return [_Plate.of(field, Scene((0,), (Similarity(),), frames), [(0, frames)])]
    spans = [(view.start, view.stop) for view in field.views]
    return [
        _Plate.of(field, scene, [spans[n] for n in scene.views]) for scene in scenes_of(field.views)
    ]


def _kept(
    player: Player, field: MotionField, plates: list[_Plate]
) -> tuple[tuple[Region, ...], list[tuple[float, float]]]:
    """A player's regions without the frames in which they are hidden, and when that is."""
    regions = player.regions(len(field.times_s))
    gone: dict[int, list[tuple[int, int]]] = {}
    for plate in plates:
        gone |= _gone_frames(regions, field, plate)
    kept: list[Region] = []
    spans_s: list[tuple[float, float]] = []
    for region in regions:
        spans = gone.get(region.start, [])
        kept += _parts(region, spans)
        spans_s += [(float(field.times_s[a]), float(field.times_s[b - 1])) for a, b in spans]
    return tuple(kept), spans_s


def _parts(region: Region, gone: list[tuple[int, int]]) -> list[Region]:
    edges = [region.start, *(frame for span in gone for frame in span), region.stop]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [replace(region, start=a, stop=b) for a, b in spans if b > a]


def _gone_frames(
    regions: tuple[Region, ...], field: MotionField, plate: _Plate
) -> dict[int, list[tuple[int, int]]]:
    """Spans of frames [start, stop) in which a player's place in a scene shows something else.

    By the first frame of the region in which they are.
    """
    looks_of = {r.start: np.flatnonzero(_inside(plate.frames, r)) for r in regions}
    mine = [region for region in regions if len(looks_of[region.start])]
    seen = np.concatenate([np.zeros(0, int), *(looks_of[r.start] for r in mine)])
    if len(seen) < _FEWEST_LOOKS:
        return {}
    cells = np.any([plate.cells(region, field) for region in mine], axis=0)
    shown = plate.shown[seen][:, cells]
    alike = _alike(
        np.where(shown, plate.looks[seen][:, cells], np.nan),
        np.concatenate([_speeds(plate, looks_of[r.start], r, field) for r in mine]),
    )
    alike[shown.mean(axis=1) < _SHOWN_SHARE] = 1.0  # nothing is known against it
    gone = binary_opening(median_filter(alike, 3) < _GONE, np.ones(_SHORTEST_LOOKS))
    if gone.all():
        return {}
    ends = np.cumsum([len(looks_of[region.start]) for region in mine])
    by_region = np.split(gone, ends[:-1])
    return {
        region.start: _spans(hidden, plate.frames[looks_of[region.start]], region)
        for region, hidden in zip(mine, by_region, strict=True)
    }


def _inside(frames: IntArray, region: Region) -> NDArray[np.bool_]:
    return np.asarray((frames >= region.start) & (frames < region.stop))


def _spans(gone: NDArray[np.bool_], frames: IntArray, region: Region) -> list[tuple[int, int]]:
    """Spans of frames of a region from what its looks (looks,) say."""
    gone = binary_dilation(gone, np.ones(3))  # while it comes and goes it hides a part
    edges = np.flatnonzero(np.diff(gone, prepend=False, append=False))
    starts = [region.start if n == 0 else int(frames[n]) for n in edges[::2]]
    stops = [region.stop if n == len(frames) else int(frames[n]) for n in edges[1::2]]
    return list(zip(starts, stops, strict=True))


def _speeds(plate: _Plate, looks: IntArray, region: Region, field: MotionField) -> FloatArray:
    """Mean speed of the player's cells right after each look, pixels of the longest view."""
    own = region.weight >= min(0.5, float(region.weight.max()))
    speeds = []
    for look in looks:
        frame = int(plate.frames[look])
        block = field.read(frame, min(frame + _SPEED_FRAMES, region.stop))
        speeds.append(np.hypot(*block[:, own]).mean() * abs(plate.places[look].turn))
    return np.array(speeds)


def _alike(looks: FloatArray, speeds: FloatArray) -> FloatArray:
    """Correlation of each look (looks, cells) with the usual one of the moving player.

    NaN where a cell is not shown.
    """
    moving = speeds >= np.quantile(speeds, 1.0 - _MOVING_SHARE)
    alike = _likeness(looks, _median(looks[moving]))
    if (alike >= _GONE).mean() < _MOVING_SHARE:
        return _likeness(looks, _median(looks))
    return alike


def _median(looks: FloatArray) -> FloatArray:
    """Of each cell (cells,) when it is shown; NaN where it never is."""
    ever = np.isfinite(looks).any(axis=0)
    found = np.full(looks.shape[1], np.nan)
    found[ever] = np.nanmedian(looks[:, ever], axis=0)
    return found


def _likeness(looks: FloatArray, usual: FloatArray) -> FloatArray:
    """Correlation of each look with the usual one, over the cells that both show."""
    both = np.isfinite(looks) & np.isfinite(usual)
    count = np.maximum(both.sum(axis=1, keepdims=True), 1)
    a, b = np.where(both, looks, 0.0), np.where(both, usual, 0.0)
    a = np.where(both, a - a.sum(axis=1, keepdims=True) / count, 0.0)
    b = np.where(both, b - b.sum(axis=1, keepdims=True) / count, 0.0)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray(((a * b).sum(axis=1) + 1e-6) / (size + 1e-6))
