"""Records of the association stage: who plays what."""

from __future__ import annotations

from dataclasses import dataclass

from avstem.datatypes.base import FloatArray, require


@dataclass(frozen=True, eq=False)
class Affinity:
    """How well each player's movement goes with each part; larger is better.

    scores : (parts, players); the unit is the method's own (z-score for ``synchrony``).
    curves : (players, frames) the movement curve that the report draws against the onsets,
        standardised; ``times_s`` (frames,) are its media times.
    """

    method: str
    scores: FloatArray
    curves: FloatArray
    times_s: FloatArray


@dataclass(frozen=True)
class Match:
    """One part and the player who plays it (None: nobody in the picture)."""

    part: int
    player: int | None
    confidence: float  # 0 to 1, calibrated: share of such matches that are right
    runner_up: int | None = None  # the next best player
    margin: float = 0.0  # how much worse the best assignment without this match scores
    ambiguous: bool = False
    why: str = ""  # for people: why it is ambiguous, or that the user assigned it

    def __post_init__(self) -> None:
        require(0.0 <= self.confidence <= 1.0, f"confidence outside 0 to 1: {self.confidence}")


@dataclass(frozen=True, eq=False)
class Association:
    """Which player plays which part: one match per part, in score order."""

    matches: tuple[Match, ...]
    affinity: Affinity | None  # None without a picture
    idle_players: tuple[int, ...] = ()  # visible players without a part
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = [m.part for m in self.matches]
        require(found == list(range(len(found))), f"one match per part in order, got {found}")
        taken = [m.player for m in self.matches if m.player is not None]
        require(len(taken) == len(set(taken)), f"a player was matched twice: {taken}")
