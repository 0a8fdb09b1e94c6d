"""Places in the sound decide between players who fit alike, and yield to movement."""

from __future__ import annotations

import numpy as np

from avstem.association import with_places
from avstem.datatypes import Affinity


def affinity(scores: list[list[float]]) -> Affinity:
    return Affinity("default", np.array(scores), np.zeros((0, 0)), np.zeros(0))


def test_a_tie_is_decided_by_place() -> None:
    found = with_places(affinity([[1.0, 1.0], [1.0, 1.0]]), np.array([0.5, -0.5])).scores
    assert found[0, 1] > found[0, 0]
    assert found[1, 0] > found[1, 1]


def test_movement_outvotes_places() -> None:
    found = with_places(affinity([[5.0, 0.0], [0.0, 5.0]]), np.array([0.5, -0.5])).scores
    assert found[0, 0] > found[0, 1]
    assert found[1, 1] > found[1, 0]


def test_a_voice_from_nowhere_has_no_place() -> None:
    alike = [[1.0, 1.0, 1.0]] * 3
    found = with_places(affinity(alike), np.array([0.5, np.nan, -0.5])).scores
    assert found[1].tolist() == alike[1]
    assert found[0].argmax() == 2
    assert found[2].argmax() == 0
    alone = affinity(alike)
    assert with_places(alone, np.array([np.nan, 0.5, np.nan])) is alone


def test_without_places_nothing_changes() -> None:
    before = affinity([[1.0, 2.0], [3.0, 4.0]])
    assert with_places(before, np.zeros(0)) is before
    alone = affinity([[1.0]])
    assert with_places(alone, np.zeros(1)) is alone
