"""The takes of an item in a project's text: their lines, and the tags that scripts give them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from osc_bridge.rpp import Block, Row

JOB, PART, ITEM = "avstem_job", "avstem_player", "avstem_item"
# Rows of the first take; what stands before them is the item's.
_OF_TAKE = ("NAME", "SOFFS", "PLAYRATE", "CHANMODE", "GUID", "SOURCE", "EXT")


@dataclass(frozen=True)
class Take:
    """One take: the first has no row ``TAKE`` and shares the item's lines up to the next."""

    head: Row | None  # its row TAKE
    children: tuple[Row | Block, ...]

    @property
    def is_marked(self) -> bool:
        """Whether it is told to be the active one; without any mark the first is."""
        return self.head is not None and "SEL" in self.head.values

    @property
    def first_line(self) -> int:
        """Where it begins in the text; -1 for an item without any take."""
        if self.head is not None:
            return self.head.line
        own = (child for child in self.children if child.name in _OF_TAKE)
        return min((c.line if isinstance(c, Row) else c.first_line for c in own), default=-1)

    @property
    def source(self) -> Block | None:
        """What it plays."""
        return next(self._blocks("SOURCE"), None)

    @property
    def job(self) -> str:
        """The job that made it, "" for none."""
        return next((tag for block in self._blocks("EXT") if (tag := block.text(JOB))), "")

    def row(self, name: str) -> Row:
        """Its first row of this name, an empty one when there is none."""
        rows = (c for c in self.children if isinstance(c, Row) and c.name == name)
        return next(rows, Row((), -1))

    def _blocks(self, name: str) -> Iterator[Block]:
        return (c for c in self.children if isinstance(c, Block) and c.name == name)


def takes_of(item: Block) -> list[Take]:
    """The takes of an ``<ITEM``, at least one; it may be empty."""
    takes: list[Take] = []
    head: Row | None = None
    children: list[Row | Block] = []
    for child in item.children:
        if isinstance(child, Row) and child.name == "TAKE":
            takes.append(Take(head, tuple(children)))
            head, children = child, []
        else:
            children.append(child)
    return [*takes, Take(head, tuple(children))]


def active_take(item: Block) -> Take:
    """The take that is heard."""
    takes = takes_of(item)
    return next((take for take in takes if take.is_marked), takes[0])


def track_tag(track: Block, name: str) -> str:
    """A tag of a track, "" when it has none."""
    return next((tag for block in track.blocks("EXT") if (tag := block.text(name))), "")


def item_tag(item: Block, name: str) -> str:
    """A tag of an item: REAPER keeps them apart from those of its takes."""
    return next((tag for block in item.blocks("EXTI") if (tag := block.text(name))), "")


def is_of_batch(job: str) -> bool:
    """Whether an id is one of a batch: named after project and item, not drawn at random."""
    try:
        return uuid.UUID(job).version == 5
    except ValueError:
        return False
