"""The worker as the service sees it: one child process that runs one job at a time.

A fresh interpreter (never a fork of the service) keeps crashes, memory and threads of the
pipeline away from the service. It is started ahead of time, so that the first job does not wait
for imports, and replaced after whatever is not a clean end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osc_bridge.spool import Spool
from osc_bridge.status import Failure, State

LOG = logging.getLogger("osc_bridge")
LINE_BYTES = 1 << 20
JOBS_PER_WORKER = 8  # then a new one: whatever a library leaks does not pile up
CANCEL_GRACE_S = 10.0
_LOG_BYTES = 1 << 20
_KILLED = -int(getattr(signal, "SIGKILL", 9))


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    state: State
    failure: Failure | None = None


class Worker:
    """One child process."""

    def __init__(self, process: asyncio.subprocess.Process, spool: Spool) -> None:
        self._process = process
        self._spool = spool
        self._jobs = 0
        self._cancelled_at: float | None = None

    @classmethod
    async def start(cls, spool: Spool, runner: str) -> Worker:
        """Start a process; it gets ready on its own."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "osc_bridge.worker", runner),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=open_log(spool.worker_log),
            limit=LINE_BYTES,
            start_new_session=True,  # Ctrl-C in a terminal is for the service alone
        )
        return cls(process, spool)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can take another job."""
        return self._process.returncode is None and self._jobs < JOBS_PER_WORKER

    async def run(
        self, job: str, progress: Callable[[str, float], None], hang_after_s: float
    ) -> Outcome:
        """Run one job to its end, whatever that is; ``progress`` gets stage and overall fraction.

        The watchdog looks at activity alone: a job may last as long as it moves.
        """
        self._jobs += 1
        self._cancelled_at = None
        await self._tell({"run": {"spool": str(self._spool.root), "job": job}})
        while True:
            try:
                line = await asyncio.wait_for(self._line(), hang_after_s)
            except TimeoutError:
                return await self._give_up(hang_after_s)
            if not line:
                return await self._died()
            outcome = self._understand(line, progress)
            if outcome is not None:
                return outcome

    async def cancel(self, job: str) -> None:
        """Ask the running job to stop; it is killed if it does not within the grace period."""
        self._cancelled_at = asyncio.get_running_loop().time()
        await self._tell({"cancel": job})
        asyncio.get_running_loop().call_later(CANCEL_GRACE_S, self._kill_if_cancelled)

    async def close(self) -> None:
        """End the process at once; what it was writing is the caller's to remove."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _tell(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # it died: ``run`` finds out
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.readline()

    def _understand(self, line: bytes, progress: Callable[[str, float], None]) -> Outcome | None:
        message = json.loads(line)
        match message["event"]:
            case "progress":
                progress(message["stage"], message["overall"])
            case "done":
                return Outcome(State.DONE)
            case "cancelled":
                return Outcome(State.CANCELLED)
            case "failed":
                failure = Failure(message["code"], message["message"], message["hint"])
                return Outcome(State.FAILED, failure)
        return None

    def _kill_if_cancelled(self) -> None:
        if self._cancelled_at is not None and self._process.returncode is None:
            LOG.warning("worker %d did not stop when cancelled and is killed", self.pid)
            self._process.kill()

    async def _give_up(self, hang_after_s: float) -> Outcome:
        await self.close()
        if self._cancelled_at is not None:
            return Outcome(State.CANCELLED)
        message = f"The job showed no sign of activity for {hang_after_s:g} s and was ended."
        return _failed("WorkerHung", message, "Try again; if it happens again, report it.")

    async def _died(self) -> Outcome:
        code = await self._process.wait()
        if self._cancelled_at is not None:
            return Outcome(State.CANCELLED)
        if code == _KILLED:
            return _failed(
                "OutOfMemory",
                "The system ended the job's process (signal 9), most likely for want of memory.",
                "Close other programs, or separate a shorter item, and try again.",
            )
        return _failed(
            "WorkerCrashed",
            f"The job's process crashed ({_name(code)}){_last_words(self._spool.worker_log)}",
            f"Try again; if it happens again, report it with {self._spool.worker_log}.",
        )


def no_process(error: OSError) -> Outcome:
    """How a job ends for which no worker could be started."""
    message = f"No process could be started for the job: {error.strerror or error}."
    return _failed("WorkerCrashed", message, "Close other programs and try again.")


def _failed(code: str, message: str, hint: str) -> Outcome:
    return Outcome(State.FAILED, Failure(code, message, hint))


def _name(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _last_words(log: Path) -> str:
    """The line of the worker's log that says most: the fatal error, else the last one."""
    try:
        lines = log.read_bytes()[-4000:].decode(errors="replace").split("\n")
    except OSError:
        lines = []
    lines = [line.strip() for line in lines if line.strip()]
    fatal = [line for line in lines if line.startswith("Fatal Python error")]
    words = (fatal or lines)[-1:]
    return f": {words[0][:200]}" if words else "."


def open_log(path: Path) -> int:
    """A log of one older part; the number of the open file."""
    with suppress(OSError):
        if path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
