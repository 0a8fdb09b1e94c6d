"""Players in a picture that changes: found again in every view, and told who is who.

Within a scene (`scenes`) players are found once, on all its views together. Between scenes they are
linked: in their order from left to right when as many are seen, else by that order and their looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np

from avstem.datatypes import Box, FloatArray, MotionField, Player, Players, Region
from avstem.players.density import density_of, extent, shares_of
from avstem.players.scenes import Canvas, Scene, gathered_speed, scenes_of

# A player is in a view when this share of their box is.
_VISIBLE = 0.3
# A scene that is never shown for longer is left out: too little to find anybody by.
_SHORTEST_S = 2.0
# A cell of the canvas counts when it was seen for this share of the time of the most seen one.
_SEEN_SHARE = 0.05
_LOOKS_BINS = 16
# A view shows as much of a scene as another one when it shows this share of its movement.
_AS_MUCH = 0.95
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class _Found:
    """Somebody on the canvas of a scene: a rectangle in cells and a weight per cell."""

    rectangle: Rectangle
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class Cast:
    """Players by view.

    home : number of the view that their boxes are those of: of the scene that is shown for longest
        the one that shows most of the movement, so that nobody is outside if possible. guessed :
        views in which it was a guess who is who. skipped : views that are too short.
    """

    players: tuple[Player, ...]
    home: int
    guessed: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


def cast_of(
    field: MotionField,
    count: int | Literal["auto"],
    method: str = "default",
    boxes: tuple[tuple[Box, FloatArray], ...] = (),
) -> Cast | None:
    """The players of a field with several views; None where nobody moves in the main scene.

    boxes : what the user drew on the view that is home, with weights (rows, columns).
    """
    main, *others = scenes_of(field.views)
    leading = _Stage(field, main)
    home = leading.home()
    found = leading.drawn(boxes, home) if boxes else leading.find(count, method)
    if not found:
        return None
    regions = [leading.regions(one) for one in found]
    looks = [leading.looks(one) for one in found]
    guessed: list[int] = []
    skipped: list[int] = []
    for scene in others:
        if scene.frames / field.frame_rate_hz < _SHORTEST_S:
            skipped += scene.views
            continue
        stage = _Stage(field, scene)
        seen = stage.find("auto", method, most=len(found)) if len(found) > 1 else stage.find(1)
        who = _linked(looks, [stage.looks(one) for one in seen])
        for index, one in zip(who, seen, strict=True):
            regions[index] += stage.regions(one)
        guessed += scene.views if len(seen) < len(found) else ()
    players = tuple(_player(n, r, field.views[home].start) for n, r in enumerate(regions))
    return Cast(players, home, tuple(sorted(guessed)), tuple(sorted(skipped)))


class _Stage:
    """A scene of a field on its canvas."""

    def __init__(self, field: MotionField, scene: Scene) -> None:
        self.field, self.scene = field, scene
        self.canvas = Canvas.of(scene, *field.texture.shape)

    def find(
        self, count: int | Literal["auto"], method: str = "default", most: int = 8
    ) -> list[_Found]:
        """Who moves on the canvas, left to right; nobody where nothing moves."""
        speed, frames = self._speed
        seen = frames > _SEEN_SHARE * frames.max()
        density = density_of(np.where(seen, speed, 0.0), method, seen)
        if not density.any():
            return []
        active = density > 0.05 * density.max()
        shares = shares_of(density, count, method, most)
        found = [_Found(extent(share * density), share * active) for share in shares]
        return sorted(found, key=lambda one: one.rectangle[0] + one.rectangle[2])

    @cached_property
    def _speed(self) -> tuple[FloatArray, FloatArray]:
        """Mean speed, and how long seen, on the canvas; the whole field is read for it."""
        return gathered_speed(self.field, self.scene, self.canvas)

    def home(self) -> int:
        """The view that shows most of the movement; of those that show as much, the longest."""
        speed, _ = self._speed
        whole = np.ones(self.field.texture.shape)
        shown = [float((speed * self.canvas.gather(whole, p)).sum()) for p in self.scene.places]
        enough = _AS_MUCH * max(shown)
        return next(n for n, s in zip(self.scene.views, shown, strict=True) if s >= enough)

    def drawn(self, boxes: Sequence[tuple[Box, FloatArray]], view: int) -> list[_Found]:
        """Players given by boxes and weights on a view."""
        width, height = self.field.cell_px
        place = self.scene.places[self.scene.views.index(view)]
        return [
            _Found(
                self.canvas.of_view(
                    (box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height), place
                ),
                self.canvas.gather(weight, place),
            )
            for box, weight in boxes
        ]

    def regions(self, one: _Found) -> list[Region]:
        """Where somebody is in each view that shows enough of them; else in the best."""
        found = []
        for number, place in zip(self.scene.views, self.scene.places, strict=True):
            view = self.field.views[number]
            shown, box = self._box(self.canvas.on_view(one.rectangle, place))
            if box is not None:
                weight = np.clip(self.canvas.show(one.weight, place), 0.0, 1.0)
                found.append((shown, Region(view.start, view.stop, box, weight)))
        least = min(_VISIBLE, max(shown for shown, _ in found))
        return [region for shown, region in found if shown >= least]

    def _box(self, cells: Rectangle) -> tuple[float, Box | None]:
        """How much of it is in the picture, and that in pixels; None where nothing is."""
        field = self.field
        size = np.array([field.width_px, field.height_px])
        low = np.array(cells[:2]) * field.cell_px
        high = np.array(cells[2:]) * field.cell_px
        inside_low, inside_high = np.clip(low, 0.0, size), np.clip(high, 0.0, size)
        shown = np.prod(inside_high - inside_low) / np.prod(high - low)
        if np.any(inside_high <= inside_low):
            return 0.0, None
        return float(shown), Box(*(float(v) for v in (*inside_low, *inside_high)))

    def looks(self, one: _Found) -> FloatArray:
        """Share of each grey level on somebody's cells, (bins,), in the scene's longest view."""
        weight = self.canvas.show(one.weight, self.scene.places[0])
        still = self.field.views[self.scene.views[0]].still
        scale = (still.shape[0] // weight.shape[0], still.shape[1] // weight.shape[1])
        pixels = np.kron(weight, np.ones(scale)).ravel()
        levels = still.ravel() // (256 // _LOOKS_BINS)
        histogram = np.bincount(levels, weights=pixels, minlength=_LOOKS_BINS)
        return np.asarray(histogram / max(histogram.sum(), 1e-9))


def _linked(known: list[FloatArray], seen: list[FloatArray]) -> tuple[int, ...]:
    """Who of the known those seen are, in order: whoever looks most alike together.

    Looks are compared by the distance of their cumulative histograms.
    """
    away = np.array(
        [[np.abs(np.cumsum(one - other)).sum() for other in known] for one in seen]
    ).reshape(len(seen), len(known))
    rows = np.arange(len(seen))
    return min(
        combinations(range(len(known)), len(seen)), key=lambda who: float(away[rows, who].sum())
    )


def _player(index: int, regions: list[Region], home_start: int) -> Player:
    """With the place in the view that is home, else in the longest; regions in order of time."""
    best = max(regions, key=lambda r: (r.start == home_start, r.stop - r.start))
    ordered = tuple(sorted(regions, key=lambda region: region.start))
    return Player(index, best.box_px, best.weight, ordered)


def staged(field: MotionField, cast: Cast, players: tuple[Player, ...]) -> Players:
    """The record of players in views, with warnings."""
    home = field.views[cast.home]
    home_s = float(field.times_s[home.start])
    away = [p.index for p in players if home.start not in (region.start for region in p.views)]
    told = _warnings(field, cast) + _away(away, home_s)
    return Players(players, field, told, home_s)


def _away(players: list[int], home_s: float) -> tuple[str, ...]:
    if not players:
        return ()
    listed = _listed([str(player) for player in players], "")
    who = f"Player {listed} is" if len(players) == 1 else f"Players {listed} are"
    whose = "their box is" if len(players) == 1 else "their boxes are"
    return (
        f"{who} not in the view at {home_s:.1f} s that boxes are drawn on: {whose} of another.",
    )


def _warnings(field: MotionField, cast: Cast) -> tuple[str, ...]:
    """What a person should know of cuts, pans and guesses."""
    home_s = field.times_s[field.views[cast.home].start]
    told = []
    if field.cuts_s:
        told.append(
            f"The camera cuts {_listed([f'{t:.1f}' for t in field.cuts_s])}; players were found "
            f"again in each view, and boxes are those of the view at {home_s:.1f} s."
        )
    pans = [f"{field.times_s[v.start]:.1f}" for v in field.views if v.follows is not None]
    if pans:
        told.append(
            f"The camera pans or zooms (new view {_listed(pans)}); players' places move with it."
        )
    if cast.guessed:
        spans = [_span(field, n) for n in cast.guessed]
        told.append(
            f"Not all players are seen {_listed(spans, '')}; who they are there is a guess from "
            "their order and looks."
        )
    if cast.skipped:
        spans = [_span(field, n) for n in cast.skipped]
        told.append(f"The picture {_listed(spans, '')} is too short to find players in.")
    return tuple(told)


def _span(field: MotionField, number: int) -> str:
    view = field.views[number]
    return f"from {field.times_s[view.start]:.1f} to {field.times_s[view.stop - 1]:.1f} s"


def _listed(times: list[str], unit: str = " s", most: int = 5) -> str:
    """``at 1.0 s, 2.0 s and 3.0 s``; many are cut short."""
    at = "at " if unit else ""
    words = [f"{time}{unit}" for time in times[:most]]
    if len(times) > most:
        return f"{at}{', '.join(words)} and {len(times) - most} more times"
    return at + (f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0])
