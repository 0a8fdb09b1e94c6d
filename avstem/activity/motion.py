"""Who plays when, from movement alone: no score is needed.

The literature's detectors see postures in pictures (Bazzica, Liem and Hanjalic 2016); here the
movement speaks: a bow that turns, fingers that fall, against sway, nods and fidgeting.
"""

from __future__ import annotations

import numpy as np

from avstem.activity.features import FLOOR, STEP_S, movement_features, own_cells, step_of
from avstem.activity.model import playing_probability
from avstem.datatypes import Activity, FloatArray, Player, Players

LEAST_TEXTURE = 0.05  # of a player's cells on average; on less, flow is guesswork
_STILL = np.log(FLOOR) + 1.0  # log energy: a living player in view moves more


def from_motion(players: Players) -> Activity:
    """Probability that each player plays, for every half second of the picture.

    0.5 says that nothing can be known: the player is in no view, hidden by something that does
    not move, or in a place without texture. A recording shorter than about ten seconds tells
    little of what is usual for a player. At least one player.
    """
    field = players.field
    features = movement_features(players)
    rows = [_probability(row, p, players) for row, p in zip(features, players.players, strict=True)]
    return Activity(np.stack(rows), float(field.times_s[0]), STEP_S, "motion")


def _probability(features: FloatArray, player: Player, players: Players) -> FloatArray:
    """(steps,) of one player from (features, steps)."""
    field = players.field
    # comparisons with NaN are false: where the player is in no view nothing is seen
    seen = np.asarray(features[-1] > _STILL)
    steps = step_of(field)
    for region in player.regions(len(field.times_s)):
        if field.texture_of(region)[own_cells(region)].mean() < LEAST_TEXTURE:
            seen[steps[region.start] : steps[region.stop - 1] + 1] = False
    return playing_probability(features, seen)
