"""Where stems go in a project file: new items, further takes of earlier ones, the place of tracks.

What ``lib/takes.lua`` and ``lib/tracks.lua`` do in an open project, by its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, count
from typing import Any

from osc_bridge.rpp import Block, Row
from osc_bridge.rpp_edit import Edits, new_guid, number, quoted

Values = Mapping[str, Any]  # of a delivery, its stems and their placements: docs/spool.md


def place_of(root: Block, delivery: Values) -> int:
    """The line before which the folder of new stems goes."""
    tracks = list(root.blocks("TRACK"))
    source = _source_track(tracks, delivery)
    if source is None:
        return root.last_line
    last = _end_of_group(tracks, source)
    moved = any(row.number(1) > last for block in tracks for row in block.rows("AUXRECV"))
    return root.last_line if moved else tracks[last].last_line + 1


def _source_track(tracks: Sequence[Block], delivery: Values) -> int | None:
    """The track of the sound, else of the picture."""
    homes = {
        item.text("IGUID"): index
        for index, track in enumerate(tracks)
        for item in track.blocks("ITEM")
    }
    best = None
    for item in delivery.get("items", ()):
        if item["guid"] in homes and (best is None or item["role"] == "audio"):
            best = homes[item["guid"]]
    return best


def _end_of_group(tracks: Sequence[Block], first: int) -> int:
    """The last track of a track and all that it holds."""
    levels = accumulate(int(track.number("ISBUS", 0.0, 1)) for track in tracks[first:])
    return next((first + n for n, level in enumerate(levels) if level <= 0), len(tracks) - 1)


def takes_on(tracks: Sequence[Block], delivery: Values) -> Edits | None:
    """Further takes on the tracks of an earlier result; None where parts have no track there."""
    edits = Edits()
    by_part: dict[str, Block] = {}
    for track in tracks:
        for extension in track.blocks("EXT"):
            by_part.setdefault(extension.text("avstem_player"), track)
    for stem in (stem for stem in delivery["stems"] if stem["placements"]):
        home = by_part.get(quoted(stem["part"])[1:-1])
        if home is None:
            return None
        for place in stem["placements"]:
            _add(home, place, stem, delivery, edits)
    return edits


def _add(track: Block, place: Values, stem: Values, delivery: Values, edits: Edits) -> None:
    item = next((i for i in track.blocks("ITEM") if _is_earlier(i, place)), None)
    if item is None:
        edits.insert(track.last_line, item_lines(place, stem, delivery))
        return
    if any(s.text("FILE") == quoted(stem["file"])[1:-1] for s in item.blocks("SOURCE")):
        return
    from_s = _widen(item, place, edits)
    for row in item.rows("TAKE"):
        edits.change(row.line, r"TAKE SEL\b", "TAKE")
    used = {row.values[1] for row in item.rows("NAME") if len(row.values) > 1}
    names = (delivery["take"] if n == 1 else f"{delivery['take']} ({n})" for n in count(1))
    name = next(name for name in names if name not in used)
    offset_s = place["offset_s"] + (from_s - place["position_s"]) * place["playrate"]
    edits.insert(item.last_line, ["      TAKE SEL", *_take_lines(name, offset_s, place, stem)])


def _is_earlier(item: Block, place: Values) -> bool:
    """Whether an item was made for the same source item and the same stretch of time."""
    tags = {extension.text("avstem_item") for extension in item.blocks("EXT")}
    from_s, to_s = place["position_s"], place["position_s"] + place["length_s"]
    begins_s = item.number("POSITION")
    overlap = begins_s < to_s and from_s < begins_s + item.number("LENGTH")
    return quoted(place["item"])[1:-1] in tags and overlap


def _widen(item: Block, place: Values, edits: Edits) -> float:
    """Make an item long enough; what its takes play stays where it is. Returns its new position."""
    from_s = item.number("POSITION")
    to_s = from_s + item.number("LENGTH")
    new_from_s = min(from_s, place["position_s"])
    new_to_s = max(to_s, place["position_s"] + place["length_s"])
    if new_from_s < from_s:
        _set(item.row("POSITION"), new_from_s, edits)
        for offset, rate in zip(item.rows("SOFFS"), item.rows("PLAYRATE"), strict=False):
            _set(offset, offset.number(1) + (new_from_s - from_s) * rate.number(1, 1.0), edits)
    if new_to_s - new_from_s > to_s - from_s:
        _set(item.row("LENGTH"), new_to_s - new_from_s, edits)
    return new_from_s


def _set(row: Row, value: float, edits: Edits) -> None:
    edits.change(row.line, rf"({row.name}\s+)[-+.\deE]+", rf"\g<1>{number(value)}")


def item_lines(place: Values, stem: Values, delivery: Values) -> Iterator[str]:
    """A new item with a stem as its take."""
    yield "    <ITEM"
    yield f"      POSITION {number(place['position_s'])}"
    yield f"      LENGTH {number(place['length_s'])}"
    yield "      LOOP 0"
    yield f"      IGUID {new_guid()}"
    yield "      <EXT"
    yield f"        avstem_item {quoted(place['item'])}"
    yield "      >"
    yield from _take_lines(delivery["take"], place["offset_s"], place, stem)
    yield "    >"


def _take_lines(name: str, offset_s: float, place: Values, stem: Values) -> Iterator[str]:
    yield f"      NAME {quoted(name)}"
    yield f"      SOFFS {number(offset_s)}"
    yield f"      PLAYRATE {number(place['playrate'])} 1 0 -1 0 0.0025"
    yield f"      GUID {new_guid()}"
    yield f"      <SOURCE {'FLAC' if stem['file'].endswith('.flac') else 'WAVE'}"
    yield f"        FILE {quoted(stem['file'])}"
    yield "      >"
