"""Which cluster carries a player's sound."""

from __future__ import annotations

import numpy as np

from avstem.datatypes import MotionClusters, Notes
from avstem.separation.localisation import sounding_clusters

TIMES_S = np.arange(900) / 30.0


def clusters(speed: np.ndarray, players: list[int]) -> MotionClusters:
    weights = np.ones((len(players), 2, 2))
    return MotionClusters(weights, np.array(players), speed, TIMES_S)


def notes(onsets_s: np.ndarray) -> Notes:
    n = len(onsets_s)
    return Notes(onsets_s, onsets_s + 0.1, np.full(n, 60), np.full(n, 80))


def strokes(onsets_s: np.ndarray) -> np.ndarray:
    """Speed that halts at each onset, as a bow that turns."""
    far = np.abs(TIMES_S[:, None] - onsets_s[None]).min(axis=1)
    return np.asarray(10.0 * np.clip(far / 0.1, 0.0, 1.0))


def test_the_cluster_that_moves_with_the_notes_is_found() -> None:
    rng = np.random.default_rng(3)
    first, second = (np.sort(rng.uniform(0.5, 29.0, 50)) for _ in range(2))
    noise = 10.0 * np.abs(rng.standard_normal((2, len(TIMES_S))))
    speed = np.stack([noise[0], strokes(first), strokes(second), noise[1]])
    found = sounding_clusters(clusters(speed, [0, 0, 1, 1]), (notes(first), notes(second)))
    assert found == (1, 2)


def test_nothing_is_found_without_movement_or_notes() -> None:
    still = clusters(np.zeros((2, len(TIMES_S))), [0, 1])
    none = np.zeros(0)
    assert sounding_clusters(still, (notes(np.array([3.0, 9.0])), notes(none))) == (None, None)


def test_a_player_without_clusters_has_none() -> None:
    speed = strokes(np.arange(1.0, 29.0, 0.7))[None]
    assert sounding_clusters(clusters(speed, [0]), (notes(np.zeros(0)), notes(np.zeros(0)))) == (
        None,
        None,
    )
