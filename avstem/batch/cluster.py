"""Orders on a Dask cluster that is already there: the only module that knows ``distributed``.

Dask sends orders and outcomes; pictures, stems and reports go straight to the output folder, which
all workers see under one path. A task runs its order in a worker process of ours, so that limits,
threads and results are those of a local batch; a job whose Dask worker is lost is given to another
one, and finds a result that was complete.
"""

from __future__ import annotations

import atexit
import queue
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from avstem.batch.execute import Event, Progressed, Started
from avstem.batch.process import WorkerProcess
from avstem.batch.records import Order, Outcome, Reason
from avstem.batch.versions import difference, versions
from avstem.batch.worker import PIPELINE
from avstem.errors import MissingExtra, RequestError

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 15.0
_SAME = "Install the same versions there."
_LOOK_S = 1.0  # between two looks whether anybody still waits for a job, or for us
_TELL_S = 1.0  # between two reports of a job's progress: each costs worker, scheduler and client
_IDLE_S = 10.0  # how long a worker process without work is kept
# What Dask sets for its workers so that freed memory goes back to the system at once; separation
# frees and takes large arrays all the time, and a job would take an eighth longer.
_OF_DASK = ("MALLOC_TRIM_THRESHOLD_",)


def run_cluster(orders: Sequence[Order], address: str, runner: str = PIPELINE) -> Iterator[Event]:
    """Run orders on the cluster of a scheduler; closing the stream cancels what waits.

    Raises
    ------
    MissingExtra
        ``distributed`` is not installed.
    RequestError
        The scheduler cannot be reached, has no workers, or they have other versions.

    """
    client = _connect(address)
    try:
        _check_workers(client)
        yield from _run(client, orders, runner)
    finally:
        client.close()


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtra(
            "--dask needs the package distributed.", "Install it: pip install 'avstem[dask]'."
        ) from error
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise RequestError(
            f"No Dask scheduler answers at {address}: {error}.",
            "Start one with 'dask scheduler', or leave --dask out to run here.",
        ) from error


def _check_workers(client: Client) -> None:
    """All workers must make the results that this machine would make."""
    try:
        found = client.run(versions)
    except Exception as error:  # whatever goes wrong when a worker imports us
        raise RequestError(
            f"The workers cannot load avstem: {error}.", "Install the same avstem on all of them."
        ) from error
    if not found:
        raise RequestError("The cluster has no workers.", "Start some with 'dask worker'.")
    for worker, there in found.items():
        if other := difference(there, versions()):
            raise RequestError(f"The worker {worker} has {other}.", _SAME)


def _run(client: Client, orders: Sequence[Order], runner: str) -> Iterator[Event]:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    # A name of this run alone: neither what a batch that was killed left running nor the same
    # recordings in another batch on this cluster must count for it.
    run = f"avstem-{uuid.uuid4().hex[:8]}"
    client.subscribe_topic(run, lambda event: _tell(events, event))
    task = partial(run_order, runner=runner, topic=run, wanted=versions())
    futures = {
        order.id: client.submit(task, order, key=f"{run}-{order.id}", pure=False, retries=2)
        for order in orders
    }
    for job, future in futures.items():
        future.add_done_callback(lambda done, job=job: _lost(client, events, job, done))
    try:
        while futures:
            event = _next(client, events, futures)
            if event.id not in futures:
                continue  # a report that came after the end, or of another batch
            if isinstance(event, Outcome):
                del futures[event.id]
            yield event
    finally:
        if client.status == "running":
            client.unsubscribe_topic(run)
            client.cancel(list(futures.values()))


def _next(client: Client, events: queue.SimpleQueue[Event], futures: dict[str, Any]) -> Event:
    while True:
        try:
            return events.get(timeout=_LOOK_S)
        except queue.Empty:
            if client.status != "running":
                raise RequestError(
                    "The Dask scheduler is gone.",
                    "Start it again, then the same command: it goes on from here.",
                ) from None
        for job, future in futures.items():
            if future.status == "cancelled":
                text = "The cluster forgot the job: it was restarted, or somebody cancelled it."
                return Outcome(job, Reason("ClusterError", text, "Try again: --retry-failed."))


