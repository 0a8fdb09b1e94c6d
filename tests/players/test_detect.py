"""Players are found where they move, whoever moves most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.datatypes import Box, MotionField
from avstem.errors import RequestError
from avstem.players.detect import find_players
from avstem.players.mixture import alike, published

ROWS, COLUMNS, CELL = 22, 40, 16.0


def field_of(amounts: list[float], noise: float = 0.2, frames: int = 60) -> MotionField:
    """Bodies side by side that move by the given amounts; the arm is far below the head."""
    random = np.random.default_rng(0)
    velocity = noise * random.normal(size=(2, ROWS, COLUMNS, frames))
    for place, amount in zip(places(len(amounts)), amounts, strict=True):
        y, x = np.mgrid[:ROWS, :COLUMNS] + 0.5
        head = np.exp(-((x - place) ** 2 + (y - 8) ** 2) / 4)
        arm = np.exp(-((x - place + 1.5) ** 2 + (y - 15) ** 2) / 4)
        velocity[0] += amount * (head + arm)[..., None] * random.normal(size=frames)
    return MotionField(
        velocity.astype(np.float16),
        np.arange(frames) / 30,
        np.ones((ROWS, COLUMNS)),
        (CELL, CELL),
        640,
        352,
    )


def places(count: int) -> np.ndarray:
    return (np.arange(count) + 0.5) * COLUMNS / count


@pytest.mark.parametrize("amounts", [[20], [20, 20], [30, 3, 30], [3, 30, 3, 30], [9, 8, 7, 6, 5]])
def test_players_are_found_left_to_right(amounts: list[float]) -> None:
    found = find_players(field_of(amounts), count=len(amounts)).players
    for player, place in zip(found, places(len(amounts)), strict=True):
        box = player.box_px
        assert abs((box.x0 + box.x1) / 2 - place * CELL) < 3 * CELL
        assert box.y0 < 8 * CELL and box.y1 > 15 * CELL
        assert player.weight[8, int(place)] > 0.8


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_auto_counts_players_well_apart(count: int) -> None:
    assert len(find_players(field_of([20.0] * count), count="auto").players) == count


def test_the_published_mixture_is_there_to_compare_with() -> None:
    found = find_players(field_of([20, 20]), count=2, method="gmm").players
    middles = [(p.box_px.x0 + p.box_px.x1) / 2 / CELL for p in found]
    assert middles == pytest.approx(list(places(2)), abs=3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 4))
def test_shares_sum_to_one_and_repeat(seed: int, count: int) -> None:
    density = np.random.default_rng(seed).random((8, 12))
    for fit in (alike, published):
        shares = fit(density, count).shares
        assert shares.shape == (count, 8, 12)
        assert np.allclose(shares.sum(axis=0), 1.0)
        assert np.array_equal(shares, fit(density, count).shares)


def test_a_still_picture_gives_columns_and_a_warning() -> None:
    still = field_of([0.0], noise=0.0)
    found = find_players(still, count=2)
    assert [p.box_px for p in found.players] == [Box(0, 0, 320, 352), Box(320, 0, 640, 352)]
    assert "Nothing moves" in found.warnings[0]


def test_boxes_of_the_user_are_the_players() -> None:
    boxes = (Box(400, 10, 600, 300), Box(0, 0, 200, 352), Box(150, 0, 420, 352))
    found = find_players(field_of([20, 20]), count=7, boxes=boxes)
    assert [p.box_px for p in found.players] == [boxes[1], boxes[2], boxes[0]]
    together = sum(p.weight for p in found.players)
    assert together.max() == 1.0  # no cell counts twice
    for player in found.players:
        box, (rows, columns) = player.box_px, np.nonzero(player.weight)
        assert (columns.min() + 0.5) * CELL >= box.x0 and (columns.max() + 0.5) * CELL <= box.x1
        assert (rows.min() + 0.5) * CELL >= box.y0 and (rows.max() + 0.5) * CELL <= box.y1


@pytest.mark.parametrize("other", [Box(100, 50, 300, 300), Box(180, 150, 220, 200)])
def test_a_box_that_another_covers_is_refused(other: Box) -> None:
    boxes = (Box(100, 50, 300, 300), other, Box(400, 50, 500, 300))
    said = "100,50,300,300 was given 2 times|the box 180,150,220,200 has none that is nearer"
    with pytest.raises(RequestError, match=said):
        find_players(field_of([20, 20]), count=3, boxes=boxes)


@pytest.mark.parametrize("box", [Box(-1, 0, 50, 50), Box(600, 0, 641, 50), Box(0, 300, 50, 353)])
def test_a_box_outside_the_picture_is_refused(box: Box) -> None:
    with pytest.raises(RequestError, match="within the picture of 640x352 pixels"):
        find_players(field_of([20]), count=1, boxes=(box,))


def test_no_players_cannot_be_found() -> None:
    with pytest.raises(RequestError, match="Expected at least 1 player, found 0"):
        find_players(field_of([20]), count=0)
