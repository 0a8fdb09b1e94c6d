"""Lines about movement and score that contradict each other."""

from __future__ import annotations

import numpy as np

from avstem.activity import disagreements
from avstem.datatypes import Activity, Match

MATCHES = (Match(0, 1, 0.9), Match(1, 0, 0.9), Match(2, None, 0.0))
NAMES = ("Violin", "Flute", "Horn")


def activity(rows: list[list[float]], source: str, start_s: float = 0.0) -> Activity:
    return Activity(np.repeat(np.array(rows), 40, axis=1), start_s, 0.5, source)


def test_agreement_is_silent() -> None:
    by_score = activity([[1, 0, 1], [1, 1, 0], [1, 1, 1]], "score")
    by_motion = activity([[0.9, 0.7, 0.1], [0.8, 0.2, 0.9]], "motion")
    assert disagreements(by_motion, by_score, MATCHES, NAMES) == ()


def test_a_player_who_hardly_plays_and_one_who_plays_on_are_named() -> None:
    by_score = activity([[1, 0, 1], [0, 0, 1], [1, 0, 0]], "score")
    by_motion = activity([[0.9, 0.9, 0.9], [0.1, 0.1, 0.1]], "motion")
    first, second = disagreements(by_motion, by_score, MATCHES, NAMES)
    assert first.startswith("Player 1 hardly ever seems to play while Violin has notes (40 s")
    assert second.startswith("Player 0 seems to play on while Flute rests (40 s")


def test_sound_that_goes_on_after_the_film_contradicts_nothing() -> None:
    by_score = activity([[1, 0], [1, 0], [1, 0]], "score")
    film = Activity(np.full((2, 40), 0.9), 0.0, 0.5, "motion")  # ends while they play
    assert disagreements(film, by_score, MATCHES, NAMES) == ()


def test_what_cannot_be_seen_contradicts_nothing() -> None:
    by_score = activity([[1, 1, 1], [0, 0, 0], [0, 0, 0]], "score")
    by_motion = activity([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], "motion")
    assert disagreements(by_motion, by_score, MATCHES, NAMES) == ()


def test_tuning_before_the_music_contradicts_nothing() -> None:
    by_score = activity([[0, 1, 0], [0, 1, 0], [0, 1, 0]], "score")
    by_motion = activity([[0.9, 0.9, 0.9], [0.9, 0.9, 0.9]], "motion")
    assert disagreements(by_motion, by_score, MATCHES, NAMES) == ()
    assert disagreements(by_motion, activity([[0], [0], [0]], "score"), MATCHES, NAMES) == ()


def test_what_is_short_or_half_agreed_is_no_contradiction() -> None:
    short = np.full((3, 120), 1.0)
    short[0, 60:80] = 0.0  # ten seconds
    by_motion = activity([[0.9, 0.9, 0.9], [0.9, 0.9, 0.9]], "motion")
    assert disagreements(by_motion, Activity(short, 0.0, 0.5, "score"), MATCHES, NAMES) == ()
    long = short.copy()
    long[0, 40:80] = 0.0  # twenty
    by_score = Activity(long, 0.0, 0.5, "score")
    assert len(disagreements(by_motion, by_score, MATCHES, NAMES)) == 1
    half = by_motion.playing.copy()
    half[1, 40:52] = 0.1  # who rests for a third of it
    still = Activity(half, 0.0, 0.5, "motion")
    assert disagreements(still, by_score, MATCHES, NAMES) == ()
