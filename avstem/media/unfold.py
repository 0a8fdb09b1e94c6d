"""A MusicXML score written out in the order in which it is played.

Programs write jumps (D.C., D.S., To Coda, Fine) into one part only and repeats into all of them,
so the order of measures is decided once, from the marks of all parts together, and then applied
to each part. Files often hold several movements: where measure numbers start again at 0 or 1, a
movement begins, and no repeat or jump leads out of it.

As is the custom, repeats are not taken again after D.C. or D.S., and last endings are played.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

_MOST = 100_000  # measures; marks that contradict each other must not loop for ever


@dataclass
class _Marks:
    """What is written at one measure, in any part."""

    forward: bool = False
    backward: int = 0  # how often the passage is played in all; 0: no repeat ends here
    ending: frozenset[int] = frozenset()  # passes on which this measure is played; empty: all
    jumps: set[str] = field(default_factory=set)  # of _JUMPS
    movement: bool = False  # the first measure of a movement


_JUMPS = ("dacapo", "dalsegno", "segno", "fine", "tocoda", "coda")


def play_order(root: ET.Element) -> list[int]:
    """Indices of the measures of a partwise score in the order of playing."""
    marks = _read_marks(root)
    starts = [i for i, mark in enumerate(marks) if mark.movement] + [len(marks)]
    return [
        index
        for start, stop in zip(starts[:-1], starts[1:], strict=True)
        for index in _play(marks, start, stop)
    ]


def level_measures(root: ET.Element) -> None:
    """Make every measure equally long in all parts, in place.

    Programs leave out rests at the end of an empty voice, or round tuplets; without this, one
    part would run ahead of the others from there on.
    """
    lengths = [list(_lengths(part)) for part in root.findall("part")]
    for spans in zip(*lengths, strict=False):
        longest = max(span.quarters for span in spans)
        for span in spans:
            missing = round((longest - span.end) * span.divisions)
            if span.quarters < longest and missing > 0:
                forward = ET.SubElement(span.measure, "forward")
                ET.SubElement(forward, "duration").text = str(missing)


def write_out(root: ET.Element, order: list[int]) -> None:
    """Put the measures of every part into ``order``, in place.

    What holds from an earlier measure on (divisions, transposition, tempo) is stated anew where
    the order jumps.
    """
    for part in root.findall("part"):
        measures = part.findall("measure")
        states = list(_states(measures))
        for measure in measures:
            part.remove(measure)
        previous = -1
        for number, index in enumerate(i for i in order if i < len(measures)):
            carried = states[index].elements() if index != previous + 1 else []
            copy = ET.SubElement(part, "measure", number=str(number + 1))
            copy.extend([*carried, *measures[index]])
            previous = index


# --------------------------------------------------------------------------- the order


def _play(marks: list[_Marks], start: int, stop: int) -> Iterator[int]:
    """Measures of one movement [start, stop) in the order of playing."""
    at, played, repeat_from, turn, jumped = start, 0, start, 1, False
    while at < stop and played < _MOST:
        mark = marks[at]
        if mark.forward and at != repeat_from:
            repeat_from, turn = at, 1
        if not _is_played(marks, at, stop, turn, jumped):
            at += 1
            continue
        yield at
        played += 1
        if jumped:
            if "fine" in mark.jumps:
                return
            at = _after_to_coda(marks, at, stop) if "tocoda" in mark.jumps else at + 1
        elif turn < mark.backward:
            at, turn = repeat_from, turn + 1
        elif mark.jumps & {"dacapo", "dalsegno"}:
            at, jumped = _back(marks, at, start), True
        else:
            if mark.backward:
                repeat_from, turn = at + 1, 1
            at += 1


def _is_played(marks: list[_Marks], at: int, stop: int, turn: int, jumped: bool) -> bool:
    ending = marks[at].ending
    if not ending:
        return True
    if not jumped:
        return turn in ending
    after = at
    while after < stop and marks[after].ending == ending:
        after += 1
    return after == stop or not marks[after].ending  # the last of its group


def _back(marks: list[_Marks], at: int, start: int) -> int:
    if "dacapo" in marks[at].jumps:
        return start
    signs = [i for i in range(start, at + 1) if "segno" in marks[i].jumps]
    return signs[-1] if signs else start


def _after_to_coda(marks: list[_Marks], at: int, stop: int) -> int:
    return next((i for i in range(at + 1, stop) if "coda" in marks[i].jumps), at + 1)


# --------------------------------------------------------------------------- reading the marks


def _read_marks(root: ET.Element) -> list[_Marks]:
    parts = [part.findall("measure") for part in root.findall("part")]
    marks = [_Marks() for _ in range(max((len(p) for p in parts), default=0))]
    for measures in parts:
        _read_endings(measures, marks)
        for mark, measure in zip(marks, measures, strict=False):
            for repeat in measure.iterfind("barline/repeat"):
                if repeat.get("direction") == "forward":
                    mark.forward = True
                else:
                    mark.backward = max(mark.backward, int(repeat.get("times") or 2))
            mark.jumps |= {k for s in measure.iter("sound") for k in _JUMPS if s.get(k)}
    _mark_movements(parts[0] if parts else [], marks)
    _raise_backward_to_endings(marks)
    return marks


def _read_endings(measures: list[ET.Element], marks: list[_Marks]) -> None:
    inside: frozenset[int] = frozenset()
    for mark, measure in zip(marks, measures, strict=False):
        ends = False
        for ending in measure.iterfind("barline/ending"):
            if ending.get("type") == "start":
                inside = _passes(ending.get("number", ""))
            else:
                ends = True
        mark.ending = mark.ending or inside
        if ends:
            inside = frozenset()


def _passes(text: str) -> frozenset[int]:
    return frozenset(int(word) for word in text.replace(",", " ").split() if word.isdigit())


def _raise_backward_to_endings(marks: list[_Marks]) -> None:
    """A passage with a third ending is played three times, though its repeat sign says two."""
    for mark in marks:
        if mark.backward and mark.ending:
            mark.backward = max(mark.backward, max(mark.ending) + 1)


def _mark_movements(measures: list[ET.Element], marks: list[_Marks]) -> None:
    previous = None
    for mark, measure in zip(marks, measures, strict=False):
        number = measure.get("number", "")
        if not number.isdigit():
            continue
        mark.movement = previous is None or int(number) <= min(1, previous - 1)
        previous = int(number)
    if marks:
        marks[0].movement = True


# --------------------------------------------------------------------------- what carries on


@dataclass(frozen=True)
class _State:
    """What holds at the beginning of a measure."""

    divisions: str = ""
    transpose: ET.Element | None = None
    tempo: str = ""

    def elements(self) -> list[ET.Element]:
        """The same as elements to put at the beginning of a measure."""
        attributes = ET.Element("attributes")
        if self.divisions:
            ET.SubElement(attributes, "divisions").text = self.divisions
        if self.transpose is not None:
            attributes.append(self.transpose)
        found = [attributes] if len(attributes) else []
        return found + ([ET.Element("sound", tempo=self.tempo)] if self.tempo else [])


def _states(measures: list[ET.Element]) -> Iterator[_State]:
    divisions, transpose, tempo = "", None, ""
    for measure in measures:
        yield _State(divisions, transpose, tempo)
        for found in measure.iterfind("attributes/divisions"):
            divisions = found.text or divisions
        for found in measure.iterfind("attributes/transpose"):
            transpose = found
        for found in measure.iter("sound"):
            tempo = found.get("tempo") or tempo


# --------------------------------------------------------------------------- lengths


@dataclass(frozen=True)
class _Span:
    """How far a measure reaches, in quarter notes from its beginning, and where it stops."""

    measure: ET.Element
    divisions: Fraction
    quarters: Fraction
    end: Fraction


def _lengths(part: ET.Element) -> Iterator[_Span]:
    divisions = Fraction(1)
    for measure in part.findall("measure"):
        at = reach = Fraction(0)
        for element in measure:
            divisions = Fraction(element.findtext("divisions") or divisions)
            at += _advance(element) / divisions
            reach = max(reach, at)
        yield _Span(measure, divisions, reach, at)


def _advance(element: ET.Element) -> Fraction:
    """Divisions by which an element moves the position on."""
    if element.tag not in ("note", "backup", "forward") or element.find("chord") is not None:
        return Fraction(0)
    duration = Fraction(element.findtext("duration") or 0)
    return -duration if element.tag == "backup" else duration
