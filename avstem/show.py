"""How the command line shows a job: for people in a terminal, or as JSON lines for machines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from avstem.errors import AvstemError
from avstem.progress import ProgressEvent
from avstem.result import Result

JSON_INTERVAL_S = 0.2


class Show(Protocol):
    """Shows a job: call it with each progress event, between enter and exit."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def __call__(self, event: ProgressEvent) -> None:
        """Show where the job is."""
        ...

    def finish(self, result: Result, message: str, truth: dict[str, Any] | None = None) -> None:
        """Show what came out, beside the truth of a simulated recording if given."""
        ...

    def fail(self, error: AvstemError) -> None:
        """Show what went wrong and what to do next."""
        ...


class ConsoleShow:
    """A bar with stage, percent and remaining time; the result as a table."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = _bar(self._console)
        self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def __call__(self, event: ProgressEvent) -> None:
        """Move the bar."""
        self._bar.update(self._task, description=str(event.stage), completed=event.overall)

    def finish(self, result: Result, message: str, truth: dict[str, Any] | None = None) -> None:
        """Print the parts, the warnings and where the stems are."""
        print_parts(result, truth)
        for warning in result.warnings:
            note = Text.assemble(("Note: ", "yellow"), warning)
            self._console.print(note, highlight=False)
        if message:
            self._console.print(message, markup=False, highlight=False, soft_wrap=True)

    def fail(self, error: AvstemError) -> None:
        """Print the error and its hint."""
        self._console.print(f"[bold red]{error.code}[/]", highlight=False)
        for line in filter(None, (error.message, error.hint)):
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class JsonShow:
    """One JSON object per line on standard output: progress, then a result or an error."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._last = ("", -1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __call__(self, event: ProgressEvent) -> None:
        """Print progress, but not more often than a reader needs."""
        elapsed = time.monotonic() - self._started
        stage, shown = self._last
        if event.stage == stage and event.fraction < 1.0 and elapsed - shown < JSON_INTERVAL_S:
            return
        self._last = (str(event.stage), elapsed)
        remaining = elapsed / event.overall - elapsed if event.overall > 0.02 else None
        _line(
            event="progress",
            stage=str(event.stage),
            percent=round(100 * event.overall, 1),
            remaining_s=None if remaining is None else round(remaining, 1),
        )

    def finish(self, result: Result, message: str, truth: dict[str, Any] | None = None) -> None:
        """Print the whole result."""
        _line(event="result", result=asdict(result))

    def fail(self, error: AvstemError) -> None:
        """Print the error in its parts."""
        _line(event="error", code=error.code, message=error.message, hint=error.hint)


@contextmanager
def fraction_bar(title: str) -> Iterator[Callable[[float], None]]:
    """A bar for work without stages; yields the function to report its fraction to."""
    with _bar(Console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("[bold]{task.description:<12}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def print_parts(result: Result, truth: dict[str, Any] | None = None) -> None:
    """Print a table of parts and players, beside the truth of a simulated recording if given."""
    table = Table()
    for heading in ("Part", "Instrument", "Player", "Confidence", "Runner-up"):
        table.add_column(heading)
    if truth is not None:
        table.add_column("True player")
    for part in result.parts:
        row = [part.name, part.instrument, _player(part.player), _confidence(part)]
        row.append(_player(part.runner_up))
        if truth is not None:
            true = truth["parts"][part.index]["player"]
            row.append(f"{_player(true)} {'✓' if true == part.player else '✗'}")
        # As Text: a name may hold brackets, which would else be read as markup.
        table.add_row(*map(Text, row))
    Console().print(table)


def _player(index: int | None) -> str:
    return "–" if index is None else str(index)


def _confidence(part: Any) -> str:
    if part.player is None:
        return part.why or "off-screen"
    return f"{100 * part.confidence:.0f} %" + (f"  ({part.why})" if part.why else "")


def _line(**fields: object) -> None:
    # Escaped beyond ASCII: whatever reads this need not guess an encoding.
    print(json.dumps(fields), flush=True)
