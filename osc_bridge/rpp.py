"""REAPER project files as trees of lines, with the place of every block in the text.

A project is text: ``<NAME arguments`` opens a block, ``>`` alone closes it, every other line is a
row of values. Reading keeps line numbers, so that a writer can splice text in between lines and
leave every other byte as it is. Quoting: a value with blanks is set in ``"``, ``'`` or a back tick,
whichever it does not contain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from avstem.errors import MediaError

_QUOTES = "\"'`"
_UNEVEN = re.compile(r"[\"'`\t]")  # all other lines can be cut at blanks, which is faster
_LINE_END = re.compile(r"\r\n|\n|\r")  # str.splitlines would cut names at Unicode separators too
_LARGEST = 1e15  # of any number in a project; more is damage, and would overflow somewhere


@dataclass(frozen=True)
class Row:
    """One line inside a block: its values, the first of which is usually a name."""

    values: tuple[str, ...]
    line: int  # from 0

    @property
    def name(self) -> str:
        """The first value, ``""`` on a blank line."""
        return self.values[0] if self.values else ""

    def number(self, index: int, default: float = 0.0) -> float:
        """A value as a number, ``default`` where it is missing; MediaError where it is none."""
        return _number(self.values, index, default, self.line)


@dataclass(frozen=True)
class Block:
    """``<NAME arguments`` to ``>``: rows and blocks in the order of the file."""

    name: str
    arguments: tuple[str, ...]
    first_line: int  # from 0, the line of "<"
    last_line: int  # the line of ">"
    children: tuple[Row | Block, ...] = field(repr=False)

    def blocks(self, *names: str) -> Iterator[Block]:
        """Blocks directly inside, of these names (of any name without)."""
        for child in self.children:
            if isinstance(child, Block) and (not names or child.name in names):
                yield child

    def block(self, name: str) -> Block | None:
        """The first block of this name directly inside."""
        return next(self.blocks(name), None)

    def rows(self, *names: str) -> Iterator[Row]:
        """Rows directly inside, of these names (of any name without)."""
        for child in self.children:
            if isinstance(child, Row) and (not names or child.name in names):
                yield child

    def row(self, name: str) -> Row:
        """The first row of this name, an empty one when there is none."""
        return next(self.rows(name), Row((), -1))

    def text(self, name: str, default: str = "") -> str:
        """The first value of the row of this name."""
        values = self.row(name).values
        return values[1] if len(values) > 1 else default

    def number(self, name: str, default: float = 0.0, index: int = 0) -> float:
        """A value of the row of this name as a number."""
        return self.row(name).number(index + 1, default)

    def argument(self, index: int, default: float = 0.0) -> float:
        """An argument as a number."""
        return _number(self.arguments, index, default, self.first_line)


def parse_rpp(text: str) -> Block:
    """The project in the text of an ``.rpp`` file.

    Raises
    ------
    MediaError
        When the text is no REAPER project, or ends too early.

    """
    lines = split_lines(text)
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines) or not lines[start].lstrip("\ufeff ").startswith("<REAPER_PROJECT"):
        found = lines[start].strip()[:40] if start < len(lines) else "an empty file"
        raise MediaError(
            f"A REAPER project starts with <REAPER_PROJECT, found {found!r}.",
            "Name an .rpp file that REAPER saved.",
        )
    return _parse(lines, start)


def split_lines(text: str) -> list[str]:
    """The lines as ``Row.line`` and ``Block.first_line`` count them."""
    return _LINE_END.split(text)


def line_starts(text: str) -> list[int]:
    """Where in the text each of its lines begins."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def _parse(lines: list[str], start: int) -> Block:
    open_blocks: list[tuple[tuple[str, ...], int, list[Row | Block]]] = []
    for number in range(start, len(lines)):
        line = lines[number].strip("\ufeff \t")
        if line.startswith("<"):
            open_blocks.append((split_values(line[1:]), number, []))
        elif line == ">":
            head, first, children = open_blocks.pop()
            block = Block(head[0] if head else "", head[1:], first, number, tuple(children))
            if not open_blocks:
                return block
            open_blocks[-1][2].append(block)
        else:
            open_blocks[-1][2].append(Row(split_values(line), number))
    head, first, _ = open_blocks[-1]
    raise MediaError(
        f"The project ends inside the block <{head[0] if head else ''} of line {first + 1}.",
        "The file is cut off; try the .rpp-bak beside it.",
    )


def split_values(line: str) -> tuple[str, ...]:
    """The values of one line, quotes taken off. A text line (``|...``) is one value."""
    if line.startswith("|"):
        return (line,)
    if not _UNEVEN.search(line):
        return tuple(value for value in line.split(" ") if value)
    values = []
    at, end = 0, len(line)
    while at < end:
        if line[at] in " \t":
            at += 1
            continue
        quote = line[at] if line[at] in _QUOTES else ""
        stop = line.find(quote or " ", at + len(quote))
        stop = end if stop < 0 else stop
        values.append(line[at + len(quote) : stop])
        at = stop + 1
    return tuple(values)


def damaged(line: int, what: str) -> MediaError:
    """What is wrong in a line of a project, and what can be done about it."""
    return MediaError(
        f"Line {line + 1} of the project is damaged: {what}.",
        "Correct it, or take the .rpp-bak beside the project.",
    )


def _number(values: tuple[str, ...], index: int, default: float, line: int) -> float:
    if index >= len(values):
        return default
    try:
        value = float(values[index])
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:
        raise damaged(line, f"a number was expected, found {values[index][:40]!r}")
    return value
