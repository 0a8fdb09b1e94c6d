"""Where a job is and how long its stages took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from avstem.datatypes import Progress, Stage

# Shares of the whole job, for an honest overall percentage: measured on a 1080p30 quartet.
SHARES = {
    Stage.MEDIA: 0.02,
    Stage.ALIGNMENT: 0.14,
    Stage.PLAYERS: 0.42,
    Stage.ASSOCIATION: 0.03,
    Stage.SEPARATION: 0.36,
    Stage.STEMS: 0.03,
}


@dataclass(frozen=True)
class ProgressEvent:
    """Where the job is: fractions are 0 to 1, ``overall`` never goes back."""

    stage: Stage
    fraction: float
    overall: float


Watch = Callable[[ProgressEvent], None]  # may raise Cancelled to stop the job


def ignore(event: ProgressEvent) -> None:
    """Watch of a job that nobody watches."""


@dataclass
class Journal:
    """Tells the watcher where the job is and notes the seconds each stage took.

    shares : of the whole work, of the stages that have any in this job.
    """

    watch: Watch = ignore
    shares: Mapping[Stage, float] = field(default_factory=SHARES.copy)
    timings_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[Progress]:
        """Time one stage; yields the function that the stage reports its fraction to."""
        before, share = self._place(stage)

        def progress(fraction: float) -> None:
            fraction = min(max(fraction, 0.0), 1.0)
            overall = min(before + share * fraction, 1.0)
            self.watch(ProgressEvent(stage, fraction, overall))

        started = time.perf_counter()
        progress(0.0)
        yield progress
        progress(1.0)
        self.timings_s[str(stage)] = round(time.perf_counter() - started, 3)

    def _place(self, stage: Stage) -> tuple[float, float]:
        """Shares of the whole job: of the stages before this one, and of itself."""
        stages = list(Stage)
        shares = [self.shares.get(s, 0.0) for s in stages]
        index, whole = stages.index(stage), sum(shares)
        return sum(shares[:index]) / whole, shares[index] / whole
