"""The default association: all evidence together."""

from __future__ import annotations

import numpy as np

from avstem.association.movement import Movement, movement_of
from avstem.association.synchrony import motion_curves, synchrony_scores
from avstem.datatypes import Affinity, FloatArray, Notes, Players


def associate_synchrony(players: Players, notes: tuple[Notes, ...]) -> Affinity:
    """Affinity by coincidence of movements and onsets alone, z-scores."""
    movement = movement_of(players)
    scores = synchrony_scores(movement, notes)
    return Affinity("synchrony", scores, _drawn(movement), movement.times_s)


def associate_fused(players: Players, notes: tuple[Notes, ...]) -> Affinity:
    """The default."""
    movement = movement_of(players)
    scores = synchrony_scores(movement, notes)
    return Affinity("synchrony", scores, _drawn(movement), movement.times_s)


def _drawn(movement: Movement) -> FloatArray:
    """One curve per player for the report: the turns of all components, standardised."""
    turns = []
    for principal in movement.principal:
        curves = motion_curves(principal, movement.rate_hz)[: len(principal)]
        curves = curves / (curves.std(axis=-1, keepdims=True) + 1e-9)
        mean = curves.mean(axis=0)
        turns.append((mean - mean.mean()) / (mean.std() + 1e-9))
    return np.array(turns)
