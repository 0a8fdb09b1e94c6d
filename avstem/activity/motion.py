"""Who plays when, from movement alone: no score is needed.

The literature's detectors see postures in pictures (Bazzica, Liem and Hanjalic 2016); here the
movement speaks: a bow that turns, fingers that fall, against sway, nods and fidgeting.
"""

from __future__ import annotations

import numpy as np

from avstem.activity.features import FLOOR, STEP_S, movement_features, own_cells, step_of
from avstem.activity.model import playing_probability
from avstem.activity.sound import silent_steps
from avstem.datatypes import Activity, FloatArray, Mixture, Player, Players

LEAST_TEXTURE = 0.05  # of a player's cells on average; on less, flow is guesswork
_STILL = np.log(FLOOR) + 1.0  # mean log energy: a living player in view moves more


def from_motion(players: Players, mixture: Mixture | None = None) -> Activity:
    """Probability that each player plays, for every half second of the picture.

    mixture : the sound, where there is one: while it is silent nobody plays.

    0.5 says that nothing can be known: the player is in no view, hidden by something that does
    not move, or in a place without texture. A recording shorter than about ten seconds tells
    little of what is usual for a player. At least one player.
    """
    field = players.field
    features = movement_features(players)
    rows = [_probability(row, p, players) for row, p in zip(features, players.players, strict=True)]
    playing = np.stack(rows)
    start_s = float(field.times_s[0])
    if mixture is not None:
        playing[:, silent_steps(mixture, start_s, STEP_S, playing.shape[1])] = 0.0
    return Activity(playing, start_s, STEP_S, "motion")


def _probability(features: FloatArray, player: Player, players: Players) -> FloatArray:
    """(steps,) of one player from (features, steps)."""
    field = players.field
    # comparisons with NaN are false: where the player is in no view nothing is seen
    seen = np.asarray(features[-1] > _STILL)
    steps = step_of(field)
    for region in player.regions(len(field.times_s)):
        if field.texture[own_cells(region)].mean() < LEAST_TEXTURE:
            seen[steps[region.start] : steps[region.stop - 1] + 1] = False
    return playing_probability(features, seen)
