"""Project time and source time: where a media item plays which moment of its file.

An item is one or several **stretches**: straight pieces on which source time runs at the item's
play rate (one stretch, unless it loops). REAPER's rule, with D_ names of its items::

    source time = section start + D_STARTOFFS + (project time - D_POSITION) * D_PLAYRATE
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from avstem.errors import RequestError
from osc_bridge.records import Item

MAX_PASSES = 1000  # of one looped item; more is a mistake rather than music
_TINY_S = 1e-9  # shorter than any sample: rounding, not sound


@dataclass(frozen=True)
class Stretch:
    """A piece of project time under which a file plays straight.

    source_s : time of the file at ``position_s``.
    """

    item: str
    position_s: float
    length_s: float
    source_s: float
    playrate: float

    @property
    def end_s(self) -> float:
        """Project time of its end."""
        return self.position_s + self.length_s

    def to_source(self, project_s: float) -> float:
        """Source time at a project time, also beyond the ends."""
        return self.source_s + (project_s - self.position_s) * self.playrate

    def to_project(self, source_s: float) -> float:
        """Project time at a source time; the inverse of ``to_source``."""
        return self.position_s + (source_s - self.source_s) / self.playrate

    def distance_s(self, project_s: float) -> float:
        """How far a project time lies outside, 0 inside."""
        return max(self.position_s - project_s, project_s - self.end_s, 0.0)


def stretches(item: Item) -> tuple[Stretch, ...]:
    """The item's stretches in project order: one, or one per pass of its loop.

    Raises RequestError for a loop of more than ``MAX_PASSES`` passes.
    """
    base_s = item.section.start_s if item.section else 0.0
    if not item.loop:
        whole = Stretch(
            item.guid, item.position_s, item.length_s, base_s + item.offset_s, item.playrate
        )
        return (whole,)
    return _passes(item, base_s)


def clip(stretch: Stretch, start_s: float, end_s: float) -> Stretch | None:
    """What of a stretch lies in [start_s, end_s) of project time; None if nothing does."""
    first, last = max(stretch.position_s, start_s), min(stretch.end_s, end_s)
    if last - first < _TINY_S:
        return None
    if first == stretch.position_s and last == stretch.end_s:
        return stretch  # untouched, to the last bit
    return replace(
        stretch, position_s=first, length_s=last - first, source_s=stretch.to_source(first)
    )


def nearest(pieces: Sequence[Stretch], project_s: float) -> Stretch:
    """The stretch that covers a project time, else the nearest one; a cut belongs to the later."""
    return min(pieces, key=lambda piece: (piece.distance_s(project_s), -piece.position_s))


def _passes(item: Item, base_s: float) -> tuple[Stretch, ...]:
    whole_s = item.source_length_s
    inside_s = item.offset_s % whole_s
    passes = (inside_s + item.length_s * item.playrate) / whole_s - _TINY_S
    if not passes <= MAX_PASSES:
        raise RequestError(
            f"The item {item.name!r} loops {passes:.0f} times; at most {MAX_PASSES} are handled.",
            "Glue the item, or switch its loop off.",
        )
    endless = Stretch(item.guid, item.position_s, item.length_s, inside_s, item.playrate)
    pieces = []
    for turn in range(math.ceil(passes)):
        start_s = endless.to_project(turn * whole_s)
        found = clip(endless, start_s, endless.to_project((turn + 1) * whole_s))
        if found is not None:
            pieces.append(replace(found, source_s=found.source_s - turn * whole_s + base_s))
    return tuple(pieces)
