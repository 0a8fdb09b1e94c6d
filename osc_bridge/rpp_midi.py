"""MIDI of a project file as notes in project time: pooled, muted, clipped, looped, any tempo.

What REAPER's scripts are told by the API (``reaper_scripts/Stems/lib/midi.lua``) is worked out here
from the text, so that both routes give the same notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from avstem.errors import ScoreError
from osc_bridge.records import NoteRow
from osc_bridge.rpp import Block, Row, damaged
from osc_bridge.tempo import TempoMap

_EVENTS = ("E", "e", "Em", "em")
_BLOCKS = ("X", "x", "Xm", "xm")  # text, notation, sysex: no notes, but time passes until them
_NOTE_OFF, _NOTE_ON, _PROGRAM = 0x80, 0x90, 0xC0
_MAX_PASSES = 100_000  # of one looped item; more is a damaged file rather than music
_BPM = (0.1, 100_000.0)  # slower or faster is a damaged file


class MidiEvent(NamedTuple):
    """One event; ``at`` in quarter notes of the source. What is no note has the status 0."""

    at: float
    status: int
    first: int
    second: int
    muted: bool = False


@dataclass(frozen=True)
class MidiNote:
    """One note of a source; times in quarter notes of the source."""

    on: float
    off: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class MidiSource:
    """The events of one source.

    length : quarter notes; 0 when the source has no events of its own.
    own_bpm : tempo of a source that ignores the project's, else None.
    """

    notes: tuple[MidiNote, ...]
    program: int | None
    length: float
    own_bpm: float | None
    pool: str
    file: str = ""  # of a source that keeps its events outside of the project


@dataclass(frozen=True)
class MidiItem:
    """A MIDI take in its item; times as in ``records.Item``."""

    source: MidiSource
    position_s: float
    length_s: float
    offset_s: float
    playrate: float
    loop: bool


def read_midi_source(block: Block, file: str = "") -> MidiSource:
    """A ``<SOURCE MIDI`` or ``<SOURCE MIDIPOOL``; muted notes are left out.

    file : where the file is here that the source refers to; read it by ``read_midi_file``.
    """
    inside = block.row("HASDATA").line >= 0
    outside = "" if inside else file
    bare = MidiSource((), None, 0.0, _own_bpm(block), block.text("POOLEDEVTS"), outside)
    return with_events(bare, _events(block))


def with_events(source: MidiSource, events: Iterable[MidiEvent]) -> MidiSource:
    """The source with the notes that its events make."""
    sounding: dict[tuple[int, int], list[MidiEvent]] = defaultdict(list)
    notes: list[MidiNote] = []
    program: int | None = None
    now = 0.0
    for event in events:
        now = event.at
        kind, key = event.status & 0xF0, (event.status & 0x0F, event.first)
        if kind == _NOTE_ON and event.second > 0:
            sounding[key].append(event)
        elif kind in (_NOTE_OFF, _NOTE_ON) and sounding[key]:
            notes += _ended(sounding[key].pop(0), now)
        elif kind == _PROGRAM and program is None and not event.muted:
            program = event.first
    for begun in sounding.values():  # never released: they sound to the end
        notes += [note for one in begun for note in _ended(one, now)]
    notes.sort(key=lambda note: note.on)
    return replace(source, notes=tuple(notes), program=program, length=now)


def shared(source: MidiSource, pools: Mapping[str, MidiSource]) -> MidiSource:
    """The source, or its sibling of the same pool where only that one holds the events."""
    return source if source.notes else pools.get(source.pool, source)


def note_rows(item: MidiItem, tempo: TempoMap) -> list[NoteRow]:
    """Notes that sound inside the item, project time, pass after pass where it loops."""
    to_s = item.position_s + item.length_s
    turn = item.source.length
    clock = _clock(item, tempo)
    if item.loop and turn > 0 and clock(_MAX_PASSES * turn) < to_s:
        raise ScoreError(
            f"A MIDI item of {item.length_s:g} s repeats more than {_MAX_PASSES} times.",
            "Glue the item, or switch its loop off.",
        )
    rows: list[NoteRow] = []
    for number in count():
        for note in item.source.notes:
            on_s = max(clock(note.on + number * turn), item.position_s)
            off_s = min(clock(note.off + number * turn), to_s)
            if off_s > on_s:
                rows.append((on_s, off_s, note.pitch, note.velocity))
        if not item.loop or turn <= 0 or clock((number + 1) * turn) >= to_s:
            break
    return rows


def _clock(item: MidiItem, tempo: TempoMap) -> Callable[[float], float]:
    """Project time of a source position in quarter notes."""
    if item.source.own_bpm is not None:
        beat_s = 60.0 / item.source.own_bpm
        return lambda at: item.position_s + (at * beat_s - item.offset_s) / item.playrate
    first = tempo.to_quarters(item.position_s)
    skipped = tempo.to_quarters(item.position_s + item.offset_s) - first
    return lambda at: tempo.to_seconds(first + (at - skipped) / item.playrate)


def checked_bpm(bpm: float, row: Row) -> float:
    """A tempo; MediaError when it is none that music has."""
    if not _BPM[0] <= bpm <= _BPM[1]:
        raise damaged(row.line, f"a tempo of {bpm:g} beats per minute")
    return bpm


def _own_bpm(block: Block) -> float | None:
    row = block.row("IGNTEMPO")
    return checked_bpm(row.number(2), row) if row.number(1) == 1 else None


def _events(block: Block) -> Iterator[MidiEvent]:
    ticks_per_quarter = max(block.number("HASDATA", 960.0, 1), 1.0)
    ticks = 0.0
    for child in block.children:
        if child.name in _EVENTS and isinstance(child, Row):
            ticks += child.number(1)
            yield MidiEvent(ticks / ticks_per_quarter, *_bytes(child), "m" in child.name)
        elif child.name in _BLOCKS and isinstance(child, Block):
            ticks += child.argument(0)
            yield MidiEvent(ticks / ticks_per_quarter, 0, 0, 0)


def _ended(begun: MidiEvent, off: float) -> Iterator[MidiNote]:
    if not begun.muted:
        yield MidiNote(begun.at, off, begun.first, begun.second)


def _bytes(row: Row) -> tuple[int, int, int]:
    try:
        status, first, second = (int(value, 16) for value in (*row.values[2:5], "0", "0")[:3])
    except ValueError as error:
        raise damaged(row.line, f"no MIDI event: {' '.join(row.values)[:40]!r}") from error
    return status, first & 0x7F, second & 0x7F
