"""Voices of one channel, told apart by the tones that they play, on scenes with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scenes import RATE_HZ, Scene, Sound, scene, si_sdr_db

from avstem.datatypes import NO_NOTES, Absent, Activity, Conditions, FloatArray, Notes, Voices
from avstem.separation import motion_space
from avstem.separation.gates import open_gates
from avstem.separation.pitches import LOWEST, PitchGrid
from avstem.separation.spectra import Transform
from avstem.separation.voices import find_voices

NO_SCORE = Absent("there is no score")


def separated(sound: Sound, voices: Voices) -> FloatArray:
    conditions = Conditions(NO_SCORE, count=len(voices.notes), voices=voices)
    blocks = [block.sources for block in motion_space.method()(sound, conditions)]
    return np.concatenate(blocks, axis=2)


@pytest.fixture(scope="module")
def duo() -> Scene:
    return scene(2, seconds=5.0, seed=3, channels=1)


@pytest.fixture(scope="module")
def heard(duo: Scene) -> tuple[Voices, FloatArray]:
    voices = find_voices(duo.sound, 2)[0]
    return voices, separated(duo.sound, voices)


def test_a_duo_is_told_apart(duo: Scene, heard: tuple[Voices, FloatArray]) -> None:
    table = np.array([[si_sdr_db(t, e) for e in heard[1]] for t in duo.images])
    assert max(np.trace(table), np.trace(table[::-1])) / 2 > 10.0


def test_the_notes_of_a_voice_are_those_of_its_source(
    duo: Scene, heard: tuple[Voices, FloatArray]
) -> None:
    voices, estimate = heard
    right: list[bool] = []
    for notes, one in zip(voices.notes, estimate, strict=True):
        true = duo.notes[int(np.argmax([si_sdr_db(image, one) for image in duo.images]))]
        for onset_s, pitch in zip(true.onsets_s, true.pitches, strict=True):
            near = np.abs(notes.onsets_s - onset_s) < 0.1
            right.append(pitch in notes.pitches[near])
    assert np.mean(right) > 0.75


def test_the_order_of_the_voices_is_that_of_the_sources(
    duo: Scene, heard: tuple[Voices, FloatArray]
) -> None:
    voices, estimate = heard
    turned = separated(duo.sound, voices.in_order((1, 0)))
    table = np.array([[si_sdr_db(e, t) for t in turned] for e in estimate])
    np.testing.assert_array_equal(table.argmax(1), [1, 0])


def test_guesses_differ_and_are_no_fewer_in_a_later_recording(duo: Scene) -> None:
    """Each way to string tones together is told once, in media time."""
    trio = scene(3, seconds=5.0, seed=7, channels=1)
    guesses = find_voices(trio.sound, 3)
    assert len(guesses) > 1
    shown = {str([notes.pitches.tolist() for notes in one.notes]) for one in guesses}
    assert len(shown) == len(guesses)
    late = find_voices(Sound(trio.sound.x, start_s=3.0), 3)
    for before, after in zip(guesses, late, strict=True):
        for a, b in zip(before.notes, after.notes, strict=True):
            np.testing.assert_allclose(b.onsets_s, a.onsets_s + 3.0)


def test_a_long_recording_is_heard_stretch_by_stretch(duo: Scene) -> None:
    """What is heard across the border between two stretches is what is heard elsewhere."""
    again = Sound(np.tile(duo.sound.x, 7))  # 35 s
    (once, *_), (often, *_) = find_voices(duo.sound, 2), find_voices(again, 2)
    assert sum(len(n) for n in often.notes) == pytest.approx(
        7 * sum(len(n) for n in once.notes), rel=0.1
    )


def test_alike_channels_are_separated_as_one(duo: Scene) -> None:
    both = Sound(np.repeat(duo.sound.x, 2, axis=0))
    voices = find_voices(both, 2)[0]
    assert not voices.placed
    estimate = separated(both, voices)
    table = np.array([[si_sdr_db(np.repeat(t, 2, 0), e) for e in estimate] for t in duo.images])
    assert max(np.trace(table), np.trace(table[::-1])) / 2 > 8.0


def test_a_pitch_is_heard_only_where_it_may_be(duo: Scene) -> None:
    transform = Transform.for_rate(RATE_HZ)
    grid = PitchGrid.of(transform.bin_hz, transform.bins, torch.device("cpu"))
    x = transform.forward(torch.from_numpy(duo.sound.x))[0, : grid.peaks.bins].abs()
    pitch = int(duo.notes[0].pitches[0]) - LOWEST
    free = grid.salience(x)
    where = torch.ones_like(free)
    where[pitch] = 0.0
    held = grid.salience(x, where)
    assert free[pitch].max() > 0
    assert not held[pitch].any()


def test_who_surely_rests_has_no_gates() -> None:
    played = Notes(np.array([0.0]), np.array([2.0]), np.array([60]), np.array([80]))
    gates = open_gates((played, played), 20, 0.1)
    resting = torch.zeros(2, 20, dtype=torch.bool)
    resting[1, 10:] = True
    closed = gates.without(resting)
    assert closed.sounding[0].all()
    assert closed.sounding[1, :10].all()
    assert not closed.sounding[1, 10:].any()
    assert gates.sounding[1, 10:].all(), "the first gates stay as they were"


def test_a_voice_is_silent_while_its_player_surely_rests(duo: Scene) -> None:
    voices = find_voices(duo.sound, 2)[0]
    rests = Activity(np.array([[0.9] * 5 + [0.01] * 5, [0.9] * 10]), 0.0, 0.5, "motion")
    late = slice(7 * duo.sound.samples // 10, None)
    energy = []
    for activity in (Absent("nobody looked"), rests):
        conditions = Conditions(NO_SCORE, count=2, voices=voices, activity=activity)
        blocks = [block.sources for block in motion_space.method()(duo.sound, conditions)]
        energy.append(np.square(np.concatenate(blocks, axis=2)[0, :, late]).sum())
    assert energy[1] < 0.1 * energy[0]


@pytest.mark.parametrize("resting", [[True, True], [True, False]])
def test_nobody_or_one_alone_plays(duo: Scene, resting: list[bool]) -> None:
    voices = find_voices(duo.sound, 2)[0]
    silent = [[0.01] * 10 if rests else [0.9] * 10 for rests in resting]
    conditions = Conditions(
        NO_SCORE, count=2, voices=voices, activity=Activity(np.array(silent), 0.0, 0.5, "motion")
    )
    blocks = [block.sources for block in motion_space.method()(duo.sound, conditions)]
    estimate = np.concatenate(blocks, axis=2)
    assert np.isfinite(estimate).all()
    assert np.abs(estimate.sum(0) - duo.sound.x).max() < 1e-6


def test_a_voice_without_notes_leaves_the_sound_to_the_others(duo: Scene) -> None:
    voices = find_voices(duo.sound, 2)[0]
    estimate = separated(duo.sound, replace(voices, notes=(voices.notes[0], NO_NOTES)))
    first, second = (float(np.square(one).sum()) for one in estimate)
    assert first > 5 * second
