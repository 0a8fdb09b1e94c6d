"""The OSC messages: checks and encoding, which derive from the table in ``messages``.

``python -m osc_bridge.protocol > docs/protocol.md`` writes the page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from avstem.errors import RequestError
from osc_bridge.messages import TABLE, Argument, Entry, Way
from osc_bridge.osc import LONG_TEXT_BYTES, TEXT_BYTES, Message, Value, encode
from osc_bridge.spool import is_uuid

__all__ = ["TABLE", "Argument", "Call", "Entry", "Way", "check", "find", "message_bytes"]


@dataclass(frozen=True)
class Call:
    """A checked message: its entry, what stood for each ``@``, its arguments by name."""

    entry: Entry
    slots: tuple[str, ...]
    arguments: Mapping[str, Value]


def find(address: str, *ways: Way) -> tuple[Entry, tuple[str, ...]] | None:
    """The entry for an address, and what stands for each ``@``."""
    words = address.split("/")
    for entry in TABLE:
        pattern = entry.address.split("/")
        if entry.way in ways and len(words) == len(pattern):
            slots = tuple(w for p, w in zip(pattern, words, strict=True) if p == "@")
            fits = (w == p or (p == "@" and w) for p, w in zip(pattern, words, strict=True))
            if all(fits):
                return entry, slots
    return None


def check(message: Message, *ways: Way) -> Call:
    """A message with its arguments by name.

    Raises RequestError naming the address, the argument, what was expected and what was found.
    """
    found = find(message.address, *ways)
    if found is None:
        raise RequestError(
            f"Unknown address {message.address[:80]!r}.", "docs/protocol.md lists the messages."
        )
    entry, slots = found
    if len(message.values) != len(entry.arguments):
        raise RequestError(
            f"{entry.address} takes {_signature(entry)}, found {len(message.values)} arguments.",
            "docs/protocol.md lists the messages.",
        )
    pairs = zip(entry.arguments, message.values, strict=True)
    return Call(entry, slots, {a.name: _checked(entry, a, value) for a, value in pairs})


def message_bytes(way: Way, address: str, /, *slots: str, **arguments: Value) -> bytes:
    """A message of the table as a packet; ``slots`` fill the ``@`` of the address."""
    entry = next(e for e in TABLE if e.way is way and e.address == address)
    if set(arguments) != {a.name for a in entry.arguments}:
        raise TypeError(f"{address} takes {_signature(entry)}, found {sorted(arguments)}")
    for slot in slots:
        address = address.replace("@", slot, 1)
    values = tuple((a.kind, arguments[a.name]) for a in entry.arguments)
    return encode(address, values, LONG_TEXT_BYTES if way is Way.TO_SERVICE else TEXT_BYTES)


def _checked(entry: Entry, argument: Argument, value: Value) -> Value:
    found = _converted(argument, value)
    if found is None:
        expected = {"i": "an integer", "f": "a number", "s": "a text"}[argument.kind]
        raise _wrong(entry, argument, expected, value)
    if argument.uuid and not is_uuid(str(found)):
        raise _wrong(entry, argument, "a lower-case uuid", value)
    if argument.bounds and not argument.bounds[0] <= float(found) <= argument.bounds[1]:
        low, high = argument.bounds
        raise _wrong(entry, argument, f"{low:g} to {high:g}", value)
    return found


def _converted(argument: Argument, value: Value) -> Value:
    """The value in the argument's own type, None if it is of another one."""
    if argument.kind == "s":
        return value if isinstance(value, str) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if argument.kind == "f":
        return float(value)
    return int(value) if value == int(value) else None


def _wrong(entry: Entry, argument: Argument, expected: str, value: Value) -> RequestError:
    return RequestError(
        f"{entry.address}: {argument.name} is {expected}, found {repr(value)[:60]}.",
        "docs/protocol.md lists the messages.",
    )


def _signature(entry: Entry) -> str:
    if not entry.arguments:
        return "no arguments"
    return ", ".join(f"{a.kind} {a.name}" for a in entry.arguments)


if __name__ == "__main__":
    from osc_bridge.protocol_page import page

    print(page(TABLE), end="")
