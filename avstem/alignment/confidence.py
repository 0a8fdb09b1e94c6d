"""How well an aligned score explains the recording, per second and overall.

The spectrum of each fifth of a second is compared with the one that the score expects there. A
score that belongs to the recording fits far better where it was put than seconds away from
there, and better as written than transposed; one that does not belong fits alike everywhere,
however well it was warped. Both differences together give the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d

from avstem.alignment.chords import Chords, chords_of
from avstem.alignment.features import BANDS, PitchEnergy
from avstem.datatypes import FloatArray, Score, TimeMap

_STEP_S = 0.2
_AWAY_S = (-9.0, -6.6, -4.4, -3.0, 3.0, 4.4, 6.6, 9.0)
_TRANSPOSITIONS = tuple(n for n in range(-6, 7) if n)
_AROUND_S = 5.0  # over which the confidence of a second looks
# Logistic fit to right and wrong pairs of recording and score (benchmarks/alignment.py).
_BIAS, _PLACE, _KEY = -5.0, 14.0, 14.0


@dataclass(frozen=True, eq=False)
class Fit:
    """Similarity of sound and score, -1 to 1, every fifth of a second from ``start_s``.

    here, away : (steps,) as aligned, and mean over shifts in time by a few seconds.
    transposed : (transpositions, steps) as aligned but transposed by -6 to 6 semitones.
    """

    start_s: float
    here: FloatArray
    away: FloatArray
    transposed: FloatArray

    @property
    def place(self) -> float:
        """How much better the score fits where it was put than elsewhere."""
        return float(np.mean(self.here - self.away))

    @property
    def key(self) -> float:
        """How much better the score fits as written than transposed."""
        return float(np.mean(self.here) - self.transposed.mean(axis=1).max())

    @property
    def confidence(self) -> float:
        """Overall, 0 to 1."""
        return float(_logistic(self.place, self.key))

    @property
    def confidence_per_s(self) -> FloatArray:
        """(seconds,) from ``start_s``, each from the 5 s around it."""
        around = round(_AROUND_S / _STEP_S)
        gain = uniform_filter1d(self.here - self.away, around, mode="nearest")
        rivals = uniform_filter1d(self.transposed, around, axis=1, mode="nearest")
        key = uniform_filter1d(self.here, around, mode="nearest") - rivals.max(axis=0)
        return np.asarray(_logistic(gain, key))[:: round(1 / _STEP_S)]


def _logistic(place: FloatArray | float, key: FloatArray | float) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-(_BIAS + _PLACE * place + _KEY * key))))


def measure_fit(energy: PitchEnergy, score: Score, timemap: TimeMap) -> Fit:
    """Fit of the score to the recording where ``timemap`` puts it, and around."""
    ends_s = timemap.to_media(np.array([timemap.score_s[0], score.duration_s]))
    sound_ends_s = energy.start_s, energy.start_s + energy.duration_s
    start_s, stop_s = np.clip(ends_s, *sound_ends_s)
    times_s = np.arange(start_s, max(stop_s, start_s + _STEP_S), _STEP_S)
    sound = _centred(_sound(energy, times_s))
    chords = chords_of(score)
    wanted = _centred(_score(chords, timemap.to_score(times_s)))
    here = (sound * wanted).sum(axis=0)
    steps = [round(away_s / _STEP_S) for away_s in _AWAY_S]
    away = np.mean([(sound * np.roll(wanted, step, axis=1)).sum(axis=0) for step in steps], axis=0)
    moved = [(sound * np.roll(wanted, n, axis=0)).sum(axis=0) for n in _TRANSPOSITIONS]
    return Fit(float(start_s), here, away, np.array(moved))


def _sound(energy: PitchEnergy, times_s: FloatArray) -> FloatArray:
    """Mean energy of each step, (BANDS, steps)."""
    first = np.clip(energy.index(times_s).astype(int), 0, energy.frames - 1)
    width = max(1, round(_STEP_S * energy.rate_hz))
    out = np.zeros((BANDS, len(times_s)), np.float32)
    for offset in range(width):
        out += energy.bands[:, np.minimum(first + offset, energy.frames - 1)]
    return out / width


def _score(chords: Chords, score_s: FloatArray) -> FloatArray:
    middle = score_s + _STEP_S / 2
    return chords.spectra[np.searchsorted(chords.score_s, middle, side="right")].T


def _centred(spectra: FloatArray) -> FloatArray:
    """Less the mean spectrum, then unit vectors: what is common to all chords tells nothing."""
    centred = spectra - spectra.mean(axis=1, keepdims=True)
    norm = np.maximum(np.linalg.norm(centred, axis=0), 1e-6)
    return np.asarray(centred / norm, np.float32)
