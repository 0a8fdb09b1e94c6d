"""REAPER's control surface over real UDP: tells on change, everything on action 41743."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

BANK = 64


@dataclass
class Track:
    """One track of the project."""

    name: str
    solo: bool = False
    mute: bool = False
    gain_db: float = 0.0


class FakeReaper:
    """Its tracks, and a thread that obeys; ``service_port`` says where to tell, once known."""

    def __init__(self, *names: str) -> None:
        self.tracks = [Track(name) for name in names]
        self.actions: list[str] = []
        self.service_port: Callable[[], int] = lambda: 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def press(self, name: str, **changes: object) -> None:
        """The user changes a track in REAPER itself."""
        slot = next(n for n, track in enumerate(self.tracks) if track.name == name)
        for what, value in changes.items():
            setattr(self.tracks[slot], what, value)
        self._tell(slot)

    def play(self, time_s: float) -> None:
        """Tell where it plays."""
        SimpleUDPClient("127.0.0.1", self.service_port()).send_message("/time", time_s)

    def close(self) -> None:
        """End the thread."""
        SimpleUDPClient("127.0.0.1", self.port).send_message("/quit", [])
        self._thread.join(5)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            message = OscMessage(self._socket.recv(4096))
            if message.address == "/quit":
                return
            with suppress(IndexError):
                self._obey(message)

    def _obey(self, message: OscMessage) -> None:
        _, kind, number, *what = message.address.split("/")
        if kind == "action":
            self.actions.append(number)
            if number == "41743":
                for slot in range(BANK):
                    self._tell(slot)
            return
        track, value = self.tracks[int(number) - 1], message.params[0]
        match what:
            case ["solo"]:
                track.solo = bool(value)
            case ["mute"]:
                track.mute = bool(value)
            case _:
                track.gain_db = float(value)
        self._tell(int(number) - 1)

    def _tell(self, slot: int) -> None:
        there = slot < len(self.tracks)
        track = self.tracks[slot] if there else Track(f"Track {slot + 1}")
        client = SimpleUDPClient("127.0.0.1", self.service_port())
        client.send_message(f"/track/{slot + 1}/name", track.name)
        client.send_message(f"/track/{slot + 1}/solo", float(track.solo))
        client.send_message(f"/track/{slot + 1}/mute", float(track.mute))
        client.send_message(f"/track/{slot + 1}/volume/db", track.gain_db)
