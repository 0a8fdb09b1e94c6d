"""MusicXML scores to tracks of notes in seconds, through ``partitura`` (extra ``musicxml``).

The file is stripped to notes and tempo and written out in the order of playing first (see
``unfold``): partitura decides repeats part by part, but jumps stand in the first part alone; and
it stumbles over empty directions, which occur. Notes, chords, voices and ties are its work.
"""

from __future__ import annotations

import io
import tempfile
import warnings
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import FloatArray
from avstem.errors import MissingExtra, ScoreError
from avstem.media.instruments import instrument_of
from avstem.media.parts import RawNote, RawPart
from avstem.media.unfold import level_measures, play_order, write_out

GRACE_S = 0.09  # length of a grace note; played before the beat
_DEFAULT_BPM = 120.0
_HINT = "Export it again as MusicXML, or as a MIDI file."
_NOTE_TAGS = frozenset(
    {"grace", "chord", "pitch", "unpitched", "rest", "duration", "tie", "voice", "type", "dot"}
)
_QUARTERS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


def read_musicxml(path: Path, content: bytes) -> tuple[list[RawPart], list[str]]:
    """Parts with their notes in seconds, and what was odd.

    Repeats and jumps are played, ties merged, tempo marks honoured, pitches are sounding ones;
    grace notes take ``GRACE_S`` each before the beat from the note before them.

    Raises
    ------
    ScoreError
        If the file is no MusicXML, damaged, or without any pitched note.
    MissingExtra
        If partitura is not installed.
    """
    root = _parse(path, content)
    labels = [_Label.read(root, part.get("id", "")) for part in root.findall("part")]
    for part in root.findall("part"):
        for measure in part.findall("measure"):
            _strip(measure)
    level_measures(root)
    write_out(root, play_order(root))
    parts = _load(path, root)
    seconds = _Seconds(parts)
    raw = [
        RawPart(label.name, instrument_of(label.name, label.program), tuple(_notes(part, seconds)))
        for label, part in zip(labels, parts, strict=True)
    ]
    found = [f"Part {r.name}: no pitched notes, skipped." for r in raw if not r.notes]
    if len(found) == len(raw):
        raise ScoreError(
            f"Expected a score with pitched notes, found none in {path}.",
            "Give each player's part with notes; drums have no pitch to follow.",
        )
    return raw, found


# --------------------------------------------------------------------------- the XML


def _parse(path: Path, content: bytes) -> ET.Element:
    try:
        root = ET.fromstring(_unzip(content))
    except (ET.ParseError, zipfile.BadZipFile, KeyError, OSError) as error:
        raise ScoreError(f"The score {path} is no MusicXML or damaged: {error}.", _HINT) from error
    if root.tag != "score-partwise":
        raise ScoreError(
            f"Expected a partwise MusicXML score, found <{root.tag}> in {path}.", _HINT
        )
    return root


