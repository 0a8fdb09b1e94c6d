"""MIDI files that a project refers to: their events as those of a source in the project.

REAPER plays all tracks of such a file in one item, at the project's tempo.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mido

from avstem.errors import ScoreError
from osc_bridge.rpp_midi import MidiEvent, MidiSource, with_events

_UNREADABLE = (OSError, EOFError, ValueError, IndexError, KeyError, mido.KeySignatureError)


def read_midi_file(source: MidiSource) -> MidiSource:
    """The source with the events of the file that it names.

    Raises
    ------
    ScoreError
        The file is missing or damaged, or counts no quarter notes.

    """
    path = Path(source.file)
    try:
        file = mido.MidiFile(path, clip=True, charset="latin-1")
    except FileNotFoundError as error:
        raise ScoreError(
            f"The project's MIDI file is missing: {path}",
            "Bring the file back or relink it; for another folder or system use --map.",
        ) from error
    except _UNREADABLE as error:
        reason = str(error) or "it ends in the middle of a track"
        raise ScoreError(
            f"The project's MIDI file {path} cannot be read: {reason}.", "Export it again."
        ) from error
    if file.type == 2 or file.ticks_per_beat <= 0:
        raise ScoreError(
            f"The project's MIDI file {path} has patterns or film frames, no quarter notes.",
            "Import it into the project instead of referring to it.",
        )
    return with_events(source, _events(file))


def _events(file: mido.MidiFile) -> Iterator[MidiEvent]:
    ticks = 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        plain = message.is_meta or message.type == "sysex"
        values = [0, 0, 0] if plain else [*message.bytes(), 0, 0]
        yield MidiEvent(ticks / file.ticks_per_beat, values[0], values[1], values[2])
