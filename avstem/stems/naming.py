"""File names of stems: labeled, in score order, safe on Windows, macOS and Linux.

The rules of the strictest system hold everywhere, so that a folder can be copied anywhere:
Windows' forbidden characters and device names, no leading or trailing dot or space, at most
``NAME_BYTES`` bytes of UTF-8 (file systems count bytes, and some decompose accents).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import count

NAME_BYTES = 100
NAMELESS = "Part"

_REPLACED = str.maketrans({'"': "'"} | dict.fromkeys("<>:/\\|?*", "-"))
_JOINERS = "\u200c\u200d"  # invisible, yet part of the spelling in Persian and in Indian scripts
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}  # Unicode categories without a visible form
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.I)


def safe_name(text: str) -> str:
    """``text`` as a file name (without suffix) that every system takes; idempotent.

    Letters of all scripts stay, in composed form (NFC). What is left of nothing is ``"Part"``.
    """
    text = "".join(_visible(c) for c in text.translate(_REPLACED))
    text = " ".join(text.split())
    text = _shortened(unicodedata.normalize("NFC", text).strip(". " + _JOINERS))
    if not text:
        return NAMELESS
    return f"_{text}" if _DEVICE.match(text) else text


def file_names(names: Sequence[str]) -> tuple[str, ...]:
    """File names (without suffix) of stems in score order, such as ``"01 Violin 1"``.

    The number makes them unique where case does not count too; it has as many digits as the
    last one needs, at least two.
    """
    digits = max(2, len(str(len(names))))
    return tuple(f"{i + 1:0{digits}d} {safe_name(name)}" for i, name in enumerate(names))


def template_names(template: str, fields: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """File names (without suffix) by a template such as ``"{index:02d} {part} - {player}"``.

    fields : what may stand in the template, one mapping per stem. Names that would be one file
    on some system get a number.
    """
    names: list[str] = []
    taken: set[str] = set()
    for row in fields:
        plain = safe_name(template.format(**row))
        tries = (plain if n == 1 else f"{plain} ({n})" for n in count(1))
        name = next(t for t in tries if t.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _visible(character: str) -> str:
    """The character itself, a space for white space, nothing for what cannot be seen."""
    if character.isspace():
        return " "
    hidden = unicodedata.category(character) in _HIDDEN and character not in _JOINERS
    return "" if hidden else character


def _shortened(text: str) -> str:
    """At most ``NAME_BYTES`` bytes: the middle goes, for names often differ at their end."""
    code = text.encode()
    if len(code) <= NAME_BYTES:
        return text
    half = (NAME_BYTES - len("…".encode())) // 2
    head, tail = code[:half].decode(errors="ignore"), code[-half:].decode(errors="ignore")
    return f"{head.rstrip()}…{tail.lstrip()}"