def _unzip(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        container = ET.fromstring(archive.read("META-INF/container.xml"))
        rootfile = container.find(".//{*}rootfile")
        if rootfile is None:
            raise KeyError("no score is named in its container.xml")
        return archive.read(rootfile.get("full-path", ""))


def _strip(measure: ET.Element) -> None:
    """Leave only what is needed: notes, movement in time, attributes, bar lines, sound."""
    kept: list[ET.Element] = []
    cue = False
    for element in measure:
        if element.tag == "note":
            # Some programs mark only the first note of a chord as a cue.
            chord = element.find("chord") is not None
            cue = element.find("cue") is not None or (cue and chord)
            kept += _cue(element, chord) if cue else [_bare_note(element)]
        elif element.tag == "direction":
            kept += _sounds(element)
        elif element.tag in ("backup", "forward", "attributes", "barline", "sound"):
            kept.append(element)
    for element in list(measure):
        measure.remove(element)
    measure.extend(kept)


def _bare_note(note: ET.Element) -> ET.Element:
    bare = ET.Element("note")
    bare.extend([child for child in note if child.tag in _NOTE_TAGS])
    return bare


def _cue(note: ET.Element, chord: bool) -> list[ET.Element]:
    """Cues are for reading only, but take their time: rests, unless they take none."""
    if chord or note.find("grace") is not None:
        return []
    bare = _bare_note(note)
    for pitch in bare.findall("pitch"):
        bare.remove(pitch)
    ET.SubElement(bare, "rest")
    return [bare]


def _sounds(direction: ET.Element) -> list[ET.Element]:
    found = direction.findall("sound")
    if any(sound.get("tempo") for sound in found):
        return found
    metronome = direction.find("direction-type/metronome")
    bpm = None if metronome is None else _bpm(metronome)
    return found if bpm is None else [*found, ET.Element("sound", tempo=f"{bpm:g}")]


def _bpm(metronome: ET.Element) -> float | None:
    """Quarter notes per minute of a metronome mark; None if it gives no number."""
    unit = _QUARTERS.get(metronome.findtext("beat-unit", ""))
    try:
        count = float(metronome.findtext("per-minute", ""))
    except ValueError:
        return None
    if unit is None or count <= 0:
        return None
    return count * unit * (1.5 if metronome.find("beat-unit-dot") is not None else 1.0)


@dataclass(frozen=True)
class _Label:
    """What the part list says about a part."""

    name: str
    program: int | None  # from 0

    @staticmethod
    def read(root: ET.Element, part_id: str) -> _Label:
        for entry in root.iterfind("part-list/score-part"):
            if entry.get("id") == part_id:
                name = " ".join(entry.findtext("part-name", "").split())
                program = entry.findtext("midi-instrument/midi-program", "")
                return _Label(name, int(program) - 1 if program.isdigit() else None)
        return _Label("", None)


# --------------------------------------------------------------------------- partitura


def _load(path: Path, root: ET.Element) -> list[Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import partitura
    except ImportError as error:
        raise MissingExtra(
            f"Reading the MusicXML score {path} needs the package partitura.",
            "Install it with: pip install avstem[musicxml]. Or export the score as MIDI.",
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "score.musicxml"
        ET.ElementTree(root).write(plain, encoding="utf-8", xml_declaration=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(partitura.load_musicxml(plain).parts)
        except Exception as error:  # partitura raises whatever happens to break
            raise ScoreError(
                f"The MusicXML score {path} cannot be understood: "
                f"{type(error).__name__} {error}.".replace(" .", "."),
                _HINT,
            ) from error


class _Seconds:
    """Quarter notes to seconds by the tempo marks of all parts."""

    def __init__(self, parts: list[Any]) -> None:
        import partitura

        marks = {0.0: _DEFAULT_BPM}
        for part in parts:
            quarters = _quarters(part)
            for mark in part.iter_all(partitura.score.Tempo):
                if mark.bpm > 0:
                    marks[float(quarters(mark.start.t))] = float(mark.bpm)
        self._from_q = np.array(sorted(marks))
        self._s_per_q = np.array([60.0 / marks[q] for q in self._from_q])
        self._from_s = np.concatenate(
            [[0.0], np.cumsum(np.diff(self._from_q) * self._s_per_q[:-1])]
        )

    def at(self, quarters: FloatArray) -> FloatArray:
        """Seconds at times in quarter notes from the beginning."""
        i = np.searchsorted(self._from_q, quarters, side="right") - 1
        return np.asarray(self._from_s[i] + (quarters - self._from_q[i]) * self._s_per_q[i])


def _quarters(part: Any) -> Any:
    """Timeline of a part to quarter notes from its beginning (partitura counts from beat 1)."""
    to_quarters = part.quarter_map
    zero = to_quarters(part.first_point.t)
    return lambda t: to_quarters(t) - zero


def _notes(part: Any, seconds: _Seconds) -> Iterator[RawNote]:
    """Sounding notes of a part, voice by voice."""
    import partitura

    notes = sorted(part.notes_tied, key=lambda n: (n.voice or 0, n.start.t, n.doc_order))
    if not notes:
        return
    quarters = _quarters(part)
    shift = _transposition(part, partitura.score.Transposition)
    for _, group in groupby(notes, key=lambda n: n.voice or 0):
        voice = list(group)
        onsets_s = seconds.at(quarters(np.array([n.start.t for n in voice])))
        offsets_s = seconds.at(quarters(np.array([n.start.t + n.duration_tied for n in voice])))
        grace = np.array([isinstance(n, partitura.score.GraceNote) for n in voice])
        _place_graces(onsets_s, offsets_s, grace)
        for note, onset_s, offset_s in zip(voice, onsets_s, offsets_s, strict=True):
            pitch = note.midi_pitch + shift(note.start.t)
            if 0 <= pitch <= 127:
                yield RawNote(float(onset_s), float(offset_s), int(pitch))


def _place_graces(onsets_s: FloatArray, offsets_s: FloatArray, grace: np.ndarray) -> None:
    """Put grace notes before the note they lean on, and end there what sounded before. In place."""
    beats_s = onsets_s.copy()
    for beat_s in np.unique(beats_s[grace]):
        which = np.flatnonzero(grace & (beats_s == beat_s))
        length_s = min(GRACE_S, beat_s / len(which)) if beat_s > 0 else GRACE_S
        begin_s = max(beat_s - len(which) * length_s, 0.0)
        onsets_s[which] = begin_s + length_s * np.arange(len(which))
        offsets_s[which] = onsets_s[which] + length_s
        before = ~grace & (beats_s < begin_s) & (offsets_s > begin_s) & (offsets_s <= beat_s)
        offsets_s[before] = begin_s


def _transposition(part: Any, kind: type) -> Any:
    """Semitones to add at a time, so that written pitches of a clarinet or horn sound."""
    found = sorted((t.start.t, t.chromatic or 0) for t in part.iter_all(kind))

    def shift(time: int) -> int:
        return next((semitones for at, semitones in reversed(found) if at <= time), 0)

    return shift
