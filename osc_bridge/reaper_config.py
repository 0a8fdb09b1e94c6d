"""Lines of REAPER's own configuration files, put in and taken out without touching the others.

``reaper.ini`` names the OSC control surface, ``reaper-kb.ini`` the actions. Both are edited as
bytes: line endings, order and whatever else stands there stay as found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha1

SURFACE = b'OSC "avstem"'
_COUNT = re.compile(rb"csurf_cnt=(\d+)[ \t]*$", re.I)
_SURFACE = re.compile(rb"csurf_(\d+)=(.*?)[ \t]*$", re.I)


def surface_line(reaper_port: int, service_port: int) -> bytes:
    """The control surface: receive and send, loopback only, packets of 1024 bytes every 10 ms."""
    ports = f'3 {reaper_port} "127.0.0.1" {service_port} 1024 10'
    return SURFACE + f' {ports} "avstem"'.encode()


def add_surface(ini: bytes, line: bytes) -> bytes:
    """``reaper.ini`` with our control surface, in place of an older one of ours if there is one."""
    lines, newline = _split(ini)
    start, end = _section(lines)
    if start < 0:
        lines = [*lines, b"[REAPER]"]
        start, end = len(lines) - 1, len(lines)
    ours = _our_surface(lines[start:end])
    if ours is not None:
        lines[start + ours] = lines[start + ours].split(b"=", 1)[0] + b"=" + line
        return _join(lines, newline)
    count = _count(lines[start:end])
    body = [row for row in lines[start + 1 : end] if not _COUNT.match(row)]
    new = [b"csurf_%d=%s" % (count, line), b"csurf_cnt=%d" % (count + 1)]
    return _join([*lines[: start + 1], *new, *body, *lines[end:]], newline)


def remove_surface(ini: bytes) -> bytes:
    """``reaper.ini`` without our control surface; the others close up."""
    lines, newline = _split(ini)
    start, end = _section(lines)
    ours = _our_surface(lines[start:end]) if start >= 0 else None
    if ours is None:
        return ini
    number = int(lines[start + ours].split(b"=")[0][len(b"csurf_") :])
    kept = [row for n, row in enumerate(lines[start:end]) if n != ours]
    return _join([*lines[:start], *(_moved_up(row, number) for row in kept), *lines[end:]], newline)


def add_actions(kb: bytes, scripts: Iterable[str]) -> bytes:
    """``reaper-kb.ini`` with one line per script, paths relative to the Scripts folder."""
    lines, newline = _split(kb)
    present = set(lines)
    new = [row for row in map(action_line, scripts) if row not in present]
    return _join([*lines, *new], newline) if new else kb


def remove_actions(kb: bytes, scripts: Iterable[str]) -> bytes:
    """``reaper-kb.ini`` without the lines of these scripts."""
    lines, newline = _split(kb)
    ours = {action_line(script) for script in scripts}
    return _join([row for row in lines if row not in ours], newline)


def action_line(script: str) -> bytes:
    """The line that makes a script an action of the main section."""
    name = script.rsplit("/", 1)[-1]
    return f'SCR 4 0 RS{action_id(script)} "Custom: {name}" "{script}"'.encode()


def action_id(script: str) -> str:
    """Forty hexadecimal digits that belong to this script for good."""
    return sha1(script.encode()).hexdigest()


def _split(text: bytes) -> tuple[list[bytes], bytes]:
    newline = b"\r\n" if b"\r\n" in text else b"\n"
    lines = text.split(newline)
    if lines[-1] == b"":
        lines.pop()
    return lines, newline


def _join(lines: list[bytes], newline: bytes) -> bytes:
    return newline.join(lines) + newline if lines else b""


def _section(lines: list[bytes]) -> tuple[int, int]:
    """First line of [REAPER] and the line after its last; -1 where there is none."""
    start = next((n for n, row in enumerate(lines) if row.strip().lower() == b"[reaper]"), -1)
    if start < 0:
        return -1, -1
    later = (n for n in range(start + 1, len(lines)) if lines[n].startswith(b"["))
    return start, next(later, len(lines))


def _count(lines: list[bytes]) -> int:
    found = [int(match[1]) for match in map(_COUNT.match, lines) if match]
    return found[0] if found else 0


def _our_surface(lines: list[bytes]) -> int | None:
    for number, row in enumerate(lines):
        match = _SURFACE.match(row)
        if match and match[2].startswith(SURFACE):
            return number
    return None


def _moved_up(row: bytes, removed: int) -> bytes:
    """A line of the section once surface ``removed`` is gone."""
    if match := _COUNT.match(row):
        return b"csurf_cnt=%d" % max(0, int(match[1]) - 1)
    match = _SURFACE.match(row)
    if match and int(match[1]) > removed:
        return b"csurf_%d=%s" % (int(match[1]) - 1, match[2])
    return row
