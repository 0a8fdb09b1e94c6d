"""Reading .rpp files: values, quoting, places of blocks, damage, and agreement with ``rpp``."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.errors import MediaError
from osc_bridge.rpp import Block, Row, parse_rpp, split_values

PROJECT = """<REAPER_PROJECT 0.1 "7.22/linux-x86_64" 1730000000
  TEMPO 96.5 3 4
  <NOTES 0 2
    |a line of > text "as is
  >

  <TRACK {0A}
    NAME 'the "first"'
    PEAKCOL 16576
    ISBUS 1 1
    <ITEM
      POSITION 1.5
      NAME ""
      <SOURCE SECTION
        LENGTH 4
        <SOURCE WAVE
          FILE "a b/ü.wav"
        >
      >
    >
    <VST "VST: x" x.dll 0 ""
      ZXZhdwAAAA==
    >
  >
>
"""


def test_values_and_places() -> None:
    project = parse_rpp(PROJECT)
    assert project.arguments == ("0.1", "7.22/linux-x86_64", "1730000000")
    assert [project.number("TEMPO", index=n) for n in range(3)] == [96.5, 3, 4]
    track = project.block("TRACK")
    assert track is not None
    assert track.text("NAME") == 'the "first"'
    assert track.row("ISBUS").number(2) == 1
    item = next(track.blocks("ITEM"))
    assert item.text("NAME", "none") == ""
    wave = next(next(item.blocks("SOURCE")).blocks("SOURCE"))
    assert wave.text("FILE") == "a b/ü.wav"
    lines = PROJECT.splitlines()
    assert lines[track.first_line] == "  <TRACK {0A}"
    assert lines[track.last_line] == "  >"
    assert lines[project.last_line] == ">"


def test_absent_rows_give_defaults() -> None:
    project = parse_rpp(PROJECT)
    assert project.row("NOSUCH") == Row((), -1)
    assert project.text("NOSUCH", "d") == "d"
    assert project.number("NOSUCH", 3.0) == 3.0
    assert project.block("NOSUCH") is None


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("NAME x", ("NAME", "x")),
        ('NAME "two words" 3', ("NAME", "two words", "3")),
        ("NAME 'say \"hi\"'", ("NAME", 'say "hi"')),
        ("NAME `both ' and \"`", ("NAME", "both ' and \"")),
        ('NAME "#5"', ("NAME", "#5")),
        ("NAME don't", ("NAME", "don't")),
        ('NAME ""', ("NAME", "")),
        ("|  text 'as is", ("|  text 'as is",)),
        ("", ()),
    ],
)
def test_quoting(line: str, values: tuple[str, ...]) -> None:
    assert split_values(line) == values


@pytest.mark.parametrize("text", ["", "\n \n", "RIFF....", "<TRACK\n>\n"])
def test_what_is_no_project_is_refused(text: str) -> None:
    with pytest.raises(MediaError, match="starts with <REAPER_PROJECT, found"):
        parse_rpp(text)


def test_a_cut_off_project_names_the_open_block() -> None:
    cut = PROJECT[: PROJECT.index("ZXZ")]
    with pytest.raises(MediaError, match=r"ends inside the block <VST of line 21"):
        parse_rpp(cut)


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    again = parse_rpp("\ufeff" + PROJECT.replace("\n", "\r\n"))
    assert again == parse_rpp(PROJECT)


def test_agrees_with_the_rpp_package() -> None:
    """An independent reader; it cannot take blank lines."""
    rpp = pytest.importorskip("rpp")
    text = PROJECT.replace("\n\n", "\n")

    def plain(node: Any) -> Any:
        if isinstance(node, Block):
            return [node.name, *node.arguments], [plain(child) for child in node.children]
        return list(node.values)

    def theirs(node: Any) -> Any:
        if hasattr(node, "tag"):
            return [node.tag, *node.attrib], [theirs(child) for child in node.children]
        return [node] if isinstance(node, str) else list(node)

    assert plain(parse_rpp(text)) == theirs(rpp.loads(text))


WORDS = st.text(string.ascii_letters + string.digits + " \"'#é.{}-", max_size=12)


def quoted(value: str) -> str:
    """As REAPER writes it; values that hold all three quotes do not occur here."""
    mark = next(q for q in "\"'`" if q not in value)
    return f"{mark}{value}{mark}"


@given(st.lists(WORDS, max_size=6))
def test_what_is_quoted_comes_back(values: list[str]) -> None:
    line = " ".join(["NAME", *map(quoted, values)])
    assert split_values(line) == ("NAME", *values)
