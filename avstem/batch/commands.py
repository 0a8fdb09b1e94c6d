"""``avstem batch PATHS... -o FOLDER`` and ``avstem batch undo FOLDER``."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from avstem.arguments import parse_conditioning, parse_players
from avstem.datatypes import Condition
from avstem.errors import AvstemError, Cancelled, RequestError
from avstem.request import Request, StemFormat

if TYPE_CHECKING:
    from avstem.batch.choose import Wanted
    from avstem.batch.find import Search
    from avstem.batch.records import Limits
    from avstem.batch.run import Batch

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

Inputs = Annotated[
    list[str], typer.Argument(help="Folders, .rpp projects, .csv/.toml lists, or URLs of them.")
]
Output = Annotated[str, typer.Option("-o", "--output", help="Folder or URL for everything.")]
ScoreSource = Annotated[str, typer.Option("--score-from", help="auto, rpp, file or none.")]
Jobs = Annotated[int, typer.Option(help="How many at a time; 0: one per two cores.")]
Dask = Annotated[str | None, typer.Option(help="Scheduler of a Dask cluster.")]
Name = Annotated[str, typer.Option("--name", help="Folders and stems (docs/batch.md).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan only.")]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Those that failed before too.")]
Only = Annotated[list[str] | None, typer.Option(help="Names or folders, with * and ? (repeat).")]
Limit = Annotated[int | None, typer.Option(min=0, help="At most so many now.")]
TimeLimit = Annotated[float | None, typer.Option(help="Seconds for one job.")]
MemoryLimit = Annotated[float | None, typer.Option(help="MB for one job.")]
IntoProjects = Annotated[bool, typer.Option("--into-projects", help="Add stems to the .rpp files.")]
AllVideos = Annotated[
    bool, typer.Option("--ignore-selection", help="All videos, whatever is selected.")
]
Moved = Annotated[
    list[str] | None, typer.Option("--map", help="'C:\\Rec=/mnt/rec': where media are here.")
]
Conditioning = Annotated[
    str, typer.Option(help="score or score+motion; motion or audio need no scores.")
]
Method = Annotated[str, typer.Option(help="Separation method.")]
Players = Annotated[str | None, typer.Option(help="Number of players (or of sources), or auto.")]
Format = Annotated[StemFormat, typer.Option("--format", help="How stems are stored.")]
Effects = Annotated[Path | None, typer.Option("--fx", help="TOML file of effect chains.")]
Cache = Annotated[Path | None, typer.Option("--cache", help="Folder of the motion cache.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace results of others too.")]
Spool = Annotated[
    Path | None, typer.Option("--spool", help="REAPER's spool, to see which projects are open.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines, for machines.")]
Runner = Annotated[str, typer.Option(hidden=True)]


@app.command()
def run(
    inputs: Inputs,
    output: Output,
    score_from: ScoreSource = "auto",
    jobs: Jobs = 0,
    dask: Dask = None,
    name: Name = "",
    dry_run: DryRun = False,
    retry_failed: Retry = False,
    only: Only = None,
    limit: Limit = None,
    time_limit: TimeLimit = None,
    memory_limit: MemoryLimit = None,
    into_projects: IntoProjects = False,
    ignore_selection: AllVideos = False,
    moved: Moved = None,
    conditioning: Conditioning = "score",
    method: Method = "default",
    players: Players = None,
    stem_format: Format = StemFormat.FLOAT,
    fx: Effects = None,
    cache: Cache = None,
    overwrite: Overwrite = False,
    spool: Spool = None,
    as_json: AsJson = False,
    runner: Runner = "avstem.pipeline:run",
) -> None:
    """Plan, then run whatever is not done yet."""
    from avstem.batch.choose import Wanted
    from avstem.batch.records import Limits

    cores = os.cpu_count() or 1
    count = jobs if jobs > 0 else max(1, cores // 2)
    threads = 1 if dask else max(1, cores // count)  # Dask counts a task as one thread
    limits = Limits(time_limit, memory_limit, threads)
    wanted = Wanted(retry_failed, tuple(only or ()), limit, overwrite)
    show = _show(as_json)

    def job() -> int:
        settings = Request(
            score=None,
            output=Path(),
            conditioning=parse_conditioning(conditioning),
            method=method,
            players=parse_players(players),
            stem_format=stem_format,
            effects=fx.absolute() if fx else None,
            cache=cache.absolute() if cache else None,
        )
        search = _search(score_from, settings, moved, ignore_selection)
        batch = _batch(inputs, output, search, name, wanted, limits, into_projects, spool)
        execute = _executor(dask, count, limits.threads, runner)
        return _preview(batch, show) if dry_run else _run(batch, execute, show)

    _guard(job, show)


def _preview(batch: Batch, show: Any) -> int:
    from avstem.batch.run import preview

    show.plan(preview(batch))
    return 0


def _run(batch: Batch, execute: Any, show: Any) -> int:
    from avstem.batch.records import SUMMARY
    from avstem.batch.run import Session, refused

    session = Session(batch)
    try:
        session.__enter__()
    except AvstemError as error:
        show.plan(refused(batch, error))
        raise
    with ExitStack() as stack:
        stack.push(session)
        show.plan(session.outlook)
        stack.enter_context(show)
        for event in stack.enter_context(closing(session.run(execute))):
            show(event)
        rows = session.book.rows()
    place = batch.distant.output_url or str(batch.output)
    show.finish(rows, [*session.notes, f"Summary: {place}/{SUMMARY}"])
    planned = {choice.job.id for choice in session.outlook.choices}
    bad = any(row.reason for row in rows if row.id in planned or row.folder is None)
    return INCOMPLETE if bad or session.notes else 0


def _search(
    score_from: str, settings: Request, moved: list[str] | None, ignore_selection: bool
) -> Search:
    from avstem.batch.find import ScoreFrom, Search

    if score_from not in list(ScoreFrom):
        raise RequestError(f"--score-from is auto, rpp, file or none, found {score_from!r}.")
    if score_from == ScoreFrom.NONE and Condition.SCORE in settings.conditioning:
        raise RequestError(
            "--score-from none leaves nothing to separate by: the conditioning leans on scores.",
            "Add --conditioning motion, or audio.",
        )
    return Search(ScoreFrom(score_from), settings, _pairs(moved), ignore_selection)


def _batch(
    inputs: list[str],
    output: str,
    search: Search,
    name: str,
    wanted: Wanted,
    limits: Limits,
    into_projects: bool,
    spool: Path | None,
) -> Batch:
    from avstem.batch.distant import places, refuse_projects
    from avstem.batch.names import DEFAULT, parse_names
    from avstem.batch.run import Batch

    names = parse_names(name or DEFAULT)
    paths, folder, distant = places(inputs, output)
    if into_projects:
        refuse_projects(distant)
    search = replace(search, duration=partial(distant.duration, otherwise=search.duration))
    projects = (into_projects, _spool(spool))
    return Batch(paths, folder, search, names, wanted, limits, *projects, distant)


@app.command()
def undo(
    output: Annotated[Path, typer.Argument(help="Output folder of a batch.")],
    spool: Spool = None,
    as_json: AsJson = False,
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
            for project, reason in insert.undo(book, _spool(spool)):
                show.undone(project, reason)
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
        pairs.append((there, str(Path(here).absolute())))
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
