"""When tones begin, finer than the windows that pitches need.

Spectral flux of short windows on a logarithmic scale, where each bin is compared with the largest
of its neighbours a moment ago, so that vibrato is no onset (Boeck and Widmer 2013, superflux).
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.nn.functional import max_pool1d, pad

from avstem.datatypes import FloatArray, Notes

WINDOW_MS = 46.0
STEP_S = 0.01
LAG = 3  # steps to which the spectrum is compared
LOUDNESS = 10.0  # of the mean magnitude, before the logarithm
SMOOTH_S = 0.015
EARLIER_S, LATER_S = 0.12, 0.08  # than a note was heard: where its onset may be
SHORTEST_S = 0.05


def flux(sound: Tensor, rate_hz: int, times_s: FloatArray) -> FloatArray:
    """How much begins in sounds (voices, samples) at times (times,) from the first sample."""
    size, hop = round(WINDOW_MS * rate_hz / 1000), round(STEP_S * rate_hz)
    window = torch.hann_window(size, device=sound.device)
    spectra = torch.stft(
        sound, size, hop, window=window, pad_mode="constant", return_complex=True
    ).abs()
    mean = spectra.mean((1, 2), keepdim=True) + 1e-9
    loud = torch.log1p(LOUDNESS * spectra / mean)
    around = max_pool1d(loud.transpose(1, 2), 3, 1, 1).transpose(1, 2)
    new = (loud[..., LAG:] - around[..., :-LAG]).clamp_min(0.0).sum(1)
    rows = gaussian_filter1d(pad(new, (LAG, 0)).cpu().numpy(), SMOOTH_S / STEP_S, axis=-1)
    known_s = np.arange(rows.shape[1]) * hop / rate_hz
    return np.stack([np.interp(times_s, known_s, row) for row in rows])


def on_time(notes: Notes, beginning: FloatArray, step_s: float, start_s: float) -> Notes:
    """The notes with each onset moved to where most begins nearby.

    beginning : (steps,) flux from media time ``start_s`` on.
    """
    onsets_s = [_strongest(beginning, t - start_s, step_s) + start_s for t in notes.onsets_s]
    first_s = np.maximum.accumulate(np.array(onsets_s)) if onsets_s else notes.onsets_s
    offsets_s = np.maximum(notes.offsets_s, first_s + SHORTEST_S)
    return Notes(first_s, offsets_s, notes.pitches, notes.velocities)


def _strongest(beginning: FloatArray, heard_s: float, step_s: float) -> float:
    """Time of the largest flux around a time, both from the first step."""
    first = max(0, round((heard_s - EARLIER_S) / step_s))
    near = beginning[first : max(first, round((heard_s + LATER_S) / step_s)) + 1]
    return (first + int(near.argmax())) * step_s if near.any() else heard_s
