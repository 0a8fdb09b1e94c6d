"""``status.json``: where a job is, as a frozen record."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from osc_bridge import CONTRACT


class State(StrEnum):
    """The life of a job; docs/spool.md draws it."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INSERTED = "inserted"


LIVE = (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Failure:
    """Why a job, or the service, failed: what is wrong, what to do next, where to read more."""

    code: str
    message: str
    hint: str
    log: str = ""


@dataclass(frozen=True)
class Status:
    """One moment of a job. ``worker_pid`` tells the next service whose leftovers to remove."""

    job: str
    number: int
    name: str = ""
    family: str = ""
    state: State = State.QUEUED
    stage: str = ""
    percent: float = 0.0
    remaining_s: float | None = None
    ahead: int = 0
    attempt: int = 0
    message: str = ""
    error: Failure | None = None
    seq: int = 0
    worker_pid: int = 0
    output: str = ""

    def to_json(self, log: str) -> dict[str, Any]:
        """The object of ``status.json``."""
        return {"version": CONTRACT, **asdict(self), "log": log, "updated_s": time.time()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Status:
        """Read what ``to_json`` made; ValueError, KeyError or TypeError for anything else."""
        known = {name: data[name] for name in cls.__dataclass_fields__}
        known["state"] = State(known["state"])
        known["error"] = Failure(**known["error"]) if known["error"] else None
        return cls(**known)
