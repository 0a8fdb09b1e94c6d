"""From movement to the probability of playing: a small network, then a hidden Markov model.

The network sees a few seconds of one player's movement relative to what is usual for that player,
so that large and small gestures, near and far players are alike. The Markov model has two states,
playing and resting, that last. The weights (``playing.json``) were fitted to simulated ensembles
other than those of the benchmark by ``python -m benchmarks.activity_fit``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from avstem.activity.features import BOWS
from avstem.datatypes import FloatArray

CONTEXT = range(-4, 5)  # steps around the one that is judged
WEIGHTS = "playing.json"
LEAST = -4.5  # log energy of bows: who never reaches it does not play; players do by far
_RESTING = 0.1  # probability of playing of somebody who hardly moves
MOST = 2.0  # standard deviations: what lies farther out than anything known counts as this far


@dataclass(frozen=True, eq=False)
class Network:
    """One hidden layer over standardised inputs.

    centre, scale : (inputs,). hidden : (inputs, units). hidden_bias, out : (units,).
    trust : factor of the log odds before they are chained: neighbouring steps say almost the same.
    switch : probability of another state in the next step.
    """

    centre: FloatArray
    scale: FloatArray
    hidden: FloatArray
    hidden_bias: FloatArray
    out: FloatArray
    out_bias: float
    trust: float
    switch: float

    def log_odds(self, inputs: FloatArray) -> FloatArray:
        """(steps,) natural log odds of playing from (inputs, steps)."""
        standard = np.clip((inputs.T - self.centre) / self.scale, -MOST, MOST)
        return np.asarray(np.tanh(standard @ self.hidden + self.hidden_bias) @ self.out) + (
            self.out_bias
        )


@cache
def network() -> Network:
    """The network that comes with the package."""
    stored = json.loads(files("avstem.activity").joinpath(WEIGHTS).read_text("utf-8"))
    values: dict[str, Any] = {
        k: np.array(v) if isinstance(v, list) else v for k, v in stored.items()
    }
    return Network(**values)


def playing_probability(features: FloatArray, seen: NDArray[np.bool_]) -> FloatArray:
    """(steps,) of one player's (features, steps); 0.5 where nothing is seen."""
    probability = np.full(seen.shape, 0.5)
    if not seen.any():
        return probability
    if np.quantile(features[BOWS, seen], 0.9) < LEAST:
        probability[seen] = _RESTING
    else:
        net = network()
        evidence = np.where(seen, net.trust * net.log_odds(inputs_of(features, seen)), 0.0)
        probability[seen] = chained(evidence, net.switch)[seen]
    return probability


def inputs_of(features: FloatArray, seen: NDArray[np.bool_]) -> FloatArray:
    """(inputs, steps): the features around each step less their medians, then what is usual.

    Steps that are not seen count as usual.
    """
    low, usual, high = np.quantile(features[:, seen], [0.1, 0.5, 0.9], axis=1)
    relative = np.where(seen, features - usual[:, None], 0.0)
    steps = np.arange(features.shape[1])
    around = [relative[:, np.clip(steps + d, 0, len(steps) - 1)] for d in CONTEXT]
    levels = np.concatenate([low, usual, high])
    return np.concatenate([*around, np.tile(levels[:, None], len(steps))])


def chained(evidence: FloatArray, switch: float) -> FloatArray:
    """(steps,) posterior probability of playing from log odds (steps,): forward and backward.

    Two states that change with probability ``switch`` from step to step (Rabiner 1989, III.B).
    """
    likelihood = np.stack([expit(evidence), expit(-evidence)], axis=1)
    change = np.array([[1.0 - switch, switch], [switch, 1.0 - switch]])
    forward = _passed(likelihood, change)
    backward = _passed(likelihood[::-1], change)[::-1]
    both = forward * backward / likelihood  # each holds the likelihood of the step itself
    return np.asarray(both[:, 0] / both.sum(axis=1))


def _passed(likelihood: FloatArray, change: FloatArray) -> FloatArray:
    """(steps, 2) normalised probabilities after each step, given all before it."""
    now = np.array([0.5, 0.5])
    rows = np.empty_like(likelihood)
    for k, step in enumerate(likelihood):
        now = step * (now if k == 0 else change @ now)
        now /= now.sum()
        rows[k] = now
    return rows
