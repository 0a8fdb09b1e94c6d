"""The connection: OSC over TCP to the service that ``service.json`` names, again and again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QProcess, QTimer
from PyQt5.QtNetwork import QAbstractSocket, QTcpSocket
from pythonosc import slip

from avstem.errors import RequestError
from osc_bridge import CONTRACT
from osc_bridge.osc import Message, decode
from osc_bridge.protocol import Way, check, message_bytes

RETRY_MS = 500
SILENT_S = 10.0  # age of a heartbeat after which nobody is there
_HOST = "127.0.0.1"

Hear = Callable[[str, Mapping[str, Any]], None]


class Link(QObject):
    """One TCP connection that comes back by itself; nothing here waits."""

    def __init__(
        self, spool: Path, hear: Hear, linked: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        super().__init__()
        self._spool = spool
        self._hear = hear
        self._buffer = b""
        self._socket = QTcpSocket(self)
        self._socket.readyRead.connect(self._read)
        self._socket.connected.connect(linked)
        self._socket.disconnected.connect(lost)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._try)
        self._timer.start(RETRY_MS)

    def start(self) -> None:
        """Connect as soon as there is a service."""
        self._try()

    def close(self) -> None:
        """Leave for good."""
        self._timer.stop()
        self._socket.abort()

    def send(self, address: str, **arguments: Any) -> None:
        """Say something; it is lost while nobody is there."""
        if self._socket.state() == QAbstractSocket.ConnectedState:
            packet = message_bytes(Way.TO_SERVICE, address, **arguments)
            self._socket.write(slip.encode(packet))

    def card(self) -> dict[str, Any]:
        """``service.json``, empty if there is none."""
        try:
            found = json.loads((self._spool / "service.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def other_version(self) -> bool:
        """Whether the service that runs speaks another version of the contract."""
        return self.card().get("version", CONTRACT) != CONTRACT

    def _try(self) -> None:
        if self._socket.state() != QAbstractSocket.UnconnectedState:
            return
        card = self.card()
        beat_s, port = card.get("heartbeat_s"), card.get("tcp_port")
        if not isinstance(beat_s, int | float) or not isinstance(port, int):
            return
        alive = time.time() - beat_s < SILENT_S
        if alive and card.get("state") == "running" and card.get("version") == CONTRACT:
            self._buffer = b""
            self._socket.connectToHost(_HOST, port)

    def _read(self) -> None:
        *frames, self._buffer = (self._buffer + bytes(self._socket.readAll())).split(slip.END)
        for frame in filter(None, frames):
            for message in decode(slip.decode(frame)):
                self._take(message)

    def _take(self, message: Any) -> None:
        if not isinstance(message, Message):
            return
        try:
            call = check(message, Way.FROM_SERVICE)
        except RequestError:  # of a newer service
            return
        self._hear(call.entry.address, call.arguments)


def start_service(spool: Path) -> bool:
    """Start the service beside us; it stays when the panel is closed."""
    return bool(QProcess.startDetached(sys.executable, service_arguments(spool)))


def service_arguments(spool: Path) -> list[str]:
    """The arguments of Python that start a service for this spool, on the installed ports."""
    try:
        installed = json.loads((spool / "install.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        installed = {}
    arguments = ["-m", "osc_bridge", "--spool", str(spool)]
    for name in ("udp_port", "tcp_port", "reaper_port"):
        if isinstance(installed.get(name), int):
            arguments += ["--" + name.replace("_", "-"), str(installed[name])]
    return arguments
