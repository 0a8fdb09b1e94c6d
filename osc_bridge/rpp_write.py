"""Stems into a project file and out of it again: text spliced in, every other byte as it was.

Names, colours, folder, tags and place are those of the REAPER scripts (``lib/tracks.lua``), and the
tags are how the tracks are found again: a later result becomes a further take (``rpp_takes``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from avstem.errors import OutputError, RequestError
from osc_bridge.rpp import Block, parse_rpp
from osc_bridge.rpp_edit import Edits, Text, new_guid, quoted
from osc_bridge.rpp_takes import item_lines, place_of, takes_on
from osc_bridge.spool import Spool, read_json_or_none

_WITH_COLOUR = 0x1000000
_FRESH_S = 10.0  # age of a heartbeat that still counts
_BACKUP = ".rpp-before-avstem"  # a suffix that nobody takes for a project


def insert_stems(path: Path, delivery: Mapping[str, Any], spool: Path | None = None) -> bool:
    """Add the stems of a delivery (docs/spool.md) to a project file; False if they are there.

    Raises
    ------
    RequestError
        REAPER has the project open, or it was changed in this moment.
    MediaError
        The file is no project any more.
    OutputError
        The file or its backup cannot be written.

    """
    _require_closed(path, spool)
    data = _read(path)
    changed = with_stems(data, delivery)
    if changed == data:
        return False
    _back_up(path, data)
    _replace(path, data, changed)
    return True


def remove_stems(path: Path, family: str, spool: Path | None = None) -> bool:
    """Take out what ``insert_stems`` added for a family; False if nothing of it is there."""
    _require_closed(path, spool)
    data = _read(path)
    changed = without_stems(data, family)
    if changed == data:
        return False
    _replace(path, data, changed)
    return True


def with_stems(text: Text, delivery: Mapping[str, Any]) -> Text:
    """The project's text with the stems; unchanged if they are there.

    New tracks go under the source's, like those of the scripts. Where that would change other
    tracks (receives count tracks, a source may end its folder) they go to the end, or behind that
    folder. On tracks of an earlier result of the same family the stems become further takes.
    """
    root = parse_rpp(text)
    family = delivery["family"]
    blocks = [block for block, tag in _tagged(root) if tag == family]
    if blocks and (edits := takes_on(blocks, delivery)) is not None:
        return edits.applied(text)
    if blocks:  # other parts than before: made anew, so that nothing piles up
        text = without_stems(text, family)
        root = parse_rpp(text)
    edits = Edits()
    edits.insert(place_of(root, delivery), _tracks(delivery))
    return edits.applied(text)


def without_stems(text: Text, family: str) -> Text:
    """The text without the tracks that bear the tag of a family.

    Receives from tracks behind them count anew. Raises RequestError when other tracks receive
    sound from the stems themselves.
    """
    root = parse_rpp(text)
    tracks = list(root.blocks("TRACK"))
    ours = {id(block) for block, tag in _tagged(root) if tag == family}
    gone = [index for index, block in enumerate(tracks) if id(block) in ours]
    if not gone:
        return text
    edits = Edits()
    for block in (block for block in tracks if id(block) not in ours):
        _count_receives(block, gone, edits)
    for index in gone:
        edits.remove(tracks[index].first_line, tracks[index].last_line)
    return edits.applied(text)


def _count_receives(block: Block, gone: list[int], edits: Edits) -> None:
    for row in block.rows("AUXRECV"):
        number = int(row.number(1, -1.0))
        if number in gone:
            raise RequestError(
                f"The track {block.text('NAME')!r} receives sound from the stems.",
                "Remove the stem tracks in REAPER.",
            )
        before = sum(index < number for index in gone)
        if before:
            edits.change(row.line, rf"(AUXRECV\s+){number}\b", rf"\g<1>{number - before}")


def _tagged(root: Block) -> Iterator[tuple[Block, str]]:
    for block in root.blocks("TRACK"):
        for extension in block.blocks("EXT"):
            tag = extension.text("avstem_job")
            if tag:
                yield block, tag


def _tracks(delivery: Mapping[str, Any]) -> Iterator[str]:
    stems = [stem for stem in delivery["stems"] if stem["placements"]]
    tag = f"avstem_job {delivery['family']}"
    yield from _track(delivery["folder_track"], 0, "1 1", [tag], [])
    for number, stem in enumerate(stems, 1):
        depth = "2 -1" if number == len(stems) else "0 0"
        tags = [tag, f"avstem_player {quoted(stem['part'])}"]
        items = [line for place in stem["placements"] for line in item_lines(place, stem, delivery)]
        yield from _track(stem["track"], _native(stem["colour"]), depth, tags, items)


def _track(name: str, colour: int, depth: str, tags: list[str], items: list[str]) -> Iterator[str]:
    guid = new_guid()
    yield f"  <TRACK {guid}"
    yield f"    NAME {quoted(name)}"
    if colour:
        yield f"    PEAKCOL {colour}"
    yield f"    ISBUS {depth}"
    yield f"    TRACKID {guid}"
    yield "    <EXT"
    yield from (f"      {tag}" for tag in tags)
    yield "    >"
    yield from items
    yield "  >"


def _native(colour: str) -> int:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return _WITH_COLOUR | blue << 16 | green << 8 | red


def _require_closed(path: Path, spool: Path | None) -> None:
    """RequestError while REAPER runs our scripts and may have the project open."""
    beat = read_json_or_none(Spool(spool).reaper) if spool else None
    if not beat or time.time() - float(beat.get("heartbeat_s") or 0.0) > _FRESH_S:
        return
    projects = beat.get("projects")
    if isinstance(projects, list) and str(path.resolve()) not in map(_resolved, projects):
        return
    raise RequestError(
        f"REAPER has the project {path.name!r} open.",
        "Close it there and run the batch again: stems that are done go in without new work.",
    )


def _resolved(path: object) -> str:
    return str(Path(str(path)).resolve())


def _read(path: Path) -> Text:
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        raise OutputError(f"Cannot read {path}: {error.strerror or error}.") from error


def _back_up(path: Path, text: Text) -> None:
    """Keep the bytes beside the project, unless an earlier backup holds the same."""
    data = text.encode("utf-8", errors="surrogateescape")
    names = (path.stem if n == 1 else f"{path.stem} {n}" for n in count(1))
    backup = next(b for b in map(path.with_name, (n + _BACKUP for n in names)) if _is_for(b, data))
    if not backup.exists():
        _write(backup, data, path)


def _is_for(backup: Path, data: bytes) -> bool:
    return not backup.exists() or backup.read_bytes() == data


def _replace(path: Path, before: Text, after: Text) -> None:
    if _read(path) != before:
        raise RequestError(f"{path.name} was saved in this moment.", "Run the batch again.")
    _write(path, after.encode("utf-8", errors="surrogateescape"), path)


def _write(path: Path, data: bytes, like: Path) -> None:
    """Write whole or not at all, with the rights of ``like``."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".avstem-rpp-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(like, temporary)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}.", "Make the folder writable."
        ) from error
