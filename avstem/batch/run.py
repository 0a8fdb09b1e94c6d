"""A whole batch: find, plan, choose, run, insert, summarise."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from avstem.batch.choose import Choice, Known, Wanted, choose, without_foreign
from avstem.batch.digest import file_digest, result_digest
from avstem.batch.execute import Event, Executor, Started
from avstem.batch.find import Search, media_duration
from avstem.batch.insert import insert_result
from avstem.batch.names import Names
from avstem.batch.plan import make_plan
from avstem.batch.records import PICTURES, STATE, SUMMARY, Job, Limits, Order, Outcome, Plan, State
from avstem.batch.state import Book
from avstem.batch.summary import write_summary
from avstem.errors import OutputError
from osc_bridge.records import JobRequest
from osc_bridge.rpp_session import job_requests, open_project


@dataclass(frozen=True)
class Batch:
    """What to do with which inputs, and where.

    spool : folder that REAPER's scripts write to, for telling which projects are open.
    """

    inputs: tuple[Path, ...]
    output: Path
    search: Search
    names: Names
    wanted: Wanted = field(default_factory=Wanted)
    limits: Limits = field(default_factory=Limits)
    into_projects: bool = False
    spool: Path | None = None


@dataclass(frozen=True)
class Outlook:
    """The plan and what of it will be run."""

    plan: Plan
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> tuple[Job, ...]:
        """Jobs that will be run."""
        return tuple(choice.job for choice in self.choices if choice.run)


def preview(batch: Batch) -> Outlook:
    """What would be done; nothing is written but, where a batch has been, digests of files."""
    if not (batch.output / STATE).is_file():
        return _outlook(batch, None)
    with Book(batch.output) as book:
        return _outlook(batch, book)


class Session:
    """A batch at work in its folder: a context that holds the state file."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.book = Book(batch.output)

    def __enter__(self) -> Session:
        self.book.__enter__()
        try:
            _sweep(self._batch.output)
            self.outlook = _outlook(self._batch, self.book)
            self._enter()
        except BaseException:
            self.book.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            _sweep(self._batch.output)
            write_summary(self._batch.output / SUMMARY, self.book.rows())
        finally:
            self.book.__exit__(None, None, None)

    def run(self, execute: Executor) -> Generator[Event, None, None]:
        """Run what was chosen; each event is written down before it is told."""
        jobs = {job.id: job for job in self.outlook.chosen}
        self._insert_all(c.job for c in self.outlook.choices if not c.run)
        stream = execute([self._order(job) for job in jobs.values()])
        try:
            for event in stream:
                if isinstance(event, Started):
                    self.book.start(event.id)
                elif isinstance(event, Outcome):
                    self._end(event, jobs[event.id])
                yield event
        finally:
            close = getattr(stream, "close", None)
            if close:
                close()

    def _enter(self) -> None:
        plan = self.outlook.plan
        before = {job.id: result_digest(job.request.output) for job in plan.jobs}
        self.book.enter_plan(plan, before)
        for choice in self.outlook.choices:
            if choice.run:
                self.book.queue(choice.job.id, before[choice.job.id])
            elif choice.settled:
                self.book.end(Outcome(choice.job.id))

    def _order(self, job: Job) -> Order:
        row = self.book.row(job.id)
        picture = (self._batch.output / PICTURES / f"{job.id}.jpg").resolve()
        before = row.before if row else ""
        request = replace(job.request, overwrite=self._batch.wanted.overwrite)
        return Order(job.id, request, before, picture, self._batch.limits)

    def _end(self, outcome: Outcome, job: Job) -> None:
        self.book.end(outcome)
        if outcome.reason is None:
            self._insert_all([job])
        with suppress(OutputError):  # a full disk: the page is written again at the end
            write_summary(self._batch.output / SUMMARY, self.book.rows())

    def _insert_all(self, jobs: Iterable[Job]) -> None:
        if not self._batch.into_projects:
            return
        for job in jobs:
            row = self.book.row(job.id)
            if job.recording.session and row and row.state is State.DONE and not row.inserted:
                reason = insert_result(job, self._again, self._batch.spool)
                self.book.set_inserted(job.id, reason is None, reason)

    def _again(self, path: Path) -> tuple[JobRequest, ...]:
        search = self._batch.search
        return job_requests(
            open_project(path, search.moved),
            search.rpp_settings(),
            search.duration or media_duration,
            ignore_selection=search.ignore_selection,
        )


def _outlook(batch: Batch, book: Book | None) -> Outlook:
    of_file = book.file_digest if book else file_digest
    found = (one for path in batch.inputs for one in batch.search.find(path, batch.output))
    plan = make_plan(found, batch.output, batch.names, of_file)
    rows = {row.id: row for row in book.rows()} if book else {}
    known = Known(
        rows,
        frozenset(row.folder for row in rows.values() if row.folder),
        {job.id: result_digest(job.request.output) for job in plan.jobs},
    )
    plan = without_foreign(plan, known, batch.wanted)
    return Outlook(plan, tuple(choose(plan, known, batch.wanted)))


def _sweep(output: Path) -> None:
    """Remove unfinished results of workers that are gone; the lock says that nobody works here."""
    for folder in output.rglob(".avstem-*-*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    for part in (output / PICTURES).glob("*.part"):
        part.unlink(missing_ok=True)
