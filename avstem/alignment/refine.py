"""Each onset, more exactly: hidden onset times near the coarse path.

The times of the score's distinct onsets form a chain. What the sound says about each (a rise in
the partials of the notes that begin there; before it the old chord fits, after it the new one) is
unary; that the tempo changes smoothly is pairwise. Forward and backward sums give the posterior
of each onset on a grid of frames; its mean is the estimate. Then each note may leave the common
time by a few tens of milliseconds, as players do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from avstem.alignment.features import BANDS, LOWEST_PITCH, PitchEnergy
from avstem.alignment.timemap import strict_map
from avstem.datatypes import FloatArray, IntArray, Notes, Score, TimeMap

_PARTIALS = 10
_FALL = 0.8  # weight of a partial relative to the one below
_GROUP_S = 0.03  # onsets this close in the score are one chord
_SHIFTS = np.round(12 * np.log2(np.arange(1, _PARTIALS + 1))).astype(int)
_WEIGHTS = _FALL ** np.arange(_PARTIALS)


@dataclass(frozen=True)
class Settings:
    """Scales of the model; one set for every recording."""

    reach_s: float = 0.30  # an onset lies this near its coarse time
    coarse_s: float = 0.15  # spread around the coarse time
    onset_weight: float = 4.0  # of the rise of a note's partials
    fit_weight: float = 1.0  # of the chord's fit, per frame
    jitter_s: float = 0.02  # spread of an interval between onsets, plus
    tempo_spread: float = 0.08  # this share of the interval
    tempo_window_s: float = 1.5  # over which the expected tempo is smoothed, score time
    player_s: float = 0.02  # spread of a player around the ensemble


@dataclass(frozen=True, eq=False)
class Chords:
    """The distinct onsets of a score.

    score_s : (chords,) times; ``of_note`` one (notes,) array per part: the chord of each note.
    """

    score_s: FloatArray
    of_note: tuple[IntArray, ...]


def group(score: Score) -> Chords:
    """Onsets gathered into chords."""
    onsets = np.concatenate([p.notes.onsets_s for p in score.parts])
    order = np.argsort(onsets, kind="stable")
    rank = np.empty(len(onsets), int)
    members, start, chord = [[]], onsets[order[0]], 0  # type: ignore[var-annotated]
    for note in order:
        if onsets[note] - start > _GROUP_S:
            chord, start = chord + 1, onsets[note]
            members.append([])
        members[chord].append(onsets[note])
        rank[note] = chord
    lengths = np.cumsum([len(p.notes) for p in score.parts])[:-1]
    times = np.array([np.mean(m) for m in members])
    return Chords(times, tuple(np.split(rank, lengths)))


def refine(
    energy: PitchEnergy, score: Score, coarse: TimeMap, settings: Settings | None = None
) -> tuple[TimeMap, tuple[FloatArray, ...]]:
    """The refined time map, and each note's onset in media time, (notes,) per part."""
    s = settings or Settings()
    chords = group(score)
    templates = _templates(score, chords)
    timemap = coarse
    for _ in range(2):
        centres = timemap.to_media(chords.score_s)
        lags, unary, _ = evidence(energy, score, chords, templates, centres, s)
        expected = np.diff(_smooth(chords.score_s, centres, s.tempo_window_s))
        posterior = chain(unary, lags, centres, expected, s)
        times = centres + posterior @ lags
        timemap = strict_map(chords.score_s, times) if len(times) > 1 else coarse
    return timemap, _players(energy, score, chords, timemap, s)


# ---------------------------------------------------------------------------- evidence


