"""Orders on worker processes of this machine, as a stream of events."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from avstem.batch.process import WorkerProcess
from avstem.batch.records import Order, Outcome, Reason
from avstem.batch.worker import PIPELINE


@dataclass(frozen=True)
class Started:
    """A worker took the job."""

    id: str


@dataclass(frozen=True)
class Progressed:
    """How far a job is: ``overall`` from 0 to 1."""

    id: str
    stage: str
    overall: float


@dataclass(frozen=True)
class Postponed:
    """The job could not be tried now; the next run will try it."""

    id: str
    reason: Reason


Event = Started | Progressed | Postponed | Outcome


class Executor(Protocol):
    """Runs orders somewhere; closing the stream of events stops what still runs."""

    def __call__(self, orders: Sequence[Order]) -> Iterator[Event]:
        """Events of all orders, in the order of time."""
        ...


def run_local(
    orders: Sequence[Order], jobs: int, threads: int = 1, runner: str = PIPELINE
) -> Iterator[Event]:
    """Run orders on ``jobs`` processes, each with ``threads`` threads; closing ends them."""
    waiting: queue.SimpleQueue[Order] = queue.SimpleQueue()
    for order in orders:
        waiting.put(order)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    workers = [WorkerProcess(runner, threads) for _ in range(min(jobs, len(orders)))]
    stopping = threading.Event()
    for worker in workers:
        arguments = (worker, waiting, events, stopping)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
    left = len(orders)
    try:
        while left:
            event = events.get()
            left -= isinstance(event, Outcome)
            yield event
    finally:
        stopping.set()
        for worker in workers:
            worker.stop()


def _serve(
    worker: WorkerProcess,
    waiting: queue.SimpleQueue[Order],
    events: queue.SimpleQueue[Event],
    stopping: threading.Event,
) -> None:
    while not stopping.is_set():
        try:
            order = waiting.get_nowait()
        except queue.Empty:
            return
        job = order.id
        events.put(Started(job))
        outcome = worker.run(order, lambda s, f, job=job: events.put(Progressed(job, s, f)))  # type: ignore[misc]
        if not stopping.is_set():
            events.put(outcome)
