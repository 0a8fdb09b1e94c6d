"""Small MusicXML scores from a readable notation.

A part is a string of measures separated by "|". In a measure: notes such as "C4:2" (length in
quarters, 1 if not given), rests "r:2", grace notes "gD5", chord notes "+E4", ties "C4:2~" (to
the next note), cue notes "cC4", and marks in angle brackets: <|:>, <:|>, <:|3>, <[1>, <]>,
<dacapo>, <dalsegno>, <segno>, <fine>, <tocoda>, <coda>, <tempo=90>, <number=1>, <transpose=-2>.
"""

from __future__ import annotations

import re

DIVISIONS = 24


def score(*parts: tuple[str, str], program: int | None = None) -> str:
    """Parts as (name, measures)."""
    listing = "".join(
        f'<score-part id="P{n}"><part-name>{name}</part-name>'
        + (
            f'<midi-instrument id="I{n}"><midi-program>{program}</midi-program></midi-instrument>'
            if program
            else ""
        )
        + "</score-part>"
        for n, (name, _) in enumerate(parts)
    )
    body = "".join(f'<part id="P{n}">{_measures(text)}</part>' for n, (_, text) in enumerate(parts))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="3.1">'
        f"<part-list>{listing}</part-list>{body}</score-partwise>"
    )


def _measures(text: str) -> str:
    made, tied = [], set()
    for index, measure in enumerate(re.split(r"(?<![:<])\|(?![:>\d])", text)):
        number = str(index + 1)
        head = f"<attributes><divisions>{DIVISIONS}</divisions></attributes>" if index == 0 else ""
        content = []
        for word in measure.split():
            if word.startswith("<number="):
                number = word[8:-1]
            elif word.startswith("<"):
                content.append(_mark(word[1:-1]))
            else:
                content.append(_note(word, tied))
        made.append(f'<measure number="{number}">{head}{"".join(content)}</measure>')
    return "".join(made)


def _mark(mark: str) -> str:
    name, _, value = mark.partition("=")
    if mark == "|:":
        return '<barline location="left"><repeat direction="forward"/></barline>'
    if mark.startswith(":|"):
        times = f' times="{mark[2:]}"' if mark[2:] else ""
        return f'<barline location="right"><repeat direction="backward"{times}/></barline>'
    if mark.startswith("["):
        return f'<barline location="left"><ending number="{mark[1:]}" type="start"/></barline>'
    if mark == "]":
        return '<barline location="right"><ending number="1" type="stop"/></barline>'
    if name == "transpose":
        return f"<attributes><transpose><chromatic>{value}</chromatic></transpose></attributes>"
    if name == "metronome":
        unit, count = value.split(",")
        return (
            f"<direction><direction-type><metronome><beat-unit>{unit}</beat-unit>"
            f"<per-minute>{count}</per-minute></metronome></direction-type></direction>"
        )
    if name == "empty":
        return "<direction><direction-type/></direction>"
    sound = f'<sound {name}="{value or "yes"}"/>'
    return f"<direction><direction-type><words>x</words></direction-type>{sound}</direction>"


def _note(word: str, tied: set[str]) -> str:
    grace, chord, cue = word.startswith("g"), word.startswith("+"), word.startswith("c")
    word = word.lstrip("g+c")
    ties = word.endswith("~")
    name, _, length = word.rstrip("~").partition(":")
    duration = "" if grace else f"<duration>{round(float(length or 1) * DIVISIONS)}</duration>"
    head = ("<grace/>" if grace else "") + ("<cue/>" if cue else "") + ("<chord/>" if chord else "")
    if name == "r":
        return f"<note><rest/>{duration}</note>"
    step, alter, octave = re.fullmatch(r"([A-G])([#b]?)(\d)", name).groups()
    alter = f"<alter>{1 if alter == '#' else -1}</alter>" if alter else ""
    tie = '<tie type="stop"/>' if name in tied else ""
    tied.discard(name)
    if ties:
        tie += '<tie type="start"/>'
        tied.add(name)
    return (
        f"<note>{head}<pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>"
        f"{duration}{tie}<voice>1</voice></note>"
    )
