"""Who rests when is a cue of its own: known lanes and parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.association import associate, best_explained
from avstem.association.rests import with_rests
from avstem.datatypes import Absent, Activity, Affinity, Notes


def affinity(scores: list[list[float]]) -> Affinity:
    return Affinity("default", np.array(scores), np.zeros((len(scores[0]), 4)), np.arange(4.0))


def part(*phrases_s: tuple[float, float]) -> Notes:
    """Notes of half a second, one after the other, within phrases."""
    onsets_s = np.concatenate([np.arange(a, b, 0.5) for a, b in phrases_s] or [np.zeros(0)])
    return Notes(onsets_s, onsets_s + 0.5, np.full(len(onsets_s), 60), np.full(len(onsets_s), 80))


def lanes(*rows: list[float], seconds: int = 1) -> Activity:
    """Each player's lane, a value for so many seconds each."""
    return Activity(np.repeat(np.array(rows), 2 * seconds, axis=1), 0.0, 0.5, "motion")


EARLY, LATE = [0.9] * 10 + [0.1] * 10, [0.1] * 10 + [0.9] * 10


def test_who_rests_with_the_part_plays_it() -> None:
    found = with_rests(
        affinity([[0, 0], [0, 0]]), (part((10, 20)), part((0, 10))), lanes(EARLY, LATE)
    )
    assert found.scores[0, 1] > found.scores[0, 0] + 1
    assert found.scores[1, 0] > found.scores[1, 1] + 1


def test_a_lane_that_tells_nothing_changes_nothing() -> None:
    before = affinity([[1.0, 2.0], [3.0, 4.0]])
    blank = lanes([0.5] * 20, [0.5] * 20)
    notes = (part((0, 10)), part((0, 20)))
    np.testing.assert_allclose(with_rests(before, notes, blank).scores, before.scores)
    assert with_rests(before, notes, Absent("nobody looked")) is before


def test_short_rests_are_playing() -> None:
    """The lanes bridge them, so a part with short rests goes with one who always plays."""
    always, never = [0.9] * 20, [0.1] * 20
    rested = part(*((k, k + 1.5) for k in range(0, 20, 3)))
    found = with_rests(affinity([[0, 0]]), (rested,), lanes(always, never))
    assert found.scores[0, 0] > found.scores[0, 1] + 1


def test_a_part_without_notes_goes_with_one_who_rests() -> None:
    parts = (part(), part((0, 20)))
    found = with_rests(affinity([[0, 0], [0, 0]]), parts, lanes([0.9] * 20, [0.1] * 20))
    assert found.scores[0, 1] > found.scores[0, 0]
    nobody = affinity([[0, 0]])
    assert with_rests(nobody, (part(),), lanes(EARLY, LATE)) is nobody


def test_an_hour_speaks_no_louder_than_a_minute() -> None:
    parts = (part((10, 20)), part((0, 10)))
    short = with_rests(affinity([[0, 0], [0, 0]]), parts, lanes(EARLY, LATE)).scores
    stretched = (part((600, 1200)), part((0, 600)))
    long = with_rests(affinity([[0, 0], [0, 0]]), stretched, lanes(EARLY, LATE, seconds=60)).scores
    assert np.abs(long).max() <= 3.1 * np.abs(short).max()  # 20 s against the most, 60 s


def test_only_the_time_of_the_music_counts() -> None:
    """An excerpt of a long film is matched as if the film were no longer."""
    parts = (part((10, 20)), part((0, 10)))
    alone = with_rests(affinity([[0, 0], [0, 0]]), parts, lanes(EARLY, LATE)).scores
    idle, busy = [0.1] * 2000, [0.9] * 2000
    film = lanes(EARLY + idle, LATE + busy)
    np.testing.assert_allclose(with_rests(affinity([[0, 0], [0, 0]]), parts, film).scores, alone)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), players=st.integers(1, 4), parts=st.integers(1, 4))
def test_the_cue_prefers_nobody_as_a_whole(seed: int, players: int, parts: int) -> None:
    random = np.random.default_rng(seed)
    before = affinity(random.normal(size=(parts, players)).tolist())
    notes = tuple(part((a, a + 6)) for a in random.uniform(0, 12, parts))
    playing = Activity(random.random((players, 40)), 0.0, 0.5, "motion")
    after = with_rests(before, notes, playing).scores
    np.testing.assert_allclose(after.sum(1), before.scores.sum(1), atol=1e-9)


@pytest.mark.parametrize("method", ["default", "synchrony"])
def test_only_the_default_heeds_it(quartet, method: str) -> None:
    playing = Activity(np.tile([0.9, 0.9, 0.1, 0.1], (30, 1)).T, 0.0, 1.0, "motion")
    plain = associate(quartet.players, quartet.notes, method=method).scores
    heeded = associate(quartet.players, quartet.notes, playing, method=method).scores
    assert np.allclose(plain, heeded) is (method != "default")
    if method == "default":
        _, best = best_explained(quartet.players, [quartet.notes], playing)
        np.testing.assert_allclose(best.scores, heeded)
