"""Instruments that can be performed: sound program, playable range and how they are held."""

from __future__ import annotations

from dataclasses import dataclass

from avstem.datatypes import Part
from avstem.errors import RequestError


@dataclass(frozen=True)
class Instrument:
    """One instrument.

    program : General MIDI program, from 0.
    lowest, highest : playable MIDI pitches.
    strings : MIDI pitches of the open strings from low to high; empty for winds.
    hold : how the figure holds it, the name of a drawing in ``figures``.
    level_db : loudness beside a violin in an ensemble.
    """

    name: str
    short: str
    program: int
    lowest: int
    highest: int
    strings: tuple[int, ...]
    hold: str
    level_db: float = 0.0

    @property
    def bowed(self) -> bool:
        """Whether the instrument is played with a bow."""
        return bool(self.strings)


_TABLE = (
    Instrument("Violin", "Vn", 40, 55, 96, (55, 62, 69, 76), "shoulder"),
    Instrument("Viola", "Va", 41, 48, 88, (48, 55, 62, 69), "shoulder", -0.5),
    Instrument("Violoncello", "Vc", 42, 36, 79, (36, 43, 50, 57), "knees"),
    Instrument("Contrabass", "DB", 43, 28, 67, (28, 33, 38, 43), "floor"),
    Instrument("Trumpet", "Tp", 56, 54, 86, (), "trumpet", 1.0),
    Instrument("Horn", "Hn", 60, 35, 77, (), "trumpet"),
    Instrument("Alto Sax", "Sax", 65, 49, 81, (), "reed", 0.5),
    Instrument("Oboe", "Ob", 68, 58, 91, (), "reed"),
    Instrument("Bassoon", "Bn", 70, 34, 74, (), "reed"),
    Instrument("Clarinet", "Cl", 71, 50, 94, (), "reed"),
    Instrument("Flute", "Fl", 73, 60, 96, (), "flute", -0.5),
)
INSTRUMENTS: dict[str, Instrument] = {each.name: each for each in _TABLE}

# Words that name an instrument in scores, the more special ones first.
_WORDS = {
    "contrabass": "Contrabass", "double bass": "Contrabass", "doublebass": "Contrabass",
    "bassoon": "Bassoon", "fagott": "Bassoon", "violone": "Contrabass",
    "violoncello": "Violoncello", "cello": "Violoncello",
    "viola": "Viola", "bratsche": "Viola", "alto sax": "Alto Sax", "sax": "Alto Sax",
    "violin": "Violin", "geige": "Violin", "trumpet": "Trumpet", "trompete": "Trumpet",
    "horn": "Horn", "oboe": "Oboe", "clarinet": "Clarinet", "klarinette": "Clarinet",
    "flute": "Flute", "flöte": "Flute", "vn": "Violin", "va": "Viola", "vc": "Violoncello",
    "db": "Contrabass", "tp": "Trumpet", "ob": "Oboe", "cl": "Clarinet", "fl": "Flute",
    "hn": "Horn", "bn": "Bassoon",
}  # fmt: skip


def find_instrument(text: str) -> Instrument | None:
    """The instrument that a name such as "Violin 2" or "Va1." speaks of, or None."""
    lowered = text.casefold()
    for word, name in _WORDS.items():
        short = len(word) <= 2
        if lowered.rstrip(" .0123456789") == word if short else word in lowered:
            return INSTRUMENTS[name]
    return None


def by_range(part: Part) -> Instrument:
    """The string instrument whose range suits a part of unknown instrument."""
    lowest, mean = int(part.notes.pitches.min()), float(part.notes.pitches.mean())
    for name, typical in (("Violin", 66.0), ("Viola", 58.0), ("Violoncello", 44.0)):
        if lowest >= INSTRUMENTS[name].lowest and mean >= typical:
            return INSTRUMENTS[name]
    return INSTRUMENTS["Violoncello" if lowest >= 36 else "Contrabass"]


def instrument_of(part: Part) -> Instrument:
    """The instrument of a score part: by its instrument, else its name, else its range."""
    return find_instrument(part.instrument) or find_instrument(part.name) or by_range(part)


def named_instrument(text: str) -> Instrument:
    """The instrument that the user named.

    Raises
    ------
    RequestError
        No instrument of that name is known.
    """
    found = find_instrument(text)
    if found is None:
        raise RequestError(
            f"No instrument {text!r} is known to the simulation.",
            f"Choose from {', '.join(INSTRUMENTS)}.",
        )
    return found
