"""What every separation method promises, and what the default one reaches."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from separation_sounds import Sound, joined, notes, play, sdr_db, separate

from avstem.datatypes import Absent, Condition, Conditions, Notes, conditioning_name
from avstem.errors import RequestError
from avstem.separation import DEFAULTS, METHODS, SCORE, separator
from avstem.separation.chunks import ScoreSeparator
from avstem.separation.harmonic_space import Run

SCORE_METHODS = sorted(name for name, method in METHODS.items() if method.needs == SCORE)
HIGH = notes((0.2, 1.0, 77), (1.0, 2.4, 78))
LOW = notes((0.2, 1.6, 57), (1.6, 2.4, 52))


def duo(
    samples: int = 40000, rate_hz: int = 16000, high: Notes = HIGH, low: Notes = LOW
) -> tuple[np.ndarray, Sound]:
    """Two parts panned apart: truth (2, 2, samples) and the mixture."""
    voices = play(high, samples, rate_hz), play(low, samples, rate_hz, slope=1.5)
    gains = np.array([[0.9, 0.3], [0.3, 0.9]], np.float32)
    truth = np.stack([g[:, None] * v for g, v in zip(gains, voices, strict=True)])
    return truth, Sound(truth.sum(0), rate_hz)


@settings(max_examples=25, deadline=None)
@given(
    method=st.sampled_from(SCORE_METHODS),
    samples=st.one_of(st.integers(1, 50), st.integers(1000, 30000)),
    rate_hz=st.sampled_from([8000, 16000, 44100, 96000]),
    channels=st.integers(1, 4),
    parts=st.integers(1, 5),
    loudness=st.sampled_from([1.0, 1e-6]),
)
def test_sources_sum_to_the_mixture(method, samples, rate_hz, channels, parts, loudness):
    noise = np.random.default_rng(samples).standard_normal((channels, samples)) * 0.2 * loudness
    scores = [notes((0.0, 0.1, 60 + 3 * p), (0.1, 5.0, 64 + p)) for p in range(parts)]
    scores[-1] = notes((100.0, 101.0, 60))  # never plays here
    found = separate(Sound(noise.astype(np.float32), rate_hz), tuple(scores), method)
    assert found.shape == (parts, channels, samples)
    assert np.abs(found.astype(np.float64).sum(0) - noise.astype(np.float32)).max() < 1e-6


def test_two_tones_panned_apart_come_back():
    high, low = notes((0.2, 2.4, 77)), notes((0.2, 2.4, 57))
    truth, mixture = duo(high=high, low=low)
    found = separate(mixture, (high, low))
    assert min(sdr_db(t, f) for t, f in zip(truth, found, strict=True)) > 25


def test_two_tones_on_one_channel_come_back():
    truth = np.stack([play(HIGH, 40000), play(LOW, 40000, slope=1.5)])[:, None]
    found = separate(Sound(truth.sum(0)), (HIGH, LOW))
    assert min(sdr_db(t, f) for t, f in zip(truth, found, strict=True)) > 14


def test_media_time_may_start_before_the_sound():
    truth, mixture = duo()
    late = [
        notes(*zip(p.onsets_s + 7, p.offsets_s + 7, p.pitches, strict=True)) for p in (HIGH, LOW)
    ]
    found = separate(Sound(mixture.samples_, start_s=7.0), tuple(late))
    np.testing.assert_allclose(found, separate(mixture, (HIGH, LOW)), atol=1e-4)


def test_the_same_input_gives_the_same_stems():
    _, mixture = duo()
    assert np.array_equal(separate(mixture, (HIGH, LOW)), separate(mixture, (HIGH, LOW)))


def test_a_resting_part_is_silent():
    truth, mixture = duo()
    found = separate(mixture, (HIGH, LOW, notes((500.0, 501.0, 60))))
    level_db = 10 * np.log10((found[2] ** 2).mean() / (mixture.samples_**2).mean())
    assert level_db < -40


def test_other_chunks_give_nearly_the_same_without_a_click():
    truth, mixture = duo()
    conditions = Conditions(notes=(HIGH, LOW))
    whole = separate(mixture, (HIGH, LOW))
    pieces = joined(list(ScoreSeparator(Run, 1.0, 0.25)(mixture, conditions)), mixture)
    assert sdr_db(whole, pieces) > 15
    jumps, usual = np.abs(np.diff(pieces)), np.abs(np.diff(truth)).max()
    assert jumps.max() < 1.5 * usual


def test_one_part_is_the_mixture():
    _, mixture = duo()
    np.testing.assert_allclose(separate(mixture, (HIGH,))[0], mixture.samples_, atol=1e-7)


def test_chords_in_one_part():
    chord = notes((0.2, 2.0, 60), (0.2, 2.0, 64), (0.2, 2.0, 67))
    truth = np.stack([play(chord, 40000), play(LOW, 40000)])[:, None]
    found = separate(Sound(truth.sum(0)), (chord, LOW))
    assert min(sdr_db(t, f) for t, f in zip(truth, found, strict=True)) > 8


@pytest.mark.parametrize("method", SCORE_METHODS)
def test_silence_gives_silence(method):
    silent = Sound(np.zeros((2, 20000), np.float32))
    assert not separate(silent, (HIGH, LOW), method).any()


@pytest.mark.parametrize("method", SCORE_METHODS)
def test_progress_ends_at_one(method):
    _, mixture = duo(8000)
    seen: list[float] = []
    list(separator(method)(mixture, Conditions(notes=(HIGH, LOW)), seen.append))
    assert seen[-1] == 1.0


@pytest.mark.parametrize("method", SCORE_METHODS)
def test_the_score_is_needed(method):
    assert separator(method).needs == {Condition.SCORE}
    with pytest.raises(RequestError, match="aligned score, but nobody gave one"):
        separator(method)(duo()[1], Conditions(notes=Absent("nobody gave one"), count=2))


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_table_says_what_each_method_needs(name):
    method = METHODS[name]
    assert separator(name, method.needs).needs == method.needs


@pytest.mark.parametrize(
    "conditioning", sorted(DEFAULTS, key=conditioning_name), ids=conditioning_name
)
def test_every_conditioning_has_a_method_that_fits(conditioning):
    assert separator("default", conditioning).needs <= conditioning


def test_what_does_not_exist_or_does_not_fit_is_refused_with_the_names():
    with pytest.raises(RequestError, match="no separation method 'magic'.*harmonic_masks"):
        separator("magic")
    with pytest.raises(RequestError, match="'pose' is not available.*Available: score"):
        separator("default", frozenset({Condition.POSE}))


@pytest.mark.real_data
def test_a_real_duo(data_dir):
    """Twenty seconds from the middle of oboe and cello on one channel."""
    folder = data_dir / "urmp" / "11_Maria_ob_vc"
    truth = json.loads((folder / "notes.json").read_text())
    parts = []
    for on_s, off_s, pitch in zip(truth["onsets"], truth["offsets"], truth["pitches"], strict=True):
        parts.append(notes(*zip(on_s, off_s, pitch, strict=True)))
    stems = []
    for path in sorted((folder / "stems").glob("*.flac")):
        stems.append(
            soundfile.read(path, frames=20 * 16000, start=30 * 16000, dtype="float32")[0][None]
        )
    found = separate(Sound(np.sum(stems, 0), start_s=30.0), tuple(parts))
    assert np.mean([sdr_db(t, f) for t, f in zip(stems, found, strict=True)]) > 12
