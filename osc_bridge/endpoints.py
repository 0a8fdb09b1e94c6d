"""The sockets: OSC over UDP and TCP on the loopback interface, nothing but reading and writing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

from pythonosc import slip

from osc_bridge.osc import MAX_PACKET_BYTES, Message, Unreadable, decode

HOST = "127.0.0.1"  # never "localhost", which may be IPv6
LOG = logging.getLogger("osc_bridge")
_READ_BYTES = 4096
_RECEIVE_BYTES = 1 << 20
_BACKLOG_BYTES = 1 << 20  # of answers that a panel does not fetch

Reply = Callable[[bytes], None]
Receive = Callable[[Message | Unreadable, Reply, bool], None]  # the last: whether over TCP


class Udp(asyncio.DatagramProtocol):
    """One socket for REAPER and for whoever prefers UDP; answers go to the sender."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, port: int) -> int:
        """Bind; the port in use. OSError if it is taken."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (HOST, port))
        # REAPER tells a whole bank at once; what does not fit the system's default is lost.
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, _RECEIVE_BYTES)
        return int(transport.get_extra_info("sockname")[1])

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()

    def send(self, packet: bytes, port: int) -> None:
        """Send to a port of this machine; a socket that is closed or full loses it."""
        if self._transport is not None and not self._transport.is_closing():
            with contextlib.suppress(OSError):
                self._transport.sendto(packet, (HOST, port))

    def connection_made(self, transport: Any) -> None:
        """Keep the transport (asyncio calls this)."""
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """Hand every message on (asyncio calls this)."""
        for message in decode(data):
            self._receive(message, lambda packet: self.send(packet, address[1]), False)

    def error_received(self, error: Exception) -> None:
        """Nobody listens where we sent to: Windows says so (10054), others too. No matter."""


class Tcp:
    """Panels: OSC 1.1 packets in SLIP frames."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._server: asyncio.Server | None = None
        self._panels: set[asyncio.StreamWriter] = set()

    async def open(self, port: int) -> int:
        """Bind; the port in use. OSError if it is taken."""
        self._server = await asyncio.start_server(self._serve, HOST, port)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Close the socket and all connections."""
        if self._server is not None:
            self._server.close()
        for panel in list(self._panels):
            panel.close()

    def broadcast(self, packet: bytes) -> None:
        """Send to every panel."""
        for panel in list(self._panels):
            self._write(panel, packet)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._panels.add(writer)
        try:
            await self._read(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._panels.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = b""
        while data := await reader.read(_READ_BYTES):
            *frames, buffer = (buffer + data).split(slip.END)
            for frame in filter(None, frames):
                for message in _unframe(frame):
                    self._receive(message, lambda packet: self._write(writer, packet), True)
            if len(buffer) > 2 * MAX_PACKET_BYTES:  # escaped at most twice as long
                buffer = b""
                why = f"expected frames of at most {MAX_PACKET_BYTES} bytes, found longer ones"
                self._receive(Unreadable(why), lambda packet: self._write(writer, packet), True)

    def _write(self, panel: asyncio.StreamWriter, packet: bytes) -> None:
        if panel.is_closing():
            return
        if panel.transport.get_write_buffer_size() > _BACKLOG_BYTES:
            LOG.warning("a panel does not read what it is sent and is disconnected")
            panel.transport.abort()
            return
        panel.write(slip.encode(packet))


def _unframe(frame: bytes) -> list[Message | Unreadable]:
    try:
        return decode(slip.decode(frame))
    except slip.ProtocolError:
        return [Unreadable(f"no SLIP frame: {frame[:40]!r}")]
