"""How well parts find their players: the measures of Table 1 of Li et al. (ICASSP 2017).

Scores of all methods add up over a matching, so the association score S of Eq. 4 is the
exponential of the sum: for ``strokes`` exactly the published product.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avstem.datatypes import Affinity


@dataclass(frozen=True)
class PieceResult:
    """One piece, as a row of the published table.

    rank : place of the true association among all of them, 1 is best; ties count against it.
    metric_ratio : its score over the best wrong one's; infinite when there is no wrong one.
    """

    tracks: int
    tracks_right: int
    associations: int
    rank: int
    metric_ratio: float

    @property
    def right(self) -> bool:
        return self.tracks_right == self.tracks


def judge(affinity: Affinity, truth: Sequence[int]) -> PieceResult:
    """Measure one piece; truth: the player of each part, -1 for one who was not found.

    Raises ValueError unless there are as many truths as parts and at least as many players.
    """
    parts, players = affinity.scores.shape
    if len(truth) != parts or players < parts:
        raise ValueError(
            f"expected {parts} truths and as many players, found {len(truth)}, {players}"
        )
    everyone = [list(p) for p in itertools.permutations(range(players), parts)]
    totals = np.array([affinity.scores[np.arange(parts), p].sum() for p in everyone])
    right = np.array([p == list(truth) for p in everyone])
    best = everyone[int(totals.argmax())]
    hits = sum(a == b for a, b in zip(best, truth, strict=True))
    if not right.any():
        return PieceResult(parts, hits, len(everyone), len(everyone), 0.0)
    true_total, wrong = totals[right][0], totals[~right]
    ratio = float(np.exp(true_total - wrong.max())) if len(wrong) else float("inf")
    rank = 1 + int((wrong >= true_total).sum())
    return PieceResult(parts, parts if rank == 1 else hits, len(everyone), rank, ratio)


@dataclass(frozen=True)
class Summary:
    """Totals over pieces."""

    tracks: int
    tracks_right: int
    pieces: int
    pieces_right: int


def summarise(results: Sequence[PieceResult]) -> Summary:
    """Totals over pieces."""
    return Summary(
        sum(r.tracks for r in results),
        sum(r.tracks_right for r in results),
        len(results),
        sum(r.right for r in results),
    )
