"""Each onset, more exactly: hidden onset times near the coarse path.

What the sound says about a chord's onset (a rise in the partials of the notes that begin there;
before it the old chord fits, after it the new one) is joined with a tempo that wanders smoothly
(`chain`). A wide pass mends the errors of the coarse path, a narrow one is exact. Then each note
may leave the common time by some milliseconds, as players do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from avstem.alignment.chain import Tempo, posterior
from avstem.alignment.chords import Chords, chords_of, partials
from avstem.alignment.features import PitchEnergy
from avstem.alignment.timemap import strict_map
from avstem.datatypes import FloatArray, Notes, Score, TimeMap

# The steepest rise of a tone comes after its start: 0 to 30 ms over sampled wind and string tones,
# median 9; pitch trackers hear the start of real tones up to 20 ms after the steepest rise.
_RISE_DELAY_S = 0.003
_LAG_FRAMES = 2  # a rise is measured from two frames before to two frames after
_SURROUNDINGS_FRAMES = 21  # over which a steady swell is taken off


@dataclass(frozen=True)
class Pass:
    """One pass of the refinement; the same for every recording."""

    reach_s: float  # an onset lies this near its first guess
    spread_s: float  # around the first guess
    step_frames: int  # resolution of the lags
    tempo_window_s: float  # over which the expected tempo is smoothed, score time
    rise_weight: float  # of the rise of the beginning notes' partials
    fit_weight: float  # of the chords' fit, per frame
    tempo: Tempo


PASSES = (
    Pass(1.0, 0.40, 2, 3.0, 6.0, 0.5, Tempo(jitter_s=0.02, share=0.05)),
    Pass(0.25, 0.15, 1, 1.5, 6.0, 0.3, Tempo()),
)
_PLAYER_S = 0.010  # spread of a player around the ensemble
_PLAYER_WEIGHT = 2.0  # of the rise of the note's own partials


def refine(energy: PitchEnergy, score: Score, coarse: TimeMap) -> TimeMap:
    """Time map through the ensemble's onsets, from a coarse one."""
    chords = chords_of(score)
    timemap = coarse
    if len(chords.score_s) < 2:
        return coarse
    for one in PASSES:
        times_s = _pass(energy, chords, timemap, one)
        timemap = strict_map(chords.score_s, times_s)
    return TimeMap(timemap.score_s, timemap.media_s - _RISE_DELAY_S)


def _pass(energy: PitchEnergy, chords: Chords, timemap: TimeMap, one: Pass) -> FloatArray:
    """Posterior median of each chord's onset, (chords,)."""
    guess_s = timemap.to_media(chords.score_s)
    frames = np.round(energy.index(guess_s)).astype(int)
    lags_s, heard = _evidence(energy, chords, frames, one)
    centres_s = energy.start_s + frames / energy.rate_hz
    smooth_s = smooth_tempo(chords.score_s, guess_s, one.tempo_window_s)
    expected_s = np.maximum(np.diff(smooth_s), 0.005)
    likely = posterior(heard, lags_s, centres_s, expected_s, np.diff(chords.score_s), one.tempo)
    below = np.cumsum(likely, axis=1) - likely / 2
    return centres_s + [np.interp(0.5, row, lags_s) for row in below]


def _evidence(
    energy: PitchEnergy, chords: Chords, frames: np.ndarray, one: Pass
) -> tuple[FloatArray, FloatArray]:
    """Lags in seconds and the log-likelihood of each chord's onset there, (chords, lags)."""
    reach = round(one.reach_s * energy.rate_hz)
    reach -= (2 * reach + 1) % one.step_frames  # lags come in whole steps
    lags = np.arange(-reach, -reach + (2 * reach + 1) // one.step_frames * one.step_frames)
    heard = np.empty((len(frames), len(lags)))
    for chord, frame in enumerate(frames):
        first, last = frame + lags[0], frame + lags[-1] + 1
        rise = energy.rise(first, last, _LAG_FRAMES)
        at = np.clip(np.arange(first, last), 0, energy.frames - 1)
        heard[chord] = one.fit_weight * _change(energy.bands[:, at], chords, chord)
        for pitch in chords.pitches[chord]:
            heard[chord] += one.rise_weight * _salience(rise, pitch)
    heard -= 0.5 * (lags / energy.rate_hz / one.spread_s) ** 2
    steps = (-1, one.step_frames)
    heard = heard.reshape(len(frames), *steps).max(axis=2)
    return lags.reshape(steps).mean(axis=1) / energy.rate_hz, heard


def _salience(rise: FloatArray, pitch: int) -> FloatArray:
    """Rise in a note's partials above that of the surroundings, (lags,).

    A bow that swells makes a steady rise, which says nothing about where the note began.
    """
    bands, weights = partials(pitch)
    total = weights @ rise[bands]
    return np.asarray(np.maximum(total - uniform_filter1d(total, _SURROUNDINGS_FRAMES), 0.0))


def _change(bands: np.ndarray, chords: Chords, chord: int) -> FloatArray:
    """Fit of the old chord up to each lag less that of the new one, (lags,).

    Up to a constant this is the old chord's fit before the lag plus the new one's after it.
    """
    spectrum = bands.astype(np.float32)
    norm = np.maximum(np.linalg.norm(spectrum, axis=0), 1.0)
    better = (chords.spectra[chord] - chords.spectra[chord + 1]) @ spectrum / norm
    return np.asarray(np.cumsum(better) - better / 2)


def smooth_tempo(score_s: FloatArray, media_s: FloatArray, window_s: float) -> FloatArray:
    """Media times that follow from the tempo smoothed over a window of score time."""
    step_s = 0.1
    grid_s = np.arange(score_s[0], score_s[-1] + 2 * step_s, step_s)
    slowness = np.gradient(TimeMap(score_s, media_s).to_media(grid_s), step_s)
    slowness = gaussian_filter1d(slowness, window_s / step_s, mode="nearest")
    total = np.concatenate([[0.0], np.cumsum((slowness[1:] + slowness[:-1]) / 2 * step_s)])
    return np.asarray(media_s[0] + np.interp(score_s, grid_s, total))


def player_onsets(energy: PitchEnergy, notes: Notes, timemap: TimeMap) -> FloatArray:
    """Each note's own onset near the ensemble's, media time, (notes,)."""
    onsets_s = timemap.to_media(notes.onsets_s)
    reach = round(3 * _PLAYER_S * energy.rate_hz)
    frames = np.round(energy.index(onsets_s + _RISE_DELAY_S)).astype(int)
    lags_s = np.arange(-reach, reach + 1) / energy.rate_hz
    for note, (pitch, frame) in enumerate(zip(notes.pitches, frames, strict=True)):
        bands, weights = partials(int(pitch))
        rise = weights @ energy.rise(frame - reach, frame + reach + 1, _LAG_FRAMES)[bands]
        log = _PLAYER_WEIGHT * rise - 0.5 * (lags_s / _PLAYER_S) ** 2
        likely = np.exp(log - log.max())
        onsets_s[note] += likely @ lags_s / likely.sum()
    return onsets_s
