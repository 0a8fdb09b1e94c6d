"""Playing: clocks run forward, strokes follow notes, bows turn where strokes begin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scores import make_part

from avstem.datatypes import Notes, Part, Score
from avstem.simulate.bowing import bow_of
from avstem.simulate.gestures import gestures_of
from avstem.simulate.instruments import INSTRUMENTS, find_instrument
from avstem.simulate.perform import Performance, ensemble_clock, perform
from avstem.simulate.settings import SimulationSettings

notes = st.lists(
    st.tuples(st.sampled_from([0.12, 0.25, 0.5, 1.0, 3.0]), st.integers(55, 90)),
    min_size=3,
    max_size=40,
)


def _perform(rows: list[tuple[float, int]], wanted: SimulationSettings) -> Performance:
    part = make_part(0, "Violin", [row[0] for row in rows], [row[1] for row in rows])
    return perform(Score((part,)), (INSTRUMENTS["Violin"],), wanted)[1]


@given(rows=notes, seed=st.integers(0, 99), difficulty=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_playing_keeps_order_and_strokes_follow_notes(
    rows: list[tuple[float, int]], seed: int, difficulty: float
) -> None:
    played = _perform(rows, SimulationSettings(seed=seed, difficulty=difficulty)).parts[0]
    strokes, phrasing = played.strokes, played.phrasing
    assert len(played.notes) == len(rows)
    assert np.all(np.diff(played.notes.onsets_s) > 0)
    assert np.all(np.diff(strokes.starts_s) > 0)
    assert np.all(strokes.ends_s > strokes.starts_s)
    # Every note that begins a stroke has a bow change within 55 ms, slurred ones have none.
    heads = strokes.first_notes[strokes.first_notes >= 0]
    assert heads.tolist() == np.flatnonzero(phrasing.starts).tolist()
    stray_s = strokes.starts_s[strokes.first_notes >= 0] - played.notes.onsets_s[heads]
    assert np.abs(stray_s).max() < 0.055
    # Slurs join notes of different pitch.
    joined = np.flatnonzero(phrasing.joins_next)
    assert np.all(played.notes.pitches[joined] != played.notes.pitches[joined + 1])


@given(rows=notes, seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_bow_stays_on_its_hair_and_turns_with_the_strokes(
    rows: list[tuple[float, int]], seed: int
) -> None:
    performance = _perform(rows, SimulationSettings(seed=seed))
    played = performance.parts[0]
    times_s = np.arange(0.0, performance.duration_s, 0.001)
    bow = bow_of(played, times_s, np.random.default_rng(seed))
    assert bow.position.min() >= 0.0
    assert bow.position.max() <= 1.0
    assert np.abs(np.diff(bow.position)).max() < 0.02  # no jumps
    for k in range(len(played.strokes.starts_s)):
        at = np.searchsorted(times_s, [played.strokes.starts_s[k], played.strokes.ends_s[k]])
        way = bow.position[at[1] - 1] - bow.position[at[0]]
        assert way * played.strokes.directions[k] > 0


@given(seed=st.integers(0, 500), difficulty=st.floats(0, 1), length_s=st.floats(3, 120))
@settings(max_examples=50, deadline=None)
def test_the_clock_runs_forward_at_a_musical_tempo(
    seed: int, difficulty: float, length_s: float
) -> None:
    clock = ensemble_clock(length_s, SimulationSettings(seed=seed, difficulty=difficulty))
    slowness = np.diff(clock.media_s) / np.diff(clock.score_s)
    assert slowness.min() > 0.4
    assert slowness.max() < 2.5
    assert 0.8 <= clock.media_s[0] <= 2.2


def test_a_harder_performance_slurs_more() -> None:
    rows = [(0.25, 60 + k % 7) for k in range(200)]
    share = [
        _perform(rows, SimulationSettings(seed=5, difficulty=d)).parts[0].phrasing.starts.mean()
        for d in (0.0, 1.0)
    ]
    assert share[0] > share[1] + 0.15


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Violin 2", "Violin"), ("Viola", "Viola"), ("Cello", "Violoncello"),
        ("Vc.", "Violoncello"), ("Double Bass", "Contrabass"), ("DB", "Contrabass"),
        ("Va2", "Viola"), ("Alto Sax", "Alto Sax"), ("Tp", "Trumpet"),
        ("Clarinet in B flat", "Clarinet"),
    ],
)  # fmt: skip
def test_instruments_are_found_by_their_names(text: str, name: str) -> None:
    found = find_instrument(text)
    assert found is not None
    assert found.name == name


def test_an_unknown_word_is_no_instrument() -> None:
    assert find_instrument("Part 3") is None


def test_only_resting_players_fidget() -> None:
    wanted = SimulationSettings(seed=3)
    restless = SimulationSettings(seed=3, fidgets=1.0)
    part = make_part(0, "Violin", [0.5] * 8 + [20.0] + [0.5] * 4, [67] * 13)
    rest = Notes(*(np.delete(a, 8) for a in vars(part.notes).values()))
    score = Score((Part(0, "Violin", "", rest),))
    performance = perform(score, (INSTRUMENTS["Violin"],), wanted)[1]
    played = performance.parts[0]
    times_s = np.arange(0.0, performance.duration_s, 0.04)
    still, moving = (gestures_of(played, performance, times_s, s) for s in (wanted, restless))
    moved = np.abs(moving.raise_ - still.raise_) + np.abs(moving.shift - still.shift)
    onsets_s, offsets_s = played.notes.onsets_s, played.notes.offsets_s
    assert moved[(times_s > offsets_s[7] + 1.5) & (times_s < onsets_s[8] - 1.5)].max() > 0.05
    assert moved[(times_s >= onsets_s[0]) & (times_s <= offsets_s[7])].max() == 0.0
