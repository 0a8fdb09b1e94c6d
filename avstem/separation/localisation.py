"""Which moving part of a player makes the sound (Parekh et al. 2017, section 4.2 and Fig. 3).

There the cluster with most of a source's components; here the cluster whose speed goes best with
the beginnings of the voice's notes, against the same at all other times, so that clusters that
move much and little can be compared.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, IntArray, MotionClusters, Notes

RATE_HZ = 25.0
SWAY_HZ = 0.8  # slower speed is sway of the body
ONSET_S = 0.08
LATEST_S = 0.24  # by which a heard onset may follow the movement
NEAR_S = 2.0  # shifts below this are no measure of chance
LEAST = 2.5  # standard deviations above chance; less carries no sound
TINY = 1e-9


def sounding_clusters(clusters: MotionClusters, notes: tuple[Notes, ...]) -> tuple[int | None, ...]:
    """Index of the cluster that carries each player's sound; None where no cluster stands out.

    notes : of each player, in the players' order.
    """
    times_s = _even_times(clusters.times_s)
    curves = np.array([_curve(speed, clusters.times_s, times_s) for speed in clusters.speed])
    return tuple(
        _best(curves, np.flatnonzero(clusters.players == player), _train(played, times_s))
        for player, played in enumerate(notes)
    )


def _even_times(times_s: FloatArray) -> FloatArray:
    count = max(2, int((times_s[-1] - times_s[0]) * RATE_HZ))
    return np.asarray(times_s[0] + np.arange(count) / RATE_HZ)


def _curve(speed: FloatArray, known_s: FloatArray, times_s: FloatArray) -> FloatArray:
    """How much the speed changes, without sway, on a logarithmic scale."""
    even = np.interp(times_s, known_s, speed)
    even = even - gaussian_filter1d(even, RATE_HZ / (2 * np.pi * SWAY_HZ))
    change = np.abs(np.gradient(even))
    return np.asarray(np.log1p(change / (change.mean() + TINY)))


def _train(notes: Notes, times_s: FloatArray) -> FloatArray:
    train = np.zeros(len(times_s))
    frames = np.rint((notes.onsets_s - times_s[0]) * RATE_HZ).astype(int)
    train[frames[(frames >= 0) & (frames < len(train))]] = 1.0
    return np.asarray(gaussian_filter1d(train, ONSET_S * RATE_HZ))


def _best(curves: FloatArray, mine: IntArray, train: FloatArray) -> int | None:
    scores = [_stands_out(curves[k], train) for k in mine]
    if not scores or max(scores) < LEAST:
        return None
    return int(mine[int(np.argmax(scores))])


def _stands_out(curve: FloatArray, train: FloatArray) -> float:
    """Best coincidence at a small delay, in deviations from those at far circular shifts."""
    size = len(curve)
    product = rfft(train - train.mean()) * np.conj(rfft(curve - curve.mean()))
    values = irfft(product, n=size)
    edge = min(round(NEAR_S * RATE_HZ), size // 4)
    far = values[edge : size - edge]
    if far.std() <= TINY * max(1.0, float(np.abs(values).max())):
        return 0.0
    late = values[: max(1, round(LATEST_S * RATE_HZ)) + 1].max()
    return float((late - far.mean()) / far.std())
