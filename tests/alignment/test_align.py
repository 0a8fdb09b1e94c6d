"""The whole stage: known onsets, refusals, and the real recordings."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pretty_midi
import pytest
import soundfile
from alignment_fakes import ArrayMixture, make_notes, onset_errors, performance, random_score

from avstem.alignment import align
from avstem.alignment.align import METHODS
from avstem.datatypes import Part, Score
from avstem.errors import AlignmentError, RequestError


def assert_near(found, truth, median_s=0.020, p90_s=0.060):
    errors = np.abs(onset_errors(found, truth))
    assert np.median(errors) <= median_s
    assert np.percentile(errors, 90) <= p90_s


def test_onsets_are_found(duo):
    alignment = align(duo.mixture, duo.score)
    assert_near(alignment.notes, duo.truth)
    assert alignment.confidence > 0.9
    assert alignment.warnings == ()


@pytest.mark.parametrize("tempo", [0.55, 1.9])
def test_a_global_tempo_difference_is_followed(tempo):
    played = performance(random_score(2), tempo=tempo)
    assert_near(align(played.mixture, played.score).notes, played.truth)


def test_long_silence_and_noise_before_and_after_the_music_are_left_out():
    played = performance(random_score(3), lead_s=8.0, tail_s=9.0)
    sound = played.mixture.sound.copy()
    rng = np.random.default_rng(0)
    sound[:, : 4 * 16000] += 0.02 * rng.standard_normal(4 * 16000).astype(np.float32)
    sound[:, -4 * 16000 :] += 0.05 * rng.standard_normal(4 * 16000).astype(np.float32)
    assert_near(align(ArrayMixture(sound), played.score).notes, played.truth)


def test_an_excerpt_of_the_score_is_aligned_with_a_warning():
    played = performance(random_score(4, notes=80))
    cut = ArrayMixture(played.mixture.sound[:, 10 * 16000 : 30 * 16000], start_s=10.0)
    alignment = align(cut, played.score)
    truth = np.concatenate([n.onsets_s for n in played.truth])
    inside = (truth > 10.5) & (truth < 29.0)
    errors = np.abs(onset_errors(alignment.notes, played.truth))[inside]
    assert np.median(errors) < 0.02
    assert "lie before or after the recording" in alignment.warnings[0]


def test_media_time_starts_where_the_mixture_says(duo):
    later = align(replace(duo.mixture, start_s=-3.25), duo.score)
    at_zero = align(duo.mixture, duo.score)
    for moved, notes in zip(later.notes, at_zero.notes, strict=True):
        np.testing.assert_allclose(moved.onsets_s, notes.onsets_s - 3.25, atol=1e-6)


def test_a_part_that_is_not_heard_or_not_notated_is_no_reason_to_refuse():
    trio = performance(random_score(5, parts=3))
    two = Score(trio.score.parts[:2])
    assert align(trio.mixture, two).confidence > 0.5
    duo = performance(two)
    assert align(duo.mixture, trio.score).confidence > 0.5


def test_a_damaged_middle_lowers_the_confidence_there_alone():
    played = performance(random_score(6, notes=80))
    middle = played.score.duration_s / 2
    parts = []
    for part in played.score.parts:
        wrong = np.abs(part.notes.onsets_s - middle) < 5
        pitches = np.where(wrong, part.notes.pitches + 6, part.notes.pitches)
        parts.append(replace(part, notes=replace(part.notes, pitches=pitches)))
    alignment = align(played.mixture, Score(tuple(parts)))
    per_s = alignment.confidence_per_s
    at = int(len(per_s) / 2)
    assert alignment.confidence > 0.5
    assert per_s[at - 1 : at + 2].max() < 0.2
    assert np.median(per_s[:10]) > 0.8
    assert np.median(per_s[-10:]) > 0.8


def test_another_score_is_refused_with_its_figure(duo):
    with pytest.raises(AlignmentError, match=r"confidence 0\.\d\d, needed 0\.50"):
        align(duo.mixture, random_score(99))


@pytest.mark.parametrize("semitones", [1, -2])
def test_a_transposed_score_is_refused_and_the_slip_named(duo, semitones):
    parts = (
        replace(p, notes=replace(p.notes, pitches=p.notes.pitches + semitones))
        for p in duo.score.parts
    )
    with pytest.raises(AlignmentError, match=rf"transposed by \{-semitones:+d} semitones"):
        align(duo.mixture, Score(tuple(parts)))


def test_silence_is_refused():
    with pytest.raises(AlignmentError, match="found silence"):
        align(ArrayMixture(np.zeros((2, 48000), np.float32)), random_score(0))


def test_an_unknown_method_is_refused(duo):
    with pytest.raises(RequestError, match="found 'magic'"):
        align(duo.mixture, duo.score, method="magic")


def test_a_single_note_is_aligned():
    part = Part(0, "One", "", make_notes([0.0], [1.0], [69]))
    played = performance(Score((part,)))
    try:
        found = align(played.mixture, played.score)
    except AlignmentError:
        return  # too little to be sure of; a figure is all one can ask for
    assert len(found.notes[0]) == 1


def test_notes_keep_their_order_and_progress_ends_at_one(duo):
    seen: list[float] = []
    alignment = align(duo.mixture, duo.score, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    for part, notes in zip(duo.score.parts, alignment.notes, strict=True):
        np.testing.assert_array_equal(notes.pitches, part.notes.pitches)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_an_undisturbed_performance(method):
    played = performance(random_score(7), lead_s=0.05, tail_s=0.05, rubato=0.03)
    assert_near(align(played.mixture, played.score, method=method).notes, played.truth, 0.1, 0.4)


@pytest.mark.real_data
@pytest.mark.parametrize("piece", ["11_Maria_ob_vc", "33_Elise_tpt_tpt_hn_tbn"])
def test_real_ensembles(data_dir, piece):
    folder = data_dir / "urmp" / piece
    sound, rate_hz = soundfile.read(folder / "mix.flac", dtype="float32", always_2d=True)
    truth = json.loads((folder / "notes.json").read_text())
    tracks = pretty_midi.PrettyMIDI(str(folder / "score.mid")).instruments
    parts = tuple(
        Part(
            index,
            track.name,
            "",
            make_notes(*zip(*((n.start, n.end, n.pitch) for n in track.notes), strict=True)),
        )
        for index, track in enumerate(tracks)
    )
    alignment = align(ArrayMixture(sound.T, rate_hz), Score(parts))
    played = [np.array(onsets) for onsets in truth["onsets"]]
    errors = np.abs(
        np.concatenate([n.onsets_s - t for n, t in zip(alignment.notes, played, strict=True)])
    )
    assert np.median(errors) < 0.03
    assert np.mean(errors <= 0.06) > 0.9
    assert alignment.confidence > 0.8
