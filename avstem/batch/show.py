"""How a batch is watched: a live table for people, JSON lines for machines."""

from __future__ import annotations

import json
import time
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from avstem.batch.execute import Event, Progressed, Started
from avstem.batch.records import Outcome
from avstem.batch.run import Outlook
from avstem.batch.state import Row
from avstem.errors import AvstemError


class BatchShow(Protocol):
    """Shows a batch: the plan, its events between enter and exit, and the end."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def plan(self, outlook: Outlook) -> None:
        """Show what will be done, and why the rest is not."""
        ...

    def __call__(self, event: Event) -> None:
        """Show what happened."""
        ...

    def finish(self, rows: list[Row], message: str) -> None:
        """Show how it ended."""
        ...

    def fail(self, error: AvstemError) -> None:
        """Show why the batch cannot run."""
        ...


class Pace:
    """Throughput and time left, by the jobs that ended."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.ended = 0
        self.running: dict[str, tuple[str, float]] = {}
        self._began_s = time.monotonic()

    def see(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, Started):
            self.running[event.id] = ("starting", 0.0)
        elif isinstance(event, Progressed):
            self.running[event.id] = (event.stage, event.overall)
        else:
            self.running.pop(event.id, None)
            self.ended += 1

    @property
    def per_hour(self) -> float | None:
        """Jobs per hour, counting those that are under way by their share."""
        work = self.ended + sum(overall for _, overall in self.running.values())
        elapsed_s = time.monotonic() - self._began_s
        return 3600.0 * work / elapsed_s if work > 0.05 and elapsed_s > 1.0 else None

    @property
    def remaining_s(self) -> float | None:
        """Estimated time left."""
        work = self.ended + sum(overall for _, overall in self.running.values())
        per_hour = self.per_hour
        return None if per_hour is None else 3600.0 * (self.jobs - work) / per_hour


class ConsoleBatchShow:
    """A table of what runs, above it how fast and how long still."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=4, transient=True)
        self._names: dict[str, str] = {}
        self._pace = Pace(0)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def plan(self, outlook: Outlook) -> None:
        """Print a line per recording."""
        self._names = {job.id: job.folder for job in outlook.chosen}
        self._pace = Pace(len(outlook.chosen))
        console = Console()
        for refused in outlook.plan.refused:
            _print(console, f"[red]refuse[/] {_safe(refused.name)}: {_safe(str(refused.reason))}")
        for choice in outlook.choices:
            what = "[green]run[/]    " if choice.run else "[dim]skip[/]   "
            why = f": {_safe(choice.why)}" if choice.why else ""
            _print(console, f"{what}{_safe(choice.job.folder)}{why}")

    def __call__(self, event: Event) -> None:
        """Redraw the table; print what ended."""
        self._pace.see(event)
        if isinstance(event, Outcome):
            name = _safe(self._names.get(event.id, event.id))
            mark = f"[red]failed[/] {name}: {_safe(str(event.reason))}"
            _print(self._console, mark if event.reason else f"[green]done[/]   {name}")
        self._live.update(Group(self._headline(), self._table()))

    def finish(self, rows: list[Row], message: str) -> None:
        """Print counts and where the summary is."""
        counts = ", ".join(
            f"{sum(r.state == s for r in rows)} {s}" for s in sorted({r.state for r in rows})
        )
        _print(Console(), f"{counts or 'Nothing to do'}. {_safe(message)}")

    def fail(self, error: AvstemError) -> None:
        """Print the error and its hint."""
        self._console.print(f"[bold red]{error.code}[/]", highlight=False)
        for line in (error.message, error.hint):
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _headline(self) -> str:
        pace = self._pace
        text = f"{pace.ended} of {pace.jobs} done"
        if pace.per_hour is not None and pace.remaining_s is not None:
            text += f", {pace.per_hour:.0f} per hour, {_clock(pace.remaining_s)} left"
        return text

    def _table(self) -> Table:
        table = Table("Recording", "Stage", "Done")
        for job, (stage, overall) in self._pace.running.items():
            table.add_row(_safe(self._names.get(job, job)), stage, f"{100 * overall:.0f} %")
        return table


class JsonBatchShow:
    """One JSON object per line on standard output."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pace = Pace(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def plan(self, outlook: Outlook) -> None:
        """Print a line per recording."""
        self._names = {job.id: job.folder for job in outlook.chosen}
        self._pace = Pace(len(outlook.chosen))
        for refused in outlook.plan.refused:
            _line(
                event="refused",
                name=refused.name,
                source=str(refused.source),
                code=refused.reason.code,
                message=refused.reason.message,
                hint=refused.reason.hint,
            )
        for choice in outlook.choices:
            kind = "planned" if choice.run else "skipped"
            _line(event=kind, id=choice.job.id, folder=choice.job.folder, why=choice.why)

    def __call__(self, event: Event) -> None:
        """Print what happened."""
        self._pace.see(event)
        folder = self._names.get(event.id, "")
        if isinstance(event, Started):
            _line(event="started", id=event.id, folder=folder)
        elif isinstance(event, Progressed):
            left_s = self._pace.remaining_s
            _line(
                event="progress",
                id=event.id,
                folder=folder,
                stage=event.stage,
                percent=round(100 * event.overall, 1),
                remaining_s=None if left_s is None else round(left_s, 1),
            )
        else:
            reason = event.reason
            _line(
                event="failed" if reason else "done",
                id=event.id,
                folder=folder,
                seconds=round(event.seconds, 3),
                peak_mb=round(event.peak_mb, 1),
                **({"code": reason.code, "message": reason.message} if reason else {}),
            )

    def finish(self, rows: list[Row], message: str) -> None:
        """Print how many are in which state."""
        states = sorted({row.state for row in rows})
        _line(event="end", **{str(s): sum(row.state == s for row in rows) for s in states})

    def fail(self, error: AvstemError) -> None:
        """Print the error in its parts."""
        _line(event="error", code=error.code, message=error.message, hint=error.hint)


def _clock(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _safe(text: str) -> str:
    return text.replace("[", r"\[")


def _print(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _line(**fields: object) -> None:
    print(json.dumps(fields, ensure_ascii=False), flush=True)
