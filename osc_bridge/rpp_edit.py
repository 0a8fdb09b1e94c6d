"""Changes to the text of a project, collected by line and made at once: all other bytes stay."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable

from osc_bridge.rpp import line_starts

Text = str  # of a project file: UTF-8, bytes that are none kept as lone surrogates


class Edits:
    """Lines are counted as in the text before any change, from 0."""

    def __init__(self) -> None:
        self._inserted: dict[int, list[str]] = {}
        self._changed: dict[int, list[tuple[str, str]]] = {}
        self._removed: set[int] = set()

    def insert(self, before: int, lines: Iterable[str]) -> None:
        """New lines before a line; those inserted there already come first."""
        self._inserted.setdefault(before, []).extend(lines)

    def change(self, line: int, pattern: str, replacement: str) -> None:
        """Replace what a regular expression first finds in a line."""
        self._changed.setdefault(line, []).append((pattern, replacement))

    def remove(self, first: int, last: int) -> None:
        """Take lines out."""
        self._removed.update(range(first, last + 1))

    def applied(self, text: Text) -> Text:
        """The text with all changes; new lines end like those of the project's head."""
        starts = [*line_starts(text), len(text)]
        head = text[text.find("<") :].partition("\n")[0]
        newline = "\r\n" if head.endswith("\r") else "\n"
        pieces, kept = [], 0
        for line in sorted({*self._inserted, *self._changed, *self._removed}):
            pieces.append(text[kept : starts[line]])
            pieces += [new + newline for new in self._inserted.get(line, ())]
            old = "" if line in self._removed else text[starts[line] : starts[line + 1]]
            for pattern, replacement in self._changed.get(line, ()):
                old = re.sub(pattern, replacement, old, count=1)
            pieces.append(old)
            kept = starts[line + 1]
        return "".join([*pieces, text[kept:]])


def quoted(text: str) -> str:
    """A value between the quotes that it does not hold; line ends and the rest give way."""
    plain = " ".join(text.splitlines())
    for mark in "\"'`":
        if mark not in plain:
            return f"{mark}{plain}{mark}"
    return "`" + plain.replace("`", "'") + "`"


def number(value: float) -> str:
    """A number as REAPER writes it."""
    return f"{value:.14f}".rstrip("0").rstrip(".")


def new_guid() -> str:
    """A new identity for a track, an item or a take."""
    return "{" + str(uuid.uuid4()).upper() + "}"
