"""Which cluster carries a player's sound."""

from __future__ import annotations

import numpy as np

from avstem.datatypes import MotionClusters
from avstem.separation.localisation import sounding_clusters

TIMES_S = np.arange(900) / 30.0


def clusters(
    speed: np.ndarray, players: list[int], shown_s: list[tuple[float, float]] | None = None
) -> MotionClusters:
    weights = np.ones((len(players), 2, 2))
    always = [(TIMES_S[0], TIMES_S[-1])] * len(players)
    return MotionClusters(weights, np.array(players), speed, TIMES_S, np.array(shown_s or always))


def strokes(onsets_s: np.ndarray) -> np.ndarray:
    """Speed that halts at each onset, as a bow that turns."""
    far = np.abs(TIMES_S[:, None] - onsets_s[None]).min(axis=1)
    return np.asarray(10.0 * np.clip(far / 0.1, 0.0, 1.0))


def test_the_cluster_that_moves_with_the_notes_is_found() -> None:
    rng = np.random.default_rng(3)
    first, second = (np.sort(rng.uniform(0.5, 29.0, 50)) for _ in range(2))
    noise = 10.0 * np.abs(rng.standard_normal((2, len(TIMES_S))))
    speed = np.stack([noise[0], strokes(first), strokes(second), noise[1]])
    found = sounding_clusters(clusters(speed, [0, 0, 1, 1]), (first, second))
    assert found == (1, 2)


def test_nothing_is_found_without_movement_or_notes() -> None:
    still = clusters(np.zeros((2, len(TIMES_S))), [0, 1])
    none = np.zeros(0)
    assert sounding_clusters(still, (np.array([3.0, 9.0]), none)) == (None, None)


def test_a_player_without_clusters_has_none() -> None:
    speed = strokes(np.arange(1.0, 29.0, 0.7))[None]
    assert sounding_clusters(clusters(speed, [0]), (np.zeros(0), np.zeros(0))) == (None, None)


def test_only_what_the_picture_shows_is_marked() -> None:
    """The bow moves clearer after the cut, but the report's picture is from before it."""
    rng = np.random.default_rng(4)
    played = np.sort(rng.uniform(0.5, 29.0, 60))
    noise = np.abs(rng.standard_normal((2, len(TIMES_S))))
    before, after = TIMES_S < 15.0, TIMES_S >= 15.0
    bow = strokes(played)
    speed = np.stack([noise[0] * before, (bow + 2 * noise[1]) * before, bow * after])
    cut = clusters(speed, [0, 0, 0], [(0.0, 14.99), (0.0, 14.99), (15.0, TIMES_S[-1])])
    assert sounding_clusters(cut, (played,)) == (2,)
    assert sounding_clusters(cut, (played,), 3.0) == (1,)
    assert sounding_clusters(cut, (played,), 20.0) == (2,)


def test_chance_is_not_taken_for_sound() -> None:
    """The best of ten clusters that have nothing to do with the notes."""
    rng = np.random.default_rng(6)
    marked = 0
    for _ in range(60):
        played = np.sort(rng.uniform(0.5, 29.0, 50))
        others = [strokes(np.sort(rng.uniform(0.5, 29.0, 50))) for _ in range(10)]
        marked += sounding_clusters(clusters(np.stack(others), [0] * 10), (played,)) != (None,)
    assert marked <= 6
