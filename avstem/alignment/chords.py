"""The score as a chain of chords: distinct onsets, what begins there, what sounds after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.alignment.features import BANDS, LOWEST_PITCH
from avstem.datatypes import FloatArray, IntArray, Score

_TOGETHER_S = 0.03  # onsets this close in the score are one chord
_PARTIALS = 10
_FALL = 0.8  # weight of a partial relative to the one below
_SHIFTS = np.round(12 * np.log2(np.arange(1, _PARTIALS + 1))).astype(int)
_WEIGHTS = _FALL ** np.arange(_PARTIALS) / np.sum(_FALL ** np.arange(_PARTIALS))


@dataclass(frozen=True, eq=False)
class Chords:
    """The distinct onsets of a score.

    score_s : (chords,) times, increasing.
    pitches : per chord, the pitches that begin with it.
    spectra : (chords + 1, BANDS) unit vectors: what sounds before the first chord, from each
        chord to the next, and from the last one on.
    """

    score_s: FloatArray
    pitches: tuple[tuple[int, ...], ...]
    spectra: FloatArray


def partials(pitch: int) -> tuple[IntArray, FloatArray]:
    """Bands of a pitch's partials and their weights, which sum to at most 1."""
    bands = pitch - LOWEST_PITCH + _SHIFTS
    inside = (bands >= 0) & (bands < BANDS)
    return bands[inside], _WEIGHTS[inside]


def chords_of(score: Score) -> Chords:
    """The chords of all parts together."""
    onsets = np.concatenate([p.notes.onsets_s for p in score.parts])
    offsets = np.concatenate([p.notes.offsets_s for p in score.parts])
    pitches = np.concatenate([p.notes.pitches for p in score.parts])
    order = np.argsort(onsets, kind="stable")
    chord = _number(onsets[order])
    times = np.bincount(chord, onsets[order]) / np.bincount(chord)
    begins: list[list[int]] = [[] for _ in times]
    for which, pitch in zip(chord, pitches[order], strict=True):
        begins[which].append(int(pitch))
    last = np.searchsorted(times, offsets[order] - _TOGETHER_S)
    spectra = _spectra(chord, last, pitches[order], len(times))
    return Chords(times, tuple(tuple(b) for b in begins), spectra)


def _number(onsets_s: FloatArray) -> IntArray:
    """Chord number of each of the sorted onsets; a chord is no longer than ``_TOGETHER_S``."""
    numbers = np.zeros(len(onsets_s), int)
    start = onsets_s[0]
    for note in range(1, len(onsets_s)):
        new = onsets_s[note] - start > _TOGETHER_S
        numbers[note] = numbers[note - 1] + new
        start = onsets_s[note] if new else start
    return numbers


def _spectra(first: IntArray, last: IntArray, pitches: IntArray, chords: int) -> FloatArray:
    power = np.zeros((chords + 1, BANDS))
    for pitch, start, stop in zip(pitches, first, last, strict=True):
        bands, weights = partials(int(pitch))
        power[start + 1 : max(stop, start + 1) + 1, bands] += weights
    root = np.sqrt(power)
    return np.asarray(root / np.maximum(np.linalg.norm(root, axis=1, keepdims=True), 1e-9))
