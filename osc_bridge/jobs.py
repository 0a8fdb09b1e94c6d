"""The queue: jobs from the spool, one at a time, in the order in which they were submitted.

Only statuses are held in memory; everything large stays in the spool and with the worker.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from avstem.errors import RequestError
from osc_bridge import CONTRACT
from osc_bridge.fields import BadRequest, Fields
from osc_bridge.ledger import Announce, Ledger
from osc_bridge.records import JobRequest, parse_request, parse_settings
from osc_bridge.recovery import recovered
from osc_bridge.renaming import renamed
from osc_bridge.spool import (
    Spool,
    Unreadable,
    is_uuid,
    read_json,
    read_json_or_none,
    sweep_results,
    write_json,
)
from osc_bridge.status import LIVE, Failure, State, Status
from osc_bridge.workers import Outcome, Worker, no_process

LOG = logging.getLogger("osc_bridge")
HANG_AFTER_S = 600.0
REPORT_EVERY_S = 0.2  # of progress
_UNREADABLE_TRIES = 8  # polls: a file may be half there where renaming is not atomic


@dataclass(frozen=True)
class Limits:
    """How the queue runs jobs."""

    runner: str
    hang_after_s: float = HANG_AFTER_S


class Jobs:
    """All jobs of a spool."""

    def __init__(self, spool: Spool, limits: Limits, announce: Announce) -> None:
        self._spool = spool
        self._limits = limits
        self._ledger = Ledger(spool, announce)
        self._queue: list[str] = []
        self._unreadable: dict[str, int] = {}
        self._cancelling: set[str] = set()
        self._wake = asyncio.Event()
        self._worker: Worker | None = None
        self._stopping = False
        self._reported_s = 0.0
        self._started_s = 0.0

    # ------------------------------------------------------------------ what others ask

    @property
    def ledger(self) -> Ledger:
        """Where every job is."""
        return self._ledger

    def submit(self, job: str) -> Status:
        """Queue a job whose request is in the spool; a known job keeps its place."""
        if job not in self._ledger:
            if not is_uuid(job) or not self._spool.job(job).request.is_file():
                raise RequestError(
                    f"There is no request of a job {job!r} in {self._spool.jobs}.",
                    "Write its request.json first, see docs/spool.md.",
                )
            try:
                self._admit(self._read(job))
            except Unreadable as error:
                raise BadRequest(f"{error}.", "Write the request again.") from error
        return self._ledger.status(job)

    def rerun(self, job: str, changes: dict[str, Any]) -> Status:
        """Queue a job again with other settings; RequestError if they are wrong.

        What does not depend on them, such as the motion, is reused."""
        self._ledger.status(job)
        data = read_json_or_none(self._spool.job(job).request)
        if data is None:
            raise RequestError(f"The request of the job {job} is gone.", "Run the action again.")
        data["parts"], changes = renamed(data.get("parts") or [], changes)
        settings = {**(data.get("settings") or {}), **changes}
        parse_settings(Fields(settings, "settings."))
        new = str(uuid.uuid4())
        data |= {"job": new, "family": data.get("family") or job, "settings": settings}
        data |= {"submitted_s": time.time(), "serial": 0, "version": CONTRACT}
        folder = self._spool.job(new)
        folder.path.mkdir(parents=True)
        write_json(folder.request, data)
        return self.submit(new)

    def cancel(self, job: str) -> Status:
        """Stop a job; one that has ended stays as it is."""
        status = self._ledger.status(job)
        if status.state is State.QUEUED:
            self._queue.remove(job)
            self._end(job, Outcome(State.CANCELLED))
            self._renumber()
        elif status.state is State.RUNNING:
            with suppress(OSError):  # so that the next service knows, should this one die now
                self._spool.job(job).cancel.touch()
            self._cancelling.add(job)
            self._ledger.change(job, message="Cancelling")
            if self._worker is not None:
                asyncio.get_running_loop().create_task(self._worker.cancel(job))
        return self._ledger.status(job)

    # ------------------------------------------------------------------ the spool

    async def recover(self) -> None:
        """Take up what an earlier service left, see docs/spool.md *When the service dies*."""
        lock = FileLock(self._spool.worker_lock)
        while True:  # an earlier service's worker may need a moment to notice that it is alone
            try:
                lock.acquire(blocking=False)
                break
            except Timeout:
                await asyncio.sleep(0.05)
        try:
            for status in recovered(self._spool):
                self._ledger.enter(status)
        finally:
            lock.release()
        # Jobs that were interrupted have the lowest numbers, so they come first.
        self._queue = [s.job for s in self._ledger.all() if s.state is State.QUEUED]
        self._renumber()

    def scan(self) -> None:
        """Look for new requests, cancel files and answers of REAPER."""
        found = set(self._spool.job_ids())
        fresh = [job for job in found if job not in self._ledger]
        arrived = [job for job in fresh if self._spool.job(job).request.is_file()]
        requests = [read for job in arrived if (read := self._try(job)) is not None]
        for request in sorted(requests, key=lambda r: (r.submitted_s, r.serial, r.job)):
            self._admit(request)
        for status in [s for s in self._ledger.all() if s.job in found]:
            self._look_at(status)

    def _look_at(self, status: Status) -> None:
        folder = self._spool.job(status.job)
        if status.state in LIVE and status.job not in self._cancelling and folder.cancel.exists():
            self.cancel(status.job)
        elif status.state is State.DONE and folder.inserted.exists():
            self._ledger.change(status.job, state=State.INSERTED, message="In the project.")

    def _try(self, job: str) -> JobRequest | None:
        """Read a request; one that cannot be read at all gets a few polls, then fails."""
        try:
            return self._read(job)
        except Unreadable as error:
            self._unreadable[job] = self._unreadable.get(job, 0) + 1
            if self._unreadable[job] < _UNREADABLE_TRIES:
                return None
            wrong = BadRequest(f"{error}.", "Run the action again.")
        except BadRequest as error:
            wrong = error
        self._reject(job, wrong)
        return None

    def _read(self, job: str) -> JobRequest:
        data = read_json(self._spool.job(job).request)
        return parse_request(data or {}, job)

    def _reject(self, job: str, error: BadRequest) -> None:
        self._unreadable.pop(job, None)
        self._ledger.enter(Status(job, self._ledger.next_number(), job[:8]))
        failure = Failure(error.code, error.message, error.hint)
        self._end(job, Outcome(State.FAILED, failure))

    def _admit(self, request: JobRequest) -> None:
        self._unreadable.pop(request.job, None)
        ahead = len(self._queue) + self._ledger.count(State.RUNNING)
        status = Status.admitted(request, self._ledger.next_number(), ahead)
        self._ledger.enter(status)
        self._queue.append(request.job)
        self._ledger.change(request.job, message=_waiting(status.ahead))
        LOG.info("job %s (%s) queued as number %d", request.job, request.name, status.number)
        self._wake.set()

    # ------------------------------------------------------------------ the worker

    async def work(self) -> None:
        """Run jobs until ``stop``."""
        while not self._stopping:
            with suppress(OSError):  # the next job says so
                await self._ready_worker()
            if self._queue:
                await self._run(self._queue.pop(0))
            else:
                await self._wake.wait()
                self._wake.clear()
        if self._worker is not None:
            await self._worker.close()

    async def stop(self) -> None:
        """End the worker; the job it was at goes back to the queue of the spool."""
        self._stopping = True
        self._wake.set()
        if self._worker is not None:
            await self._worker.close()

    async def _ready_worker(self) -> Worker:
        if self._worker is not None and not self._worker.usable:
            await self._worker.close()
            self._worker = None
        if self._worker is None:
            self._worker = await Worker.start(self._spool, self._limits.runner)
        return self._worker

    async def _run(self, job: str) -> None:
        # The user hears of the start before a worker may have to be started.
        self._ledger.change(
            job, state=State.RUNNING, stage="starting", message="Starting", ahead=0, percent=0.0
        )
        try:
            worker = await self._ready_worker()
        except OSError as error:
            return self._end(job, no_process(error))
        if self._spool.job(job).cancel.exists():
            return self._end(job, Outcome(State.CANCELLED))
        attempt = self._ledger.status(job).attempt + 1
        self._ledger.change(job, attempt=attempt, worker_pid=worker.pid)
        self._renumber()
        self._started_s, self._reported_s = time.monotonic(), 0.0

        def progress(stage: str, overall: float) -> None:
            self._progress(job, stage, overall)

        outcome = await worker.run(job, progress, self._limits.hang_after_s)
        self._sweep(job)
        if self._stopping and outcome.state is not State.DONE:
            self._ledger.change(
                job, state=State.QUEUED, stage="", attempt=attempt - 1, message="Paused"
            )
        else:
            self._end(job, outcome)
        return None

    def _progress(self, job: str, stage: str, overall: float) -> None:
        now_s = time.monotonic()
        status = self._ledger.status(job)
        if stage == status.stage and now_s - self._reported_s < REPORT_EVERY_S and overall < 1.0:
            return
        self._reported_s = now_s
        percent = max(round(100.0 * overall, 1), status.percent)
        elapsed_s = now_s - self._started_s
        remaining_s = round(elapsed_s / overall - elapsed_s, 1) if overall > 0.02 else None
        message = f"{stage.capitalize()} ({percent:.0f} %)"
        if status.message == "Cancelling":
            message = status.message
        self._ledger.change(
            job, stage=stage, percent=percent, remaining_s=remaining_s, message=message
        )

    def _sweep(self, job: str) -> None:
        """Remove what the worker may have left; after a clean end there is nothing."""
        status = self._ledger.status(job)
        self._spool.job(job).sweep()
        if status.output and status.worker_pid:
            sweep_results(Path(status.output), status.worker_pid)

    # ------------------------------------------------------------------ statuses

    def _end(self, job: str, outcome: Outcome) -> None:
        self._cancelling.discard(job)
        log = str(self._spool.log)
        failure = replace(outcome.failure, log=log) if outcome.failure else None
        message = {
            State.DONE: "Done, waiting for REAPER",
            State.CANCELLED: "Cancelled, nothing was left behind",
            State.FAILED: failure.message if failure else "",
        }[outcome.state]
        done = {"percent": 100.0} if outcome.state is State.DONE else {}
        self._ledger.change(
            job,
            state=outcome.state,
            error=failure,
            message=message,
            remaining_s=None,
            ahead=0,
            **done,
        )
        level = logging.ERROR if failure else logging.INFO
        LOG.log(level, "job %s %s %s", job, outcome.state, failure or "")

    def _renumber(self) -> None:
        """Tell the waiting jobs how many are before them."""
        running = self._ledger.count(State.RUNNING)
        for place, job in enumerate(self._queue):
            ahead = place + running
            if self._ledger.status(job).ahead != ahead:
                self._ledger.change(job, ahead=ahead, message=_waiting(ahead))


def _waiting(ahead: int) -> str:
    if ahead == 0:
        return "Waiting"
    return f"Waiting for {ahead} other job{'s' if ahead > 1 else ''}"
