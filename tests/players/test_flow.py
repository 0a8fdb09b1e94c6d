"""Flow on cells: known displacements, noise, the camera, cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, shift

from avstem.players.camera import remove_camera
from avstem.players.cuts import CutDetector
from avstem.players.flow import CELL_PX, CellFlow, flow_size


def textured(seed: int, height: int = 184, width: int = 320) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 2.0)
    return np.clip(128 + 40 * noise / noise.std(), 0, 255)


def as_picture(levels: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)


@given(width=st.integers(16, 8000), height=st.integers(16, 8000))
def test_flow_pictures_are_whole_cells_and_small(width: int, height: int) -> None:
    size = flow_size(width, height)
    assert all(side % CELL_PX == 0 and side >= 2 * CELL_PX for side in size)
    if 0.3 < width / height < 3 and min(width, height) > 200:
        assert size[0] * size[1] < 1.1 * 320 * 184
        assert size[0] / size[1] == pytest.approx(width / height, rel=0.1)


def test_usual_pictures_keep_their_shape() -> None:
    assert flow_size(1920, 1080) == (320, 176)
    assert flow_size(1080, 1920) == (176, 320)
    assert flow_size(160, 96) == (160, 96)


@pytest.mark.parametrize(("dx", "dy"), [(1.5, 0.0), (0.0, -2.0), (0.6, 0.8)])
def test_a_known_shift_is_measured(dx: float, dy: float) -> None:
    levels = textured(0)
    moved, trust = CellFlow()(as_picture(levels), as_picture(shift(levels, (dy, dx), mode="wrap")))
    inside = moved[:, 2:-2, 2:-2]
    assert np.median(inside[0]) == pytest.approx(dx, abs=0.15)
    assert np.median(inside[1]) == pytest.approx(dy, abs=0.15)
    assert np.median(trust) > 0.3


def test_noise_on_a_flat_wall_is_not_motion() -> None:
    random = np.random.default_rng(1)
    flow = CellFlow()
    for _ in range(60):  # the noise level is learned on the way
        one, two = (as_picture(120 + 4 * random.normal(size=(184, 320))) for _ in range(2))
        moved, trust = flow(one, two)
    assert np.hypot(*moved * trust).mean() < 0.1


@settings(max_examples=30, deadline=None)
@given(
    dx=st.floats(-3, 3),
    dy=st.floats(-3, 3),
    zoom=st.floats(-0.01, 0.01),
    roll=st.floats(-0.01, 0.01),
)
def test_what_the_camera_does_is_removed(dx: float, dy: float, zoom: float, roll: float) -> None:
    rows, columns = 22, 40
    x = CELL_PX * (np.arange(columns) - 19.5) * np.ones((rows, 1))
    y = CELL_PX * (np.arange(rows) - 10.5)[:, None] * np.ones(columns)
    camera = np.array([dx + zoom * x - roll * y, dy + zoom * y + roll * x])
    player = np.zeros_like(camera)
    player[0, 8:16, 10:18] = 2.0
    left = remove_camera(camera + player, np.ones((rows, columns)))
    assert np.abs(left - player).max() < 0.1


def test_a_player_who_fills_the_picture_is_not_the_camera() -> None:
    random = np.random.default_rng(2)
    moved = 3.0 * random.normal(size=(2, 22, 40))
    assert np.array_equal(remove_camera(moved, np.ones((22, 40))), moved)


def test_a_new_shot_is_a_cut_and_motion_is_not() -> None:
    is_cut = CutDetector()
    levels = textured(3)
    for n in range(20):
        assert not is_cut(as_picture(shift(levels, (0, 3 * n), mode="wrap")))
    assert is_cut(as_picture(200 - 0.5 * textured(4)))
