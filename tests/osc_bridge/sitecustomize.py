"""Cuts the services of the tests off the network: Python runs this at the start of each.

Whatever leaves this machine, or listens to others, fails as without a network, and says so.
"""

from __future__ import annotations

import sys
from typing import Any

LOOPBACK = ("127.0.0.1", "::1")
WATCHED = {"socket.connect": 1, "socket.bind": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in WATCHED:
        return
    address = arguments[WATCHED[event]]
    host = address[0] if isinstance(address, tuple) else address if event[-4:] == "info" else None
    if host is not None and host not in LOOPBACK:  # addresses of other kinds are files
        raise OSError(f"NETWORK: {event} {host!r}")


sys.addaudithook(_refuse_network)
