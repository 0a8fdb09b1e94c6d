"""MIDI of a project file as notes in project time: pooled, muted, clipped, looped, any tempo.

What REAPER's scripts are told by the API (``reaper_scripts/Stems/lib/midi.lua``) is worked out here
from the text, so that both routes give the same notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from avstem.errors import ScoreError
from osc_bridge.records import NoteRow
from osc_bridge.rpp import Block, Row
from osc_bridge.tempo import TempoMap

_EVENTS = ("E", "e", "Em", "em")
_NOTE_OFF, _NOTE_ON, _PROGRAM = 0x80, 0x90, 0xC0
_MAX_PASSES = 100_000  # of one looped item; more is a damaged file rather than music


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


@dataclass(frozen=True)
class MidiItem:
    """A MIDI take in its item; times as in ``records.Item``."""

    source: MidiSource
    position_s: float
    length_s: float
    offset_s: float
    playrate: float
    loop: bool


def read_midi_source(block: Block) -> MidiSource:
    """The events of a ``<SOURCE MIDI`` or ``<SOURCE MIDIPOOL``; muted notes are left out."""
    ticks_per_quarter = max(block.number("HASDATA", 960.0, 1), 1.0)
    sounding: dict[tuple[int, int], list[tuple[float, int, bool]]] = defaultdict(list)
    notes: list[MidiNote] = []
    program: int | None = None
    now = 0.0
    for row in block.rows(*_EVENTS):
        now += row.number(1) / ticks_per_quarter
        status, first, second = _bytes(row)
        kind, key, muted = status & 0xF0, (status & 0x0F, first), "m" in row.name
        if kind == _NOTE_ON and second > 0:
            sounding[key].append((now, second, muted))
        elif kind in (_NOTE_OFF, _NOTE_ON) and sounding[key]:
            notes += _ended(sounding[key].pop(0), now, first)
        elif kind == _PROGRAM and program is None and not muted:
            program = first
    for (_, pitch), begun in sounding.items():  # never released: they sound to the end
        notes += [note for one in begun for note in _ended(one, now, pitch)]
    notes.sort(key=lambda note: note.on)
    return MidiSource(tuple(notes), program, now, _own_bpm(block), block.text("POOLEDEVTS"))


def shared(source: MidiSource, pools: Mapping[str, MidiSource]) -> MidiSource:
    """The source, or its sibling of the same pool where only that one holds the events."""
    return source if source.notes else pools.get(source.pool, source)


def note_rows(item: MidiItem, tempo: TempoMap) -> list[NoteRow]:
    """Notes that sound inside the item, project time, pass after pass where it loops."""
    to_s = item.position_s + item.length_s
    turn = item.source.length
    clock = _clock(item, tempo)
    rows: list[NoteRow] = []
    for number in range(_MAX_PASSES):
        for note in item.source.notes:
            on_s, off_s = clock(note.on + number * turn), clock(note.off + number * turn)
            if on_s < to_s and off_s > item.position_s and off_s > on_s:
                rows.append(
                    (max(on_s, item.position_s), min(off_s, to_s), note.pitch, note.velocity)
                )
        if not item.loop or turn <= 0 or clock((number + 1) * turn) >= to_s:
            return rows
    raise ScoreError(
        f"A MIDI item of {item.length_s:g} s repeats more than {_MAX_PASSES} times.",
        "Glue the item, or switch its loop off.",
    )


def _clock(item: MidiItem, tempo: TempoMap) -> Callable[[float], float]:
    """Project time of a source position in quarter notes."""
    if item.source.own_bpm is not None:
        beat_s = 60.0 / item.source.own_bpm
        return lambda at: item.position_s + (at * beat_s - item.offset_s) / item.playrate
    first = tempo.to_quarters(item.position_s)
    skipped = tempo.to_quarters(item.position_s + item.offset_s) - first
    return lambda at: tempo.to_seconds(first + (at - skipped) / item.playrate)


def _own_bpm(block: Block) -> float | None:
    row = block.row("IGNTEMPO")
    bpm = row.number(2)
    return bpm if row.number(1) == 1 and bpm > 0 else None


def _ended(begun: tuple[float, int, bool], off: float, pitch: int) -> Iterator[MidiNote]:
    on, velocity, muted = begun
    if not muted:
        yield MidiNote(on, off, pitch, velocity)


def _bytes(row: Row) -> tuple[int, int, int]:
    try:
        status, first, second = (int(value, 16) for value in row.values[2:5])
    except ValueError:
        return 0, 0, 0  # text and other events that hold no note
    return status, first & 0x7F, second & 0x7F
