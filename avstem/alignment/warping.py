"""Warping paths between recording and score.

default    : memory-restricted multiscale DTW (Prätzlich, Driedger and Müller, ICASSP 2016) over
             chroma and DLNCO, by synctoolbox, within the span that recording and score share.
chroma_dtw : Li et al., "See and listen", ICASSP 2017, section 2: Euclidean distance of 12-D
             chroma, 42.7 ms frames, 9.3 ms hop, monotonic path within 5 s of the diagonal.
"""

from __future__ import annotations

import numpy as np

from avstem.alignment.features import PATH_RATE_HZ, PathFeatures
from avstem.alignment.span import Span
from avstem.datatypes import FloatArray

_PAD_S = 1.0
_STEP_WEIGHTS = np.array([1.5, 1.5, 2.0])


def multiscale_path(sound: PathFeatures, score: PathFeatures, span: Span) -> FloatArray:
    """Path (2, steps) of sound and score seconds, each from its own first frame.

    A second of silence is put around the score's stretch and a second more is taken of the
    sound, so that the ends of the path need not meet where the span is only roughly known.
    """
    from synctoolbox.dtw.mrmsdtw import sync_via_mrmsdtw

    taken, taken_from = _stretch(sound, span.sound_s, _PAD_S)
    wanted, wanted_from = _stretch(score, span.score_s, 0.0)
    wanted, wanted_from = _pad(wanted), wanted_from - _PAD_S
    path = sync_via_mrmsdtw(
        taken.chroma,
        wanted.chroma,
        taken.onsets,
        wanted.onsets,
        input_feature_rate=round(PATH_RATE_HZ),
        step_weights=_STEP_WEIGHTS,
    )
    rates_hz = np.array([[sound.rate_hz], [score.rate_hz]])
    seconds = path / rates_hz + np.array([[taken_from], [wanted_from]])
    inside = (seconds[1] >= span.score_s[0]) & (seconds[1] <= span.score_s[1])
    return np.asarray(seconds[:, inside])


def _stretch(
    features: PathFeatures, stretch_s: tuple[float, float], margin_s: float
) -> tuple[PathFeatures, float]:
    frames = features.chroma.shape[1]
    first = max(0, round((stretch_s[0] - margin_s) * features.rate_hz))
    last = min(frames, round((stretch_s[1] + margin_s) * features.rate_hz))
    chroma, onsets = features.chroma[:, first:last], features.onsets[:, first:last]
    return PathFeatures(chroma, onsets, features.rate_hz), first / features.rate_hz


def _pad(features: PathFeatures) -> PathFeatures:
    frames = round(_PAD_S * features.rate_hz)
    chroma = np.pad(features.chroma, ((0, 0), (frames, frames)))
    chroma[-1, :frames] = chroma[-1, -frames:] = 1.0
    onsets = np.pad(features.onsets, ((0, 0), (frames, frames)))
    return PathFeatures(chroma, onsets, features.rate_hz)
