"""From the bare tracks of any score format to the parts of a ``Score``.

Notes are sorted, every note gets a length, every part a name of its own; what is odd is kept
and told in words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from avstem.datatypes import FloatArray, Notes, Part, Score
from avstem.media.instruments import BOWED, MONOPHONIC

SHORTEST_S = 0.03  # length given to notes without one; shorter is a click, no pitch
TOUCH_S = 0.005  # notes that overlap by less than this merely touch
BRIEF_S = 0.15  # overlaps shorter than this are legato playing, longer ones are double stops
SAME_ONSET_S = 0.02
UNISON_SHARE = 0.95  # of the notes of the longer part


@dataclass(frozen=True)
class RawNote:
    """One note in score time."""

    onset_s: float
    offset_s: float
    pitch: int
    velocity: int = 80


@dataclass(frozen=True)
class RawPart:
    """One track as the file has it: its name may be empty, or the same as another's."""

    name: str
    instrument: str
    notes: tuple[RawNote, ...]


def to_score(raw: list[RawPart], warnings: list[str]) -> Score:
    """Named parts of the tracks that have notes; ``raw`` holds at least one such track."""
    heard = [part for part in raw if part.notes]
    names = unique_names([part.name or part.instrument or "Part" for part in heard])
    parts = tuple(
        Part(index, name, part.instrument, _notes(part.notes))
        for index, (name, part) in enumerate(zip(names, heard, strict=True))
    )
    odd = [text for part in parts if (text := _overlaps(part))]
    return Score(parts, (*warnings, *odd, *_unisons(parts)))


def unique_names(names: list[str]) -> list[str]:
    """Number names that occur more than once: Violin, Violin, Viola -> Violin 1, Violin 2, Viola.

    Names are compared without regard to case, since stems of that name become files.
    """
    count = Counter(name.casefold() for name in names)
    taken = {name.casefold() for name in names if count[name.casefold()] == 1}
    return [name if count[name.casefold()] == 1 else _next_free(name, taken) for name in names]


def _next_free(name: str, taken: set[str]) -> str:
    number = 1
    while f"{name} {number}".casefold() in taken:
        number += 1
    taken.add(f"{name} {number}".casefold())
    return f"{name} {number}"


def _notes(raw: tuple[RawNote, ...]) -> Notes:
    ordered = sorted(raw, key=lambda n: (n.onset_s, n.pitch, n.offset_s))
    onsets = np.array([n.onset_s for n in ordered], float)
    offsets = np.array([n.offset_s for n in ordered], float)
    return Notes(
        onsets_s=onsets,
        offsets_s=np.where(offsets > onsets, offsets, onsets + SHORTEST_S),
        pitches=np.array([n.pitch for n in ordered], np.int64),
        velocities=np.array([min(max(n.velocity, 1), 127) for n in ordered], np.int64),
    )


# --------------------------------------------------------------------------- what is odd


def overlap_lengths_s(notes: Notes) -> FloatArray:
    """For each note but the first, how long any earlier note still sounds after its onset."""
    ends = np.maximum.accumulate(notes.offsets_s)[:-1]
    return np.maximum(np.minimum(ends, notes.offsets_s[1:]) - notes.onsets_s[1:], 0.0)


def _overlaps(part: Part) -> str:
    """A sentence about notes that sound together where one player plays one line."""
    lengths = overlap_lengths_s(part.notes)
    held = (part.notes.offsets_s - part.notes.onsets_s)[1:]
    several = int((lengths > TOUCH_S).sum())
    # Half the note: notes of a chord sound together as a whole, however short they are.
    brief = int(((lengths > TOUCH_S) & (lengths < np.minimum(BRIEF_S, held / 2))).sum())
    if part.instrument in MONOPHONIC and several:
        return (
            f"Part {part.name}: {several} of {len(part.notes)} notes begin while another still "
            f"sounds, though its instrument plays one at a time; all are kept."
        )
    # Long overlaps on strings are double stops; many brief ones come from a keyboard.
    if (part.instrument in BOWED or not part.instrument) and brief > max(3, several / 2):
        return (
            f"Part {part.name}: {brief} of {len(part.notes)} notes briefly overlap the next; "
            f"all are kept."
        )
    return ""


def _unisons(parts: tuple[Part, ...]) -> list[str]:
    return [
        f"Parts {a.name} and {b.name} play the same notes at the same times: the score cannot "
        f"tell them apart, so their stems will share one sound."
        for a, b in combinations(parts, 2)
        if unison_share(a.notes, b.notes) >= UNISON_SHARE
    ]


def unison_share(a: Notes, b: Notes) -> float:
    """Share of the longer part's notes that the other one has too (pitch and onset)."""
    if min(len(a), len(b)) < UNISON_SHARE * max(len(a), len(b)):
        return 0.0
    shorter, longer = sorted((a, b), key=len)
    common = sum(
        _matches(
            shorter.onsets_s[shorter.pitches == pitch], longer.onsets_s[longer.pitches == pitch]
        )
        for pitch in np.unique(longer.pitches)
    )
    return common / len(longer)


def _matches(some_s: FloatArray, others_s: FloatArray) -> int:
    if len(some_s) == 0:
        return 0
    distance = np.abs(others_s[:, None] - some_s[None, :]).min(axis=1)
    return int((distance <= SAME_ONSET_S).sum())
