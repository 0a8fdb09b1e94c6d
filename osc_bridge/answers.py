"""What the service says to panels, as packets."""

from __future__ import annotations

from typing import Any

from osc_bridge.endpoints import Reply
from osc_bridge.mixer import TrackState
from osc_bridge.protocol import Way, message_bytes
from osc_bridge.status import Status


def say(address: str, /, **arguments: Any) -> bytes:
    """A message of the service as a packet."""
    return message_bytes(Way.FROM_SERVICE, address, **arguments)


def answer(reply: Reply, status: Status) -> None:
    """Tell somebody where a job is."""
    for packet in packets(status):
        reply(packet)


def packets(status: Status) -> list[bytes]:
    """Where a job is, and why it failed if it did."""
    shown = ("job", "state", "stage", "percent", "ahead", "name", "message")
    told = [say("/avstem/job", **{name: getattr(status, name) for name in shown})]
    if status.error is not None:
        why = {name: getattr(status.error, name) for name in ("code", "message", "hint", "log")}
        told.append(say("/avstem/job/failed", job=status.job, **why))
    return told


def track_state(job: str, part: str, state: TrackState) -> bytes:
    """Solo and level of a stem's track."""
    told = {"on": int(state.solo), "gain_db": min(max(state.gain_db, -60.0), 12.0)}
    return say("/avstem/player/state", job=job, part=part, **told)


def track_muted(job: str, part: str, state: TrackState) -> bytes:
    """Whether a stem's track is muted."""
    return say("/avstem/player/muted", job=job, part=part, on=int(state.mute))
