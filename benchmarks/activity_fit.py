"""``python -m benchmarks.activity_fit``: the weights of playing / not playing from movement.

Fitted to pieces 1 to 9 with long rests, in seeds and pictures of their own; pieces 10 to 19 and
the pieces of the benchmark stay unseen. What cannot be chosen by the fit itself (how much the
chain trusts a step, how often players stop and start) is chosen by leaving one piece out in turn.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from avstem import activity
from avstem.activity.features import movement_features
from avstem.activity.model import MOST, WEIGHTS, Network, chained, inputs_of
from avstem.datatypes import FloatArray
from benchmarks import pieces
from benchmarks.activity import UNSEEN, opened, rested_piece, true_activity

UNITS, DECAY, STEPS, RATE = 16, 0.01, 300, 0.02
VARIANTS = 2  # of each player: excerpts with larger or smaller gestures, farther or nearer
GAINS, NEARER, SHORTEST = (0.7, 1.8), 0.5, 40
GIVES_WAY = (1.5, 5.0)  # how much less than the hands the whole body moves along, log energy
TRUSTS = (0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
SWITCHES = (0.02, 0.04, 0.08, 0.15)
PICTURES = ((100, (320, 180)), (200, (640, 360)))  # added to the piece's number as seed; size


@dataclass(frozen=True, eq=False)
class Example:
    """One player: features (features, steps), whether playing (steps,), in which piece."""

    features: FloatArray
    playing: NDArray[np.bool_]
    piece: int

    @property
    def inputs(self) -> FloatArray:
        """(inputs, steps) of the network."""
        return inputs_of(self.features, np.ones(len(self.playing), bool))

    def varied(self, rng: np.random.Generator) -> Example:
        """An excerpt by somebody who moves more or less, farther away or nearer."""
        steps = len(self.playing)
        length = int(rng.integers(SHORTEST, steps + 1))
        first = int(rng.integers(0, steps - length + 1))
        usual = np.median(self.features, axis=1, keepdims=True)
        varied = usual + rng.uniform(*GAINS) * (self.features - usual) + rng.normal(0, NEARER)
        varied[1::2] = np.logaddexp(varied[1::2], varied[0::2] - rng.uniform(*GIVES_WAY))
        part = slice(first, first + length)
        return replace(self, features=varied[:, part], playing=self.playing[part])


def main() -> None:
    """Make the pieces, fit, write the weights beside the model."""
    chosen = [piece for piece in pieces.PIECES if piece.number not in UNSEEN]
    examples = [
        example
        for piece in chosen
        for first_seed, size in PICTURES
        for example in _examples(rested_piece(piece, first_seed + piece.number, size), piece.number)
    ]
    whole = _fit(examples)
    trust, switch = _chain(examples)
    target = Path(activity.__file__).parent / WEIGHTS
    target.write_text(_stored(replace(whole, trust=trust, switch=switch)), encoding="utf-8")
    print(f"{target}: trust {trust}, switch {switch}")


def _examples(folder: Path, piece: int) -> list[Example]:
    with tempfile.TemporaryDirectory() as scratch:
        truth, players, _ = opened(folder, Path(scratch))
        features = movement_features(players)
        steps = np.arange(features.shape[-1])
        middles_s = players.field.times_s[0] + (steps + 0.5) * activity.STEP_S
        playing = true_activity(truth).at(middles_s)
        part_of = [player["part"] for player in truth["players"]]
    return [
        Example(row, playing[part_of[player]] > 0.5, piece) for player, row in enumerate(features)
    ]


def _fit(examples: Sequence[Example], seed: int = 0) -> Network:
    """A network by gradient descent on the log loss, its weights held small."""
    rng = np.random.default_rng(seed)
    shown = [*examples, *(e.varied(rng) for _ in range(VARIANTS) for e in examples)]
    x = np.concatenate([e.inputs for e in shown], axis=1).T
    y = torch.tensor(np.concatenate([e.playing for e in shown]), dtype=torch.float32)
    centre, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    standard = torch.tensor(np.clip((x - centre) / scale, -MOST, MOST), dtype=torch.float32)
    random = torch.Generator().manual_seed(seed)
    hidden = torch.randn(x.shape[1], UNITS, generator=random) / x.shape[1] ** 0.5
    out = torch.randn(UNITS, generator=random) / UNITS**0.5
    weights = [hidden, torch.zeros(UNITS), out, torch.zeros(())]
    for weight in weights:
        weight.requires_grad_()
    optimiser = torch.optim.Adam(weights, RATE)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        optimiser.zero_grad()
        odds = torch.tanh(standard @ weights[0] + weights[1]) @ weights[2] + weights[3]
        size = weights[0].square().sum() + weights[2].square().sum()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(odds, y) + DECAY / 2 * size
        loss.backward()
        optimiser.step()
        slower.step()
    h, b, o, c = (weight.detach().numpy() for weight in weights)
    return Network(centre, scale, h, b, o, float(c), 1.0, 0.05)


def _chain(examples: Sequence[Example]) -> tuple[float, float]:
    """Trust and switch with the least log loss on pieces that were left out of the fit."""
    odds = []
    for piece in sorted({e.piece for e in examples}):
        net = _fit([e for e in examples if e.piece != piece])
        odds += [(net.log_odds(e.inputs), e.playing) for e in examples if e.piece == piece]
    losses = {
        (trust, switch): float(sum(_loss(chained(trust * o, switch), y) for o, y in odds))
        for trust, switch in itertools.product(TRUSTS, SWITCHES)
    }
    return min(losses, key=lambda pair: losses[pair])


def _loss(probability: FloatArray, playing: NDArray[np.bool_]) -> float:
    right = np.where(playing, probability, 1.0 - probability)
    return float(-np.log(np.clip(right, 1e-6, None)).sum())


def _stored(net: Network) -> str:
    rounded = {
        name: np.round(value, 3).tolist() if isinstance(value, np.ndarray) else value
        for name, value in vars(net).items()
    }
    return json.dumps(rounded) + "\n"


if __name__ == "__main__":
    main()
