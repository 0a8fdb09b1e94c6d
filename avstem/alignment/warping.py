"""The warping path between recording and score that the refinement starts from.

Memory-restricted multiscale DTW (Prätzlich, Driedger and Müller, ICASSP 2016) over chroma and
DLNCO, by synctoolbox, within the span that recording and score share. It keeps all the cost
matrices of its finest level, so long recordings are cut into overlapping stretches.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from avstem.alignment.features import PATH_RATE_HZ, PathFeatures
from avstem.alignment.span import Span
from avstem.datatypes import FloatArray

_PAD_S = 1.0
_STRETCH_S = 120.0  # of the score
_OVERLAP_S = 8.0  # on either side, where the forced end of a stretch may bend the path
_STEP_WEIGHTS = np.array([1.5, 1.5, 2.0])


def multiscale_path(sound: PathFeatures, score: PathFeatures, span: Span) -> FloatArray:
    """Path (2, steps) of sound and score seconds, each from its own first frame."""
    pieces = []
    for first_s, last_s in _stretches(*span.score_s):
        score_s = (
            max(span.score_s[0], first_s - _OVERLAP_S),
            min(span.score_s[1], last_s + _OVERLAP_S),
        )
        sound_s = _there(span, score_s)
        path_s = _warp(sound, score, sound_s, score_s)
        pieces.append(path_s[:, (path_s[1] >= first_s) & (path_s[1] < last_s)])
    return np.concatenate(pieces, axis=1)


def _stretches(first_s: float, last_s: float) -> Iterator[tuple[float, float]]:
    count = max(1, round((last_s - first_s) / _STRETCH_S))
    edges = np.linspace(first_s, last_s, count + 1)
    edges[-1] += 1e-6
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def _there(span: Span, score_s: tuple[float, float]) -> tuple[float, float]:
    """Where a stretch of the score roughly sounds; exact at the ends of the span."""
    first_s, last_s = np.interp(score_s, span.path_s[1], span.path_s[0])
    first_s = span.sound_s[0] if score_s[0] <= span.score_s[0] else first_s
    last_s = span.sound_s[1] if score_s[1] >= span.score_s[1] else last_s
    return float(first_s), float(last_s)


def _warp(
    sound: PathFeatures,
    score: PathFeatures,
    sound_s: tuple[float, float],
    score_s: tuple[float, float],
) -> FloatArray:
    """Path between two stretches.

    A second of silence is put around the score's stretch and a second more is taken of the
    sound, so that the ends of the path need not meet where they are only roughly known.
    """
    from synctoolbox.dtw.mrmsdtw import sync_via_mrmsdtw

    taken, taken_from_s = _stretch(sound, sound_s, _PAD_S)
    wanted, wanted_from_s = _stretch(score, score_s, 0.0)
    padded = _pad(wanted)
    path = sync_via_mrmsdtw(
        taken.chroma,
        padded.chroma,
        taken.onsets,
        padded.onsets,
        input_feature_rate=round(PATH_RATE_HZ),
        step_weights=_STEP_WEIGHTS,
    )
    rates_hz = np.array([[sound.rate_hz], [score.rate_hz]])
    return np.asarray(path / rates_hz + np.array([[taken_from_s], [wanted_from_s - _PAD_S]]))


def _stretch(
    features: PathFeatures, stretch_s: tuple[float, float], margin_s: float
) -> tuple[PathFeatures, float]:
    frames = features.chroma.shape[1]
    first = max(0, round((stretch_s[0] - margin_s) * features.rate_hz))
    last = min(frames, round((stretch_s[1] + margin_s) * features.rate_hz))
    chroma = features.chroma[:, first:last].astype(float)
    onsets = features.onsets[:, first:last].astype(float)
    return PathFeatures(chroma, onsets, features.rate_hz), first / features.rate_hz


def _pad(features: PathFeatures) -> PathFeatures:
    frames = round(_PAD_S * features.rate_hz)
    chroma = np.pad(features.chroma, ((0, 0), (frames, frames)))
    chroma[-1, :frames] = chroma[-1, -frames:] = 1.0
    onsets = np.pad(features.onsets, ((0, 0), (frames, frames)))
    return PathFeatures(chroma, onsets, features.rate_hz)
