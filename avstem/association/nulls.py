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

# Shifts below this still coincide with the same notes.
_NEAR_S = 2.0
_TINY = 1e-9


def spectra(curves: FloatArray) -> FloatArray:
    """Fourier transforms along time of (curves, frames), mean removed, for ``correlations``."""
    frames = prev_fast_len(curves.shape[-1], real=True)
    used = curves[..., :frames].astype(np.float32)
    return np.asarray(rfft(used - used.mean(axis=-1, keepdims=True), axis=-1))


def correlations(curves: FloatArray, train: FloatArray, frames: int) -> FloatArray:
    """Circular correlation of each curve with ``train`` at all shifts of the curve.

    curves, train : from ``spectra``; frames : length they had. Value s is the sum over n of
    curve(n + s) train(n): s > 0 means that the curve comes after the train.
    """
    length = prev_fast_len(frames, real=True)
    return np.asarray(irfft(curves * np.conj(train), n=length, axis=-1))


def standardise(values: FloatArray, rate_hz: float) -> FloatArray:
    """Values at all shifts (..., shifts) in deviations from those at far shifts."""
    shifts = values.shape[-1]
    near = min(int(_NEAR_S * rate_hz), shifts // 4)
    far = values[..., near : shifts - near]
    mean = far.mean(axis=-1, keepdims=True)
    return np.asarray((values - mean) / (far.std(axis=-1, keepdims=True) + _TINY))
