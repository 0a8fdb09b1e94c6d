"""The matching of parts and players, how sure each match is, and what the user decided.

Scores add up: the best matching has the largest sum (Hungarian algorithm). The margin of a match
is what the best matching without it loses; confidence is a logistic function of the margin,
fitted once, for all pieces, on simulated ensembles.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment

from avstem.datatypes import Affinity, Association, FloatArray, Match
from avstem.errors import RequestError

_FORBIDDEN = -1e6
# ln odds of a match being right = offset + slope * margin; fitted to 684 matches (strokes: 150) in
# excerpts of 8 to 40 s of simulated duos to quintets, onsets off by about 30 ms.
CONFIDENCE: dict[str, tuple[float, float]] = {
    "default": (0.13, 0.59),
    "synchrony": (-0.32, 0.98),
    "strokes": (-0.40, 4.69),
    # voices of one channel, chosen by the movement they are now matched by: 188 of 10 and 40 s
    "guessed": (-0.16, 0.34),
}
_AMBIGUOUS_BELOW = 0.9

Assignments = tuple[tuple[str, int | None], ...]


def assign(
    affinity: Affinity, part_names: tuple[str, ...], assignments: Assignments = ()
) -> Association:
    """The matching with the largest sum of scores that keeps the user's assignments.

    part_names : in score order, one per row of the scores.
    assignments : (part name, player) pairs that hold whatever the scores say; None: off-screen.

    With more parts than players the parts that fit worst get player None; with more players
    than parts the rest are idle.

    Raises RequestError for an unknown part or player, or one assigned twice.
    """
    fixed = check_assignments(assignments, part_names, affinity.scores.shape[1])
    table = _table(affinity.scores, fixed)
    rows = [_match(part, table, affinity, fixed) for part in range(len(part_names))]
    taken = {match.player for match in rows}
    idle = tuple(q for q in range(affinity.scores.shape[1]) if q not in taken)
    return Association(tuple(rows), affinity, idle, _idle_warnings(idle))


def best_total(affinity: Affinity) -> float:
    """Sum of the scores over the best matching."""
    return _solve(affinity.scores)[1]


def check_assignments(
    assignments: Assignments, names: tuple[str, ...], players: int | None
) -> dict[int, int | None]:
    """Part -> player as the user wants it; RequestError where that cannot be.

    players : how many there are; None when that is not known yet.
    """
    fixed: dict[int, int | None] = {}
    for name, player in assignments:
        part = _part_named(name, names)
        if player is not None and players is not None and not 0 <= player < players:
            seen = f"players 0 to {players - 1}" if players else "no players in a picture"
            raise RequestError(
                f"Part {name!r} was assigned to player {player}, but there are {seen}.",
                "Players are numbered from 0, left to right.",
            )
        if part in fixed or (player is not None and player in fixed.values()):
            raise RequestError(
                f"Part {name!r} and player {player} can be assigned only once.",
                "Give each part and each player at most one assignment.",
            )
        fixed[part] = player
    return fixed


def _part_named(name: str, names: tuple[str, ...]) -> int:
    found = [p for p, other in enumerate(names) if other.casefold() == name.strip().casefold()]
    if not found and name.strip().isdecimal() and int(name) < len(names):
        return int(name)
    if len(found) != 1:
        many = "More than one part is" if found else "No part is"
        listed = ", ".join(f"{p} {other!r}" for p, other in enumerate(names))
        raise RequestError(
            f"{many} named {name!r}; there are the parts {listed}.",
            "Use a part's name, or its number.",
        )
    return found[0]


def _idle_warnings(idle: tuple[int, ...]) -> tuple[str, ...]:
    if not idle:
        return ()
    who = f"Player {idle[0]} plays" if len(idle) == 1 else f"Players {_listed(idle)} play"
    return (f"{who} none of the parts.",)


def _listed(numbers: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _table(scores: FloatArray, fixed: dict[int, int | None]) -> FloatArray:
    """(parts, players + parts): real players, then a place off-screen for each part.

    A real match earns a bonus above all differences of scores, so that nobody is sent
    off-screen while a player is free.
    """
    parts, players = scores.shape
    table = np.full((parts, players + parts), _FORBIDDEN)
    table[:, :players] = scores + _bonus(scores)
    table[np.arange(parts), players + np.arange(parts)] = 0.0
    for part, player in fixed.items():
        chosen = players + part if player is None else player
        table[part] = _FORBIDDEN
        table[:, chosen] = _FORBIDDEN
        table[part, chosen] = 0.0
    return table


def _bonus(scores: FloatArray) -> float:
    return 1.0 + 2.0 * len(scores) * float(np.abs(scores).max(initial=0.0))


def _solve(table: FloatArray) -> tuple[FloatArray, float]:
    rows, columns = linear_sum_assignment(table, maximize=True)
    return columns, float(table[rows, columns].sum())


def _match(part: int, table: FloatArray, affinity: Affinity, fixed: dict[int, int | None]) -> Match:
    players = affinity.scores.shape[1]
    if part in fixed:
        return Match(part, fixed[part], confidence=1.0, why="assigned by the user")
    best, total = _solve(table)
    chosen = int(best[part])
    without = table.copy()
    without[part, chosen] = _FORBIDDEN
    second, second_total = _solve(without)
    player, runner_up = (k if k < players else None for k in (chosen, int(second[part])))
    if player is None and runner_up is None:
        return Match(part, None, confidence=1.0, why="no player is left for it")
    margin = total - second_total
    if player is not None and runner_up is None:  # the alternative is nobody at all
        margin = float(affinity.scores[part, player])
    confidence = confidence_of(margin, affinity.method)
    ambiguous = confidence < _AMBIGUOUS_BELOW
    why = _why(runner_up, confidence) if ambiguous else ""
    return Match(part, player, confidence, runner_up, margin, ambiguous, why)


def confidence_of(margin: float, method: str) -> float:
    """Probability that a match with this margin is right."""
    offset, slope = CONFIDENCE[method]
    return 1.0 / (1.0 + math.exp(-min(max(offset + slope * margin, -50.0), 50.0)))


def _why(runner_up: int | None, confidence: float) -> str:
    other = "nobody in the picture" if runner_up is None else f"player {runner_up}"
    return f"{other} fits almost as well: such matches are right in {confidence:.0%} of cases"
