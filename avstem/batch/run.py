"""A whole batch: find, plan, choose, run, insert, summarise."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from avstem.batch.choose import Choice, Known, Wanted, choose, without_foreign
from avstem.batch.digest import file_digest, result_digest
from avstem.batch.distant import Distant
from avstem.batch.execute import Event, Executor, Postponed, Started
from avstem.batch.find import Found, Search
from avstem.batch.insert import insert_result
from avstem.batch.names import Names
from avstem.batch.plan import make_plan
from avstem.batch.records import (
    PICTURES,
    STATE,
    SUMMARY,
    Job,
    Limits,
    Order,
    Outcome,
    Plan,
    Reason,
    Refused,
    State,
)
from avstem.batch.state import Book
from avstem.batch.summary import write_summary
from avstem.errors import AvstemError, OutputError
from avstem.stems import settle
from osc_bridge.records import JobRequest
from osc_bridge.rpp_session import job_requests, open_project

_SUMMARISE_S = 5.0  # between two writings of the summary, which reads all manifests


@dataclass(frozen=True)
class Batch:
    """What to do with which inputs, and where.

    spool : folder that REAPER's scripts write to, for telling which projects are open.
    distant : what of inputs and output is really behind URLs.
    """

    inputs: tuple[Path, ...]
    output: Path
    search: Search
    names: Names
    wanted: Wanted = field(default_factory=Wanted)
    limits: Limits = field(default_factory=Limits)
    into_projects: bool = False
    spool: Path | None = None
    distant: Distant = field(default_factory=Distant)


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
    batch.distant.pull_state(batch.output)
    if not (batch.output / STATE).is_file():
        return _outlook(batch, None)
    with Book(batch.output) as book:
        return _outlook(batch, book)


def refused(batch: Batch, error: AvstemError) -> Outlook:
    """Everything that was found, refused for what keeps the whole batch from working."""
    return Outlook(Plan((), tuple(_all_refused(batch, Reason.of(error)))), ())


class Session:
    """A batch at work in its folder: a context that holds the state file.

    notes : what is odd about the batch as a whole, for people, after the context was left.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.book = Book(batch.output)
        self.notes: list[str] = []
        self._summarised_s = -_SUMMARISE_S

    def __enter__(self) -> Session:
        self._batch.distant.pull_state(self._batch.output)
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
            if trouble := self.book.trouble:
                self.notes.append(str(trouble))
            _sweep(self._batch.output)
            self._summarise()
        finally:
            self.book.__exit__(None, None, None)
        try:
            self._batch.distant.publish(self._batch.output)
        except AvstemError as reason:
            self.notes.append(str(reason))

    def run(self, execute: Executor) -> Generator[Event, None, None]:
        """Run what was chosen; each event is written down before it is told.

        Raises AvstemError of the executor, after its jobs were postponed with that reason.
        """
        jobs = {choice.job.id: choice.job for choice in self.outlook.choices if choice.run}
        waiting = set(jobs)
        self._insert_all(c.job for c in self.outlook.choices if not c.run)
        stream = execute([self._order(job) for job in sorted(jobs.values(), key=_longest_first)])
        try:
            for event in stream:
                if isinstance(event, Started):
                    self.book.start(event.id)
                elif isinstance(event, Outcome):
                    waiting.discard(event.id)
                    event = self._end(event, jobs[event.id])
                yield event
        except AvstemError as error:
            for job in (job for job in jobs if job in waiting):
                self.book.postpone(job, Reason.of(error))
                yield Postponed(job, Reason.of(error))
            raise
        finally:
            close = getattr(stream, "close", None)
            if close:
                close()

    def _enter(self) -> None:
        plan = self.outlook.plan
        before = {job.id: self._before(job) for job in plan.jobs}
        self.book.enter_plan(plan, before)
        for choice in self.outlook.choices:
            if choice.run and not choice.resumed:  # else the worker must see that it is done
                self.book.queue(choice.job.id, before[choice.job.id])

    def _before(self, job: Job) -> str:
        """Digest of the result that the job replaces, also where an attempt has begun with that."""
        row = self.book.row(job.id)
        begun = row.before if row and row.state in (State.QUEUED, State.RUNNING) else ""
        return result_digest(job.request.output) or begun

    def _order(self, job: Job) -> Order:
        row = self.book.row(job.id)
        picture = (self._batch.output / PICTURES / f"{job.id}.jpg").resolve()
        before = row.before if row else ""
        request = replace(job.request, overwrite=self._batch.wanted.overwrite)
        away = self._batch.distant.away(job)
        return Order(job.id, request, before, picture, self._batch.limits, away)

    def _end(self, outcome: Outcome, job: Job) -> Outcome:
        if outcome.reason is None:
            with suppress(AvstemError):  # the summary shows less; the stems are there
                self._batch.distant.pull_manifest(job)
                self._batch.distant.pull_pictures(job, self._batch.output)
            outcome = _seen(outcome, job)
        self.book.end(outcome)
        if outcome.reason is None:
            self._insert_all([job])
        if time.monotonic() - self._summarised_s > _SUMMARISE_S:
            with suppress(OutputError):  # a full disk: the page is written again at the end
                write_summary(self._batch.output / SUMMARY, self.book.rows())
            self._summarised_s = time.monotonic()
        return outcome

    def _summarise(self) -> None:
        try:
            write_summary(self._batch.output / SUMMARY, self.book.rows())
        except OutputError as error:
            self.notes.append(str(error))

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
            search.duration,
            ignore_selection=search.ignore_selection,
        )


def _outlook(batch: Batch, book: Book | None) -> Outlook:
    of_file = partial(batch.distant.digest, otherwise=book.file_digest if book else file_digest)
    plan = make_plan(_found(batch), batch.output, batch.names, of_file)
    for job in plan.jobs:
        batch.distant.pull_manifest(job)
    rows = {row.id: row for row in book.rows()} if book else {}
    known = Known(
        rows,
        frozenset(row.folder for row in rows.values() if row.folder),
        {job.id: result_digest(job.request.output) for job in plan.jobs},
    )
    plan = without_foreign(plan, known, batch.wanted)
    return Outlook(plan, tuple(choose(plan, known, batch.wanted)))


def _found(batch: Batch) -> Iterable[Found]:
    found = (one for path in batch.inputs for one in batch.search.find(path, batch.output))
    return batch.distant.named(found)


def _all_refused(batch: Batch, reason: Reason) -> Iterator[Refused]:
    for one in _found(batch):
        yield one if isinstance(one, Refused) else Refused(one.name, one.source, reason)


def _seen(outcome: Outcome, job: Job) -> Outcome:
    """The outcome of a job that was done; failed where its result is not to be seen from here."""
    output = job.request.output
    if result_digest(output):
        return outcome
    reason = Reason(
        "OutputError",
        f"The worker has done the job, but there is no result in {output}.",
        "Do all workers see the output folder under this path?",
    )
    return replace(outcome, reason=reason)


def _longest_first(job: Job) -> tuple[int, str]:
    """Largest files first, so that no core idles while the last long recording is done."""
    return -size_bytes(job), job.folder


def size_bytes(job: Job) -> int:
    """Size of a job's media, a stand-in for its length."""
    files = (job.request.video, job.request.audio)
    return sum(file.stat().st_size for file in files if file is not None and file.is_file())


def _sweep(output: Path) -> None:
    """End what workers that are gone have left; the lock says that no batch works here."""
    settle(output, below=True)
    for part in (output / PICTURES).glob("*.part"):
        part.unlink(missing_ok=True)
