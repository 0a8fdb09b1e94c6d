"""What a batch knows: recordings that were found, those that cannot be done, and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from avstem.errors import AvstemError
from avstem.request import Request
from osc_bridge.records import JobRequest

SUMMARY = "summary.html"
STATE = "avstem-batch.sqlite"
PICTURES = "pictures"


class State(StrEnum):
    """Where a recording is; ``REFUSED`` ones never start."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reason:
    """Why something was not done: code as of ``AvstemError``, what is wrong, what to do."""

    code: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: AvstemError) -> Reason:
        """The reason in an error."""
        return cls(error.code, error.message, error.hint)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True)
class Recording:
    """One recording that was found.

    group : where it lies, relative to the folder that was searched: of a project its path without
    suffix, else the folder of the video.
    request : what the pipeline is asked; its ``output`` is not yet known.
    session : the request in the terms of a project, None outside of projects.
    """

    name: str
    group: str
    source: Path | str
    request: Request
    session: JobRequest | None = None


@dataclass(frozen=True)
class Refused:
    """One thing that looked like a recording and cannot be done."""

    name: str
    source: Path | str
    reason: Reason


@dataclass(frozen=True)
class Job:
    """A recording with its place: ``folder`` is relative to the batch's output, with ``/``.

    id : content of all inputs, settings, version and place; another of these, another job.
    """

    id: str
    folder: str
    recording: Recording
    request: Request


@dataclass(frozen=True)
class Plan:
    """Everything that was found, in order."""

    jobs: tuple[Job, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Limits:
    """Of one job; None for no limit. ``threads`` it may use."""

    time_s: float | None = None
    memory_mb: float | None = None
    threads: int = 1


@dataclass(frozen=True)
class Away:
    """What of an order is behind URLs.

    inputs : (field of the request, URL to fetch it from). output : URL of the result's folder, ""
    where that is on disk. pictures : URL of the folder for what the summary shows.
    """

    inputs: tuple[tuple[str, str], ...]
    output: str
    pictures: str


@dataclass(frozen=True)
class Order:
    """What a worker gets.

    before : digest of the result that lay in the folder when the job was planned, "" for none.
    A result with another digest is this job's own, made by an attempt that could not tell.
    """

    id: str
    request: Request
    before: str
    picture: Path | None
    limits: Limits = field(default_factory=Limits)
    away: Away | None = None


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended."""

    id: str
    reason: Reason | None = None  # None: done
    seconds: float = 0.0
    peak_mb: float = 0.0
