"""The steps of the alignment, each by itself."""

from __future__ import annotations

from itertools import product

import librosa
import numpy as np
import pytest
from alignment_fakes import RATE_HZ, ArrayMixture, make_notes, random_score
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.alignment import features
from avstem.alignment.chain import Tempo, posterior
from avstem.alignment.chords import chords_of
from avstem.alignment.chroma_dtw import banded_path
from avstem.alignment.features import LOWEST_PITCH, pitch_energy, score_features
from avstem.alignment.span import find_span
from avstem.alignment.timemap import performed, strict_map
from avstem.datatypes import Part, Score, TimeMap

# ---------------------------------------------------------------------------- features


@pytest.mark.parametrize("pitch", [36, 57, 69, 93])
def test_a_tone_is_loudest_in_its_band(pitch):
    times = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * times)[None]
    energy = pitch_energy(ArrayMixture(tone))
    assert np.argmax(energy.bands[:, 100]) == pitch - LOWEST_PITCH
    assert energy.bands[:, 100].max() == pytest.approx(np.log1p(1000), rel=0.06)


def test_energy_does_not_depend_on_the_blocks(monkeypatch):
    sound = np.random.default_rng(0).standard_normal((2, 3 * RATE_HZ))
    whole = pitch_energy(ArrayMixture(sound)).bands
    monkeypatch.setattr(features, "_BLOCK_FRAMES", 37)
    np.testing.assert_allclose(pitch_energy(ArrayMixture(sound)).bands, whole, atol=5e-3)


@pytest.mark.parametrize("rate_hz", [8000, 22050, 44100])
def test_a_sudden_tone_rises_most_when_it_begins(rate_hz):
    times = np.arange(2 * rate_hz) / rate_hz
    tone = np.sin(2 * np.pi * 880 * times) * (times >= 1.0)
    energy = pitch_energy(ArrayMixture(tone[None], rate_hz, start_s=5.0))
    rise = energy.rise(0, energy.frames, 2)[81 - LOWEST_PITCH]
    found_s = energy.start_s + np.argmax(rise) / energy.rate_hz
    assert found_s == pytest.approx(6.0, abs=0.035)


def test_not_a_number_in_the_sound_is_ignored():
    sound = np.ones((1, RATE_HZ))
    sound[0, 500] = np.nan
    assert np.isfinite(pitch_energy(ArrayMixture(sound)).bands).all()


# ------------------------------------------------------------------------------- chain


def test_posterior_agrees_with_counting_all_paths():
    rng = np.random.default_rng(0)
    tempo = Tempo(ratios=3, slowest=1.1, walk=0.2, share=0.1)
    lags, centres = np.array([-0.02, 0.0, 0.02]), np.array([0.0, 0.31, 0.55, 1.0])
    expected, gaps = np.array([0.3, 0.25, 0.44]), np.array([0.3, 0.3, 0.4])
    heard = rng.standard_normal((4, 3))
    logs = np.linspace(-1, 1, 3) * np.log(tempo.slowest)
    turn = [
        np.exp(-0.5 * ((logs - logs[:, None]) / np.hypot(tempo.walk * g**0.5, 0.02)) ** 2)
        for g in gaps
    ]
    turn = [t / t.sum(axis=1, keepdims=True) for t in turn]
    total = np.zeros((4, 3))
    for lag, ratio in product(product(range(3), repeat=4), product(range(3), repeat=4)):
        weight = np.exp(-0.5 * (logs[ratio[0]] / tempo.first) ** 2)
        weight *= np.exp(sum(heard[k, lag[k]] for k in range(4)))
        for k in range(3):
            found = centres[k + 1] + lags[lag[k + 1]] - centres[k] - lags[lag[k]]
            spread = np.hypot(tempo.jitter_s, tempo.share * expected[k])
            wanted = expected[k] * np.exp(logs[ratio[k + 1]])
            near = np.exp(-0.5 * ((found - wanted) / spread) ** 2) * (found > 0) + 1e-9
            weight *= turn[k][ratio[k], ratio[k + 1]] * near
        for k in range(4):
            total[k, lag[k]] += weight
    found = posterior(heard, lags, centres, expected, gaps, tempo)
    np.testing.assert_allclose(found, total / total.sum(axis=1, keepdims=True), rtol=1e-3)