def _tell(events: queue.SimpleQueue[Event], event: tuple[float, Any]) -> None:
    _, message = event
    if message["kind"] == "started":
        events.put(Started(message["id"]))
    elif message["kind"] == "progress":
        events.put(Progressed(message["id"], message["stage"], message["overall"]))
    else:
        reason = message["reason"]
        numbers = (message["seconds"], message["peak_mb"])
        events.put(Outcome(message["id"], Reason(**reason) if reason else None, *numbers))


def _lost(client: Client, events: queue.SimpleQueue[Event], job: str, future: Any) -> None:
    """A task that ended without telling how: its workers died too often.

    What a task that ended well has to say comes as an event: Dask would keep it on the worker
    where it ran, and lose it with that worker. Where the scheduler is gone, no job is to blame.
    """
    if future.status == "error" and client.status == "running":
        text = f"The cluster gave the job up: {future.exception()}."
        hint = "See the logs of the scheduler and its workers; then --retry-failed."
        events.put(Outcome(job, Reason("ClusterError", text, hint)))


def run_order(order: Order, runner: str, topic: str, wanted: dict[str, str]) -> None:
    """The task: one order in a worker process that this Dask worker keeps.

    wanted : versions of the machine that plans; this worker may have come after they were compared.
    """
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(topic, {"kind": "started", "id": order.id})
    if other := difference(versions(), wanted):
        reason = Reason("RequestError", f"The worker {worker.address} has {other}.", _SAME)
        worker.log_event(topic, {"kind": "end", **asdict(Outcome(order.id, reason))})
        return

    told_s = -_TELL_S

    def progress(stage: str, overall: float) -> None:
        nonlocal told_s
        if time.monotonic() - told_s < _TELL_S:
            return
        told_s = time.monotonic()
        message = {"kind": "progress", "id": order.id, "stage": stage, "overall": overall}
        worker.log_event(topic, message)

    with _borrowed(runner, order.limits.threads) as process, _given_up(worker, process) as given_up:
        outcome = process.run(order, progress)
    if not given_up.is_set():
        worker.log_event(topic, {"kind": "end", **asdict(outcome)})


@contextmanager
def _given_up(worker: Any, process: WorkerProcess) -> Iterator[threading.Event]:
    """Ends the work when nobody waits for it any more: Dask itself cannot stop what runs."""
    over, given_up = threading.Event(), threading.Event()
    key = worker.get_current_task()

    def look() -> None:
        while not over.wait(_LOOK_S):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                given_up.set()
                process.stop()
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield given_up
    finally:
        over.set()
        thread.join()


@dataclass
class _Idle:
    """A worker process without work, and the clock that ends it."""

    process: WorkerProcess
    clock: threading.Timer


_idle: list[_Idle] = []  # of this Dask worker
_lock = threading.Lock()


@contextmanager
def _borrowed(runner: str, threads: int) -> Iterator[WorkerProcess]:
    """A worker process for one order: an idle one of the same kind, else a new one."""
    with _lock:
        kept = next((one for one in _idle if one.process.kind == (runner, threads)), None)
        if kept:
            kept.clock.cancel()
            _idle.remove(kept)
    process = kept.process if kept else WorkerProcess(runner, threads, _OF_DASK)
    if not kept:
        atexit.register(process.stop)
    try:
        yield process
    finally:
        _keep(process)


def _keep(process: WorkerProcess) -> None:
    if process.is_over:
        atexit.unregister(process.stop)
        return
    clock = threading.Timer(_IDLE_S, lambda: _retire(one))
    clock.daemon = True
    one = _Idle(process, clock)
    with _lock:
        _idle.append(one)
    clock.start()


def _retire(one: _Idle) -> None:
    with _lock, suppress(ValueError):  # somebody may just have borrowed it
        _idle.remove(one)
        atexit.unregister(one.process.stop)
        one.process.stop()
