"""OSC packets to messages and back, with python-osc, but forgiving as a resident service must be.

python-osc refuses a whole bundle for one text that is cut inside a character, which REAPER does
with long track names; and it follows nested bundles without end. Here every message of a bundle
stands for itself, and what cannot be read is told as ``Unreadable``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

MAX_PACKET_BYTES = 8192  # to the service; REAPER itself takes and sends at most 1024
REAPER_PACKET_BYTES = 1024
TEXT_BYTES = 600  # longer texts are cut, so that no message outgrows REAPER's packets
LONG_TEXT_BYTES = 7168  # in what a panel says to the service, such as settings of 64 parts
_BUNDLE = b"#bundle\0"
_DEPTH = 4
_TYPES = frozenset("ifsdhTFNItbrm")

Value = int | float | str | bool | bytes | None


@dataclass(frozen=True)
class Message:
    """One OSC message."""

    address: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Unreadable:
    """A packet, or a part of one, that is no OSC message, and why."""

    why: str


def decode(packet: bytes) -> list[Message | Unreadable]:
    """All messages of a packet in order; never raises."""
    if len(packet) > MAX_PACKET_BYTES:
        why = f"expected a packet of at most {MAX_PACKET_BYTES} bytes, found {len(packet)}"
        return [Unreadable(why)]
    return list(_decode(packet, _DEPTH))


def encode(
    address: str, values: tuple[tuple[str, Value], ...], text_bytes: int = TEXT_BYTES
) -> bytes:
    """One message; each value comes with its OSC type, texts are cut to ``text_bytes``."""
    builder = OscMessageBuilder(address)
    for kind, value in values:
        builder.add_arg(_shortened(value, text_bytes) if isinstance(value, str) else value, kind)
    return bytes(builder.build().dgram)


def _decode(packet: bytes, depth: int) -> Iterator[Message | Unreadable]:
    if packet.startswith(_BUNDLE):
        if depth == 0:
            yield Unreadable(f"expected at most {_DEPTH} bundles inside each other, found more")
            return
        for element in _elements(packet):
            yield from [element] if isinstance(element, Unreadable) else _decode(element, depth - 1)
    else:
        yield _message(packet)


def _elements(bundle: bytes) -> Iterator[bytes | Unreadable]:
    at = len(_BUNDLE) + 8  # the time tag: everything is done at once
    while at < len(bundle):
        if at + 4 > len(bundle):
            yield Unreadable("a bundle ends within a length")
            return
        (size,) = struct.unpack_from(">i", bundle, at)
        at += 4
        if size <= 0 or at + size > len(bundle):
            yield Unreadable(f"a bundle promises {size} bytes, found {len(bundle) - at}")
            return
        yield bundle[at : at + size]
        at += size


def _message(packet: bytes) -> Message | Unreadable:
    if not packet.startswith(b"/"):
        return Unreadable(f"expected an address or a bundle, found {packet[:12]!r}")
    try:
        address, tags, at = _head(packet)
        if tags.strip("s") == "":
            return Message(address, tuple(_texts(packet, at, len(tags))))
        if not set(tags) <= _TYPES:
            return Unreadable(f"{address} has arguments of unknown types {tags!r}")
        return Message(address, tuple(OscMessage(packet)))
    except Exception as error:  # python-osc lets several kinds through
        return Unreadable(f"no OSC message: {type(error).__name__} in {packet[:40]!r}")


def _head(packet: bytes) -> tuple[str, str, int]:
    """Address, type tags and where the values start."""
    address, at = _text(packet, 0)
    if at >= len(packet):
        return address, "", at
    tags, at = _text(packet, at)
    if not tags.startswith(","):
        raise ValueError("no type tags")
    return address, tags[1:], at


def _texts(packet: bytes, at: int, count: int) -> Iterator[str]:
    for _ in range(count):
        text, at = _text(packet, at)
        yield text


def _text(packet: bytes, at: int) -> tuple[str, int]:
    """A zero-ended text, padded to four bytes; what is not UTF-8 becomes U+FFFD."""
    end = packet.index(b"\0", at)
    return packet[at:end].decode("utf-8", errors="replace"), end + 4 - (end - at) % 4


def _shortened(text: str, text_bytes: int) -> str:
    data = text.replace("\0", " ").encode("utf-8", errors="replace")
    if len(data) <= text_bytes:
        return data.decode()
    return data[: text_bytes - 3].decode(errors="ignore") + "…"
