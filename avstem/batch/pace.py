"""How fast a batch goes and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from avstem.batch.execute import Event, Postponed, Progressed, Started
from avstem.batch.records import Outcome


class Pace:
    """Throughput and time left; jobs count by their weight, such as the size of their media.

    weights : by job. running : (stage, fraction, since when) of jobs under way.
    """

    def __init__(
        self, weights: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.jobs = len(weights)
        self.ended = 0
        self.failed = 0
        self.running: dict[str, tuple[str, float, float]] = {}
        self._weights = {job: max(weight, 1.0) for job, weight in weights.items()}
        self._whole = sum(self._weights.values())
        self._done = 0.0
        self._clock = clock
        self._began_s = clock()

    def see(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, Started):
            self.running[event.id] = ("starting", 0.0, self._clock())
        elif isinstance(event, Progressed):
            since_s = self.running.get(event.id, ("", 0.0, self._clock()))[2]
            self.running[event.id] = (event.stage, event.overall, since_s)
        else:
            self.running.pop(event.id, None)
            if isinstance(event, Outcome):
                self.ended += 1
                self.failed += event.reason is not None
                self._done += self._weights.get(event.id, 0.0)
            assert isinstance(event, Outcome | Postponed)

    @property
    def fraction(self) -> float:
        """How much of all the work is done, 0 to 1."""
        under_way = sum(self._weights.get(j, 0.0) * r[1] for j, r in self.running.items())
        return min((self._done + under_way) / self._whole, 1.0) if self._whole else 1.0

    @property
    def per_hour(self) -> float | None:
        """Recordings per hour, counting those that are under way by their share."""
        work = self.ended + sum(overall for _, overall, _ in self.running.values())
        elapsed_s = self.elapsed_s
        return 3600.0 * work / elapsed_s if work > 0.05 and elapsed_s > 1.0 else None

    @property
    def elapsed_s(self) -> float:
        """Since the batch began."""
        return self._clock() - self._began_s

    @property
    def remaining_s(self) -> float | None:
        """Estimated time left; None while too little is known."""
        done = self.fraction
        known = done > 0.01 and self.elapsed_s > 1.0
        return self.elapsed_s * (1.0 - done) / done if known else None

    def since_s(self, job: str) -> float:
        """How long a job has been under way."""
        return self._clock() - self.running[job][2]
