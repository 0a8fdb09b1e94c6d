"""MIDI of a session as a score: project-time rows to records with media-time notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from avstem.datatypes import Notes, Part, Score
from avstem.errors import ScoreError
from osc_bridge.records import NoteRow, PartRequest

SpanMap = Callable[[float, float], tuple[float, float]]  # a note's project to its media times

SAME_S = 0.010  # two notes of one pitch this close are one note, written twice


def score_of(parts: Sequence[PartRequest], to_media: SpanMap) -> Score:
    """The parts that have notes, in order, under unique names.

    A looped item plays the same moment of its file again; notes that were written out for every
    pass then fall on each other and are kept once.
    """
    rows = [_media_rows(part.notes, to_media) for part in parts]
    # Only differences matter in score time; below zero lies nothing that a score could hold.
    shift_s = max(0.0, -min((row[0] for part in rows for row in part), default=0.0))
    shifted = [[(on + shift_s, off + shift_s, p, v) for on, off, p, v in part] for part in rows]
    # So far from the start that a note's length is lost in rounding, it is none.
    lasting = [[row for row in part if row[1] > row[0]] for part in shifted]
    filled = [(part, notes) for part, notes in zip(parts, lasting, strict=True) if notes]
    if not filled:
        raise ScoreError("No note of the MIDI lasts.", "Check where its items lie, and save.")
    names = unique_names([part.name for part, _ in filled])
    numbered = enumerate(zip(names, filled, strict=True))
    made = tuple(Part(i, n, p.instrument, _notes(notes)) for i, (n, (p, notes)) in numbered)
    empty = [part.name for part, notes in zip(parts, lasting, strict=True) if not notes]
    return Score(made, tuple(f"The track {name!r} has no notes." for name in empty))


def unique_names(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that came before; nameless tracks get one too."""
    seen: set[str] = set()
    unique = []
    for index, name in enumerate(names):
        plain = name.strip() or f"Part {index + 1}"
        found, count = plain, 2
        while found in seen:
            found, count = f"{plain} ({count})", count + 1
        seen.add(found)
        unique.append(found)
    return unique


def _media_rows(notes: Sequence[NoteRow], to_media: SpanMap) -> list[NoteRow]:
    rows = sorted((*to_media(on_s, off_s), pitch, loud) for on_s, off_s, pitch, loud in notes)
    kept: list[NoteRow] = []
    last_s: dict[int, float] = {}
    for row in rows:
        onset_s, _, pitch, _ = row
        if onset_s - last_s.get(pitch, -np.inf) > SAME_S:
            kept.append(row)
            last_s[pitch] = onset_s
    return kept


def _notes(rows: Sequence[NoteRow]) -> Notes:
    onsets, offsets, pitches, velocities = (np.array(column) for column in zip(*rows, strict=True))
    return Notes(
        onsets.astype(float),
        offsets.astype(float),
        pitches.astype(np.int64),
        velocities.astype(np.int64),
    )
