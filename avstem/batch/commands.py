"""``avstem batch PATHS... -o FOLDER`` and ``avstem batch undo FOLDER``."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from avstem.arguments import parse_conditioning, parse_players
from avstem.errors import AvstemError, Cancelled, RequestError
from avstem.request import Request, StemFormat

INCOMPLETE = 1  # exit code: some recordings have no stems


class _RunUnlessNamed(TyperGroup):
    """``avstem batch ~/recordings`` means ``avstem batch run ~/recordings``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunUnlessNamed,
    help="Stems of many recordings: resumable, here or on a cluster.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

SpoolOption = Annotated[
    Path | None, typer.Option("--spool", help="REAPER's spool, to see which projects are open.")
]


@app.command()
def run(
    inputs: Annotated[list[Path], typer.Argument(help="Folders, .rpp projects, .csv/.toml lists.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for everything.")],
    score_from: Annotated[str, typer.Option(help="auto, rpp or file.")] = "auto",
    jobs: Annotated[int, typer.Option(help="How many at a time; 0: one per two cores.")] = 0,
    dask: Annotated[str | None, typer.Option(help="Scheduler of a Dask cluster.")] = None,
    name: Annotated[str, typer.Option("--name", help="Folders and stems (docs/batch.md).")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan only.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Names or folders, * ? (repeat).")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many now.")] = None,
    time_limit: Annotated[float | None, typer.Option(help="Seconds for one job.")] = None,
    memory_limit: Annotated[float | None, typer.Option(help="MB for one job.")] = None,
    into_projects: Annotated[
        bool, typer.Option("--into-projects", help="Add the stems to the .rpp files.")
    ] = False,
    ignore_selection: Annotated[
        bool, typer.Option("--ignore-selection", help="All videos, whatever is selected.")
    ] = False,
    moved: Annotated[
        list[str] | None, typer.Option("--map", help="'C:\\Rec=/mnt/rec': where media are here.")
    ] = None,
    conditioning: Annotated[str, typer.Option()] = "score",
    method: Annotated[str, typer.Option()] = "default",
    players: Annotated[str | None, typer.Option(help="Visible players, or auto.")] = None,
    stem_format: Annotated[StemFormat, typer.Option("--format")] = StemFormat.FLOAT,
    fx: Annotated[Path | None, typer.Option("--fx", help="TOML file of effect chains.")] = None,
    cache: Annotated[Path | None, typer.Option("--cache")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite")] = False,
    spool: SpoolOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines, for machines.")] = False,
    runner: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Plan, then run whatever is not done yet."""
    from avstem.batch.choose import Wanted
    from avstem.batch.find import ScoreFrom, Search
    from avstem.batch.names import DEFAULT, parse_names
    from avstem.batch.records import Limits
    from avstem.batch.run import Batch, Session, preview
    from avstem.batch.worker import PIPELINE

    show = _show(as_json)

    def job() -> int:
        if score_from not in list(ScoreFrom):
            raise RequestError(f"--score-from is auto, rpp or file, found {score_from!r}.")
        count = jobs or max(1, (os.cpu_count() or 1) // 2)
        threads = max(1, (os.cpu_count() or 1) // count)
        settings = Request(
            score=Path(),
            output=Path(),
            conditioning=parse_conditioning(conditioning),
            method=method,
            players=parse_players(players),
            stem_format=stem_format,
            effects=fx,
            cache=cache,
        )
        batch = Batch(
            inputs=tuple(inputs),
            output=output,
            search=Search(ScoreFrom(score_from), settings, _pairs(moved), ignore_selection),
            names=parse_names(name or DEFAULT),
            wanted=Wanted(retry_failed, tuple(only or ()), limit, overwrite),
            limits=Limits(time_limit, memory_limit, threads),
            into_projects=into_projects,
            spool=_spool(spool),
        )
        if dry_run:
            show.plan(preview(batch))
            return 0
        execute = _executor(dask, count, threads, runner or PIPELINE)
        with Session(batch) as session:
            show.plan(session.outlook)
            with show:
                for event in session.run(execute):
                    show(event)
            rows = session.book.rows()
        show.finish(rows, f"Summary: {output / 'summary.html'}")
        planned = {choice.job.id for choice in session.outlook.choices}
        bad = any(r.reason for r in rows if r.id in planned or r.folder is None)
        return INCOMPLETE if bad else 0

    _guard(job, show)


@app.command()
def undo(
    output: Annotated[Path, typer.Argument(help="Output folder of a batch.")],
    spool: SpoolOption = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take the stem tracks out of the project files again; the stems themselves stay."""
    from avstem.batch import insert
    from avstem.batch.records import STATE
    from avstem.batch.state import Book

    show = _show(as_json)

    def job() -> int:
        if not (output / STATE).is_file():
            raise RequestError(f"No batch has worked in {output}.", "Name its output folder.")
        bad = 0
        with Book(output) as book:
            for row, reason in insert.undo(book, _spool(spool)):
                typer.echo(f"{row.project}: {reason or 'as before'}")
                bad += reason is not None
        return INCOMPLETE if bad else 0

    _guard(job, show)


def _executor(dask: str | None, jobs: int, threads: int, runner: str) -> Any:
    if dask is None:
        from avstem.batch.execute import run_local

        return partial(run_local, jobs=jobs, threads=threads, runner=runner)
    from avstem.batch.cluster import run_cluster

    return partial(run_cluster, address=dask, runner=runner)


def _pairs(texts: list[str] | None) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts or ():
        there, equals, here = text.partition("=")
        if not (there and equals and here):
            raise RequestError(f"--map is PREFIX=FOLDER, found {text!r}.", r"C:\Rec=/mnt/rec")
        pairs.append((there, here))
    return tuple(pairs)


def _spool(folder: Path | None) -> Path:
    from osc_bridge.spool import default_spool

    return folder or default_spool()


def _show(as_json: bool) -> Any:
    from avstem.batch.show import ConsoleBatchShow, JsonBatchShow

    return JsonBatchShow() if as_json else ConsoleBatchShow()


def _guard(job: Callable[[], int], show: Any) -> None:
    """Run; turn errors and Ctrl-C into a message and an exit code."""
    signal.signal(signal.SIGTERM, _cancel)
    try:
        code = job()
    except KeyboardInterrupt:
        error: AvstemError = Cancelled("Stopped.", "Run the same command to go on from here.")
    except AvstemError as found:
        error = found
    else:
        raise typer.Exit(code)
    show.fail(error)
    raise typer.Exit(error.exit_code)


def _cancel(*_: Any) -> None:
    raise KeyboardInterrupt
