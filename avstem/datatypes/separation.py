"""Records of the separation stage: conditions and estimated sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from avstem.datatypes.activity import Activity
from avstem.datatypes.association import Association
from avstem.datatypes.base import FloatArray, Progress, no_progress, require
from avstem.datatypes.media import Mixture, Notes
from avstem.datatypes.players import MotionClusters, Players
from avstem.datatypes.voices import Voices


class Condition(StrEnum):
    """What a separation may lean on besides the sound itself."""

    SCORE = "score"
    MOTION = "motion"
    POSE = "pose"
    LABELS = "labels"
    APPEARANCE = "appearance"
    AUDIO = "audio"  # nothing but the sound


def conditioning_name(conditioning: frozenset[Condition]) -> str:
    """A combination of conditions as people write it: ``"score+motion"``."""
    return "+".join(condition for condition in Condition if condition in conditioning)


@dataclass(frozen=True)
class Absent:
    """A condition that this recording does not offer, and why."""

    why: str


@dataclass(frozen=True, eq=False)
class Conditions:
    """All that separators may be conditioned on; what is missing is there as ``Absent``.

    count : number of sources to estimate, one per part; unless given that of the notes, else of
        the players. Row k of ``activity`` belongs to source k, and so does
        ``association.matches[k]``.
    """

    notes: tuple[Notes, ...] | Absent  # as performed, media time, one per part
    players: Players | Absent = field(default_factory=lambda: Absent("there is no picture"))
    association: Association | Absent = field(default_factory=lambda: Absent("there is no picture"))
    clusters: MotionClusters | Absent = field(default_factory=lambda: Absent("there is no picture"))
    activity: Activity | Absent = field(default_factory=lambda: Absent("nobody looked for it"))
    count: int = 0
    voices: Voices | Absent = field(default_factory=lambda: Absent("nobody listened for them"))

    def __post_init__(self) -> None:
        if self.count == 0:
            object.__setattr__(self, "count", self._counted())
        require(self.count > 0, "how many sources there are must be given or follow from notes")
        parts = self.count if isinstance(self.notes, Absent) else len(self.notes)
        require(parts == self.count, f"{parts} parts have notes, {self.count} sources are wanted")

    def _counted(self) -> int:
        if not isinstance(self.notes, Absent):
            return len(self.notes)
        return 0 if isinstance(self.players, Absent) else len(self.players.players)


@dataclass(frozen=True, eq=False)
class SourceBlock:
    """A stretch of all estimated sources: blocks follow each other without gap or overlap."""

    start: int  # sample of the mixture
    sources: FloatArray  # (parts, channels, samples) float32; sums over parts to the mixture

    def __post_init__(self) -> None:
        require(self.sources.ndim == 3, "sources must be (parts, channels, samples)")


class Separator(Protocol):
    """The one call of every separation method.

    Blocks cover the whole mixture in order.
    """

    @property
    def needs(self) -> frozenset[Condition]:
        """Conditions that must be present."""
        ...

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """Estimated sources of the mixture, one per part, in blocks that sum to it."""
        ...
