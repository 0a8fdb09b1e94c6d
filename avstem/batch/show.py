"""How a batch is watched: a live table for people, JSON lines for machines."""

from __future__ import annotations

import json
from typing import Protocol, Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from avstem.batch.execute import Event, Postponed, Progressed, Started
from avstem.batch.pace import Pace
from avstem.batch.records import Outcome, Reason, State
from avstem.batch.run import Outlook, size_bytes
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

    def finish(self, rows: list[Row], notes: list[str]) -> None:
        """Show how it ended, and what is odd about the batch as a whole."""
        ...

    def undone(self, project: str, reason: Reason | None) -> None:
        """Show whether a project is as before, or why not."""
        ...

    def fail(self, error: AvstemError) -> None:
        """Show why the batch cannot run."""
        ...


class ConsoleBatchShow:
    """A table of what runs, above it how fast and how long still."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._names: dict[str, str] = {}
        self._pace = Pace({})
        self._live = Live(
            console=self._console, refresh_per_second=4, transient=True, get_renderable=self._draw
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def plan(self, outlook: Outlook) -> None:
        """Print a line per recording."""
        self._names = {job.id: job.folder for job in outlook.chosen}
        self._pace = Pace({job.id: size_bytes(job) for job in outlook.chosen})
        console = Console()
        for refused in outlook.plan.refused:
            _row(console, "red", "refuse", refused.name, str(refused.reason))
        for choice in outlook.choices:
            look, what = ("green", "run") if choice.run else ("dim", "skip")
            _row(console, look, what, choice.job.folder, choice.why)
        skipped = sum(not choice.run for choice in outlook.choices)
        counts = f"{len(outlook.chosen)} to run, {skipped} to skip"
        refusals = f", {len(outlook.plan.refused)} refused" if outlook.plan.refused else ""
        console.print(f"{counts}{refusals}.", highlight=False)

    def __call__(self, event: Event) -> None:
        """Print what ended; the table redraws itself."""
        self._pace.see(event)
        name = self._names.get(event.id, event.id)
        if isinstance(event, Outcome) and event.reason:
            _row(self._console, "red", "failed", name, str(event.reason))
        elif isinstance(event, Outcome):
            _row(self._console, "green", "done", f"{name}  {_clock(event.seconds)}")
        elif isinstance(event, Postponed):
            _row(self._console, "yellow", "waits", name, str(event.reason))

    def finish(self, rows: list[Row], notes: list[str]) -> None:
        """Print counts, what is odd about the batch, and where the summary is."""
        numbers = {state: sum(row.state is state for row in rows) for state in State}
        counts = ", ".join(f"{number} {state}" for state, number in numbers.items() if number)
        _print(Console(), f"{counts or 'Nothing to do'}.")
        for note in notes:
            _print(Console(), _safe(note))

    def undone(self, project: str, reason: Reason | None) -> None:
        """Print whether a project is as before."""
        look, what = ("red", "failed") if reason else ("green", "undone")
        _row(Console(), look, what, project, str(reason or ""))

    def fail(self, error: AvstemError) -> None:
        """Print the error and its hint."""
        self._console.print(f"[bold red]{error.code}[/]", highlight=False)
        for line in (error.message, error.hint):
            self._console.print(_text(line), markup=False, highlight=False, soft_wrap=True)

    def _draw(self) -> Group:
        pace = self._pace
        text = f"{pace.ended} of {pace.jobs} done"
        text += f", {pace.failed} of them failed" if pace.failed else ""
        if pace.per_hour is not None and pace.remaining_s is not None:
            text += f", {pace.per_hour:.0f} per hour, {_clock(pace.remaining_s)} left"
        return Group(text, self._table()) if pace.running else Group(text)

    def _table(self) -> Table:
        table = Table("Recording", "Stage", "", "Done", "Since", box=box.SIMPLE_HEAD, expand=False)
        for job, (stage, overall, _) in sorted(self._pace.running.items()):
            bar = ProgressBar(total=1.0, completed=overall, width=20)
            done, since = f"{100 * overall:3.0f} %", _clock(self._pace.since_s(job))
            table.add_row(_safe(self._names.get(job, job)), stage, bar, done, since)
        return table


class JsonBatchShow:
    """One JSON object per line on standard output."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pace = Pace({})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def plan(self, outlook: Outlook) -> None:
        """Print a line per recording."""
        self._names = {job.id: job.folder for job in outlook.chosen}
        self._pace = Pace({job.id: size_bytes(job) for job in outlook.chosen})
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
        elif isinstance(event, Postponed):
            reason = event.reason
            told = {"code": reason.code, "message": reason.message, "hint": reason.hint}
            _line(event="waiting", id=event.id, folder=folder, **told)
        else:
            outcome = event.reason
            told = {"code": outcome.code, "message": outcome.message} if outcome else {}
            _line(
                event="failed" if outcome else "done",
                id=event.id,
                folder=folder,
                seconds=round(event.seconds, 3),
                peak_mb=round(event.peak_mb, 1),
                **told,
            )

    def finish(self, rows: list[Row], notes: list[str]) -> None:
        """Print what is odd about the batch, and how many are in which state."""
        for note in notes:
            _line(event="note", message=note)
        states = sorted({row.state for row in rows})
        _line(event="end", **{str(s): sum(row.state == s for row in rows) for s in states})

    def undone(self, project: str, reason: Reason | None) -> None:
        """Print whether a project is as before."""
        told = {"code": reason.code, "message": reason.message} if reason else {}
        _line(event="failed" if reason else "undone", project=project, **told)

    def fail(self, error: AvstemError) -> None:
        """Print the error in its parts."""
        _line(event="error", code=error.code, message=error.message, hint=error.hint)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _text(text: str) -> str:
    """Names that are no text (bytes of another system) with question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _safe(text: str) -> str:
    return escape(_text(text))


def _row(console: Console, look: str, what: str, name: str, why: str = "") -> None:
    tail = f": {_safe(why)}" if why else ""
    _print(console, f"[{look}]{what:6}[/] {_safe(name)}{tail}")


def _print(console: Console, text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _line(**fields: object) -> None:
    print(_text(json.dumps(fields, ensure_ascii=False)), flush=True)
