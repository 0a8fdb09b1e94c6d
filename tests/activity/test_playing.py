"""Playing by movement: known players, what cannot be known, and an independent chain."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from activity_fields import (
    BOX,
    COLUMNS,
    RATE_HZ,
    ROWS,
    one_player,
    players_in,
    times_of,
    weight,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.activity import from_motion
from avstem.activity.features import movement_features
from avstem.activity.model import chained
from avstem.datatypes import Players, Region, View


def phrases(seconds: float) -> np.ndarray:
    """Twelve seconds of playing, eight of rest, and so on."""
    return times_of(seconds) % 20.0 < 12.0


def hits(players: Players, playing: np.ndarray) -> float:
    """Share of the frames that are told right, but for a second and a half around a change."""
    found = from_motion(players).at(times_of(len(playing) / RATE_HZ))[0] > 0.5
    changes = np.flatnonzero(np.diff(playing.astype(int)))
    frames = np.arange(len(playing))
    clear = np.all(np.abs(frames[:, None] - changes) > 1.5 * RATE_HZ, axis=1)
    return float(np.mean((found == playing)[clear]))


@pytest.mark.parametrize("seed", range(3))
def test_bowing_is_told_from_resting(seed: int) -> None:
    playing = phrases(60)
    assert hits(one_player(playing, seed), playing) > 0.85


@pytest.mark.parametrize("seed", range(3))
def test_who_always_plays_plays_and_who_never_plays_rests(seed: int) -> None:
    always, never = np.ones(1200, bool), np.zeros(1200, bool)
    assert hits(one_player(always, seed), always) > 0.9
    assert hits(one_player(never, seed), never) > 0.9


def test_a_smaller_picture_of_the_same_scene_says_the_same() -> None:
    playing = phrases(40)
    players = one_player(playing)
    half = np.float16(0.5)
    small = replace(players.field, velocity=players.field.velocity * half)
    box = replace(BOX, y1=BOX.y0 + 0.5 * (BOX.y1 - BOX.y0))
    shrunk = Players((replace(players.players[0], box_px=box),), small)
    expected, found = from_motion(players).playing, from_motion(shrunk).playing
    assert np.abs(expected - found).max() < 0.02


def test_nothing_is_known_of_a_hidden_player() -> None:
    playing = phrases(60)
    velocity = np.array(one_player(playing).field.velocity)
    velocity[..., 900:] = 0.0  # something stands before the player
    found = from_motion(players_in(velocity)).at(np.array([5.0, 16.0, 40.0, 55.0]))[0]
    assert found[0] > 0.5 > found[1]
    assert found[2:].tolist() == [0.5, 0.5]


def test_nothing_is_known_without_texture() -> None:
    players = one_player(phrases(20), texture=0.01)
    assert np.all(from_motion(players).playing == 0.5)


def test_texture_is_that_of_the_view_that_shows_the_player() -> None:
    """Most of the film is flat where the player is in a short close-up, and the reverse."""
    frames = 1800
    for flat, seen in ((0.01, True), (0.5, False)):
        players = one_player(phrases(60), texture=flat)
        close = np.full((ROWS, COLUMNS), 0.4 if seen else 0.01)
        field = players.field
        views = (
            View(0, 1500, np.zeros((8, 8), np.uint8), field.texture),
            View(1500, frames, np.zeros((8, 8), np.uint8), close),
        )
        region = Region(1500, frames, BOX, weight())
        shown = replace(players.players[0], views=(region,))
        found = from_motion(Players((shown,), replace(field, views=views))).playing[0, 100:]
        assert bool(np.any(found != 0.5)) is seen


def test_nothing_is_known_before_and_after_the_film() -> None:
    found = from_motion(one_player(phrases(20))).at(np.array([-1.0, 10.0, 21.0]))[0]
    assert found[0] == found[2] == 0.5 != found[1]


def test_nothing_is_known_while_a_player_is_in_no_view() -> None:
    view = Region(0, 900, BOX, weight())
    players = one_player(phrases(60), views=(view,))
    found = from_motion(players)
    assert np.all(found.playing[0, 60:] == 0.5)
    assert np.mean(found.playing[0, :60] == 0.5) == 0.0


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    players = one_player(phrases(40))
    whole = movement_features(players)
    monkeypatch.setattr("avstem.activity.features._BLOCK_FRAMES", 97)
    assert np.allclose(whole, movement_features(players), atol=0.02)


@given(evidence=st.lists(st.floats(-6, 6), min_size=1, max_size=7), switch=st.floats(0.01, 0.5))
@settings(deadline=None)
def test_the_chain_agrees_with_summing_over_all_paths(evidence: list[float], switch: float) -> None:
    total = np.zeros((len(evidence), 2))
    for path in itertools.product((0, 1), repeat=len(evidence)):
        weight = 1.0
        for k, state in enumerate(path):
            odds = np.exp(evidence[k] if state else -evidence[k])
            weight *= odds / (1 + odds)
            if k:
                weight *= switch if state != path[k - 1] else 1 - switch
        for k, state in enumerate(path):
            total[k, state] += weight
    expected = total[:, 1] / total.sum(axis=1)
    assert chained(np.array(evidence), switch) == pytest.approx(expected, abs=1e-9)
