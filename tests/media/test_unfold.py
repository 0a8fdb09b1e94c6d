from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_musicxml import score

from avstem.media.unfold import level_measures, play_order, write_out


def order(*parts: str) -> str:
    """Measures are named a, b, c, ... in the order they are written."""
    root = ET.fromstring(score(*[(str(n), text) for n, text in enumerate(parts)]))
    return "".join("abcdefghijklmnop"[index] for index in play_order(root))


@pytest.mark.parametrize(
    ("written", "played"),
    [
        ("C4 | C4 | C4", "abc"),
        ("C4 | C4 <:| > | C4".replace(":| ", ":|"), "ababc"),
        ("C4 | <|:> C4 | C4 <:|> | C4", "abcbcd"),
        ("C4 <:|> | C4 | C4 <:|>", "aabcbc"),  # the second begins after the first
        ("C4 | C4 <:|3>", "ababab"),
        ("C4 | <[1> C4 <:|> <]> | <[2> C4 <]> | C4", "abacd"),
        ("C4 | <[1,2> C4 <:|> <]> | <[3> C4 <]> | C4", "ababacd"),
        ("C4 | C4 <fine> | C4 <dacapo>", "abcab"),
        ("C4 | <segno> C4 | C4 <fine> | C4 <dalsegno>", "abcdbc"),
        ("C4 | C4 <tocoda> | C4 <dacapo> | <coda> C4", "abcabd"),
        # Minuet and trio: no repeats and the last endings after D.C.
        ("C4 <:|> | <|:> C4 <:|> <fine> | <|:> C4 <:|> <dacapo>", "aabbccab"),
        ("C4 | <[1> C4 <:|> <]> | <[2> C4 <]> <fine> | C4 <dacapo>", "abacdac"),
        # Movements: where numbers begin again, no jump or repeat leads out.
        ("C4 | C4 | <number=1> C4 <fine> | C4 <dacapo> | <number=0> C4 | C4 <:|>", "abcdcefef"),
    ],
)
def test_orders(written, played):
    assert order(written) == played


def test_marks_in_any_part_count_once():
    assert order("C4 | C4 | C4 <dacapo>", "C4 | C4 <fine> | C4", "C4 | C4 <:|> | C4") == "ababcab"


words = ["", "<|:>", "<:|>", "<:|3>", "<[1>", "<[2>", "<]>", "<dacapo>", "<dalsegno>", "<segno>"]
words += ["<fine>", "<tocoda>", "<coda>", "<number=1>"]


@given(st.lists(st.lists(st.sampled_from(words), max_size=3), min_size=1, max_size=8))
def test_any_marks_come_to_an_end(measures):
    text = " | ".join(" ".join([*marks, "C4"]) for marks in measures)
    root = ET.fromstring(score(("a", text)))
    found = play_order(root)
    assert len(found) <= 2 * 3 * len(measures) ** 2 + 8
    assert set(found) <= set(range(len(measures)))


def test_what_holds_is_stated_anew_after_a_jump():
    text = "<tempo=60> <transpose=-2> C4 | <|:> C4 | <tempo=30> <transpose=3> C4 <:|>"
    root = ET.fromstring(score(("a", text)))
    write_out(root, play_order(root))
    measures = root.findall("part/measure")
    assert [m.get("number") for m in measures] == ["1", "2", "3", "4", "5"]
    tempos = [[s.get("tempo") for s in m.iter("sound")] for m in measures]
    assert tempos == [["60"], [], ["30"], ["60"], ["30"]]
    shifts = [[t.text for t in m.iter("chromatic")] for m in measures]
    assert shifts == [["-2"], [], ["3"], ["-2"], ["3"]]


def test_short_measures_are_filled_up():
    root = ET.fromstring(score(("a", "C4:3 | C4:4"), ("b", "C4:4 | C4:4")))
    level_measures(root)
    fills = [[f.findtext("duration") for f in p.iter("forward")] for p in root.findall("part")]
    assert fills == [["24"], []]
