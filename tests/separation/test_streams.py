"""Tones and the voices that play them: known truth, and properties of every answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.datatypes import FloatArray, IntArray
from avstem.separation.streams import FREE, LEANINGS, NOBODY, streams
from avstem.separation.tones import GENEROUS, STRICT, Tones, find_tones, standing_out

PITCHES = 76


def tones(*rows: tuple[int, int, int, float]) -> Tones:
    """Of rows (first, stop, pitch, level)."""
    first, stop, pitch, level = (np.array(x) for x in zip(*sorted(rows), strict=True))
    return Tones(first, stop, pitch, level.astype(float))


def salience(frames: int, *rows: tuple[int, int, int, float]) -> FloatArray:
    found = np.zeros((PITCHES, frames))
    for first, stop, pitch, level in rows:
        found[pitch, first:stop] = level
    return found


def as_rows(found: Tones) -> list[tuple[int, int, int]]:
    return list(zip(found.first.tolist(), found.stop.tolist(), found.pitch.tolist(), strict=True))


# ----------------------------------------------------------------------- tones


def test_tones_are_where_a_pitch_stands_out() -> None:
    found = find_tones(salience(30, (2, 10, 40, 1.0), (5, 20, 52, 0.5), (20, 30, 41, 1.0)), 2)
    assert as_rows(found) == [(2, 10, 40), (5, 20, 52), (20, 30, 41)]
    np.testing.assert_allclose(found.level, [1.0, 0.5, 1.0])


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    found = find_tones(salience(30, (0, 6, 40, 1.0), (8, 14, 40, 1.0), (18, 30, 40, 1.0)), 1)
    assert as_rows(found) == [(0, 14, 40), (18, 30, 40)]


def test_what_is_faint_or_short_or_one_too_many_is_no_tone() -> None:
    loud = [(0, 30, pitch, 1.0) for pitch in (20, 30, 40)]
    assert len(find_tones(salience(30, *loud, (0, 30, 50, 0.01)), 3)) == 3
    assert len(find_tones(salience(30, *loud, (10, 11, 50, 1.0)), 3)) == 3
    assert len(find_tones(salience(30, *loud), 1)) == 2  # one more than there are voices


def test_the_slope_of_a_tone_is_no_tone() -> None:
    found = find_tones(salience(20, (0, 20, 39, 0.6), (0, 20, 40, 1.0), (0, 20, 41, 0.5)), 3)
    assert as_rows(found) == [(0, 20, 40)]


def test_a_generous_ear_hears_no_less() -> None:
    random = np.random.default_rng(3).random((PITCHES, 50)) ** 8
    assert (standing_out(random, 3, GENEROUS) >= standing_out(random, 3, STRICT)).all()


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_in_silence_there_are_no_tones_and_no_voices(frames: int) -> None:
    found = find_tones(np.zeros((PITCHES, frames)), 3)
    assert len(found) == 0
    assert all(len(played) == 0 for played in streams(found, 3))


def test_backwards_twice_is_forwards() -> None:
    given_ = tones((0, 5, 40, 1.0), (2, 9, 30, 0.5), (5, 12, 41, 0.7))
    turned, number = given_.backwards()
    again, back = turned.backwards()
    assert as_rows(again) == as_rows(given_)
    np.testing.assert_array_equal(number[back], np.arange(3))
    assert as_rows(turned)[0] == (0, 7, 41)


# ----------------------------------------------------------------------- voices


def two_lines() -> tuple[Tones, IntArray]:
    """A line that falls and one that climbs more quickly; they near each other and part again."""
    rows = []
    for k in range(12):
        rows.append((8 * k, 8 * k + 8, 46 + abs(k - 6) * 2, 1.0))
    for k in range(18):
        rows.append((5 * k + 2, 5 * k + 7, 34 - abs(k - 9), 0.8))
    found = tones(*rows)
    return found, (found.pitch > 40).astype(int)


def same_grouping(played: IntArray, true: IntArray) -> bool:
    return any(np.array_equal(played, order) for order in (true, 1 - true))


def test_lines_are_followed() -> None:
    found, true = two_lines()
    for played in streams(found, 2):
        assert same_grouping(played, true)


def test_a_rest_of_one_voice_does_not_move_the_other() -> None:
    """The lower voice alone is not the highest of those that play."""
    rows = [(10 * k, 10 * k + 10, 30 + k % 3, 1.0) for k in range(12)]
    rows += [(10 * k, 10 * k + 10, 55 + k % 4, 1.0) for k in (0, 1, 2, 3, 8, 9, 10, 11)]
    found = tones(*rows)
    assert same_grouping(streams(found, 2)[0], (found.pitch > 45).astype(int))


def test_faint_ghosts_are_played_by_nobody() -> None:
    found, _ = two_lines()
    rows = [(a, b, p, 1.0) for a, b, p in as_rows(found)]
    rows += [(8 * k, 8 * k + 3, 70, 0.02) for k in range(12)]
    ghosts = tones(*rows)
    played = streams(ghosts, 2)[0]
    assert (played[ghosts.pitch == 70] == NOBODY).all()
    assert (played[ghosts.pitch != 70] != NOBODY).all()


def test_there_are_answers_from_both_ends() -> None:
    found, _ = two_lines()
    assert len(streams(found, 2)) == 2 * len(LEANINGS)
    assert len(set(LEANINGS)) == len(LEANINGS)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 60), st.integers(2, 20), st.integers(0, 75), st.floats(0.01, 1.5)),
        min_size=1,
        max_size=25,
    ),
    voices=st.integers(1, 4),
)
def test_a_voice_plays_one_tone_at_a_time(
    rows: list[tuple[int, int, int, float]], voices: int
) -> None:
    found = tones(*((first, first + length, p, level) for first, length, p, level in rows))
    for played in streams(found, voices)[: len(LEANINGS)]:
        assert set(played.tolist()) <= {NOBODY, *range(voices)}
        for voice in range(voices):
            busy = 0
            for k in np.flatnonzero(played == voice):
                held = (min(busy, found.stop[k]) - found.first[k]) / (
                    found.stop[k] - found.first[k]
                )
                assert held <= FREE
                busy = max(busy, found.stop[k])


@settings(max_examples=15, deadline=None)
@given(shift=st.integers(-20, 20), later=st.integers(0, 500))
def test_pitch_and_time_have_no_origin(shift: int, later: int) -> None:
    found, _ = two_lines()
    moved = Tones(found.first + later, found.stop + later, found.pitch + shift, found.level)
    for a, b in zip(streams(found, 2), streams(moved, 2), strict=True):
        np.testing.assert_array_equal(a, b)
