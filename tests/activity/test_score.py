"""Playing by the score: known phrases, and an independent count of the time that is covered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.activity import from_notes
from avstem.activity.score import SHORT_REST_S
from avstem.datatypes import Notes

lines = st.lists(
    st.tuples(st.floats(0.0, 6.0), st.floats(0.05, 4.0)), min_size=0, max_size=15
)  # rest before, length


def notes_of(rows: list[tuple[float, float]], start_s: float = 0.0) -> Notes:
    lengths = np.array(rows, float).reshape(-1, 2)
    offsets_s = start_s + np.cumsum(lengths.sum(axis=1))
    count = len(rows)
    return Notes(offsets_s - lengths[:, 1], offsets_s, np.full(count, 60), np.full(count, 80))


def test_short_rests_count_as_playing_and_long_ones_do_not() -> None:
    part = notes_of([(1.0, 1.0), (1.5, 0.5), (4.0, 2.0)])  # 1-2, 3.5-4, 8-10
    silent = notes_of([])
    found = from_notes((part, silent), 0.0, 12.0)
    assert found.source == "score"
    assert found.at(np.array([0.5, 1.2, 2.5, 3.7, 4.2, 7.5, 8.0, 9.9, 10.1]))[0].tolist() == [
        0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0,
    ]  # fmt: skip
    assert not found.playing[1].any()


@given(rows=lines, start_s=st.floats(-3.0, 5.0), length_s=st.floats(0.3, 15.0))
@settings(max_examples=40, deadline=None)
def test_a_step_is_the_share_of_it_that_a_phrase_covers(
    rows: list[tuple[float, float]], start_s: float, length_s: float
) -> None:
    part = notes_of(rows)
    found = from_notes((part,), start_s, start_s + length_s)
    assert found.playing.shape[1] * found.step_s >= length_s - 1e-6
    for k in range(found.playing.shape[1]):
        times_s = start_s + found.step_s * (k + (np.arange(100) + 0.5) / 100)
        covered = [_playing(part, t) for t in times_s]
        assert found.playing[0, k] == pytest.approx(np.mean(covered), abs=0.02)


def _playing(part: Notes, time_s: float) -> bool:
    """Within a note, or between two whose rest is short."""
    before = part.offsets_s[part.onsets_s <= time_s]
    after = part.onsets_s[part.onsets_s > time_s]
    if len(before) and before.max() >= time_s:
        return True
    return bool(len(before) and len(after) and after.min() - before.max() <= SHORT_REST_S)


def test_a_span_must_run_forward() -> None:
    with pytest.raises(ValueError, match="stop_s must follow"):
        from_notes((notes_of([(0.0, 1.0)]),), 2.0, 2.0)
