"""Which moving part of a player makes the sound (Parekh et al. 2017, section 4.2 and Fig. 3).

There the cluster with most of a source's components; here, for every method alike, the cluster
whose speed goes best with the beginnings of the tones, against the same at all other times, so
that clusters that move much and little can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, IntArray, MotionClusters

RATE_HZ = 25.0
SWAY_HZ = 0.8  # slower speed is sway of the body
ONSET_S = 0.08
LATEST_S = 0.24  # by which a heard onset may follow the movement
NEAR_S = 2.0  # shifts below this are no measure of chance
# Standard deviations above chance that one cluster must reach, and the best of many more of.
LEAST = 2.7
TINY = 1e-9


def sounding_clusters(
    clusters: MotionClusters, onsets_s: Sequence[FloatArray], at_s: float | None = None
) -> tuple[int | None, ...]:
    """Index of the cluster that carries each player's sound; None where no cluster stands out.

    onsets_s : (notes,) media times of each player, in the players' order.
    at_s : only clusters that the picture shows then; None for all.
    """
    shown = np.ones(len(clusters.players), bool)
    if at_s is not None:
        shown = clusters.shown_at(np.array([at_s]))[:, 0]
    return tuple(
        _best(clusters, np.flatnonzero((clusters.players == player) & shown), played)
        for player, played in enumerate(onsets_s)
    )


def _best(clusters: MotionClusters, mine: IntArray, onsets_s: FloatArray) -> int | None:
    scores = [_goes_with(clusters, k, onsets_s) for k in mine]
    if not scores or max(scores) < math.hypot(LEAST, math.sqrt(2.0 * math.log(len(scores)))):
        return None
    return int(mine[int(np.argmax(scores))])


def _goes_with(clusters: MotionClusters, cluster: int, onsets_s: FloatArray) -> float:
    """How a cluster's movement goes with onsets while it is shown."""
    begin_s, end_s = clusters.shown_s[cluster]
    times_s = begin_s + np.arange(max(2, int((end_s - begin_s) * RATE_HZ))) / RATE_HZ
    even = np.interp(times_s, clusters.times_s, clusters.speed[cluster])
    return _stands_out(_change(even), _train(onsets_s, times_s))


def _change(speed: FloatArray) -> FloatArray:
    """How much the speed changes, without sway, on a logarithmic scale."""
    quick = speed - gaussian_filter1d(speed, RATE_HZ / (2 * np.pi * SWAY_HZ))
    change = np.abs(np.gradient(quick))
    return np.asarray(np.log1p(change / (change.mean() + TINY)))


def _train(onsets_s: FloatArray, times_s: FloatArray) -> FloatArray:
    train = np.zeros(len(times_s))
    frames = np.rint((onsets_s - times_s[0]) * RATE_HZ).astype(int)
    train[frames[(frames >= 0) & (frames < len(train))]] = 1.0
    return np.asarray(gaussian_filter1d(train, ONSET_S * RATE_HZ))


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
