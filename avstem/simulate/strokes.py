"""Bow strokes: which notes share one bow, when the bow turns, how loud and how short it is.

A bow turns near the onset of a stroke's first note (some tens of milliseconds early or late);
slurred notes share a stroke; a note longer than a bow lasts needs more than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import FloatArray, IntArray, Notes
from avstem.simulate.instruments import Instrument
from avstem.simulate.settings import SimulationSettings

# (name, notes per stroke, share of the notated length that sounds, weight easy, weight hard)
_STYLES = (
    ("detache", 1, 0.93, 5.0, 1.6),
    ("staccato", 1, 0.55, 1.0, 0.7),
    ("slur2", 2, 0.95, 1.0, 2.0),
    ("slur3+1", 3, 0.95, 0.3, 1.0),
    ("slur4", 4, 0.97, 0.3, 1.7),
    ("legato", 8, 0.99, 0.0, 1.2),
)
_LONGEST_BOW_S = 2.4


@dataclass(frozen=True, eq=False)
class Phrasing:
    """How the notes of a part are grouped; arrays of shape (notes,).

    starts : the note begins a stroke (bow change or tongue).
    joins_next : the note is slurred to the next.
    share : sounding share of the notated length.
    """

    starts: NDArray[np.bool_]
    joins_next: NDArray[np.bool_]
    share: FloatArray


@dataclass(frozen=True, eq=False)
class Strokes:
    """Strokes in media time; arrays of shape (strokes,).

    first_notes : index of the note that begins with the stroke, -1 for a bow change within a
        note. loudness : 0 to 1. directions : +1 down-bow (towards the tip), -1 up-bow.
    """

    starts_s: FloatArray
    ends_s: FloatArray
    first_notes: IntArray
    loudness: FloatArray
    directions: IntArray


def phrase_part(
    notes: Notes,
    onsets_s: FloatArray,
    beat_s: float,
    instrument: Instrument,
    rng: np.random.Generator,
    settings: SimulationSettings,
) -> Phrasing:
    """Group a part's notes into strokes, with one bowing style for a few beats at a time."""
    count = len(notes)
    starts, joins = np.ones(count, bool), np.zeros(count, bool)
    share = np.full(count, 0.93)
    weights = np.array([settings.between(easy, hard) for *_, easy, hard in _STYLES])
    next_change_s, style, in_stroke, stroke_start_s = -1.0, _STYLES[0], 0, 0.0
    for n in range(count):
        if notes.onsets_s[n] >= next_change_s:
            style = _STYLES[rng.choice(len(_STYLES), p=weights / weights.sum())]
            next_change_s = notes.onsets_s[n] + beat_s * rng.integers(4, 13)
        share[n] = style[2]
        if n > 0 and notes.onsets_s[n] - notes.onsets_s[n - 1] < 0.03:  # a chord is one event
            starts[n], joins[n] = False, False
            continue
        room = onsets_s[n] - stroke_start_s < _LONGEST_BOW_S
        if n > 0 and 0 < in_stroke < style[1] and room and _touches(notes, n):
            starts[n], joins[n - 1] = False, True
            in_stroke += 1
        else:
            in_stroke, stroke_start_s = 1, onsets_s[n]
            if style[0] == "slur3+1" and rng.random() < 0.3:
                in_stroke = 3
    return Phrasing(starts, joins, share)


def _touches(notes: Notes, n: int) -> bool:
    """Whether note n follows its predecessor without a rest, on another pitch."""
    gap_s = notes.onsets_s[n] - notes.offsets_s[n - 1]
    return bool(gap_s < 0.06 and notes.pitches[n] != notes.pitches[n - 1])


def strokes_of(
    notes: Notes, phrasing: Phrasing, rng: np.random.Generator, settings: SimulationSettings
) -> Strokes:
    """The strokes of a part as performed; bows that last too long are divided."""
    first = np.flatnonzero(phrasing.starts)
    first = first[np.concatenate([[True], np.diff(notes.onsets_s[first]) > 0.02])]
    starts, ends, heads, loud = [], [], [], []
    for k, n in enumerate(first):
        stop = first[k + 1] if k + 1 < len(first) else len(notes)
        start_s, end_s = float(notes.onsets_s[n]), float(notes.offsets_s[n:stop].max())
        if k + 1 < len(first):
            end_s = min(end_s, float(notes.onsets_s[stop]))
        pieces = max(1, int(np.ceil((end_s - start_s) / (_LONGEST_BOW_S * rng.uniform(1.0, 1.4)))))
        edges = np.linspace(start_s, end_s, pieces + 1)
        edges[1:-1] += 0.1 * rng.standard_normal(pieces - 1)
        starts += list(edges[:-1])
        ends += list(edges[1:])
        heads += [int(n)] + [-1] * (pieces - 1)
        loud += [float(notes.velocities[n:stop].mean()) / 127.0] * pieces
    lead_s = settings.between(0.004, 0.016) * rng.standard_normal(len(starts)) - 0.012
    turns_s = np.maximum.accumulate(np.array(starts) + np.clip(lead_s, -0.05, 0.03))
    ends_s = np.maximum(np.array(ends), turns_s + 0.03)
    ends_s[:-1] = np.minimum(ends_s[:-1], np.maximum(turns_s[1:], turns_s[:-1] + 0.02))
    return Strokes(
        turns_s, ends_s, np.array(heads), np.array(loud), _directions(turns_s, ends_s, rng)
    )


def _directions(starts_s: FloatArray, ends_s: FloatArray, rng: np.random.Generator) -> IntArray:
    """Alternate down and up; after a rest most players begin anew with a down-bow."""
    directions = np.ones(len(starts_s), int)
    for k in range(1, len(starts_s)):
        rested = starts_s[k] - ends_s[k - 1] > 0.45 and rng.random() < 0.75
        directions[k] = 1 if rested else -directions[k - 1]
    return directions
