"""Stems on tracks of a project's text: new items, further takes of earlier ones, and out again.

What ``lib/takes.lua`` does in an open project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from osc_bridge.rpp import Block, Row
from osc_bridge.rpp_edit import Edits, new_guid, number, quoted
from osc_bridge.rpp_takes import ITEM, JOB, Take, is_of_batch, item_tag, takes_of
from osc_bridge.rpp_tracks import Track

Values = Mapping[str, Any]  # of a delivery, its stems and their placements: docs/spool.md


def place(track: Track, stem: Values, delivery: Values, edits: Edits) -> None:
    """Put one stem's sound on its track, at all its placements; where it is already, nothing."""
    for where in stem["placements"]:
        if track.block is None:
            track.items += _item_lines(where, stem, delivery)
        else:
            _add(track.block, where, stem, delivery, edits)


def has_other_takes(track: Block) -> bool:
    """Whether a track plays anything that no batch put there."""
    return any(not _is_ours(item) for item in track.blocks("ITEM"))


def take_out(track: Block, edits: Edits) -> None:
    """Take out what batches put on a track; takes of others stay."""
    for item in track.blocks("ITEM"):
        if _is_ours(item):
            edits.remove(item.first_line, item.last_line)
        else:
            _take_out_takes(item, edits)


def _is_ours(item: Block) -> bool:
    return all(is_of_batch(take.job) for take in takes_of(item))


def _add(track: Block, where: Values, stem: Values, delivery: Values, edits: Edits) -> None:
    item = next((i for i in track.blocks("ITEM") if _is_earlier(i, where)), None)
    if item is None:
        edits.insert(track.last_line, _item_lines(where, stem, delivery))
        return
    takes = takes_of(item)
    file = quoted(stem["file"])[1:-1]
    if any(take.source and take.source.text("FILE") == file for take in takes):
        return
    from_s = _widen(item, takes, where, edits)
    for take in takes:
        if take.head:
            edits.change(take.head.line, r"TAKE SEL\b", "TAKE")
    used = {value for take in takes for value in take.row("NAME").values[1:2]}
    names = (delivery["take"] if n == 1 else f"{delivery['take']} ({n})" for n in count(1))
    name = next(name for name in names if name not in used)
    offset_s = where["offset_s"] + (from_s - where["position_s"]) * where["playrate"]
    lines = _take_lines(name, offset_s, where, stem, delivery)
    edits.insert(item.last_line, ["      TAKE SEL", *lines])


def _is_earlier(item: Block, where: Values) -> bool:
    """Whether an item was made for the same source item and the same stretch of time."""
    from_s, to_s = where["position_s"], where["position_s"] + where["length_s"]
    begins_s = item.number("POSITION")
    overlap = begins_s < to_s and from_s < begins_s + item.number("LENGTH")
    return overlap and item_tag(item, ITEM) == quoted(where["item"])[1:-1]


def _widen(item: Block, takes: Sequence[Take], where: Values, edits: Edits) -> float:
    """Make an item long enough; what its takes play stays where it is. Returns its new position."""
    from_s = item.number("POSITION")
    to_s = from_s + item.number("LENGTH")
    new_from_s = min(from_s, where["position_s"])
    new_to_s = max(to_s, where["position_s"] + where["length_s"])
    if new_from_s < from_s:
        _set(item.row("POSITION"), new_from_s, edits)
        for offset, rate in ((take.row("SOFFS"), take.row("PLAYRATE")) for take in takes):
            _set(offset, offset.number(1) + (new_from_s - from_s) * rate.number(1, 1.0), edits)
    if new_to_s - new_from_s > to_s - from_s:
        _set(item.row("LENGTH"), new_to_s - new_from_s, edits)
    return new_from_s


def _set(row: Row, value: float, edits: Edits) -> None:
    if row.line >= 0:
        edits.change(row.line, rf"({row.name}\s+)[-+.\deE]+", rf"\g<1>{number(value)}")


def _item_lines(where: Values, stem: Values, delivery: Values) -> Iterator[str]:
    """A new item with a stem as its take."""
    yield "    <ITEM"
    yield f"      POSITION {number(where['position_s'])}"
    yield f"      LENGTH {number(where['length_s'])}"
    yield "      LOOP 0"
    yield f"      IGUID {new_guid()}"
    yield "      <EXTI"
    yield f"        {ITEM} {quoted(where['item'])}"
    yield "      >"
    yield from _take_lines(delivery["take"], where["offset_s"], where, stem, delivery)
    yield "    >"


def _take_lines(
    name: str, offset_s: float, where: Values, stem: Values, delivery: Values
) -> Iterator[str]:
    yield f"      NAME {quoted(name)}"
    yield f"      SOFFS {number(offset_s)}"
    yield f"      PLAYRATE {number(where['playrate'])} 1 0 -1 0 0.0025"
    yield f"      GUID {new_guid()}"
    yield f"      <SOURCE {'FLAC' if stem['file'].endswith('.flac') else 'WAVE'}"
    yield f"        FILE {quoted(stem['file'])}"
    yield "      >"
    yield "      <EXT"
    yield f"        {JOB} {delivery['job']}"
    yield "      >"


def _take_out_takes(item: Block, edits: Edits) -> None:
    takes = takes_of(item)
    kept = [take for take in takes if not is_of_batch(take.job)]
    if len(kept) == len(takes):
        return
    ends = [take.head.line for take in takes if take.head] + [item.last_line]
    for take, end in zip(takes, ends, strict=True):
        if take not in kept:
            edits.remove(take.first_line, end - 1)
    if kept[0].head:
        _make_first(kept[0], kept[0].head, takes[0], edits)
    _hand_over(takes, kept, edits)


def _make_first(take: Take, head: Row, first: Take, edits: Edits) -> None:
    """The first take has no row TAKE, and the item's trim stands before its volume."""
    edits.remove(head.line, head.line)
    volume = take.row("TAKEVOLPAN")
    if volume.line >= 0:
        trim = number(first.row("VOLPAN").number(1, 1.0))
        edits.change(volume.line, r"TAKEVOLPAN\b", f"VOLPAN {trim}")


def _hand_over(takes: Sequence[Take], kept: Sequence[Take], edits: Edits) -> None:
    """Where the active take goes, the one before it is heard again."""
    active = next((n for n, take in enumerate(takes) if take.is_marked), 0)
    if takes[active] in kept:
        return
    before = [take for take in takes[:active] if take in kept]
    head = before[-1].head if before[1:] else None  # the first needs no mark
    if head:
        edits.change(head.line, r"TAKE\b", "TAKE SEL")
