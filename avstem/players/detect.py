"""Where the players are: one component of a mixture of Gaussians per player.

``gmm`` is the published method: the flow's magnitude summed over time, approximated by a mixture
of Gaussians. The default first equalises the map, so that a player who moves a little counts as
much as one who moves a lot, and takes players to be alike in size.

Reference: B. Li, K. Dinesh, Z. Duan, G. Sharma, "See and listen: score-informed association of
sound tracks to players in chamber music performance videos", ICASSP 2017, section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter

from avstem.datatypes import Box, FloatArray, MotionField, Player, Players
from avstem.errors import RequestError
from avstem.players.mixture import Mixture, alike, centres, published

_BLOCK_FRAMES = 512
_MOST_PLAYERS = 8
# Neighbouring cells move together, so that this many count as one observation of the criterion.
_PATCH_CELLS = 3.0
_FREE_PER_PLAYER = 3  # x, y and share


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
        several boxes belongs to the one whose centre is nearest, measured in box sizes.
    method : "gmm" for the published map, to compare with.

    Raises RequestError when a box leaves the picture or ``count`` is below 1.
    """
    if boxes:
        return _from_boxes(field, boxes)
    if count != "auto" and count < 1:
        raise RequestError(f"Expected at least 1 player, found {count}.", "Give 1 or more.")
    speed = mean_speed(field)
    density = _equalised(speed) if method == "default" else speed
    if not density.any():
        return _still(field, count)
    share = _mixture(alike if method == "default" else published, density, count)
    return _from_shares(field, share, density)


def mean_speed(field: MotionField) -> FloatArray:
    """Mean speed of each cell (rows, columns), pixels of the flow picture per second."""
    total = np.zeros(field.texture.shape)
    frames = len(field.times_s)
    for start in range(0, frames, _BLOCK_FRAMES):
        block = field.read(start, min(start + _BLOCK_FRAMES, frames))
        total += np.hypot(block[0], block[1]).sum(axis=-1)
    return np.asarray(total / frames * field.texture)


def _equalised(speed: FloatArray) -> FloatArray:
    """Where somebody moves, hardly how much: logarithm of the speed above the still picture's."""
    floor = float(np.median(speed))
    spread = float(np.median(np.abs(speed - floor)))
    above = np.maximum(gaussian_filter(speed, 0.7) - floor - 3.0 * spread, 0.0)
    if not above.any():
        return above
    scale = 0.1 * float(np.quantile(above[above > 0], 0.9))
    return np.asarray(np.log1p(above / scale))


def _mixture(
    fit: Callable[[FloatArray, int], Mixture], density: FloatArray, count: int | Literal["auto"]
) -> FloatArray:
    """Each player's share of each cell (players, rows, columns)."""
    if count != "auto":
        return fit(density, count).shares
    fits = [fit(density, n) for n in range(1, _MOST_PLAYERS + 1)]
    return min(fits, key=lambda one: _criterion(one, density)).shares


def _criterion(fit: Mixture, density: FloatArray) -> float:
    """Bayesian information criterion, as if each patch of moving cells were one observation."""
    observations = np.count_nonzero(density > 0.1 * density.max()) / _PATCH_CELLS
    free = _FREE_PER_PLAYER * len(fit.shares)
    return float(-2 * observations * fit.log_likelihood + free * np.log(observations))


def _from_shares(field: MotionField, share: FloatArray, density: FloatArray) -> Players:
    """Players from each one's share of the cells (players, rows, columns)."""
    active = density > 0.05 * density.max()
    found = [(_box(field, part * density), part * active) for part in share]
    found.sort(key=lambda pair: pair[0].x0 + pair[0].x1)
    players = tuple(Player(n, box, weight) for n, (box, weight) in enumerate(found))
    return Players(players, field, _cut_warnings(field))


def _box(field: MotionField, mass: FloatArray) -> Box:
    """Rectangle that holds 96 % of the mass in x and in y, one cell wider on all sides."""
    x0, x1 = _span(mass.sum(axis=0))
    y0, y1 = _span(mass.sum(axis=1))
    width, height = field.cell_px
    return Box(
        max(0.0, (x0 - 1) * width),
        max(0.0, (y0 - 1) * height),
        min(float(field.width_px), (x1 + 1) * width),
        min(float(field.height_px), (y1 + 1) * height),
    )


def _span(mass: FloatArray) -> tuple[float, float]:
    """Where 2 % and 98 % of a profile lie, in cells."""
    share = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    low, high = np.interp([0.02, 0.98], share, np.arange(len(share)))
    return float(low), float(high)


def _still(field: MotionField, count: int | Literal["auto"]) -> Players:
    """Nobody moves: equal columns of the picture, and a warning."""
    n = 1 if count == "auto" else count
    edges = np.linspace(0.0, field.width_px, n + 1)
    boxes = tuple(Box(a, 0.0, b, field.height_px) for a, b in zip(edges, edges[1:], strict=False))
    placed = _from_boxes(field, boxes)
    warning = "Nothing moves in the picture: players were placed evenly; give their boxes."
    return Players(placed.players, field, (warning, *placed.warnings))


def check_boxes(boxes: tuple[Box, ...], width_px: int, height_px: int) -> None:
    """Refuse boxes that leave the picture with a RequestError."""
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
    weights = [(nearest == k) & (distance[k] <= 1.0) for k in range(len(ordered))]
    players = (Player(k, box, weights[k].astype(float)) for k, box in enumerate(ordered))
    return Players(tuple(players), field, _cut_warnings(field))


def _cut_warnings(field: MotionField) -> tuple[str, ...]:
    """Boxes hold for the whole video: where the camera cuts, they may show somebody else."""
    if not field.cuts_s:
        return ()
    times = "once" if len(field.cuts_s) == 1 else f"{len(field.cuts_s)} times"
    return (
        f"The picture cuts {times}, first at {field.cuts_s[0]:.1f} s: players are expected to "
        "keep their places in it; where they do not, matches are less sure.",
    )


def _distance(field: MotionField, box: Box) -> FloatArray:
    """Of each cell from the box's centre, 1 at the box's edge."""
    rows, columns = field.texture.shape
    places = centres(rows, columns) * field.cell_px
    middle = np.array([box.x0 + box.x1, box.y0 + box.y1]) / 2
    half = np.array([box.x1 - box.x0, box.y1 - box.y0]) / 2
    half = np.maximum(half, np.array(field.cell_px) / 2)  # a small box still holds a cell
    return np.asarray(np.abs((places - middle) / half).max(axis=1).reshape(rows, columns))
