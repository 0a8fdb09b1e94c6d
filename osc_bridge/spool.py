"""The spool on disk: where its files are, and how they are read and written (docs/spool.md).

Every file appears whole or not at all: it is written under a temporary name and renamed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from avstem.errors import OutputError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OURS = ("status.json", "result.json")  # what the service writes into a job's folder
_TEMPORARY = ".tmp"
_TRIES = 20  # Windows refuses to replace a file while somebody reads it


class Unreadable(Exception):
    """A file is there but holds no JSON object; the text says where it went wrong."""


@dataclass(frozen=True)
class Spool:
    """Folder through which REAPER's scripts and the service exchange files."""

    root: Path

    @property
    def service(self) -> Path:
        """Who the service is, with its heartbeat."""
        return self.root / "service.json"

    @property
    def reaper(self) -> Path:
        """What REAPER's scripts tell about themselves."""
        return self.root / "reaper.json"

    @property
    def log(self) -> Path:
        """The service's log; its older parts lie beside it."""
        return self.root / "log" / "service.log"

    @property
    def worker_log(self) -> Path:
        """What the worker process prints."""
        return self.root / "log" / "worker.log"

    @property
    def service_lock(self) -> Path:
        """Held by the one service of this spool."""
        return self.root / "service.lock"

    @property
    def worker_lock(self) -> Path:
        """Held by a worker while it runs a job."""
        return self.root / "worker.lock"

    @property
    def jobs(self) -> Path:
        """Folder of the jobs' folders."""
        return self.root / "jobs"

    def job(self, job: str) -> JobFolder:
        """The folder of one job."""
        return JobFolder(self.jobs / job)

    def job_ids(self) -> Iterator[str]:
        """All folders that are named like a job."""
        with os.scandir(self.jobs) as entries:
            yield from (e.name for e in entries if is_uuid(e.name))

    def prepare(self) -> None:
        """Make the folders and try to write; OutputError if that cannot be."""
        try:
            self.jobs.mkdir(parents=True, exist_ok=True)
            self.log.parent.mkdir(exist_ok=True)
            probe = self.root / f".probe{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"Cannot write to the spool {self.root}: {error.strerror or error}.",
                "Make the folder writable for you, or give another one with --spool.",
            ) from error


@dataclass(frozen=True)
class JobFolder:
    """The files of one job."""

    path: Path

    @property
    def request(self) -> Path:
        """What to do."""
        return self.path / "request.json"

    @property
    def status(self) -> Path:
        """Where the job is."""
        return self.path / "status.json"

    @property
    def result(self) -> Path:
        """What to insert; its appearance is what makes a job done."""
        return self.path / "result.json"

    @property
    def inserted(self) -> Path:
        """REAPER's answer to the result."""
        return self.path / "inserted.json"

    @property
    def cancel(self) -> Path:
        """Its presence asks to stop the job."""
        return self.path / "cancel"

    @property
    def activate(self) -> Path:
        """Its presence asks REAPER to make the takes of this job the active ones."""
        return self.path / "activate"

    @property
    def scratch(self) -> Path:
        """The worker's temporary files."""
        return self.path / "scratch"

    def sweep(self) -> None:
        """Remove what a job that no longer runs may have left in its folder."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        for name in _OURS:
            _temporary(self.path / name).unlink(missing_ok=True)


def sweep_results(output: Path, worker_pid: int) -> None:
    """End what a dead worker has begun in ``output``, and there alone its own.

    Other programs may be writing there too: the process id in the name tells whose it is.
    """
    from avstem.stems import settle  # here: a service whose workers live stays light

    settle(output, process=worker_pid)


def is_uuid(text: str) -> bool:
    """Whether a text is an id as docs/spool.md wants it."""
    return _UUID.fullmatch(text) is not None


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write an object under a temporary name and rename; floats keep all their digits."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1)
    temporary = _temporary(path)
    temporary.write_bytes(text.encode("utf-8", errors="replace"))
    for _ in range(_TRIES):
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(0.01)
        else:
            return
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a file, None if there is no file; Unreadable if it holds something else."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_refuse_constant)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise Unreadable(f"{path} holds no object but {type(data).__name__}")
    return data


def read_json_or_none(path: Path) -> dict[str, Any] | None:
    """The object in a file, or None when it is missing or cannot be read."""
    try:
        return read_json(path)
    except Unreadable:
        return None


def default_spool() -> Path:
    """The spool of a REAPER that is installed in the usual way."""
    home = Path.home()
    if sys.platform == "win32":
        resources = Path(os.environ.get("APPDATA", home)) / "REAPER"
    elif sys.platform == "darwin":
        resources = home / "Library" / "Application Support" / "REAPER"
    else:
        resources = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "REAPER"
    return resources / "Data" / "avstem"


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + _TEMPORARY)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
