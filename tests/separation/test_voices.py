"""Directions, voices and what is written down of them, on scenes with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import PLACES, Scene, Sound, scene

from avstem.datatypes import NO_NOTES, Voices
from avstem.separation.directions import find_directions
from avstem.separation.heard import pitch_path
from avstem.separation.voices import find_voices


@pytest.fixture(scope="module")
def trio() -> Scene:
    return scene(3)


def voice_at(voices: Voices, place: tuple[float, float]) -> int:
    """Number of the voice nearest to a place."""
    far = np.abs(voices.delays_s - place[0]) / 1e-4 + np.abs(voices.levels_db - place[1]) / 3.0
    return int(far.argmin())


@pytest.mark.parametrize("players", [2, 3])
def test_directions_are_those_of_the_players(players: int) -> None:
    found = find_directions(scene(players, seed=players).sound, players)
    assert found is not None
    pairs = sorted(zip(found.delays_s.tolist(), found.levels_db.tolist(), strict=True))
    for (delay_s, level_db), (true_s, true_db) in zip(pairs, sorted(PLACES[:players]), strict=True):
        assert delay_s == pytest.approx(true_s, abs=25e-6)
        assert level_db == pytest.approx(true_db, abs=1.0)


def test_channels_that_are_alike_give_no_directions(trio: Scene) -> None:
    mono = trio.sound.x.mean(0, keepdims=True)
    assert find_directions(Sound(np.repeat(mono, 2, axis=0)), 3) is None
    assert find_directions(Sound(mono), 3) is None


@pytest.mark.parametrize("count", [3, 4])
def test_too_few_places_give_those_there_are(count: int) -> None:
    found = find_directions(scene(2).sound, count)
    assert found is not None
    assert sorted(found.levels_db.tolist()) == pytest.approx([-6.0, 6.0], abs=1.0)


def test_far_too_few_places_give_no_directions() -> None:
    assert find_directions(scene(2).sound, 5) is None
    assert find_directions(scene(1).sound, 2) is None


def test_a_voice_too_many_comes_from_nowhere_and_plays_nothing() -> None:
    truth = scene(2)
    voices = find_voices(truth.sound, 3)[0]
    assert voices.placed
    assert voices.sounding == (0, 1)
    assert len(voices.notes[2]) == 0
    assert np.isnan(voices.rightness[2])
    right = find_voices(truth.sound, 2)[0]
    for heard, expected in zip(voices.notes, right.notes, strict=False):
        np.testing.assert_array_equal(heard.pitches, expected.pitches)
    assert voices.in_order((2, 0, 1)).sounding == (1, 2)


def test_the_noise_of_an_empty_room_has_no_direction() -> None:
    """A hall before and after the music, recorded in two channels that share nothing."""
    music = scene(2).sound.x
    noise = 1e-4 * np.random.default_rng(1).standard_normal((2, 30 * 16_000))
    found = find_directions(Sound(np.concatenate([music, noise], 1).astype(np.float32)), 3)
    assert found is not None
    assert sorted(found.levels_db.tolist()) == pytest.approx([-6.0, 6.0], abs=1.0)


def test_silence_gives_no_directions() -> None:
    assert find_directions(Sound(np.zeros((2, 16_000), np.float32)), 2) is None


def test_pitches_are_heard_in_every_voice(trio: Scene) -> None:
    voices = find_voices(trio.sound, 3)[0]
    order = [voice_at(voices, place) for place in PLACES]
    assert sorted(order) == [0, 1, 2]
    right: list[bool] = []
    for true, heard in zip(trio.notes, voices.in_order(order).notes, strict=True):
        middles_s = (true.onsets_s + true.offsets_s) / 2
        right += [
            bool(np.any((heard.onsets_s <= m) & (heard.offsets_s > m) & (heard.pitches == pitch)))
            for m, pitch in zip(middles_s, true.pitches, strict=True)
        ]
    assert np.mean(right) > 0.75


def test_onsets_are_finer_than_the_frames(trio: Scene) -> None:
    voices = find_voices(trio.sound, 3)[0]
    late_s = []
    for true, heard in zip(
        trio.notes,
        voices.in_order([voice_at(voices, place) for place in PLACES]).notes,
        strict=True,
    ):
        for onset_s, pitch in zip(true.onsets_s, true.pitches, strict=True):
            same_s = np.abs(heard.onsets_s[heard.pitches == pitch] - onset_s)
            late_s += [same_s.min()] if len(same_s) and same_s.min() < 0.3 else []
    assert len(late_s) > 15
    assert np.quantile(late_s, 0.9) < 0.02


def test_onsets_are_media_time(trio: Scene) -> None:
    early = find_voices(trio.sound, 3)[0]
    late = find_voices(Sound(trio.sound.x, start_s=2.5), 3)[0]
    for before, after in zip(early.notes, late.notes, strict=True):
        np.testing.assert_allclose(after.onsets_s, before.onsets_s + 2.5)


def test_listening_twice_hears_the_same(trio: Scene) -> None:
    first, second = find_voices(trio.sound, 3)[0], find_voices(trio.sound, 3)[0]
    np.testing.assert_array_equal(first.delays_s, second.delays_s)
    for a, b in zip(first.notes, second.notes, strict=True):
        np.testing.assert_array_equal(a.pitches, b.pitches)


@pytest.mark.parametrize("channels", [1, 2])
def test_in_silence_there_are_voices_without_notes(channels: int) -> None:
    voices = find_voices(Sound(np.zeros((channels, 20_000), np.float32)), 3)[0]
    assert not voices.placed
    assert [len(notes) for notes in voices.notes] == [0, 0, 0]


@pytest.mark.parametrize("channels", [1, 2])
def test_an_empty_room_plays_no_notes(channels: int) -> None:
    """Four seconds of music, then a minute of the room's noise."""
    rng = np.random.default_rng(2)
    music = scene(2, seconds=4.0).sound.x[:channels]
    room = 1e-4 * rng.standard_normal((channels, 60 * 16_000))
    voices = find_voices(Sound(np.concatenate([music, room], 1).astype(np.float32)), 2)[0]
    late = sum(int((notes.onsets_s > 4.5).sum()) for notes in voices.notes)
    early = sum(int((notes.onsets_s <= 4.5).sum()) for notes in voices.notes)
    assert early > 8
    assert late <= 2


def test_a_path_does_not_follow_a_single_frame() -> None:
    salience = np.full((4, 20), 0.1)
    salience[2] = 1.0
    salience[2, 9], salience[1, 9] = 0.5, 0.8
    np.testing.assert_array_equal(pitch_path(salience), np.full(20, 2))


def test_voices_are_reordered_with_their_directions() -> None:
    voices = Voices((NO_NOTES, NO_NOTES), (0, 1), np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    turned = voices.in_order((1, 0))
    assert turned.delays_s.tolist() == [2.0, 1.0]
    assert turned.levels_db.tolist() == [4.0, 3.0]
    with pytest.raises(ValueError, match="no order of the voices"):
        voices.in_order((0, 0))
