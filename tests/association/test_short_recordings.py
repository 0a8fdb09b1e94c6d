"""A few seconds prove little: scores of short recordings must not explode."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from avstem.association.nulls import as_normal, stand_out


@pytest.mark.parametrize("score", [0.5, 2.0, 5.0, 40.0])
@pytest.mark.parametrize("chances", [3, 10, 200])
def test_scores_become_the_normal_deviates_of_the_student_distribution(score, chances) -> None:
    exact = stats.norm.isf(stats.t.sf(score, chances))
    assert as_normal(np.array([score, -score]), chances) == pytest.approx([exact, -exact], rel=0.06)


@pytest.mark.parametrize("seconds", [3.0, 8.0])
def test_unrelated_movement_stays_within_chance_however_short(seconds: float) -> None:
    random = np.random.default_rng(1)
    frames, found = int(30 * seconds), []
    for _ in range(60):
        curves = np.cumsum(random.standard_normal((6, frames)), axis=1)
        train = (np.arange(frames) > random.integers(frames)).astype(float)
        found.append(stand_out(curves, train[None], 30.0, 4.0, 1.0)[0])
    assert np.abs(found).max() < 4.5
