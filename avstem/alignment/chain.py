"""Posterior of a chain of onset times under a tempo that wanders.

The hidden state at each chord is its lag from a first guess and the tempo relative to the
expected one. Tempo performs a random walk in its logarithm; the interval to the next chord is
the expected one times the tempo, give or take a few milliseconds. Sums run forward and backward
over all states (Rabiner, "A tutorial on hidden Markov models", Proc. IEEE 77(2), 1989, Eq. 19
to 27), so that every onset gets a posterior from the whole recording.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray

_STRAY = 1e-9  # likelihood of an interval that the tempo does not explain


@dataclass(frozen=True)
class Tempo:
    """How tempo and intervals vary."""

    slowest: float = 1.5  # largest and, inverted, smallest tempo ratio
    ratios: int = 9
    first: float = 0.2  # spread of the first log ratio
    walk: float = 0.06  # spread of the log ratio's change over a second of score
    jitter_s: float = 0.01  # spread of an interval, plus
    share: float = 0.03  # this share of the interval


def posterior(
    log_likelihood: FloatArray,
    lags_s: FloatArray,
    centres_s: FloatArray,
    expected_s: FloatArray,
    gaps_s: FloatArray,
    tempo: Tempo,
) -> FloatArray:
    """Posterior of each chord's lag, (chords, lags).

    log_likelihood : (chords, lags) of what was heard, given that the chord begins at
        ``centres_s + lags_s``.
    expected_s, gaps_s : (chords - 1,) expected media and notated score intervals.
    """
    heard = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    log_ratios = np.linspace(-1, 1, tempo.ratios) * np.log(tempo.slowest)
    intervals_s = np.diff(centres_s)
    links = _Links(lags_s, intervals_s, expected_s, gaps_s, log_ratios, tempo)
    forward = _forward(heard, links)
    out = np.empty_like(heard)
    backward: FloatArray = np.ones(forward.shape[1:])
    for chord in range(len(heard) - 1, -1, -1):
        out[chord] = (forward[chord] * backward).sum(axis=0)
        if chord:
            backward = links.back(chord - 1, backward * heard[chord])
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def _forward(heard: FloatArray, links: _Links) -> FloatArray:
    """Likelihood of all up to each chord and its state, normalised, (chords, ratios, lags)."""
    forward = np.empty((len(heard), len(links.log_ratios), heard.shape[1]), np.float32)
    start = np.exp(-0.5 * (links.log_ratios / links.tempo.first) ** 2)
    forward[0] = start[:, None] * heard[0] / (start.sum() * heard[0].sum())
    for chord in range(1, len(heard)):
        state = links.on(chord - 1, forward[chord - 1]) * heard[chord]
        forward[chord] = state / max(float(state.sum()), 1e-300)
    return forward


@dataclass(frozen=True, eq=False)
class _Links:
    """Transitions between neighbouring chords, computed when asked for."""

    lags_s: FloatArray
    intervals_s: FloatArray
    expected_s: FloatArray
    gaps_s: FloatArray
    log_ratios: FloatArray
    tempo: Tempo

    def on(self, link: int, state: FloatArray) -> FloatArray:
        """States (ratios, lags) carried to the next chord."""
        turned = self._turn(link).T @ state
        return np.asarray(np.matmul(turned[:, None, :], self._step(link))[:, 0])

    def back(self, link: int, state: FloatArray) -> FloatArray:
        """Likelihoods of what follows, carried to the chord before, normalised."""
        stepped = np.matmul(self._step(link), state[:, :, None])[:, :, 0]
        earlier = self._turn(link) @ stepped
        return np.asarray(earlier / max(float(earlier.sum()), 1e-300))

    def _turn(self, link: int) -> FloatArray:
        """Probability of each next tempo ratio, (ratios, next ratios)."""
        change = self.log_ratios[None, :] - self.log_ratios[:, None]
        spread = np.hypot(self.tempo.walk * np.sqrt(self.gaps_s[link]), 0.02)
        likely = np.exp(-0.5 * (change / spread) ** 2)
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def _step(self, link: int) -> FloatArray:
        """Likelihood of each pair of lags, (ratios, lags, next lags)."""
        expected_s = float(self.expected_s[link])
        wanted = expected_s * np.exp(self.log_ratios)[:, None, None]
        found = self.intervals_s[link] + self.lags_s[None, :] - self.lags_s[:, None]
        spread = np.hypot(self.tempo.jitter_s, self.tempo.share * expected_s)
        near = np.exp(-0.5 * ((found - wanted) / spread).astype(np.float32) ** 2)
        return np.asarray(near * (found > 0) + _STRAY, np.float32)
