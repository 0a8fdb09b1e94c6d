"""docs/protocol.md, written from the table of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osc_bridge.messages import Argument, Entry

_HEAD = """\
# OSC messages

Written by `python -m osc_bridge.protocol` from the table in `osc_bridge/messages.py`; do not edit.

* Everything stays on 127.0.0.1. REAPER speaks OSC over UDP (service 9000, REAPER 8000). A panel
  speaks OSC over TCP (9001), OSC 1.1 framing (SLIP); the same messages work over UDP, where the
  answer goes to the sender. The ports in use stand in `service.json` ([spool.md](spool.md)).
* Types: `i` 32-bit integer, `f` 32-bit float, `s` text in UTF-8. A number may come as `i` or `f`.
  Texts are cut at 600 bytes, to the service at 7168. Packets to the service may have 8192 bytes,
  those to REAPER 1024.
* A message that is unknown or wrong is answered with `/avstem/error` (other addresses than
  `/avstem/...` over UDP only go to the log: REAPER may send whatever its pattern file says).
  Nothing that arrives stops the service. Time tags of bundles are ignored: everything is at once.
* `@` stands for a number (slot of the bank) or a word.
"""


def page(table: Sequence[Entry]) -> str:
    """The whole page as Markdown."""
    ways = dict.fromkeys(entry.way for entry in table)
    sections = [_section(str(way), [e for e in table if e.way == way]) for way in ways]
    return "\n".join([_HEAD, *sections])


def _section(title: str, entries: Sequence[Entry]) -> str:
    lines = [f"## {title.capitalize() if title[0].islower() else title}", ""]
    lines += ["| address | arguments | meaning |", "|---|---|---|"]
    lines += [f"| `{e.address}` | {_arguments(e)} | {e.meaning} |" for e in entries]
    return "\n".join([*lines, ""])


def _arguments(entry: Entry) -> str:
    return "<br>".join(map(_argument, entry.arguments)) or "none"


def _argument(argument: Argument) -> str:
    bounds = ""
    if argument.bounds:
        bounds = f" ({argument.bounds[0]:g} to {argument.bounds[1]:g})"
    return f"`{argument.kind} {argument.name}` {argument.meaning}{bounds}"
