"""What the files of a job hold, as frozen records; whatever is wrong in a request is named.

Times are project time or source time as docs/spool.md says; this module computes with none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from osc_bridge import CONTRACT
from osc_bridge.fields import BadRequest, Fields
from osc_bridge.spool import is_uuid

_FORMATS = ("wav32", "wav24", "flac")
_CONDITIONS = ("score", "motion", "pose", "labels", "appearance", "audio")

NoteRow = tuple[float, float, int, int]  # onset_s, offset_s (project time), pitch, velocity


class VersionMismatch(BadRequest):
    """The request follows another version of the contract."""


@dataclass(frozen=True)
class Section:
    """The part of a file that a take is cut to, source time."""

    start_s: float
    length_s: float


@dataclass(frozen=True)
class Item:
    """One media item; ``offset_s`` and ``source_length_s`` count inside the section."""

    guid: str
    role: str
    name: str
    file: str
    position_s: float
    length_s: float
    offset_s: float
    playrate: float
    section: Section | None
    loop: bool
    source_length_s: float


@dataclass(frozen=True)
class PartRequest:
    """One MIDI track with its notes in project time."""

    name: str
    instrument: str
    program: int | None
    track_guid: str
    midi_hash: str
    notes: tuple[NoteRow, ...]


@dataclass(frozen=True)
class Settings:
    """What the user chose; see ``avstem.request.Request``."""

    conditioning: str = "score"
    method: str = "default"
    players: int | Literal["auto"] | None = None
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    assignments: tuple[tuple[str, int | None], ...] = ()
    stem_format: str = "wav32"
    effects: str | None = None
    mute_original: bool = False


@dataclass(frozen=True)
class Project:
    """The REAPER project a job came from."""

    id: str
    name: str
    path: str


@dataclass(frozen=True)
class JobRequest:
    """``request.json``."""

    job: str
    family: str
    name: str
    submitted_s: float
    serial: int
    project: Project
    items: tuple[Item, ...]
    parts: tuple[PartRequest, ...]
    time_selection: tuple[float, float] | None
    output: str
    settings: Settings


def parse_request(data: Mapping[str, Any], job: str) -> JobRequest:
    """Check ``request.json`` of the folder ``job`` field by field.

    Raises
    ------
    VersionMismatch, BadRequest
        Naming the field, what was expected there and what was found.

    """
    root = Fields(data, "")
    version = root.integer("version")
    if version != CONTRACT:
        raise VersionMismatch(
            f"The request is of version {version}, this service speaks version {CONTRACT}.",
            "Update the older of the two: the REAPER scripts or the avstem package.",
        )
    root.require(root.text("job") == job, "job", f"the folder's name {job}", data["job"])
    family = root.text("family", default=job)
    root.require(is_uuid(family), "family", "a uuid", family)
    items = tuple(_item(fields) for fields in root.objects("items"))
    root.require(len(items) > 0, "items", "at least one item", [])
    return JobRequest(
        job=job,
        family=family,
        name=root.text("name"),
        submitted_s=root.number("submitted_s"),
        serial=root.integer("serial", default=0),
        project=_project(root.object("project")),
        items=items,
        parts=tuple(_part(fields) for fields in root.objects("parts")),
        time_selection=_selection(root),
        output=root.text("output"),
        settings=parse_settings(root.object("settings")),
    )


def parse_settings(fields: Fields) -> Settings:
    """Check the settings; those that are absent keep their defaults."""
    plain = Settings()
    conditioning = fields.text("conditioning", default=plain.conditioning)
    for name in conditioning.split("+"):
        fields.require(name in _CONDITIONS, "conditioning", f"of {', '.join(_CONDITIONS)}", name)
    stem_format = fields.choice("stem_format", _FORMATS, default=plain.stem_format)
    return Settings(
        conditioning=conditioning,
        method=fields.text("method", default=plain.method),
        players=_players(fields),
        boxes=tuple(_box(fields, row) for row in fields.rows("boxes", 4)),
        assignments=_assignments(fields),
        stem_format=stem_format,
        effects=fields.text("effects", default="") or None,
        mute_original=fields.boolean("mute_original", default=plain.mute_original),
    )


def _project(fields: Fields) -> Project:
    return Project(fields.text("id"), fields.text("name"), fields.text("path"))


def _item(fields: Fields) -> Item:
    section = fields.object("section", optional=True)
    return Item(
        guid=fields.text("guid"),
        role=fields.choice("role", ("video", "audio")),
        name=fields.text("name"),
        file=fields.text("file"),
        position_s=fields.number("position_s"),
        length_s=fields.number("length_s", above=0.0),
        offset_s=fields.number("offset_s"),
        playrate=fields.number("playrate", above=0.0),
        section=_section(section) if section else None,
        loop=fields.boolean("loop"),
        source_length_s=fields.number("source_length_s", above=0.0),
    )


def _section(fields: Fields) -> Section:
    return Section(fields.number("start_s"), fields.number("length_s", above=0.0))


def _part(fields: Fields) -> PartRequest:
    program = fields.integer("program", default=-1)
    return PartRequest(
        name=fields.text("name"),
        instrument=fields.text("instrument"),
        program=program if program >= 0 else None,
        track_guid=fields.text("track_guid"),
        midi_hash=fields.text("midi_hash"),
        notes=tuple(_note(fields, row) for row in fields.rows("notes", 4, required=True)),
    )


def _note(fields: Fields, row: tuple[float, ...]) -> NoteRow:
    onset_s, offset_s, pitch, velocity = row
    good = offset_s > onset_s and 0 <= pitch <= 127 and 1 <= velocity <= 127
    wanted = "rows [onset_s, offset_s > onset_s, pitch 0-127, velocity 1-127]"
    fields.require(good, "notes", wanted, list(row))
    return onset_s, offset_s, int(pitch), int(velocity)


def _selection(root: Fields) -> tuple[float, float] | None:
    row = root.numbers("time_selection", 2)
    if row is None:
        return None
    root.require(row[1] > row[0], "time_selection", "start_s < end_s", list(row))
    return row[0], row[1]


def _players(fields: Fields) -> int | Literal["auto"] | None:
    if fields.get("players") == "auto":
        return "auto"
    count = fields.integer("players", default=0)
    fields.require(count >= 0, "players", "a number from 1, or auto", count)
    return count or None


def _box(fields: Fields, row: tuple[float, ...]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = row
    fields.require(x1 > x0 and y1 > y0, "boxes", "rows [x0, y0, x1 > x0, y1 > y0]", list(row))
    return x0, y0, x1, y1


def _assignments(fields: Fields) -> tuple[tuple[str, int | None], ...]:
    chosen = fields.object("assignments", optional=True)
    if chosen is None:
        return ()
    players = ((part, chosen.integer(part)) for part in chosen.names())
    return tuple((part, None if player < 0 else player) for part, player in players)
