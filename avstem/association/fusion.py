"""The default association: onsets and pitch leaps together; rests are added by ``rests``.

Each kind of evidence is a z-score, so that they can be added; the weights say how independent
and how reliable a kind was on simulated ensembles other than those of the benchmark.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from avstem.association.movement import Movement, movement_of
from avstem.association.synchrony import leap_scores, motion_curves, onset_scores
from avstem.datatypes import Affinity, FloatArray, Notes, Players

_LEAPS = 0.4


def associate_synchrony(players: Players, notes: tuple[Notes, ...]) -> Affinity:
    """Affinity by coincidence of movements and onsets alone, z-scores."""
    movement = movement_of(players)
    scores = onset_scores(movement, notes)
    return Affinity("synchrony", scores, _drawn(movement), movement.times_s)


def associate_fused(players: Players, notes: tuple[Notes, ...]) -> Affinity:
    """Affinity by all movement at notes, a weighted sum of z-scores."""
    return associate_guesses(players, [notes])[0]


def associate_guesses(
    players: Players, guesses: Sequence[tuple[Notes, ...]]
) -> tuple[Affinity, ...]:
    """The same of each of several guesses at the notes."""
    movement = movement_of(players)
    drawn = _drawn(movement)
    return tuple(
        Affinity("default", fused_scores(movement, notes), drawn, movement.times_s)
        for notes in guesses
    )


def movement_alone(players: Players) -> Affinity:
    """What an editor looks at where there are no notes to compare with: (0, players) scores."""
    movement = movement_of(players)
    return Affinity(
        "movement", np.zeros((0, len(players.players))), _drawn(movement), movement.times_s
    )


def fused_scores(movement: Movement, notes: tuple[Notes, ...]) -> FloatArray:
    """(parts, players) weighted sums of the z-scores of both kinds of evidence."""
    onsets, leaps = onset_scores(movement, notes), leap_scores(movement, notes)
    return onsets + _LEAPS * leaps


def _drawn(movement: Movement) -> FloatArray:
    """One curve per player for the report: mean of its turns and accelerations, standardised."""
    curves = []
    for player, principal in enumerate(movement.principal):
        drawn = movement.evened(player, motion_curves(principal, movement.rate_hz))
        mean = drawn[: 2 * len(principal)].mean(axis=0)
        curves.append((mean - mean.mean()) / (mean.std() + 1e-9))
    return np.array(curves)
