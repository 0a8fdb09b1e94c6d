"""Stems into a project's text and out of it again, every other byte as it was.

Names, colours, folder, tags and place are those of the REAPER scripts (``lib/tracks.lua``), and the
tags are how the tracks are found again, whichever way they came.
"""

from __future__ import annotations

from collections.abc import Sequence

from osc_bridge.rpp import Block, parse_rpp
from osc_bridge.rpp_edit import Edits, Text, quoted
from osc_bridge.rpp_place import Values, has_other_takes, place, take_out
from osc_bridge.rpp_state import forget, remember
from osc_bridge.rpp_takes import JOB, PART, is_of_batch, takes_of, track_tag
from osc_bridge.rpp_tracks import NewTrack, Track, Tracks

_WITH_COLOUR = 0x1000000


def with_stems(text: Text, delivery: Values) -> Text:
    """The project's text with the stems; unchanged if they are there.

    New tracks go under the source's, like those of the scripts. Where that would change other
    tracks (receives count tracks, a source may end its folder) they go to the end, or behind that
    folder. On tracks of an earlier result of the same family the stems become further takes, and
    only parts that have no track there get one.
    """
    root = parse_rpp(text)
    stems = [stem for stem in delivery["stems"] if stem["placements"]]
    tracks, edits = Tracks(root), Edits()
    homes = _ensure(tracks, stems, delivery)
    for stem, home in zip(stems, homes, strict=True):
        place(home, stem, delivery, edits)
    tracks.apply(edits)
    lead = _lead(delivery)
    if lead and stems:
        remember(root, lead, delivery["family"], tracks.end_line, edits)
    return edits.applied(text)


def without_stems(text: Text, family: str) -> Text:
    """The text without what a batch put in, for a family or the job that bears its name.

    Tracks go on which nothing else plays; from the others only the batch's takes go. Raises
    RequestError when other tracks receive sound from those that go.
    """
    root = parse_rpp(text)
    tracks, edits = Tracks(root), Edits()
    named = _families(tracks, family)
    mine = [(t, t.block) for t in tracks.order if t.block and track_tag(t.block, JOB) in named]
    stems = [(t, block) for t, block in mine if track_tag(block, PART)]
    folders = [(t, block) for t, block in mine if not track_tag(block, PART)]
    gone = [t for t, block in stems if _is_ours(block, block.block("ITEM") is not None)]
    kept = [block for t, block in stems if t not in gone]
    for block in kept:
        take_out(block, edits)
    if not kept:
        gone += [t for t, block in folders if _is_ours(block, bool(gone))]
        forget(root, family, edits)
    tracks.remove(gone)
    tracks.apply(edits)
    return edits.applied(text)


def _is_ours(track: Block, played: bool) -> bool:
    """Whether a track is a batch's alone: ``played`` its stems, or was made for its family."""
    return not has_other_takes(track) and (played or is_of_batch(track_tag(track, JOB)))


def _ensure(tracks: Tracks, stems: Sequence[Values], delivery: Values) -> list[Track]:
    """The tracks of the stems in score order, made where they are missing."""
    folder, by_part = _find(tracks, delivery["family"])
    homes: list[Track] = []
    for stem in stems:
        home = by_part.get(quoted(stem["part"])[1:-1])
        if home is None:
            look = _stem_look(stem, delivery["family"])
            if homes:
                home = tracks.insert_after(homes[-1], look)
            elif folder:
                home = tracks.insert_after(tracks.order[tracks.end_of_group(folder)], look)
            else:
                tags = (f"{JOB} {delivery['family']}",)
                looks = NewTrack(delivery["folder_track"], 0, tags)
                folder = tracks.insert(_place_of(tracks, delivery), 0, looks)
                home = tracks.insert_inside(folder, look)
        homes.append(home)
    return homes


def _find(tracks: Tracks, family: str) -> tuple[Track | None, dict[str, Track]]:
    """The folder of a family and its tracks by part.

    A folder that was emptied, or tracks that lost theirs, are the user's now.
    """
    folder: Track | None = None
    by_part: dict[str, Track] = {}
    for track in tracks.order:
        if track.block and track_tag(track.block, JOB) == family:
            part = track_tag(track.block, PART)
            if part:
                by_part.setdefault(part, track)
            else:
                folder = folder or track
    return (folder, by_part) if folder and by_part else (None, {})


def _families(tracks: Tracks, family: str) -> set[str]:
    """The family, and those on whose tracks a job of that name put takes."""
    found = {family}
    for block in (track.block for track in tracks.order if track.block):
        takes = (take for item in block.blocks("ITEM") for take in takes_of(item))
        if any(take.job == family for take in takes):
            found.add(track_tag(block, JOB))
    return found - {""}


def _place_of(tracks: Tracks, delivery: Values) -> int:
    """The index of the folder of new stems."""
    source = _source_track(tracks, delivery)
    if source is None:
        return len(tracks.order)
    last = tracks.end_of_group(source)
    return len(tracks.order) if tracks.has_receives_across(last) else last + 1


def _source_track(tracks: Tracks, delivery: Values) -> Track | None:
    """The track of the sound, else of the picture."""
    homes = {guid: track for track in tracks.order for guid in _items_of(track.block)}
    best = None
    for item in delivery.get("items", ()):
        if item["guid"] in homes and (best is None or item["role"] == "audio"):
            best = homes[item["guid"]]
    return best


def _items_of(block: Block | None) -> list[str]:
    return [item.text("IGUID") for item in block.blocks("ITEM")] if block else []


def _lead(delivery: Values) -> str:
    """GUID of the item that the results belong to: the first of the picture, else of the sound."""
    items = delivery.get("items", ())
    lead = next((item for item in items if item["role"] == "video"), items[0] if items else None)
    return lead["guid"] if lead else ""


def _stem_look(stem: Values, family: str) -> NewTrack:
    tags = (f"{JOB} {family}", f"{PART} {quoted(stem['part'])}")
    return NewTrack(stem["track"], _native(stem["colour"]), tags)


def _native(colour: str) -> int:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return _WITH_COLOUR | blue << 16 | green << 8 | red
