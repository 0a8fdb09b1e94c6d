"""Instrument names: what a track is called, in a few languages, and General MIDI programs."""

from __future__ import annotations

import re

# Order matters: the first pattern that is found wins, so "bass clarinet" comes before "clarinet"
# and "double bass" before "bass". Abbreviations are whole words ("vc", "Vl. 1", "tpt2").
_NAMES: tuple[tuple[str, str], ...] = (
    ("Piccolo", r"piccolo|ottavino|picc"),
    ("English Horn", r"english horn|cor anglais|corno inglese|englischhorn|eh"),
    ("Bass Clarinet", r"bass clarinet|bassklarinette|clarinetto basso|bcl"),
    ("Contrabassoon", r"contra ?bassoon|contrafagotto|kontrafagott|cbsn"),
    ("Baritone Sax", r"bari(tone)? sax(ophone)?|bar ?sax"),
    ("Soprano Sax", r"soprano? sax(ophone)?|sop ?sax"),
    ("Tenor Sax", r"tenor sax(ophone)?|ten ?sax"),
    ("Alto Sax", r"alto sax(ophone)?|altsaxophon|sax(ophone)?"),
    ("Bass Trombone", r"bass trombone|bassposaune|btbn"),
    ("Contrabass", r"double ?bass|contra ?bass[eo]?|kontrabass|string bass|db|cb|kb"),
    ("Cello", r"(violon)?cell[oi]s?|violoncelle|vc|vcl|vlc"),
    ("Viola", r"violas?|bratschen?|altviool|va|vla"),
    ("Violin", r"violins?|violin[oi]|violine|violon|geigen?|vn|vln|vl|vno"),
    ("Recorder", r"recorder|blockfl.te|flauto dolce|rec"),
    ("Flute", r"flutes?|fl.tes?|flaut[oi]|traverso|fl"),
    ("Oboe", r"oboes?|hautbois|ob"),
    ("Clarinet", r"clarinets?|clarinett[oi]|klarinetten?|clarinette|cl|clar"),
    ("Bassoon", r"bassoons?|fagott[oi]?|fagotte|basson|bn|bsn|fg|fag"),
    ("French Horn", r"(french )?horns?|corn[oi]|waldhorn|cors?|hn|hrn"),
    ("Trumpet", r"trumpets?|trompeten?|tromb[ae]|trompette|cornets?|flugelhorn|tpt|trp"),
    ("Trombone", r"trombon[ei]s?|posaunen?|tbn|trb"),
    ("Tuba", r"tubas?|euphonium|tba"),
    ("Harp", r"harps?|harfe|arpa|harpe|hp"),
    ("Harpsichord", r"harpsichord|cembalo|clavecin|continuo"),
    ("Acoustic Grand Piano", r"(forte)?piano(forte)?|klavier|pno|pf"),
    ("Guitar", r"guitars?|gitarre|chitarra|guitare|gtr"),
    ("Voice", r"voice|soprano?|mezzo|alto|tenor|baritone|vocals?|gesang|canto"),
)
_PATTERNS = tuple(
    (name, re.compile(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])", re.IGNORECASE))
    for name, pattern in _NAMES
)

# One note at a time by nature; strings, keyboards and plucked instruments can sound several.
MONOPHONIC = frozenset(
    {"Piccolo", "Flute", "Recorder", "Pan Flute", "Shakuhachi", "Whistle", "Ocarina"}
    | {"Oboe", "English Horn", "Clarinet", "Bass Clarinet", "Bassoon", "Contrabassoon"}
    | {"Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "French Horn", "Trumpet"}
    | {"Muted Trumpet", "Trombone", "Bass Trombone", "Tuba", "Voice"}
)
BOWED = frozenset({"Violin", "Viola", "Cello", "Contrabass", "Fiddle"})


def instrument_of(name: str, program: int | None = None) -> str:
    """The instrument that a track's name says, else its General MIDI program; "" when unknown.

    The name goes first: players of a "Violin" track are violinists, be the program pizzicato,
    string ensemble or left at piano. Program 0 without a telling name says nothing, since it is
    what programs write when nothing was chosen.
    """
    for instrument, pattern in _PATTERNS:
        if pattern.search(name):
            return instrument
    if program is None or program == 0:
        return ""
    import pretty_midi  # slow to import, and only programs need it

    return str(pretty_midi.program_to_instrument_name(program))
