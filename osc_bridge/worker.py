"""The worker process: runs jobs one after the other, talks JSON lines over its pipes.

In (standard input):  ``{"run": {spool, job}}``, ``{"cancel": job}``; the end of the input is the
end of the service, and the worker leaves at once.
Out (standard output): ``{"event": "ready"}``, ``progress``, ``done``, ``cancelled``, ``failed``.
Only here are the pipeline and its libraries imported.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import shutil
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from avstem.errors import AvstemError, Cancelled
from osc_bridge.records import JobRequest, parse_request
from osc_bridge.spool import Spool, read_json, write_json

PIPELINE = "avstem.pipeline:run"
_NICE = 5  # sound and picture of the DAW come first

_OOM_SCORE = "500"  # of 1000

Tell = Callable[[dict[str, Any]], None]


class Inbox:
    """Orders from the service, read on a thread of its own so that a busy job can be cancelled."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self._cancelled: set[str] = set()
        threading.Thread(target=self._read, daemon=True).start()

    def order(self) -> dict[str, Any]:
        """The next job to run; waits for it."""
        return self._orders.get()

    def cancelled(self, job: str) -> bool:
        """Whether a job is to stop."""
        return job in self._cancelled

    def _read(self) -> None:
        for line in self._stream:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                self._orders.put(message["run"])
        # The service is gone: nobody waits for this work, and the next service does it again.
        os._exit(0)


def main(runner_name: str) -> None:
    """Run jobs until the service goes away."""
    faulthandler.enable()
    tell = _claim_output()
    inbox = Inbox(sys.stdin)
    _step_back()
    runner = _load(runner_name)
    tell({"event": "ready"})
    while True:
        order = inbox.order()
        tell(_attempt(Spool(Path(order["spool"])), order["job"], runner, tell, inbox))


def _step_back() -> None:
    """Leave the processor and the memory to the DAW, as far as the system lets us."""
    with suppress(OSError, AttributeError):
        os.nice(_NICE)
    with suppress(OSError):  # Linux: if memory runs out, this process is the one to end
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def _claim_output() -> Tell:
    """The way to the service; whatever libraries print goes to the log instead."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    return tell


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)  # type: ignore[no-any-return]


def _attempt(
    spool: Spool, job: str, runner: Callable[..., Any], tell: Tell, inbox: Inbox
) -> dict[str, Any]:
    try:
        with FileLock(spool.worker_lock):
            _run(spool, job, runner, tell, inbox)
    except Cancelled:
        return {"event": "cancelled"}
    except AvstemError as error:
        return _failed(error.code, error.message, error.hint)
    except MemoryError:
        return _failed("OutOfMemory", "The memory ran out.", "Close other programs, try again.")
    except Exception as error:
        traceback.print_exc()
        text = f"Unexpected {type(error).__name__}: {error}"
        return _failed("InternalError", text, f"Please report this with {spool.worker_log}.")
    return {"event": "done"}


def _run(spool: Spool, job: str, runner: Callable[..., Any], tell: Tell, inbox: Inbox) -> None:
    from osc_bridge.delivery import delivery
    from osc_bridge.session import open_session

    folder = spool.job(job)
    request = parse_request(read_json(folder.request) or {}, job)
    session = open_session(request)
    output = Path(request.output) / result_folder(request)
    folder.scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(folder.scratch)
    try:
        result = _result(session, output, runner, _watch(job, tell, inbox))
        write_json(folder.result, delivery(session, result, output, spool.log))
        print(f"job {job}: separated on {result.settings.get('device')}", flush=True)
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder.scratch, ignore_errors=True)


def _result(session: Any, output: Path, runner: Callable[..., Any], watch: Any) -> Any:
    from avstem.result import Result
    from osc_bridge.session import pipeline_request

    manifest = output / "result.json"
    if manifest.is_file():  # finished by an earlier attempt, whose service died too soon to tell
        return Result.read(manifest)
    return runner(pipeline_request(session, output), watch)


def _watch(job: str, tell: Tell, inbox: Inbox) -> Callable[[Any], None]:
    def watch(event: Any) -> None:
        if inbox.cancelled(job):
            raise Cancelled("Cancelled.", "Nothing was left behind.")
        tell(
            {
                "event": "progress",
                "stage": str(event.stage),
                "fraction": float(event.fraction),
                "overall": float(event.overall),
            }
        )

    return watch


def result_folder(request: JobRequest) -> str:
    """Name of a job's folder inside the output folder: readable, and unlike any other job's."""
    from avstem.stems.naming import safe_name

    name = safe_name(request.name)
    return f"{name} {request.settings.conditioning} {request.job[:8]}"


def _failed(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"event": "failed", "code": code, "message": message, "hint": hint}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else PIPELINE)
