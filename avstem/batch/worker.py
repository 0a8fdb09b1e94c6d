"""The worker process: runs recordings one after the other, talks JSON lines over its pipes.

In (standard input): ``{"run": <order, pickled, base64>}``; the end of the input is the end of the
batch, however it died, and the worker leaves at once.
Out (standard output): ``ready`` with the folder of its temporary files, ``progress``, ``end``.
"""

from __future__ import annotations

import base64
import faulthandler
import json
import os
import pickle
import queue
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from filelock import BaseFileLock, FileLock, Timeout

from avstem.batch.digest import result_digest
from avstem.batch.records import Order
from avstem.errors import AvstemError
from avstem.progress import ProgressEvent
from avstem.stems import settle

PIPELINE = "avstem.pipeline:run"
SCRATCH = "avstem-batch-"
_LOOK_S = 0.2  # between two looks at the memory
_TELL_S = 0.2  # between two reports of progress

Tell = Callable[..., None]


def main(runner_name: str) -> None:
    """Run orders until nobody is there who gives any."""
    faulthandler.enable()
    tell = _claim_output()
    orders: queue.Queue[Order] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()
    scratch, alive = _own_scratch()
    module, _, function = runner_name.partition(":")
    runner = getattr(import_module(module), function)
    tell(event="ready", scratch=str(scratch))
    with alive:
        while True:
            _attempt(orders.get(), runner, tell)


def _claim_output() -> Tell:
    """The way to the batch; whatever libraries print goes to standard error instead."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(**message: Any) -> None:
        with lock:
            channel.write(json.dumps(message) + "\n")
            channel.flush()

    return tell


def _listen(stream: IO[bytes], orders: queue.Queue[Order]) -> None:
    for line in stream:
        orders.put(pickle.loads(base64.b64decode(json.loads(line)["run"])))
    os._exit(0)  # nobody waits for this work; the next batch does it again


def _own_scratch() -> tuple[Path, BaseFileLock]:
    """A folder for temporary files, and the lock that keeps others from sweeping it.

    Those of workers that are dead are removed; a lock that nobody refers to would be let go.
    """
    root = Path(tempfile.gettempdir())
    for old in root.glob(f"{SCRATCH}*"):
        _sweep(old)
    scratch = Path(tempfile.mkdtemp(prefix=SCRATCH))
    alive = FileLock(scratch / "alive")
    alive.acquire()
    tempfile.tempdir = str(scratch)
    return scratch, alive


def _sweep(scratch: Path) -> None:
    try:
        if time.time() - scratch.stat().st_mtime < 5.0 and not (scratch / "alive").exists():
            return  # just being made
        with FileLock(scratch / "alive", timeout=0):
            pass
    except (Timeout, OSError):  # it is alive, or another worker swept it in this moment
        return
    shutil.rmtree(scratch, ignore_errors=True)


def _attempt(order: Order, runner: Callable[..., Any], tell: Tell) -> None:
    memory = _Memory(order, tell)
    failed: dict[str, str] | None = None
    try:
        _run(order, runner, tell)
    except AvstemError as error:
        failed = _failure(error.code, error.message, error.hint)
    except MemoryError:
        failed = _failure("OutOfMemory", "The memory ran out.", "Run fewer jobs at a time.")
    except Exception as error:
        traceback.print_exc()
        text = f"Unexpected {type(error).__name__}: {error}"
        failed = _failure("InternalError", text, "Please report this.")
    memory.stop()
    tell(event="end", failed=failed, peak_mb=memory.peak_mb)


def _run(order: Order, runner: Callable[..., Any], tell: Tell) -> None:
    if order.away is not None:
        from avstem.batch.remote import at_hand

        with at_hand(order) as here:
            _run(here, runner, tell)
        return
    output = order.request.output
    settle(output)  # what an attempt before this one, perhaps on another machine, has begun
    if result_digest(output) in ("", order.before):
        overwrite = order.request.overwrite or bool(order.before)
        runner(replace(order.request, overwrite=overwrite), _watch(tell))
    if order.picture is not None:
        _look_back(output, order.picture)


def _look_back(result: Path, picture: Path) -> None:
    """What the summary shows of a result; whatever goes wrong here, the stems are there."""
    from avstem.batch.picture import write_picture
    from avstem.batch.quality import write_quality

    for write, target in ((write_picture, picture), (write_quality, picture.with_suffix(".json"))):
        try:
            write(result, target)
        except Exception:
            traceback.print_exc()


def _watch(tell: Tell) -> Callable[[ProgressEvent], None]:
    told_s = 0.0

    def watch(event: ProgressEvent) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TELL_S:
            told_s = now_s
            tell(event="progress", stage=str(event.stage), overall=float(event.overall))

    return watch


class _Memory:
    """Looks at the memory of this process and ends it when a job takes more than it may."""

    def __init__(self, order: Order, tell: Tell) -> None:
        self.peak_mb = _resident_mb()
        self._limit_mb = order.limits.memory_mb
        self._tell = tell
        self._over = threading.Event()
        self._telling = threading.Lock()  # a job has one end
        threading.Thread(target=self._look, daemon=True).start()

    def stop(self) -> None:
        with self._telling:
            self._over.set()
        self._see()

    def _see(self) -> None:
        self.peak_mb = max(self.peak_mb, _resident_mb())

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            self._see()
            if self._limit_mb is not None and self.peak_mb > self._limit_mb:
                with self._telling:
                    if not self._over.is_set():
                        self._end(self._limit_mb)

    def _end(self, limit_mb: float) -> None:
        what = f"The job took {self.peak_mb:.0f} MB; {limit_mb:g} MB are allowed."
        failed = _failure("OutOfMemory", what, "Allow more with --memory-limit.")
        self._tell(event="end", failed=failed, peak_mb=self.peak_mb)
        os._exit(1)


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, AttributeError):
        pass
    try:  # no Linux: the peak of the process's life is the best that the standard library knows
        import resource
    except ImportError:
        return 0.0
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _failure(code: str, message: str, hint: str) -> dict[str, str]:
    return {"code": code, "message": message, "hint": hint}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else PIPELINE)
