"""Which player plays which part: affinities, then the matching."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from avstem.association.assign import assign, best_total, check_assignments
from avstem.association.fusion import (
    associate_fused,
    associate_guesses,
    associate_synchrony,
    movement_alone,
)
from avstem.association.places import with_places
from avstem.association.rests import with_rests
from avstem.association.strokes import associate_strokes
from avstem.datatypes import Absent, Activity, Affinity, Notes, Players
from avstem.errors import RequestError

__all__ = [
    "METHODS",
    "assign",
    "associate",
    "best_explained",
    "check_assignments",
    "movement_alone",
    "with_places",
]

NOBODY_LOOKED = Absent("nobody looked who plays when")

METHODS: dict[str, Callable[[Players, tuple[Notes, ...]], Affinity]] = {
    "default": associate_fused,
    "synchrony": associate_synchrony,
    "strokes": associate_strokes,
}


def associate(
    players: Players,
    notes: tuple[Notes, ...],
    playing: Activity | Absent = NOBODY_LOOKED,
    *,
    method: str = "default",
) -> Affinity:
    """How well each player's movement goes with each part's notes, in media time.

    playing : who plays when, rows of players, by movement; only the default method heeds it.

    Raises RequestError for an unknown method or without players.
    """
    if method not in METHODS:
        raise RequestError(
            f"There is no association method {method!r}.", f"Choose from {', '.join(METHODS)}."
        )
    if not players.players:
        raise RequestError("There are no players to associate with.", "Give the players' boxes.")
    affinity = METHODS[method](players, notes)
    return with_rests(affinity, notes, playing) if method == "default" else affinity


def best_explained(
    players: Players,
    guesses: Sequence[tuple[Notes, ...]],
    playing: Activity | Absent = NOBODY_LOOKED,
) -> tuple[int, Affinity]:
    """Which of several guesses at the notes of all parts the movement goes with best.

    The number of the guess and its affinity. Notes given to the wrong part coincide with nobody's
    movement, so that the best matching of a right guess has a larger sum. What was chosen for its
    sum has a large one also by luck: the affinity's method is then ``"guessed"``, for which the
    same margin is less sure.
    """
    found = [
        with_rests(affinity, notes, playing)
        for affinity, notes in zip(associate_guesses(players, guesses), guesses, strict=True)
    ]
    totals = [best_total(affinity) for affinity in found]
    best = max(range(len(found)), key=totals.__getitem__)
    chosen = found[best] if len(found) == 1 else replace(found[best], method="guessed")
    return best, chosen