def evidence(
    energy: PitchEnergy,
    score: Score,
    chords: Chords,
    templates: FloatArray,
    centres: FloatArray,
    s: Settings,
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Log-likelihood of each chord's onset at each lag: lags_s (lags,), (chords, lags)."""
    reach = round(s.reach_s * energy.rate_hz)
    lags = np.arange(-reach, reach + 1)
    middle = np.round(energy.index(centres)).astype(int)
    unary = np.zeros((len(centres), len(lags)))
    begins = _beginning(score, chords)
    for chord, frame in enumerate(middle):
        at = np.clip(frame + lags, 0, energy.frames - 1)
        rise = energy.rise(frame - reach, frame + reach + 1, 2)
        unary[chord] = s.onset_weight * _salience(rise, begins[chord], templates, chord)
        unary[chord] += s.fit_weight * _change(energy.bands[:, at], templates, chord)
    unary -= 0.5 * (lags / energy.rate_hz / s.coarse_s) ** 2
    return lags / energy.rate_hz, unary, middle


def _beginning(score: Score, chords: Chords) -> list[list[int]]:
    """Pitches that begin with each chord."""
    out: list[list[int]] = [[] for _ in chords.score_s]
    for part, of_note in zip(score.parts, chords.of_note, strict=True):
        for chord, pitch in zip(of_note, part.notes.pitches, strict=True):
            out[chord].append(int(pitch))
    return out


def _salience(
    rise: FloatArray, pitches: list[int], templates: FloatArray, chord: int
) -> FloatArray:
    """Rise in the partials of the notes that begin, (lags,)."""
    total = np.zeros(rise.shape[1])
    for pitch in pitches:
        bands, weights = _partials(pitch)
        total += (weights / _WEIGHTS.sum()) @ rise[bands]
    return total


def _partials(pitch: int) -> tuple[IntArray, FloatArray]:
    bands = pitch - LOWEST_PITCH + _SHIFTS
    inside = (bands >= 0) & (bands < BANDS)
    return bands[inside], _WEIGHTS[inside]


def _change(bands: FloatArray, templates: FloatArray, chord: int) -> FloatArray:
    """Fit of the old chord before each lag and of the new one after it, (lags,)."""
    spectrum = bands.astype(np.float32)
    norm = np.maximum(np.linalg.norm(spectrum, axis=0), 1.0)
    better = (templates[chord] - templates[chord + 1]) @ spectrum / norm
    return np.cumsum(better) - better / 2


def _templates(score: Score, chords: Chords) -> FloatArray:
    """Spectrum of each state, unit vectors (chords + 1, BANDS): before, between and after onsets."""
    edges = np.append(chords.score_s, np.inf)
    power = np.zeros((len(chords.score_s) + 1, BANDS))
    for part, of_note in zip(score.parts, chords.of_note, strict=True):
        notes = part.notes
        ends = np.searchsorted(edges, notes.offsets_s - _GROUP_S, side="left")
        for pitch, first, last in zip(notes.pitches, of_note, ends, strict=True):
            bands, weights = _partials(int(pitch))
            power[first + 1 : max(last, first + 1) + 1, bands] += weights
    root = np.sqrt(power)
    return np.asarray(root / np.maximum(np.linalg.norm(root, axis=1, keepdims=True), 1e-9))


# ------------------------------------------------------------------------------- chain


def _smooth(score_s: FloatArray, media_s: FloatArray, window_s: float) -> FloatArray:
    """Media times from a tempo smoothed over a window of score time."""
    if len(score_s) < 3:
        return media_s
    step = 0.1
    grid = np.arange(score_s[0], score_s[-1] + step, step)
    tempo = np.gradient(np.interp(grid, score_s, media_s), step)
    tempo = gaussian_filter1d(tempo, window_s / step, mode="nearest")
    total = np.concatenate([[0.0], np.cumsum((tempo[1:] + tempo[:-1]) / 2 * step)])
    return np.asarray(media_s[0] + np.interp(score_s, grid, total))


def chain(
    unary: FloatArray, lags_s: FloatArray, centres: FloatArray, expected: FloatArray, s: Settings
) -> FloatArray:
    """Posterior of each onset over the lags, (chords, lags), by forward and backward sums."""
    chords, lags = unary.shape
    forward, backward = unary.copy(), np.zeros_like(unary)
    links = [_link(lags_s, centres[k + 1] - centres[k], expected[k], s) for k in range(chords - 1)]
    for k in range(1, chords):
        top = forward[k - 1].max()
        forward[k] += np.log(np.exp(forward[k - 1] - top) @ links[k - 1] + 1e-30)
    for k in range(chords - 2, -1, -1):
        later = backward[k + 1] + unary[k + 1]
        top = later.max()
        backward[k] = np.log(links[k] @ np.exp(later - top) + 1e-30)
    log = forward + backward
    posterior = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))


def _link(lags_s: FloatArray, gap_s: float, expected_s: float, s: Settings) -> FloatArray:
    """Likelihood of each pair of lags (earlier, later)."""
    interval = gap_s + lags_s[None, :] - lags_s[:, None]
    spread = np.hypot(s.jitter_s, s.tempo_spread * expected_s)
    link = np.exp(-0.5 * ((interval - expected_s) / spread) ** 2)
    return np.where(interval > 0, link, 0.0) + 1e-12


# ----------------------------------------------------------------------------- players


def _players(
    energy: PitchEnergy, score: Score, chords: Chords, timemap: TimeMap, s: Settings
) -> tuple[FloatArray, ...]:
    """Each note's own onset near the ensemble's, (notes,) per part."""
    return tuple(_player(energy, part.notes, timemap, s) for part in score.parts)


def _player(energy: PitchEnergy, notes: Notes, timemap: TimeMap, s: Settings) -> FloatArray:
    onsets = timemap.to_media(notes.onsets_s)
    reach = round(3 * s.player_s * energy.rate_hz)
    lags = np.arange(-reach, reach + 1)
    middle = np.round(energy.index(onsets)).astype(int)
    away = lags / energy.rate_hz
    for note, (pitch, frame) in enumerate(zip(notes.pitches, middle, strict=True)):
        bands, weights = _partials(int(pitch))
        rise = energy.rise(frame - reach, frame + reach + 1, 2)[bands]
        log = s.onset_weight * (weights / _WEIGHTS.sum()) @ rise - 0.5 * (away / s.player_s) ** 2
        weight = np.exp(log - log.max())
        onsets[note] += weight @ away / weight.sum()
    return onsets