# -------------------------------------------------------------------------- chroma DTW


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(2, 12), st.integers(2, 12))
def test_banded_path_costs_as_little_as_librosas(seed, rows, columns):
    rng = np.random.default_rng(seed)
    sound, score = rng.random((12, rows)), rng.random((12, columns))
    distance = np.sqrt(((sound[:, :, None] - score[:, None]) ** 2).sum(axis=0))
    path = banded_path(sound, score, 20)
    steps = np.diff(path, axis=1)
    assert set(map(tuple, steps.T)) <= {(0, 1), (1, 0), (1, 1)}
    total = librosa.sequence.dtw(C=distance, backtrack=False)
    assert distance[tuple(path)].sum() == pytest.approx(total[-1, -1])


def test_the_band_is_kept():
    rng = np.random.default_rng(0)
    path = banded_path(rng.random((12, 60)), rng.random((12, 90)), 4)
    assert np.abs(path[1] - path[0] * 89 / 59).max() <= 4.5


# -------------------------------------------------------------------------------- span


def span_of(sound_score: Score, score: Score):
    """Span of a score within a recording whose features are another score's."""
    sound = score_features(tuple(p.notes for p in sound_score.parts), sound_score.duration_s)
    return find_span(sound, score_features(tuple(p.notes for p in score.parts), score.duration_s))


def cut(score: Score, first_s: float, last_s: float) -> Score:
    parts = []
    for part in score.parts:
        n = part.notes
        kept = (n.onsets_s >= first_s) & (n.offsets_s <= last_s)
        line = make_notes(n.onsets_s[kept] - first_s, n.offsets_s[kept] - first_s, n.pitches[kept])
        parts.append(Part(part.index, part.name, "", line))
    return Score(tuple(parts))


def test_a_score_is_found_within_a_longer_recording():
    long = random_score(11, notes=150)
    span = span_of(long, cut(long, 20.0, 50.0))
    assert span.sound_s == pytest.approx((20.0, 50.0), abs=1.5)
    assert span.score_s == pytest.approx((0.0, 30.0), abs=1.5)


def test_a_recording_is_found_within_a_longer_score():
    long = random_score(12, notes=150)
    span = span_of(cut(long, 20.0, 50.0), long)
    assert span.score_s == pytest.approx((20.0, 50.0), abs=1.5)


# ------------------------------------------------------------------ chords and time maps


def test_onsets_within_30_ms_are_one_chord():
    parts = (
        Part(0, "a", "", make_notes([0.0, 1.0], [1.0, 2.0], [60, 62])),
        Part(1, "b", "", make_notes([0.02, 1.5], [1.5, 2.0], [48, 50])),
    )
    chords = chords_of(Score(parts))
    np.testing.assert_allclose(chords.score_s, [0.01, 1.0, 1.5])
    assert [sorted(p) for p in chords.pitches] == [[48, 60], [62], [50]]
    sounding = chords.spectra[:, [48 - LOWEST_PITCH, 60 - LOWEST_PITCH]] > 0
    assert sounding[0].sum() == 0
    assert sounding[2, 0]  # the lower part's first note is held under the second chord


times = st.lists(st.floats(-5, 100), min_size=2, max_size=40)


@settings(deadline=None)
@given(times)
def test_a_strict_map_increases_whatever_it_is_given(media_s):
    timemap = strict_map(np.arange(len(media_s)), np.array(media_s))
    assert np.diff(timemap.media_s).min() > 5e-4


@settings(deadline=None)
@given(times, st.integers(0, 100))
def test_performed_notes_stay_in_order(onsets_s, seed):
    rng = np.random.default_rng(seed)
    onsets = np.sort(np.array(onsets_s))
    notes = make_notes(onsets, onsets + 0.01 + rng.random(len(onsets)), np.full(len(onsets), 60))
    timemap = TimeMap(np.array([0.0, 10.0]), np.array([1.0, 6.0]))
    played = performed(
        notes, timemap, timemap.to_media(onsets) + 0.1 * rng.standard_normal(len(onsets))
    )
    assert np.diff(played.onsets_s).min() >= 0
    assert (played.offsets_s > played.onsets_s).all()
