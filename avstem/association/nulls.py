"""Is a coincidence more than chance? Compare it with the same at all other times.

Curves of two players or onsets of two parts differ in how much and how often things happen, so
raw correlations cannot be compared. Shifting one against the other (circularly) breaks what they
have in common in time and keeps all else: how far the true position stands out among the shifted
ones, in standard deviations, is comparable.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, prev_fast_len, rfft

from avstem.datatypes import FloatArray

# Curves that say something should outvote those that do not: between the sum and the largest.
_POOLING_POWER = 3.0
_TINY = 1e-9


def stand_out(
    curves: FloatArray,
    trains: FloatArray,
    rate_hz: float,
    near_s: float = 2.0,
    alike_s: float = 0.1,
) -> FloatArray:
    """How much the curves together coincide with each train, beyond chance: (trains,) z-scores.

    curves : (curves, frames); trains : (trains, frames); only changes count, not levels.
    near_s : shifts below this still coincide with the same notes and are no measure of chance.
    alike_s : shifts this near each other say the same, so that a short recording offers few.

    A train without changes scores 0.
    """
    frames = prev_fast_len(curves.shape[-1], real=True)
    moved, played = (_spectra(x[..., :frames]) for x in (curves, trains))
    found = np.array([_pooled(moved, train, frames, near_s * rate_hz) for train in played])
    far = frames - 2 * _edge(frames, near_s * rate_hz)
    return as_normal(found, far / (alike_s * rate_hz))


def as_normal(scores: FloatArray, chances: float) -> FloatArray:
    """Scores standardised by a spread that few chances have shown, as normal deviates.

    A Student variable made normal (Wallace 1959): little changes with hundreds of chances, much
    with a few, whose spread may be small by luck.
    """
    n = max(chances, 1.0)
    shrink = (8 * n + 1) / (8 * n + 3)
    return np.asarray(np.sign(scores) * shrink * np.sqrt(n * np.log1p(scores**2 / n)))


def _spectra(curves: FloatArray) -> FloatArray:
    centred = curves - curves.mean(axis=-1, keepdims=True)
    return np.asarray(rfft(centred.astype(np.float32), axis=-1))


def _pooled(curves: FloatArray, train: FloatArray, frames: int, near: float) -> float:
    """The evidence of all curves at no shift, against the same at far shifts."""
    values = np.asarray(irfft(curves * np.conj(train), n=frames, axis=-1))
    evidence = np.maximum(standardise(values, near), 0.0)
    together = (evidence**_POOLING_POWER).sum(axis=0) ** (1.0 / _POOLING_POWER)
    return float(standardise(together, near)[0])


def standardise(values: FloatArray, near: float) -> FloatArray:
    """Values at all circular shifts (..., shifts) in deviations from those beyond ``near``."""
    shifts = values.shape[-1]
    edge = _edge(shifts, near)
    far = values[..., edge : shifts - edge]
    spread = far.std(axis=-1, keepdims=True)
    scale = np.abs(values).max(axis=-1, keepdims=True)
    centred = values - far.mean(axis=-1, keepdims=True)
    return np.where(spread > 1e-5 * scale + _TINY, centred / (spread + _TINY), 0.0)


def _edge(shifts: int, near: float) -> int:
    return min(int(near), shifts // 4)
