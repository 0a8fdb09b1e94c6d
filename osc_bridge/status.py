"""``status.json``: where a job is, as a frozen record."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from osc_bridge import CONTRACT
from osc_bridge.records import JobRequest


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
class About:
    """What tells a job from others of the same name, and what its selection offers."""

    project: str = ""
    conditioning: str = ""
    submitted_s: float = 0.0
    video: bool = False
    score: bool = False


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
    about: About = About()

    @classmethod
    def admitted(cls, request: JobRequest, number: int, ahead: int) -> Status:
        """The status of a job that joins the queue."""
        about = About(
            request.project.name,
            request.settings.conditioning,
            request.submitted_s,
            video=any(item.role == "video" for item in request.items),
            score=any(part.notes for part in request.parts),
        )
        return cls(
            request.job,
            number,
            request.name,
            request.family,
            ahead=ahead,
            output=request.output,
            about=about,
        )

    def to_json(self, log: str) -> dict[str, Any]:
        """The object of ``status.json``."""
        return {"version": CONTRACT, **asdict(self), "log": log, "updated_s": time.time()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Status:
        """Read what ``to_json`` made; ValueError, KeyError or TypeError for anything else."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name != "about"}
        known["state"] = State(known["state"])
        known["error"] = Failure(**known["error"]) if known["error"] else None
        return cls(**known, about=About(**data.get("about") or {}))
