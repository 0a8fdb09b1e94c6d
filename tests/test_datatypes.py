"""Records check themselves when they are made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.datatypes import (
    Absent,
    Alignment,
    Association,
    Box,
    Conditions,
    Match,
    Notes,
    Score,
    TimeMap,
)


def notes(onsets: list[float], offsets: list[float], pitches: list[int]) -> Notes:
    return Notes(np.array(onsets), np.array(offsets), np.array(pitches), np.full(len(onsets), 64))


@pytest.mark.parametrize(
    ("onsets", "offsets", "pitches", "message"),
    [
        ([1.0, 0.5], [2.0, 2.0], [60, 62], "onsets_s must not decrease"),
        ([1.0], [1.0], [60], "each offset must follow its onset"),
        ([1.0], [2.0], [128], "pitches must lie between 0 and 127"),
        ([1.0], [2.0, 3.0], [60], r"offsets_s must have shape \(1,\)"),
    ],
)
def test_notes_refuse(onsets: list, offsets: list, pitches: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        notes(onsets, offsets, pitches)


def test_other_records_refuse() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        Score(())
    with pytest.raises(ValueError, match="a box needs an area"):
        Box(5, 5, 5, 9)
    with pytest.raises(ValueError, match="score_s must increase"):
        TimeMap(np.array([0.0, 0.0]), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="a player was matched twice"):
        Association((Match(0, 1, 0.5), Match(1, 1, 0.5)), None)
    with pytest.raises(ValueError, match="confidence outside 0 to 1"):
        Alignment(TimeMap(np.arange(2.0), np.arange(2.0)), (), 1.5, np.ones(1))


def test_conditions_know_how_many_sources_there_are() -> None:
    two = (notes([0.0], [1.0], [60]), notes([0.5], [1.0], [67]))
    assert Conditions(two).count == 2
    assert Conditions(Absent("no score"), count=3).count == 3
    with pytest.raises(ValueError, match="how many sources there are must be given"):
        Conditions(Absent("no score"))
    with pytest.raises(ValueError, match="2 parts have notes, 3 sources are wanted"):
        Conditions(two, count=3)


steps = st.lists(st.floats(0.01, 5.0), min_size=1, max_size=20)


@given(steps, st.floats(-10, 200), st.data())
def test_a_time_map_is_undone_by_its_inverse(score_steps, time_s, data) -> None:
    media_steps = data.draw(
        st.lists(st.floats(0.01, 5.0), min_size=len(score_steps), max_size=len(score_steps))
    )
    timemap = TimeMap(
        np.concatenate([[1.0], 1.0 + np.cumsum(score_steps)]),
        np.concatenate([[-2.0], -2.0 + np.cumsum(media_steps)]),
    )
    there = timemap.to_media(np.array([time_s]))
    assert timemap.to_score(there) == pytest.approx(time_s, abs=1e-6)


@given(steps)
def test_beyond_its_ends_a_time_map_keeps_the_mean_tempo(score_steps) -> None:
    score_s = np.concatenate([[0.0], np.cumsum(score_steps)])
    timemap = TimeMap(score_s, 2.0 * score_s + 3.0)
    beyond = np.array([-5.0, score_s[-1] + 5.0])
    assert timemap.to_media(beyond) == pytest.approx(2.0 * beyond + 3.0)
