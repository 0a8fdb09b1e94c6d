"""The published alignment, as a method to compare with.

Li, Dinesh, Duan and Sharma, "See and listen: score-informed association of sound tracks to
players in chamber music performance videos", ICASSP 2017, section 2: 12-D chroma of sound and
score, 42.7 ms frames every 9.3 ms, Euclidean distance of each pair of frames, the cheapest
monotonic path within 5 s of the diagonal. The diagonal runs from corner to corner, so silence
before and after the music and excerpts of a score are beyond this method.

Memory grows by 7 MB per minute, for the path's directions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.fft

from avstem.datatypes import FloatArray, Mixture, Score

FRAME_S = 0.0427
HOP_S = 0.0093
BAND_S = 5.0
_BLOCK_FRAMES = 2000
_DIAGONAL, _SOUND_STEP, _SCORE_STEP = 0, 1, 2


def chroma_path(mixture: Mixture, score: Score) -> FloatArray:
    """Path (2, steps) of seconds from the first sample and of score seconds."""
    path = banded_path(sound_chroma(mixture), score_chroma(score), round(BAND_S / HOP_S))
    return np.asarray(path * HOP_S)


def sound_chroma(mixture: Mixture) -> FloatArray:
    """Chroma of a recording, unit vectors (12, frames)."""
    import librosa

    size = round(FRAME_S * mixture.rate_hz)
    fold = librosa.filters.chroma(sr=mixture.rate_hz, n_fft=size, base_c=True)
    blocks = [
        fold @ np.abs(scipy.fft.rfft(pieces, axis=-1)).T ** 2 for pieces in _pieces(mixture, size)
    ]
    return _unit(np.concatenate(blocks, axis=1))


def _pieces(mixture: Mixture, size: int) -> Iterator[FloatArray]:
    """Windowed frames, (frames, size), some at a time."""
    window = np.hanning(size).astype(np.float32)
    total = max(1, int(mixture.samples / mixture.rate_hz / HOP_S))
    for first in range(0, total, _BLOCK_FRAMES):
        frames = np.arange(first, min(total, first + _BLOCK_FRAMES))
        starts = np.round(frames * HOP_S * mixture.rate_hz).astype(int) - size // 2
        sound = mixture.read(int(starts[0]), int(starts[-1] - starts[0]) + size).mean(axis=0)
        yield np.lib.stride_tricks.sliding_window_view(sound, size)[starts - starts[0]] * window


def score_chroma(score: Score) -> FloatArray:
    """Chroma of a score: one per sounding note, unit vectors (12, frames)."""
    chroma = np.zeros((12, max(2, int(np.ceil(score.duration_s / HOP_S)))), np.float32)
    for part in score.parts:
        first = np.floor(part.notes.onsets_s / HOP_S).astype(int)
        last = np.maximum(np.floor(part.notes.offsets_s / HOP_S).astype(int), first + 1)
        for pitch, start, stop in zip(part.notes.pitches, first, last, strict=True):
            chroma[pitch % 12, start:stop] += 1.0
    return _unit(chroma)


def _unit(chroma: FloatArray) -> FloatArray:
    norm = np.linalg.norm(chroma, axis=0)
    return np.asarray(np.where(norm > 1e-6, chroma / np.maximum(norm, 1e-6), 12**-0.5), np.float32)


def banded_path(sound: FloatArray, score: FloatArray, band: int) -> np.ndarray:
    """Cheapest monotonic path (2, steps) of frames within ``band`` frames of the diagonal.

    Row by row over the sound. Steps along the score within a row are a running minimum: with C
    the running sum of costs, D[j] = C[j] + min over k <= j of (entry[k] - C[k - 1]).
    """
    rows, columns = sound.shape[1], score.shape[1]
    centres = np.round(np.arange(rows) * (columns - 1) / max(1, rows - 1)).astype(int)
    offsets = np.arange(-band, band + 1)
    directions = np.empty((rows, len(offsets)), np.uint8)
    before = np.full(len(offsets), np.inf)
    for row, centre in enumerate(centres):
        place = centre + offsets
        inside = (place >= 0) & (place < columns)
        difference = score[:, np.clip(place, 0, columns - 1)] - sound[:, row, None]
        cost = np.where(inside, np.sqrt((difference**2).sum(axis=0)), 1e6)
        shift = centre - centres[row - 1] if row else 0
        diagonal, sound_step = _moved(before, shift - 1), _moved(before, shift)
        entry = np.minimum(diagonal, sound_step) + cost
        if row == 0:
            entry = np.where(place == 0, cost, np.inf)
        total = np.cumsum(cost)
        best = np.minimum.accumulate(entry - total)
        directions[row] = np.where(diagonal <= sound_step, _DIAGONAL, _SOUND_STEP)
        directions[row][entry - total > best] = _SCORE_STEP
        before = best + total
    return _walk_back(directions, centres, band, columns)


def _moved(values: FloatArray, shift: int) -> FloatArray:
    """``values[o + shift]`` for each o, infinite outside."""
    out = np.full(len(values), np.inf)
    if abs(shift) < len(values):
        kept = values[max(shift, 0) : len(values) + min(shift, 0)]
        out[max(-shift, 0) : max(-shift, 0) + len(kept)] = kept
    return out


def _walk_back(directions: np.ndarray, centres: np.ndarray, band: int, columns: int) -> np.ndarray:
    row, column = len(centres) - 1, columns - 1
    path = [(row, column)]
    while (row, column) != (0, 0):
        direction = directions[row, column - centres[row] + band]
        row -= int(direction != _SCORE_STEP)
        column -= int(direction != _SOUND_STEP)
        path.append((row, column))
    return np.array(path[::-1]).T
