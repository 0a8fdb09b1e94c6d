"""Which stretch of the recording holds which stretch of the score.

A recording may begin long before the music and end long after it, or be an excerpt of the score.
One dynamic programme over coarse chroma finds the best matching stretch: leaving out sound at
either end costs nothing, leaving out score costs a little, tempo may differ by a factor of 2
either way, and the music may pause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.alignment.features import PATH_RATE_HZ, PathFeatures
from avstem.datatypes import FloatArray

_COARSE_RATE_HZ = 5.0
_MOST_FRAMES = 1500  # per axis: bounds memory for long recordings
_NEUTRAL = 0.55  # similarity that neither speaks for a match nor against it
_LEAVE_OUT = 0.05  # per score frame before the match or after it
_SKIP = 0.30  # per score frame within the match
_BEND = 0.10  # per step at half or double tempo
_HOLD = 0.30  # per recording frame during which the score stands still


@dataclass(frozen=True, eq=False)
class Span:
    """Matching stretches, in seconds from the first frame of either side.

    path_s : (2, steps) of sound and score seconds, the match itself, roughly.
    similarity : mean cosine similarity along the match.
    """

    sound_s: tuple[float, float]
    score_s: tuple[float, float]
    path_s: FloatArray
    similarity: float


def find_span(sound: PathFeatures, score: PathFeatures) -> Span:
    """The best matching stretches of sound and score."""
    longest = max(sound.chroma.shape[1], score.chroma.shape[1])
    step = max(round(PATH_RATE_HZ / _COARSE_RATE_HZ), -(-longest // _MOST_FRAMES))
    gain = coarse(score.chroma, step).T @ coarse(sound.chroma, step)
    gain -= _NEUTRAL
    path = _best_path(gain)
    rows, columns = np.array(path).T
    steps_s = np.array([[step / sound.rate_hz], [step / score.rate_hz]])
    path_s = np.array([columns, rows]) * steps_s
    (sound_from, score_from), (sound_to, score_to) = path_s[:, 0], path_s[:, -1] + steps_s[:, 0]
    similarity = _NEUTRAL + float(gain[rows, columns].mean())
    return Span((sound_from, sound_to), (score_from, score_to), path_s, similarity)


def coarse(chroma: FloatArray, step: int) -> FloatArray:
    """Chroma averaged over twice the step, one frame per step, unit vectors."""
    frames = -(-chroma.shape[1] // step)
    padded = np.pad(chroma, ((0, 0), (step, (frames + 1) * step - chroma.shape[1])))
    sums = padded.reshape(len(chroma), frames + 2, step).sum(axis=2)
    smooth = sums[:, :-2] / 2 + sums[:, 1:-1] + sums[:, 2:] / 2
    return np.asarray(smooth / np.maximum(np.linalg.norm(smooth, axis=0), 1e-9), np.float32)


def _best_path(gain: FloatArray) -> list[tuple[int, int]]:
    """Best path through (score frames, sound frames), as (score frame, sound frame) pairs."""
    total = _accumulate(gain)
    left_out = _LEAVE_OUT * np.arange(len(gain) - 1, -1, -1)
    row = int(np.argmax(total.max(axis=1) - left_out))
    column = int(np.argmax(total[row]))
    path = [(row, column)]
    while (before := _previous(total, gain, *path[-1])) is not None:
        path.append(before)
    return path[::-1]


def _accumulate(gain: FloatArray) -> FloatArray:
    """Best total gain of a path that ends at each place, (score frames, sound frames)."""
    rows, columns = gain.shape
    total = np.full((rows, columns), -np.inf, np.float32)
    ramp = (_HOLD * np.arange(columns)).astype(np.float32)
    for row in range(rows):
        best = np.full(columns, -_LEAVE_OUT * row, np.float32)
        if row >= 1:
            np.maximum(best[1:], total[row - 1, :-1], out=best[1:])
            slow = total[row - 1, :-2] + (gain[row, 1:-1] - gain[row, 2:]) / 2 - _BEND
            np.maximum(best[2:], slow, out=best[2:])
            np.maximum(best, total[row - 1] - _SKIP - gain[row], out=best)
        if row >= 2:
            fast = total[row - 2, :-1] + gain[row - 1, 1:] - _BEND
            np.maximum(best[1:], fast, out=best[1:])
        best += gain[row]
        total[row] = np.maximum.accumulate(best + ramp) - ramp
    return total


def _previous(total: FloatArray, gain: FloatArray, row: int, column: int) -> tuple[int, int] | None:
    """The place before, or None where the path begins."""
    here = gain[row, column]
    options: list[tuple[float, tuple[int, int] | None]] = [(here - _LEAVE_OUT * row, None)]
    if column >= 1:
        options.append((total[row, column - 1] - _HOLD, (row, column - 1)))
    if row >= 1:
        options.append((total[row - 1, column] - _SKIP, (row - 1, column)))
    if row >= 1 and column >= 1:
        options.append((total[row - 1, column - 1] + here, (row - 1, column - 1)))
    if row >= 1 and column >= 2:
        slow = total[row - 1, column - 2] + (gain[row, column - 1] + here) / 2 - _BEND
        options.append((slow, (row - 1, column - 2)))
    if row >= 2 and column >= 1:
        fast = total[row - 2, column - 1] + gain[row - 1, column] + here - _BEND
        options.append((fast, (row - 2, column - 1)))
    return max(options, key=lambda option: option[0])[1]
