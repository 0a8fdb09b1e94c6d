"""Standard MIDI files, formats 0 and 1, to tracks of notes in seconds.

``mido`` reads the events. Pairing them is done here rather than by ``pretty_midi``, which drops
notes without length, ends all notes of a pitch at once, and reads tempo from the first track
only: all three occur in files that notation programs and DAWs write.
"""

from __future__ import annotations

import io
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np

from avstem.errors import ScoreError
from avstem.media.instruments import instrument_of
from avstem.media.parts import RawNote, RawPart

DRUMS = 9  # channel 10, counted from 0
_TEMPO = 500_000  # microseconds per quarter note where the file says nothing
_HINT = "Export the score again as a standard MIDI file of format 1."


@dataclass(frozen=True)
class _Note:
    """A note in ticks."""

    channel: int
    onset: int
    offset: int
    pitch: int
    velocity: int
    hanging: bool = False  # never ended in the file


def read_midi(path: Path, content: bytes) -> tuple[list[RawPart], list[str]]:
    """Tracks with their notes in seconds, and what was odd.

    One part per track; where a single track holds all notes (format 0), one per channel.

    Raises
    ------
    ScoreError
        If the file is no MIDI file, damaged, of format 2, or without any pitched note.
    """
    file = _parse(path, content)
    seconds = _Seconds(file)
    tracks = [list(_notes(track)) for track in file.tracks]
    pitched = [[n for n in notes if n.channel != DRUMS] for notes in tracks]
    drums = sum(any(n.channel == DRUMS for n in notes) for notes in tracks)
    if not any(pitched):
        raise _nothing_pitched(path, drums)
    warnings = [f"{drums} drum track(s) skipped: drums have no pitch to follow."] if drums else []
    hanging = sum(n.hanging for notes in pitched for n in notes)
    if hanging:
        warnings.append(f"{hanging} note(s) never end in the score; they end with their track.")
    programs = _programs(file)
    parts = [_raw_part(*group, programs, seconds) for group in _groups(file, pitched)]
    return parts, warnings


def _parse(path: Path, content: bytes) -> mido.MidiFile:
    try:
        # clip: velocities above 127 occur in the wild and harm nobody.
        file = mido.MidiFile(file=io.BytesIO(content), clip=True, charset="latin-1")
    except (OSError, EOFError, ValueError, IndexError, KeyError, mido.KeySignatureError) as error:
        reason = str(error) or "it ends in the middle of a track"
        raise ScoreError(
            f"The score {path} is a damaged or truncated MIDI file: {reason}.", _HINT
        ) from error
    if file.type == 2:
        raise ScoreError(
            f"Expected a MIDI file of format 0 or 1, found format 2 (patterns) in {path}.", _HINT
        )
    return file


def _nothing_pitched(path: Path, drums: int) -> ScoreError:
    found = f"only {drums} drum track(s)" if drums else "no notes at all"
    return ScoreError(
        f"Expected a score with pitched notes, found {found} in {path}.",
        "Give each player's part as a track with notes, on any channel but 10.",
    )


def _notes(track: mido.MidiTrack) -> Iterator[_Note]:
    """Notes of a track in ticks. Of overlapping notes of one pitch the first begun ends first."""
    tick = 0
    sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
    for message in track:
        tick += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            sounding[key].append((tick, message.velocity))
        elif sounding[key]:
            onset, velocity = sounding[key].popleft()
            yield _Note(message.channel, onset, tick, message.note, velocity)
    for (channel, pitch), left in sounding.items():
        for onset, velocity in left:
            yield _Note(channel, onset, tick, pitch, velocity, hanging=True)


def _groups(
    file: mido.MidiFile, tracks: list[list[_Note]]
) -> Iterator[tuple[str, int, list[_Note]]]:
    """(name, track, notes) of each part."""
    filled = [index for index, notes in enumerate(tracks) if notes]
    channels = sorted({n.channel for n in tracks[filled[0]]})
    if len(filled) == 1 and len(channels) > 1:
        # The track's name is the title of the piece; the channels are the parts.
        for channel in channels:
            yield "", filled[0], [n for n in tracks[filled[0]] if n.channel == channel]
        return
    for index in filled:
        yield _track_name(file.tracks[index]), index, tracks[index]


def _raw_part(
    name: str, track: int, notes: list[_Note], programs: dict[tuple[int, int], int], s: _Seconds
) -> RawPart:
    channel = notes[0].channel
    program = programs.get((track, channel), programs.get((-1, channel)))
    made = tuple(RawNote(s.at(n.onset), s.at(n.offset), n.pitch, n.velocity) for n in notes)
    return RawPart(name, instrument_of(name, program), made)


def _programs(file: mido.MidiFile) -> dict[tuple[int, int], int]:
    """First program of each (track, channel), and under track -1 of each channel anywhere."""
    found: dict[tuple[int, int], int] = {}
    for index, track in enumerate(file.tracks):
        for message in track:
            if message.type == "program_change":
                found.setdefault((index, message.channel), message.program)
                found.setdefault((-1, message.channel), message.program)
    return found


def _track_name(track: mido.MidiTrack) -> str:
    raw = next((m.name for m in track if m.type == "track_name" and m.name.strip("\0 \t")), "")
    try:
        # mido was told latin-1, which keeps every byte; newer programs write UTF-8.
        text = raw.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        text = raw
    return " ".join(text.replace("\0", " ").split())


class _Seconds:
    """Ticks to seconds by the tempo events of all tracks, or by SMPTE frames."""

    def __init__(self, file: mido.MidiFile) -> None:
        self._ticks, self._seconds, self._rates = [0], [0.0], [_seconds_per_tick(file, _TEMPO)]
        if file.ticks_per_beat > 0:
            for tick, tempo in sorted(_tempos(file)):
                self._change(tick, _seconds_per_tick(file, tempo))

    def at(self, tick: int) -> float:
        """Seconds at ``tick``."""
        i = int(np.searchsorted(self._ticks, tick, side="right")) - 1
        return self._seconds[i] + (tick - self._ticks[i]) * self._rates[i]

    def _change(self, tick: int, rate: float) -> None:
        self._seconds.append(self.at(tick))
        self._ticks.append(tick)
        self._rates.append(rate)


def _tempos(file: mido.MidiFile) -> Iterator[tuple[int, int]]:
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                yield tick, message.tempo


def _seconds_per_tick(file: mido.MidiFile, tempo: int) -> float:
    division = file.ticks_per_beat
    if division > 0:
        return float(tempo / 1e6 / division)
    # Negative: SMPTE frames per second (29 stands for 29.97) and ticks per frame in two bytes.
    frames = -(division >> 8)
    rate = 30_000 / 1001 if frames == 29 else float(frames)
    return float(1.0 / (rate * (division & 0xFF)))
