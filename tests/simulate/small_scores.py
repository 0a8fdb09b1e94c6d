"""A small score, and settings that make a small simulation of it without FluidSynth."""

from __future__ import annotations

from typing import Any

import numpy as np

from avstem.datatypes import Notes, Part, Score

SMALL: dict[str, Any] = {
    "seconds": 6.0, "size": (320, 180), "synth": "additive", "rate_hz": 16000,
}  # fmt: skip


def make_part(index: int, name: str, lengths: list[float], pitches: list[int]) -> Part:
    """A part of notes that follow each other, from their lengths in seconds."""
    offsets_s = np.cumsum(lengths)
    notes = Notes(offsets_s - lengths, offsets_s, np.array(pitches), np.full(len(pitches), 80))
    return Part(index, name, "", notes)


def duo_score() -> Score:
    """Eight seconds of a violin over a cello, in different rhythms."""
    violin = make_part(
        0, "Violin", [0.5, 0.25, 0.25] * 8, [67, 69, 71, 72, 71, 69, 74, 72, 71, 69, 67, 66] * 2
    )
    cello = make_part(
        1, "Cello", [0.75, 0.75, 0.5] * 4, [43, 47, 50, 48, 45, 43, 50, 47, 45, 43, 40, 43]
    )
    return Score((violin, cello))
