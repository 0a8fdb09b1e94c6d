"""Every call of a script held against REAPER's own table of functions (``api.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fake_reaper.model import Handle, Item, Project, Source, Take, Track

API: dict[str, dict[str, list[str]]] = json.loads(
    (Path(__file__).with_name("api.json")).read_text(encoding="utf-8")
)
POINTERS = {
    "MediaTrack": Track,
    "MediaItem": Item,
    "MediaItem_Take": Take,
    "PCM_source": Source,
    "ReaProject": Project,
}


class StrictError(Exception):
    """A call that REAPER would refuse, crash on, or silently get wrong."""


def check_call(name: str, args: tuple[Any, ...]) -> None:
    """Raise StrictError unless count and kinds of the arguments are REAPER's."""
    wanted = API[name]["args"]
    if len(args) != len(wanted):
        raise StrictError(f"{name} takes {len(wanted)} arguments ({wanted}), got {len(args)}")
    for number, (argument, declared) in enumerate(zip(args, wanted, strict=True), 1):
        kind = declared.split()[0]
        if not _fits(kind, argument):
            raise StrictError(f"{name}: argument {number} should be {declared!r}, got {argument!r}")


def _fits(kind: str, argument: Any) -> bool:
    if kind in POINTERS:
        return _fits_pointer(kind, argument)
    if kind == "integer":
        return _is_number(argument) and float(argument).is_integer()
    if kind == "number":
        return _is_number(argument)
    if kind == "string":
        return isinstance(argument, str)
    if kind == "boolean":
        return isinstance(argument, bool)
    if kind == "identifier":
        return argument is None or isinstance(argument, Handle)
    return kind == "function" and callable(argument)


def _fits_pointer(kind: str, argument: Any) -> bool:
    if kind == "ReaProject" and (argument is None or argument == 0):
        return True
    return isinstance(argument, POINTERS[kind]) and argument.alive


def _is_number(argument: Any) -> bool:
    return isinstance(argument, int | float) and not isinstance(argument, bool)
