"""REAPER's OSC control surface, with its limits.

In: UDP on loopback; arguments of the kinds i, f and s only, any other voids its message; a packet
over 1024 bytes is dropped together with what else waits in that turn. Only the addresses of the
pattern file exist. Out: only what has changed, or everything after action 41743; a bank of
``DEVICE_TRACK_COUNT`` slots, those past the last track called "Track N"; names cut at 512 bytes,
wherever that falls; bundles of at most 1024 bytes.
"""

from __future__ import annotations

import math
import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from fake_reaper.host import FakeReaper
from fake_reaper.model import Track

PACKET_BYTES = 1024
NAME_BYTES = 512
TELL_ALL = "41743"
Value = int | float | str


class OscSurface:
    """One control surface; ``poll`` belongs into every turn of the main loop."""

    def __init__(
        self, reaper: FakeReaper, pattern: Path, receive_port: int, device_port: int
    ) -> None:
        self.reaper = reaper
        self.device = ("127.0.0.1", device_port)
        text = pattern.read_text(encoding="utf-8")
        self.bank = int(re.search(r"^DEVICE_TRACK_COUNT (\d+)", text, re.M)[1])  # type: ignore[index]
        self.patterns = set(re.findall(r"\b[bfnrstia](/\S+)", text))
        self.told: dict[str, Value] = {}
        self.triggered: list[str] = []
        self.dropped = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind(("127.0.0.1", receive_port))
            self.receives = True
        except OSError:
            self.receives = False  # REAPER says nothing about a port that is taken
        self.port = self.socket.getsockname()[1]

    def close(self) -> None:
        self.socket.close()

    def poll(self) -> None:
        """Take in what came, tell what changed."""
        for address, values in self._messages():
            self._obey(address, values)
        self._tell()

    # -- in -----------------------------------------------------------------------------------
    def _messages(self) -> Iterator[tuple[str, list[Value]]]:
        packets = list(self._packets())
        for number, packet in enumerate(packets):
            if len(packet) > PACKET_BYTES:
                self.dropped += len(packets) - number
                return
            message = parse(packet)
            if message is None:
                self.dropped += 1
            else:
                yield message

    def _packets(self) -> Iterator[bytes]:
        while self.receives:
            try:
                yield self.socket.recv(65536)
            except OSError:
                return

    def _obey(self, address: str, values: list[Value]) -> None:
        pattern = re.sub(r"^(/track|/action)/(?!str$)[^/]+", r"\1/@", address)
        if pattern not in self.patterns:
            return
        if address.startswith("/action/"):
            name = str(values[0]) if address == "/action/str" and values else address[8:]
            self._trigger(name)
        elif values and address.startswith("/track/"):
            self._set(*address.removeprefix("/track/").split("/", 1), float(values[0]))

    def _trigger(self, name: str) -> None:
        self.triggered.append(name)
        if name == TELL_ALL:
            self.told.clear()
        else:
            self.reaper.trigger(name)

    def _set(self, slot: str, what: str, value: float) -> None:
        tracks = self.reaper.active.tracks
        if not slot.isdecimal() or not 1 <= int(slot) <= min(len(tracks), self.bank):
            return
        values = tracks[int(slot) - 1].values
        if what == "volume/db":
            values["D_VOL"] = 10 ** (value / 20)
        else:
            name = {"solo": "I_SOLO", "mute": "B_MUTE", "select": "I_SELECTED"}[what]
            values[name] = float(value >= 0.5)

    # -- out ----------------------------------------------------------------------------------
    def _state(self) -> Iterator[tuple[str, Value]]:
        tracks = self.reaper.active.tracks
        for slot in range(1, self.bank + 1):
            track = tracks[slot - 1] if slot <= len(tracks) else Track()
            head = f"/track/{slot}/"
            yield head + "name", track.name or f"Track {slot}"
            yield head + "mute", track.values["B_MUTE"]
            yield head + "solo", track.values["I_SOLO"]
            yield head + "select", track.values["I_SELECTED"]
            yield head + "volume/db", 20 * math.log10(max(track.values["D_VOL"], 1e-8))

    def _tell(self) -> None:
        bundle = b""
        for address, value in self._state():
            if self.told.get(address) == value:
                continue
            self.told[address] = value
            message = build(address, value)
            piece = struct.pack(">i", len(message)) + message
            if len(bundle) + len(piece) + 16 > PACKET_BYTES:
                self._send(bundle)
                bundle = b""
            bundle += piece
        if bundle:
            self._send(bundle)

    def _send(self, pieces: bytes) -> None:
        self.socket.sendto(b"#bundle\0" + struct.pack(">Q", 1) + pieces, self.device)


def parse(packet: bytes) -> tuple[str, list[Value]] | None:
    """Address and arguments of one message; None for what REAPER would not take."""
    address, rest = _text(packet)
    tags, rest = _text(rest) if rest else ("," if rest == b"" else "", b"")
    if not address.startswith("/") or not tags.startswith(",") or set(tags[1:]) - set("ifs"):
        return None
    values: list[Value] = []
    for tag in tags[1:]:
        if tag == "s":
            text, rest = _text(rest)
            values.append(text)
        elif len(rest) < 4:
            return None
        else:
            values.append(struct.unpack(">i" if tag == "i" else ">f", rest[:4])[0])
            rest = rest[4:]
    return address, values


def build(address: str, value: Value) -> bytes:
    """One message with one argument."""
    if isinstance(value, str):
        return _padded(address.encode()) + b",s\0\0" + _padded(value.encode()[:NAME_BYTES])
    return _padded(address.encode()) + b",f\0\0" + struct.pack(">f", value)


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (4 - len(text) % 4)


def _text(packet: bytes) -> tuple[str, bytes]:
    end = packet.find(b"\0")
    if end < 0:
        return "", b""
    return packet[:end].decode(errors="replace"), packet[(end // 4 + 1) * 4 :]
