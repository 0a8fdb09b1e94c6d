"""Where the players are: one component of a mixture of Gaussians per player.

``gmm`` is the published method: the flow's magnitude summed over time, approximated by a mixture
of Gaussians. The default first equalises the map, so that a player who moves a little counts as
much as one who moves a lot, and takes players to be alike in size.

Reference: B. Li, K. Dinesh, Z. Duan, G. Sharma, "See and listen: score-informed association of
sound tracks to players in chamber music performance videos", ICASSP 2017, section 3.1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from avstem.datatypes import Box, FloatArray, MotionField, Player, Players
from avstem.errors import RequestError
from avstem.players.density import density_of, extent, mean_speed, shares_of
from avstem.players.hidden import without_hidden
from avstem.players.mixture import centres
from avstem.players.trackable import with_movement
from avstem.players.views import cast_of, staged


def find_players(
    field: MotionField,
    *,
    count: int | Literal["auto"],
    boxes: tuple[Box, ...] = (),
    method: Literal["default", "gmm"] = "default",
) -> Players:
    """The visible players, numbered from 0 left to right.

    count : how many, or "auto" for the number (1 to 8) that the Bayesian information criterion
        prefers. Ignored when ``boxes`` are given.
    boxes : the players' boxes in source pixels, in any order. They may overlap: a cell in
        several boxes belongs to the one whose centre is nearest, measured in box sizes. Where the
        camera cuts or pans they are those in one view (``views.Cast.home``,
        ``Players.box_time_s``), and players are found again in the others.
    method : "gmm" for the published map, to compare with.

    Raises RequestError when a box leaves the picture or is covered by another, or ``count`` is
    below 1.
    """
    if boxes:
        return _looked_at(_from_boxes(field, boxes))
    if count != "auto" and count < 1:
        raise RequestError(f"Expected at least 1 player, found {count}.", "Give 1 or more.")
    if field.views:
        cast = cast_of(field, count, method)
        if cast is None:
            return _still(field, count)
        return _looked_at(staged(field, cast, cast.players))
    density = density_of(mean_speed(field) * field.texture, method)
    if not density.any():
        return _still(field, count)
    return _looked_at(_from_shares(field, shares_of(density, count, method), density))


def _looked_at(players: Players) -> Players:
    """With what the picture says of each one: whether they move, when they are hidden."""
    return without_hidden(with_movement(players))


def _from_shares(field: MotionField, share: FloatArray, density: FloatArray) -> Players:
    """Players from each one's share of the cells (players, rows, columns)."""
    active = density > 0.05 * density.max()
    found = [(_box(field, part * density), part * active) for part in share]
    found.sort(key=lambda pair: pair[0].x0 + pair[0].x1)
    players = tuple(Player(n, box, weight) for n, (box, weight) in enumerate(found))
    return Players(players, field)


def _box(field: MotionField, mass: FloatArray) -> Box:
    """Rectangle in pixels that holds nearly all of the mass."""
    x0, y0, x1, y1 = extent(mass)
    width, height = field.cell_px
    return Box(
        max(0.0, x0 * width),
        max(0.0, y0 * height),
        min(float(field.width_px), x1 * width),
        min(float(field.height_px), y1 * height),
    )


def _still(field: MotionField, count: int | Literal["auto"]) -> Players:
    """Nobody moves: equal columns of the picture, and a warning."""
    n = 1 if count == "auto" else count
    edges = np.linspace(0.0, field.width_px, n + 1)
    boxes = tuple(Box(a, 0.0, b, field.height_px) for a, b in zip(edges, edges[1:], strict=False))
    placed = with_movement(_from_boxes(field, boxes))
    warning = "Nothing moves in the picture: players were placed evenly; give their boxes."
    return Players(placed.players, field, (warning, *placed.warnings))


def check_boxes(boxes: tuple[Box, ...], width_px: int, height_px: int) -> None:
    """Refuse boxes that leave the picture, or one that is given twice, with a RequestError."""
    for box in boxes:
        if boxes.count(box) > 1:
            raise RequestError(
                f"Every player needs a box of their own; {box.x0:g},{box.y0:g},{box.x1:g},"
                f"{box.y1:g} was given {boxes.count(box)} times.",
                "Draw one box around each player.",
            )
    for box in boxes:
        if not (box.x0 >= 0 and box.x1 <= width_px and box.y0 >= 0 and box.y1 <= height_px):
            raise RequestError(
                f"A player's box must lie within the picture of {width_px}x{height_px} pixels, "
                f"found {box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g}.",
                "Give x0, y0, x1, y1 in pixels of the upright picture.",
            )


def _from_boxes(field: MotionField, boxes: tuple[Box, ...]) -> Players:
    check_boxes(boxes, field.width_px, field.height_px)
    ordered = sorted(boxes, key=lambda box: (box.x0 + box.x1, box.y0))
    distance = np.array([_distance(field, box) for box in ordered])
    nearest = distance.argmin(axis=0)
    weights = [((nearest == k) & (distance[k] <= 1.0)).astype(float) for k in range(len(ordered))]
    _check_own_cells(ordered, weights)
    if field.views:
        return _drawn_in_views(field, ordered, weights)
    players = (Player(k, box, weights[k]) for k, box in enumerate(ordered))
    return Players(tuple(players), field)


def _check_own_cells(boxes: list[Box], weights: list[FloatArray]) -> None:
    for box, weight in zip(boxes, weights, strict=True):
        if not weight.any():
            raise RequestError(
                f"Every player's box needs some of the picture for itself; the box "
                f"{box.x0:g},{box.y0:g},{box.x1:g},{box.y1:g} has none that is nearer to its "
                f"middle than to another's.",
                "Draw each box around one player; boxes may overlap at their edges.",
            )


def _drawn_in_views(field: MotionField, boxes: list[Box], weights: list[FloatArray]) -> Players:
    """The user's boxes hold in the view that is home; elsewhere players are found again."""
    cast = cast_of(field, len(boxes), boxes=tuple(zip(boxes, weights, strict=True)))
    assert cast is not None
    kept = (
        replace(player, box_px=box, weight=weight)
        for player, box, weight in zip(cast.players, boxes, weights, strict=True)
    )
    return staged(field, cast, tuple(kept))


def _distance(field: MotionField, box: Box) -> FloatArray:
    """Of each cell from the box's centre, 1 at the box's edge."""
    rows, columns = field.texture.shape
    places = centres(rows, columns) * field.cell_px
    middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
    half = np.array([box.x1 - box.x0, box.y1 - box.y0]) / 2
    half = np.maximum(half, np.array(field.cell_px) / 2)  # a small box still holds a cell
    return np.asarray(np.abs((places - middle) / half).max(axis=1).reshape(rows, columns))
