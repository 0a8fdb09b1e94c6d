"""The tracks of a project's text in order: put in, taken out, folders and receives kept right.

A track says how many folders it opens (1) or ends (-1, -2, …), ``I_FOLDERDEPTH`` in REAPER; it
receives sound from others by their number. Both are set anew where tracks come or go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from avstem.errors import RequestError
from osc_bridge.rpp import Block, damaged
from osc_bridge.rpp_edit import Edits, new_guid, quoted

_DEEPEST = 1000  # folders that one track opens or ends; more is a damaged file


@dataclass(frozen=True)
class NewTrack:
    """What a new track is to look like; ``colour`` 0 for none of its own."""

    name: str
    colour: int
    tags: tuple[str, ...]


@dataclass(eq=False)
class Track:
    """One track, of the project (``block``) or a new one (``look``, and the lines of its items)."""

    depth: int
    block: Block | None = None
    look: NewTrack | None = None
    items: list[str] = field(default_factory=list)


class Tracks:
    """Changes are collected; ``apply`` says what they mean for the text."""

    def __init__(self, root: Block) -> None:
        self._root = root
        self._before = [Track(_depth(block), block) for block in root.blocks("TRACK")]
        self.order = list(self._before)

    @property
    def end_line(self) -> int:
        """The line behind the project's last track."""
        blocks = [track.block for track in self._before if track.block]
        return blocks[-1].last_line + 1 if blocks else self._root.last_line

    def insert(self, index: int, depth: int, look: NewTrack) -> Track:
        """A new track at a place."""
        track = Track(depth, look=look)
        self.order.insert(index, track)
        return track

    def insert_after(self, sibling: Track, look: NewTrack) -> Track:
        """A new track right after another one, in its folder: it ends now what the other ended."""
        track = self.insert(self.order.index(sibling) + 1, sibling.depth, look)
        sibling.depth = 0
        return track

    def insert_inside(self, folder: Track, look: NewTrack) -> Track:
        """The first track in a folder that was just made."""
        track = self.insert(self.order.index(folder) + 1, folder.depth - 1, look)
        folder.depth = 1
        return track

    def end_of_group(self, first: Track) -> int:
        """Index of the last track of a track and all that it holds."""
        level, start = 0, self.order.index(first)
        for index in range(start, len(self.order)):
            level += self.order[index].depth
            if level <= 0:
                return index
        return len(self.order) - 1

    def has_receives_across(self, index: int) -> bool:
        """Whether a track receives sound from one behind an index."""
        blocks = (track.block for track in self._before if track.block)
        return any(row.number(1) > index for block in blocks for row in block.rows("AUXRECV"))

    def remove(self, gone: Sequence[Track]) -> None:
        """Take tracks out; what is left stays in those folders that are left."""
        levels = _levels(self.order, gone)
        kept = [(t, level) for t, level in zip(self.order, levels, strict=False) if t not in gone]
        after = [level for _, level in kept[1:]] + levels[-1:]
        for (track, level), next_level in zip(kept, after, strict=False):
            track.depth = next_level - level
        self.order = [track for track, _ in kept]

    def apply(self, edits: Edits) -> None:
        """Say by edits of the text what was changed."""
        first = self._before[0].block if self._before else None
        place = first.first_line if first else self._root.last_line
        for track in self.order:
            if track.block is None:
                edits.insert(place, _lines(track))
                continue
            place = track.block.last_line + 1
            _set_depth(track.block, track.depth, edits)
            self._count_receives(track.block, edits)
        for track in self._before:
            if track.block and track not in self.order:
                edits.remove(track.block.first_line, track.block.last_line)

    def _count_receives(self, block: Block, edits: Edits) -> None:
        for row in block.rows("AUXRECV"):
            number = int(row.number(1, -1.0))
            if not 0 <= number < len(self._before):
                continue
            if self._before[number] not in self.order:
                raise RequestError(
                    f"The track {block.text('NAME')!r} receives sound from the stems.",
                    "Remove the stem tracks in REAPER.",
                )
            new = self.order.index(self._before[number])
            if new != number:
                edits.change(row.line, rf"(AUXRECV\s+){number}\b", rf"\g<1>{new}")


def _depth(block: Block) -> int:
    row = block.row("ISBUS")
    depth = int(row.number(2))
    if abs(depth) > _DEEPEST:
        raise damaged(row.line, f"a folder depth of {depth}")
    return depth


def _levels(order: Sequence[Track], gone: Sequence[Track]) -> list[int]:
    """How many folders that stay lie around each track, and around what follows the last."""
    open_folders: list[bool] = []  # of each, whether it stays
    ended = 0  # more than were open, in a project that does not add up
    levels = []
    for track in order:
        levels.append(sum(open_folders) - ended)
        open_folders += [track not in gone] * max(track.depth, 0)
        for _ in range(-track.depth):
            if open_folders:
                open_folders.pop()
            else:
                ended += 1
    return [*levels, sum(open_folders) - ended]


def _set_depth(block: Block, depth: int, edits: Edits) -> None:
    if depth == _depth(block):
        return
    values = f"{1 if depth > 0 else 2 if depth < 0 else 0} {depth}"
    row = block.row("ISBUS")
    if row.line < 0:
        edits.insert(block.first_line + 1, [f"    ISBUS {values}"])
    else:
        edits.change(row.line, r"(ISBUS\s+)\S+\s+\S+", rf"\g<1>{values}")


def _lines(track: Track) -> Iterator[str]:
    guid, look = new_guid(), track.look
    assert look is not None
    kind = 1 if track.depth > 0 else 2 if track.depth < 0 else 0
    yield f"  <TRACK {guid}"
    yield f"    NAME {quoted(look.name)}"
    if look.colour:
        yield f"    PEAKCOL {look.colour}"
    yield f"    ISBUS {kind} {track.depth}"
    yield f"    TRACKID {guid}"
    yield "    <EXT"
    yield from (f"      {tag}" for tag in look.tags)
    yield "    >"
    yield from track.items
    yield "  >"
