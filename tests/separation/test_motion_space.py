"""Separation of voices without a score, on scenes with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import PLACES, Scene, Sound, scene, si_sdr_db

from avstem.datatypes import Absent, Activity, Conditions, FloatArray, Voices
from avstem.separation import motion_space
from avstem.separation.chunks import in_chunks
from avstem.separation.voices import find_voices

NO_SCORE = Absent("there is no score")


def separated(sound: Sound, voices: Voices) -> FloatArray:
    conditions = Conditions(NO_SCORE, count=len(voices.notes), voices=voices)
    blocks = [block.sources for block in motion_space.method()(sound, conditions)]
    return np.concatenate(blocks, axis=2)


def in_true_order(voices: Voices) -> Voices:
    def nearest(place: tuple[float, float]) -> int:
        far = np.abs(voices.delays_s - place[0]) / 1e-4 + np.abs(voices.levels_db - place[1]) / 3
        return int(far.argmin())

    return voices.in_order([nearest(place) for place in PLACES[: len(voices.notes)]])


@pytest.fixture(scope="module")
def trio() -> tuple[Scene, Voices, FloatArray]:
    truth = scene(3)
    voices = in_true_order(find_voices(truth.sound, 3)[0])
    return truth, voices, separated(truth.sound, voices)


def test_a_trio_is_told_apart(trio: tuple[Scene, Voices, FloatArray]) -> None:
    truth, _, estimate = trio
    for true, found in zip(truth.images, estimate, strict=True):
        assert si_sdr_db(true, found) > 12.0


def test_sources_sum_to_the_mixture(trio: tuple[Scene, Voices, FloatArray]) -> None:
    truth, _, estimate = trio
    assert np.abs(estimate.sum(0) - truth.sound.x).max() < 1e-6


def test_the_order_of_the_voices_is_that_of_the_sources(
    trio: tuple[Scene, Voices, FloatArray],
) -> None:
    truth, voices, estimate = trio
    turned = separated(truth.sound, voices.in_order((2, 0, 1)))
    np.testing.assert_allclose(turned, estimate[[2, 0, 1]], atol=1e-3)


def test_it_listens_itself_where_nobody_has() -> None:
    truth = scene(2, seconds=4.0)
    conditions = Conditions(NO_SCORE, count=2)
    told: list[float] = []
    blocks = list(motion_space.by_sound()(truth.sound, conditions, told.append))
    estimate = np.concatenate([block.sources for block in blocks], axis=2)
    best = max(si_sdr_db(truth.images[0], one) for one in estimate)
    assert best > 12.0
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_voices_keep_their_places_from_chunk_to_chunk() -> None:
    truth = scene(2, seconds=8.0, seed=5)
    voices = in_true_order(find_voices(truth.sound, 2)[0])
    run = motion_space.Run(voices, truth.sound.rate_hz)
    blocks = in_chunks(truth.sound, run, chunk_s=2.5, context_s=0.3)
    estimate = np.concatenate([block.sources for block in blocks], axis=2)
    for true, found in zip(truth.images, estimate, strict=True):
        assert si_sdr_db(true, found) > 10.0


def test_more_channels_than_two() -> None:
    truth = scene(2, seconds=4.0, seed=6)
    faint = 0.3 * truth.images[:, :1] + 0.1 * truth.images[:, 1:]
    images = np.concatenate([truth.images, faint.astype(np.float32)], axis=1)
    sound = Sound(images.sum(0))
    voices = in_true_order(find_voices(sound, 2)[0])
    estimate = separated(sound, voices)
    assert min(si_sdr_db(t, e) for t, e in zip(images, estimate, strict=True)) > 10.0


def test_a_voice_too_many_is_silent_and_costs_the_others_nothing() -> None:
    truth = scene(2, seconds=4.0)
    alone = separated(truth.sound, find_voices(truth.sound, 2)[0])
    rests = Activity(np.full((3, 8), 0.9), 0.0, 0.5, "motion")
    voices = find_voices(truth.sound, 3)[0].in_order((0, 2, 1))
    conditions = Conditions(NO_SCORE, count=3, voices=voices, activity=rests)
    blocks = [block.sources for block in motion_space.method()(truth.sound, conditions)]
    estimate = np.concatenate(blocks, axis=2)
    assert np.abs(estimate[1]).max() < 1e-6
    np.testing.assert_allclose(estimate[[0, 2]], alone, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 3])
def test_silence_stays_silent(channels: int, count: int) -> None:
    sound = Sound(np.zeros((channels, 30_000), np.float32))
    estimate = separated(sound, find_voices(sound, count)[0])
    assert estimate.shape == (count, channels, 30_000)
    assert not estimate.any()


@pytest.mark.parametrize("rate_hz", [8_000, 44_100])
def test_silence_around_a_short_sound_at_any_rate(rate_hz: int) -> None:
    x = np.zeros((2, 2 * rate_hz), np.float32)
    t = np.arange(rate_hz // 2) / rate_hz
    x[0, rate_hz : rate_hz + len(t)] = 0.3 * np.sin(2 * np.pi * 330 * t)
    x[1, rate_hz // 2 : rate_hz // 2 + len(t)] = 0.3 * np.sin(2 * np.pi * 523 * t)
    sound = Sound(x, rate_hz)
    estimate = separated(sound, find_voices(sound, 2)[0])
    assert np.isfinite(estimate).all()
    assert np.abs(estimate.sum(0) - x).max() < 1e-6


def test_one_channel_and_one_voice() -> None:
    mono = Sound(scene(2, seconds=3.0).sound.x[:1])
    for count in (1, 2):
        estimate = separated(mono, find_voices(mono, count)[0])
        assert estimate.shape == (count, 1, mono.samples)
        assert np.abs(estimate.sum(0) - mono.x).max() < 1e-6


def test_nobody_rests_where_nobody_looked() -> None:
    """The film ends while a player rests; the sound goes on."""
    rests = Activity(np.full((1, 8), 0.01), 2.0, 0.5, "motion")
    times_s = np.array([0.0, 3.0, 5.9, 6.1, 60.0])
    found = motion_space.playing(rests, 1, times_s)[0] == 1.0
    assert found.tolist() == [True, False, False, True, True]


def test_a_voice_is_faint_while_its_player_surely_rests() -> None:
    truth = scene(2, seconds=4.0)
    voices = in_true_order(find_voices(truth.sound, 2)[0])
    rests = Activity(np.array([[0.9] * 4 + [0.01] * 4, [0.9] * 8]), 0.0, 0.5, "motion")
    energy = []
    for activity in (Absent("nobody looked"), rests):
        run = motion_space.Run(voices, truth.sound.rate_hz, activity)
        blocks = [block.sources for block in in_chunks(truth.sound, run)]
        late = np.concatenate(blocks, axis=2)[0, :, 5 * truth.sound.samples // 8 :]
        energy.append(np.square(late).sum())
    assert energy[1] < 0.5 * energy[0]  # the place still says that it is his


def test_short_and_doubtful_rests_are_no_rests() -> None:
    doubtful = [0.05] * 8
    short = [0.01, 0.01, 0.9, 0.9, 0.01, 0.01, 0.01, 0.01]
    activity = Activity(np.array([doubtful, short]), 1.0, 0.5, "motion")
    found = motion_space.playing(activity, 2, 1.25 + 0.5 * np.arange(8)).numpy()
    faint = np.float32(motion_space.ATTENUATED)
    np.testing.assert_allclose(found, [[1] * 8, [1] * 4 + [faint] * 4])
