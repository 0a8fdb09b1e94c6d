"""Who the stems are of: parts of a score, players in the picture, or voices in the sound."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from avstem import association as association_stage
from avstem.datatypes import (
    NO_NOTES,
    Absent,
    Activity,
    Affinity,
    Alignment,
    Association,
    Match,
    Notes,
    Part,
    Players,
    Score,
    Voices,
)
from avstem.errors import RequestError

Assignments = tuple[tuple[str, int | None], ...]

_BY_DEFINITION = "by definition: the stem is what this player's movement explains"
_NOTHING_LEFT = "fewer sounds than players were told apart: nothing was left for this one"


@dataclass(frozen=True, eq=False)
class Cast:
    """One entry per stem.

    parts : their names; those of a score, or stand-ins without instrument and notes.
    notes : of each part as performed, media time; without a score as heard, or none.
    association : who plays which part.
    """

    parts: tuple[Part, ...]
    notes: tuple[Notes, ...]
    association: Association

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(part.name for part in self.parts)


def of_score(
    score: Score,
    alignment: Alignment,
    players: Players | Absent,
    playing: Activity | Absent,
    assignments: Assignments,
) -> Cast:
    """The parts of the score, each with the visible player who moves as it sounds.

    playing : who plays when by movement, rows of players.
    """
    names = tuple(part.name for part in score.parts)
    if isinstance(players, Absent):
        association = _unseen(len(names), players.why)
    else:
        affinity = association_stage.associate(players, alignment.notes, playing)
        association = association_stage.assign(affinity, names, assignments)
    return Cast(score.parts, alignment.notes, association)


def of_players(players: Players, assignments: Assignments, warnings: tuple[str, ...] = ()) -> Cast:
    """Every visible player is a part: ``"Player 0"`` and so on, numbered like the players.

    Raises RequestError for an assignment to another player: the movement is the player's own.
    """
    count = len(players.players)
    names = tuple(f"Player {k}" for k in range(count))
    fixed = association_stage.check_assignments(assignments, names, count)
    for part, player in fixed.items():
        if player != part:
            raise RequestError(
                f"{names[part]!r} is what the movement of player {part} explains; it cannot be "
                f"assigned to {'nobody' if player is None else f'player {player}'}.",
                "Leave the assignment out, or give a score.",
            )
    matches = tuple(Match(k, k, 1.0, why=_BY_DEFINITION) for k in range(count))
    return _without_notes(names, Association(matches, None, warnings=warnings))


def of_voices(
    guesses: Sequence[Voices],
    players: Players,
    playing: Activity | Absent,
    assignments: Assignments,
    warnings: tuple[str, ...] = (),
) -> tuple[Cast, Voices]:
    """Every voice heard in the sound is a part, with the visible player who moves as it sounds.

    Of several guesses at the voices that one counts which the movement goes with best.
    ``"Voice 1"`` and so on, numbered from left to right by the players that are found for them
    before ``assignments`` are heeded: a name stays with its sound when the user corrects a match.
    """
    voices, affinity, heard = _heard(players, guesses, playing)
    order = tuple(match.part for match in sorted(heard.matches, key=_place))
    names = tuple(f"Voice {k + 1}" for k in range(len(order)))
    voices = voices.in_order(order)
    affinity = replace(affinity, scores=affinity.scores[list(order)])
    association = association_stage.assign(affinity, names, assignments)
    silent = _silent(voices)
    unsure = set(silent) - set(association_stage.check_assignments(assignments, names, None))
    matches = tuple(
        replace(match, confidence=0.0, ambiguous=True, why=_NOTHING_LEFT)
        if match.part in unsure
        else match
        for match in association.matches
    )
    told = association.warnings + _told_of_silent(names[k] for k in silent) + warnings
    association = replace(association, matches=matches, warnings=told)
    cast = _without_notes(names, association)
    return replace(cast, notes=voices.notes), voices


def _place(match: Match) -> float:
    return math.inf if match.player is None else match.player


def with_voices(
    cast: Cast, players: Players, guesses: Sequence[Voices], playing: Activity | Absent
) -> tuple[Cast, Voices]:
    """Find whose voice is whose; the cast of a score, and the voices in the order of its parts.

    Of several guesses at the voices that one counts which the movement goes with best.
    """
    voices, _, heard = _heard(players, guesses, playing)
    order = voice_order(heard, cast.association)
    doubts = _doubts(
        part.name for part, k in zip(cast.parts, order, strict=True) if heard.matches[k].ambiguous
    )
    voices = voices.in_order(order)
    told = cast.association.warnings + doubts
    told += _told_of_silent(cast.names[k] for k in _silent(voices))
    return replace(cast, association=replace(cast.association, warnings=told)), voices


def _heard(
    players: Players, guesses: Sequence[Voices], playing: Activity | Absent
) -> tuple[Voices, Affinity, Association]:
    """Whose voice is whose by movement; the places in picture and sound where that is in doubt."""
    notes = [one.notes for one in guesses]
    best, affinity = association_stage.best_explained(players, notes, playing)
    voices = guesses[best]
    affinity = association_stage.with_places(affinity, voices.rightness)
    labels = tuple(f"voice {k}" for k in range(len(voices.notes)))
    return voices, affinity, association_stage.assign(affinity, labels)


def _doubts(names: Iterable[str]) -> tuple[str, ...]:
    listed = ", ".join(names)
    said = f"By movement alone it is not sure whose sound these stems hold: {listed}."
    return (said,) if listed else ()


def _silent(voices: Voices) -> tuple[int, ...]:
    """Voices that come from nowhere, or of which no note was heard where notes are all there is."""
    by_notes = voices.heard and not voices.placed
    return tuple(
        k
        for k, played in enumerate(voices.notes)
        if k not in voices.sounding or (by_notes and not len(played))
    )


def _told_of_silent(names: Iterable[str]) -> tuple[str, ...]:
    listed = ", ".join(names)
    said = f"Fewer sounds than players were told apart: these stems are silent: {listed}."
    return (said,) if listed else ()


def voice_order(heard: Association, association: Association) -> tuple[int, ...]:
    """Number of the voice of each part: that of its player; what is left goes to the others."""
    of_player = {match.player: match.part for match in heard.matches if match.player is not None}
    order = [
        of_player.get(m.player, -1) if m.player is not None else -1 for m in association.matches
    ]
    left = (voice for voice in range(len(order)) if voice not in order)
    return tuple(next(left) if voice < 0 else voice for voice in order)


def of_sound(count: int, warnings: tuple[str, ...] = ()) -> Cast:
    """Voices that only the sound tells apart: nobody knows who plays them."""
    names = tuple(f"Source {k + 1}" for k in range(count))
    unseen = _unseen(count, "told apart by sound alone")
    return _without_notes(names, replace(unseen, warnings=warnings))


def _without_notes(names: tuple[str, ...], association: Association) -> Cast:
    parts = tuple(Part(k, name, "", NO_NOTES) for k, name in enumerate(names))
    return Cast(parts, (NO_NOTES,) * len(parts), association)


def _unseen(count: int, why: str) -> Association:
    return Association(tuple(Match(k, None, 0.0, why=why) for k in range(count)), None)
