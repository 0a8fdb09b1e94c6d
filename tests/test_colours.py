from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.colours import colour

# Machado, Oliveira and Fernandes 2009: how full protanopia and deuteranopia see linear RGB.
SEEN = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    ),
    "deuteranopia": np.array(
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    ),
}


def lab(code: str, eye: np.ndarray) -> np.ndarray:
    """CIE Lab of "#rrggbb" as an eye sees it."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(
        np.clip(to_xyz @ np.clip(eye @ linear, 0, 1) / [0.9505, 1, 1.089], 1e-4, None)
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", SEEN)
@pytest.mark.parametrize(("count", "least"), [(5, 30.0), (8, 20.0), (12, 15.0)])
def test_colours_differ_for_every_eye(eye: str, count: int, least: float) -> None:
    seen = [lab(colour(i), SEEN[eye]) for i in range(count)]
    closest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert closest > least


@given(st.integers(0, 500))
def test_every_index_has_a_colour_that_shows_on_dark(index: int) -> None:
    code = colour(index)
    assert len(code) == 7
    assert lab(code, SEEN["normal"])[0] > 40


def test_an_index_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="an index from 0 was expected, found -1"):
        colour(-1)
