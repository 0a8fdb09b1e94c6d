"""What a service finds when it starts: jobs of an earlier one that may have died at any moment."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from osc_bridge.spool import Spool, read_json_or_none, sweep_results
from osc_bridge.status import LIVE, Failure, State, Status

LOG = logging.getLogger("osc_bridge")
KEEP_S = 30 * 86400.0  # how long the folders of ended jobs are kept
ATTEMPTS = 2  # a job that took the service down twice would do so forever


def recovered(spool: Spool) -> Iterator[Status]:
    """Statuses of all jobs that had one, brought up to date and swept of what was half-written.

    The caller holds the worker lock: no worker of an earlier service is alive.
    """
    for job in sorted(spool.job_ids()):
        data = read_json_or_none(spool.job(job).status)
        if data is None:
            spool.job(job).sweep()
            continue  # never seen by a service: the first scan finds its request
        try:
            status, updated_s = Status.from_json(data), float(data["updated_s"])
        except (KeyError, TypeError, ValueError):
            LOG.warning("job %s has a status of another kind; it starts anew", job)
            continue
        if status.state not in LIVE and time.time() - updated_s > KEEP_S:
            shutil.rmtree(spool.job(job).path, ignore_errors=True)
            continue
        yield _recover(spool, status)


def _recover(spool: Spool, status: Status) -> Status:
    folder = spool.job(status.job)
    folder.sweep()
    if status.state not in LIVE:
        return status
    if status.output and status.worker_pid:
        sweep_results(Path(status.output), status.worker_pid)
    LOG.info("job %s was %s when the service ended", status.job, status.state)
    if folder.result.exists():  # the last step had been made, only the word was missing
        return _next(status, State.DONE, "Done, waiting for REAPER")
    if folder.cancel.exists():
        return _next(status, State.CANCELLED, "Cancelled, nothing was left behind")
    if status.state is State.RUNNING and status.attempt >= ATTEMPTS:
        return _give_up(spool, status)
    return _next(status, State.QUEUED, "Waiting; the service was restarted")


def _next(status: Status, state: State, message: str) -> Status:
    percent = 100.0 if state is State.DONE else 0.0
    return replace(
        status, state=state, stage="", percent=percent, message=message, seq=status.seq + 1
    )


def _give_up(spool: Spool, status: Status) -> Status:
    failure = Failure(
        "ServiceDied",
        f"The service died {status.attempt} times while it ran this job.",
        "See the log; if memory ran out, separate a shorter item. Run the action to try again.",
        str(spool.log),
    )
    failed = _next(status, State.FAILED, failure.message)
    return replace(failed, error=failure)
