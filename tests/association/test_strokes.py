"""The published method against a second, slow reading of its equations."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.association.strokes import matching, onset_train, stroke_likelihood


def slow_likelihood(chi: np.ndarray) -> np.ndarray:
    """Eq. 2 as a sum over zero crossings."""
    n = np.arange(len(chi))
    padded = np.pad(np.abs(chi), 5, mode="edge")
    f = np.zeros(len(chi))
    for m in range(1, len(chi)):
        if (chi[m] < 0) != (chi[m - 1] < 0):
            average = padded[m : m + 11].mean()
            bell = np.exp(-0.5 * ((n - m) / 3.0) ** 2) * (abs(n - m) <= 12)
            f += average * bell / np.exp(-0.5 * (np.arange(-12, 13) / 3.0) ** 2).sum()
    return f


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_equation_2(seed: int) -> None:
    chi = np.random.default_rng(seed).normal(size=80).cumsum()
    assert np.allclose(stroke_likelihood(chi), slow_likelihood(chi), atol=1e-9)


def test_equation_3_is_the_geometric_mean_of_recall_and_precision() -> None:
    f, g = np.array([0.0, 2.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])
    assert np.isclose(matching(f, g), np.sqrt((2.0 / 2.0) * (2.0 / 3.0)))
    assert matching(f, np.zeros(4)) == 0.0


def test_onsets_fall_on_the_nearest_frame_and_off_screen_ones_are_left_out() -> None:
    times_s = np.array([0.0, 0.1, 0.25, 0.3])
    train = onset_train(np.array([-1.0, 0.04, 0.06, 0.16, 0.29, 9.0]), times_s)
    assert train.tolist() == [1.0, 1.0, 0.0, 1.0]
