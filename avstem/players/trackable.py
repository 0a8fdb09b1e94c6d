"""Whose movement can be followed at all: some players do not move, some places have no texture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from avstem.datatypes import FloatArray, MotionField, Player, Players
from avstem.players.density import mean_speed

# Of the player's most moving cells, flow pixels per second where texture can be trusted. A player
# who rests sways by 1 and more; where nothing moves camera noise leaves less than 0.01.
_STILL_SPEED = 0.1
_NO_TEXTURE = 0.02
_MOST_MOVING = 0.9


def with_movement(players: Players) -> Players:
    """Players who know whether they move (``Player.moves``), and a warning where some do not."""
    found, told = [], []
    speeds: dict[tuple[int, int], FloatArray] = {}
    for player in players.players:
        speed, texture = _followed(player, players.field, speeds)
        moves = speed > _STILL_SPEED
        found.append(replace(player, moves=moves))
        if texture < _NO_TEXTURE:
            told.append(
                f"Player {player.index}'s place in the picture has no texture that movement could "
                "be followed on: give another box, or a sharper picture."
            )
        elif not moves:
            told.append(f"Player {player.index} does not move: nothing can be told from them.")
    if not any(player.moves for player in found):
        told = []  # the picture as a whole has been warned of
    warnings = (*players.warnings, *told)
    return replace(players, players=tuple(found), warnings=warnings)


def _followed(
    player: Player, field: MotionField, speeds: dict[tuple[int, int], FloatArray]
) -> tuple[float, float]:
    """Trusted speed and texture of the player's best cells, in their longest region.

    speeds : mean speeds by span of frames, so that each span is read but once.
    """
    region = max(player.regions(len(field.times_s)), key=lambda one: one.stop - one.start)
    own = region.weight >= min(0.5, float(region.weight.max()))
    if not own.any():
        return 0.0, 0.0
    texture = field.texture_of(region)
    span = region.start, region.stop
    if span not in speeds:
        speeds[span] = mean_speed(field, *span)
    trusted = speeds[span] * texture
    best, clearest = (float(np.quantile(v[own], _MOST_MOVING)) for v in (trusted, texture))
    return best, clearest
