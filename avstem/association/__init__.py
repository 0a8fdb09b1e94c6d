"""Which player plays which part: affinities, then the matching."""

from __future__ import annotations

from collections.abc import Callable

from avstem.association.assign import assign, check_assignments
from avstem.association.fusion import associate_fused, associate_synchrony, movement_alone
from avstem.association.places import with_places
from avstem.association.strokes import associate_strokes
from avstem.datatypes import Affinity, Notes, Players
from avstem.errors import RequestError

__all__ = ["METHODS", "assign", "associate", "check_assignments", "movement_alone", "with_places"]

METHODS: dict[str, Callable[[Players, tuple[Notes, ...]], Affinity]] = {
    "default": associate_fused,
    "synchrony": associate_synchrony,
    "strokes": associate_strokes,
}


def associate(players: Players, notes: tuple[Notes, ...], *, method: str = "default") -> Affinity:
    """How well each player's movement goes with each part's notes, in media time.

    Raises RequestError for an unknown method or without players.
    """
    if method not in METHODS:
        raise RequestError(
            f"There is no association method {method!r}.", f"Choose from {', '.join(METHODS)}."
        )
    if not players.players:
        raise RequestError("There are no players to associate with.", "Give the players' boxes.")
    return METHODS[method](players, notes)
