"""A worker process from the outside: orders in, progress and outcome out, limits held."""

from __future__ import annotations

import base64
import json
import os
import pickle
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import avstem
from avstem.batch.records import Order, Outcome, Reason
from avstem.batch.worker import PIPELINE
from avstem.stems import settle

START_S = 120.0  # libraries on a slow disk take their time
_LEAVE_S = 3.0
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)

OnProgress = Callable[[str, float], None]  # stage, overall


class WorkerProcess:
    """One process that runs one order at a time; started anew after it died."""

    def __init__(
        self, runner: str = PIPELINE, threads: int = 1, unlike_us: tuple[str, ...] = ()
    ) -> None:
        """``unlike_us`` : environment variables that are ours and not the process's."""
        self._runner = runner
        self._threads = threads
        self._unlike_us = unlike_us
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._scratch: Path | None = None
        self._ended = False

    @property
    def kind(self) -> tuple[str, int]:
        """What it runs, with how many threads."""
        return self._runner, self._threads

    @property
    def is_over(self) -> bool:
        """Whether it was stopped: it takes no more orders."""
        return self._ended

    def run(self, order: Order, progress: OnProgress) -> Outcome:
        """Run one order to its end, whatever the end is."""
        began_s = time.monotonic()
        limit_s = order.limits.time_s
        try:
            self._send(order)  # starts a process where there is none: that is not the job's time
            until_s = None if limit_s is None else time.monotonic() + limit_s
            message = self._follow(progress, until_s)
        except TimeoutError:  # before OSError, of which it is one
            what = f"The job took longer than {limit_s:g} s."
            message = _end("TimeLimit", what, "Allow more with --time-limit.")
        except OSError:
            message = None
        seconds = time.monotonic() - began_s
        if message is None:
            message = _end(*self._crash())
        failed = message["failed"]
        if failed and failed["code"] in ("TimeLimit", "WorkerCrashed", "OutOfMemory"):
            self._clear(order)
        reason = Reason(**failed) if failed else None
        return Outcome(order.id, reason, seconds, float(message.get("peak_mb") or 0.0))

    def stop(self) -> None:
        """End the process; what it was at is dropped. May be called from another thread."""
        self._ended = True
        process = self._process
        if process is None:
            return
        with suppress(OSError):
            if process.stdin:
                process.stdin.close()
        try:
            process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _send(self, order: Order) -> None:
        if self._process is None or self._process.poll() is not None:
            self._start()
        text = base64.b64encode(pickle.dumps(order)).decode()
        if self._process is None or self._process.stdin is None:
            raise BrokenPipeError
        self._process.stdin.write(json.dumps({"run": text}).encode() + b"\n")
        self._process.stdin.flush()

    def _start(self) -> None:
        if self._ended:
            raise BrokenPipeError
        package = str(Path(avstem.__file__).resolve().parents[1])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {k: v for k, v in os.environ.items() if k not in self._unlike_us}
        environment |= dict.fromkeys(_THREADS, str(self._threads))
        environment |= {"PYTHONPATH": os.pathsep.join(paths)}
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "avstem.batch.worker", self._runner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the batch, which ends its workers in order
        )
        threading.Thread(
            target=_read, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        try:
            ready = self._lines.get(timeout=START_S)
        except queue.Empty:
            ready = None
        if ready is None:
            raise BrokenPipeError
        self._scratch = Path(ready["scratch"])

    def _follow(self, progress: OnProgress, until_s: float | None) -> dict[str, Any] | None:
        while True:
            left_s = None if until_s is None else max(until_s - time.monotonic(), 0.0)
            try:
                message = self._lines.get(timeout=left_s)
            except queue.Empty:
                raise TimeoutError from None
            if message is None or message["event"] == "end":
                return message
            if message["event"] == "progress":
                progress(message["stage"], message["overall"])

    def _crash(self) -> tuple[str, str, str]:
        process = self._process
        code = None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVE_S)
            process.kill()
            code = process.wait()
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        hint = "If memory was short, run fewer jobs at a time."
        return "WorkerCrashed", f"The worker process died ({how}).", hint

    def _clear(self, order: Order) -> None:
        """End a process that is of no use any more, and remove what it left."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.kill()
            process.wait()
        for folder in (order.request.output, order.request.output.parent):
            settle(folder, process=process.pid)
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._process = None


def _read(stream: Any, lines: queue.Queue[dict[str, Any] | None]) -> None:
    with suppress(ValueError, OSError):
        for line in stream:
            lines.put(json.loads(line))
    lines.put(None)


def _end(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"event": "end", "failed": {"code": code, "message": message, "hint": hint}}
