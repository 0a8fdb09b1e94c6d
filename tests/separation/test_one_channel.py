"""Sources told apart by sound alone, on scenes with known truth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scenes import RATE_HZ, Scene, Sound, scene, si_sdr_db

from avstem.datatypes import Absent, Conditions, FloatArray, Voices
from avstem.separation import motion_space
from avstem.separation.mel_nmf import Groups, KnownGroups, by_timbre
from avstem.separation.one_channel import by_sound, registers
from avstem.separation.voices import find_voices

NO_SCORE = Absent("there is no score")


def separated(sound: Sound, voices: Voices) -> FloatArray:
    conditions = Conditions(NO_SCORE, count=len(voices.notes), voices=voices)
    blocks = [block.sources for block in motion_space.method()(sound, conditions)]
    return np.concatenate(blocks, axis=2)


@pytest.fixture(scope="module")
def duo() -> Scene:
    return scene(2, seconds=5.0, seed=4, channels=1)


@pytest.fixture(scope="module")
def heard(duo: Scene) -> tuple[Voices, FloatArray]:
    voices = find_voices(duo.sound, 2)
    return voices, separated(duo.sound, voices)


def test_a_duo_is_told_apart(duo: Scene, heard: tuple[Voices, FloatArray]) -> None:
    table = np.array([[si_sdr_db(t, e) for e in heard[1]] for t in duo.images])
    assert max(np.trace(table), np.trace(table[::-1])) / 2 > 4.0  # of one timbre: registers alone


def test_the_notes_of_a_voice_are_those_of_its_source(
    duo: Scene, heard: tuple[Voices, FloatArray]
) -> None:
    voices, estimate = heard
    for notes, one in zip(voices.notes, estimate, strict=True):
        true = int(np.argmax([si_sdr_db(image, one) for image in duo.images]))
        assert abs(np.median(notes.pitches) - np.median(duo.notes[true].pitches)) <= 3


def test_the_order_of_the_voices_is_that_of_the_sources(
    duo: Scene, heard: tuple[Voices, FloatArray]
) -> None:
    voices, estimate = heard
    turned = separated(duo.sound, voices.in_order((1, 0)))
    table = np.array([[si_sdr_db(e, t) for t in turned] for e in estimate])
    np.testing.assert_array_equal(table.argmax(1), [1, 0])


def test_registers_are_the_highest_first(duo: Scene) -> None:
    found = registers(torch.from_numpy(duo.sound.x), RATE_HZ, 2)
    high, low = (float(np.median(notes.pitches)) for notes in found)
    true = sorted(float(np.median(notes.pitches)) for notes in duo.notes)
    assert high == pytest.approx(true[1], abs=2.0)
    assert low == pytest.approx(true[0], abs=2.0)


def test_known_groups_find_the_sources_again(duo: Scene) -> None:
    sound = torch.from_numpy(duo.sound.x)
    groups = Groups(2, (0,))
    learned = by_timbre(sound, RATE_HZ, groups)
    assert groups.centres is not None
    turned = by_timbre(sound, RATE_HZ, KnownGroups(groups.centres[0].flip(1))).flip(1)
    likeness = torch.cosine_similarity(learned[0, :, 0], turned[0, :, 0], dim=1)
    assert likeness.min() > 0.95


def test_silence_before_the_sound_teaches_nothing(duo: Scene) -> None:
    sound, late, early = torch.from_numpy(duo.sound.x), Groups(2, (0,)), Groups(2, (0,))
    assert not by_timbre(torch.zeros(1, RATE_HZ), RATE_HZ, late).any()
    torch.testing.assert_close(
        by_timbre(sound, RATE_HZ, late), by_timbre(sound, RATE_HZ, early), rtol=0, atol=1e-6
    )


def test_estimates_sum_to_the_sound(duo: Scene) -> None:
    sound = torch.from_numpy(duo.sound.x)
    found = by_sound(sound, RATE_HZ, Groups(2, (0,)))
    assert (found.sum(0) - sound).abs().max() < 1e-3
