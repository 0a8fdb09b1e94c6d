"""What has been done, in one SQLite file per output folder; every change is there after a crash.

Whoever opens it holds it: two batches never work in one folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from avstem.batch.digest import file_digest
from avstem.batch.records import STATE, Job, Outcome, Plan, Reason, Refused, State
from avstem.batch.store import Statement, Store
from avstem.errors import OutputError

_VERSION = 1
_TABLES = """
create table if not exists recordings (
  id text primary key, folder text, name text not null, source text not null,
  project text, family text, inserted integer not null default 0,
  state text not null, code text, message text, hint text,
  before text not null default '', seconds real, peak_mb real,
  attempts integer not null default 0, place integer, updated_s real
);
create table if not exists projects (
  project text, family text, primary key (project, family)
);
create table if not exists files (
  path text primary key, bytes integer, changed_ns integer, digest text
);
"""


@dataclass(frozen=True)
class Row:
    """One recording as it stands; ``folder`` is None for those that were refused."""

    id: str
    folder: str | None
    name: str
    source: str
    project: str | None
    family: str | None
    inserted: bool
    state: State
    reason: Reason | None
    before: str
    seconds: float | None
    peak_mb: float | None
    attempts: int


class Book:
    """The state of a batch's output folder; a context that holds it for itself.

    Raises
    ------
    RequestError
        Another batch works in the folder, or the file is none of ours.
    OutputError
        The folder cannot be written.

    """

    def __init__(self, output: Path) -> None:
        self._store = Store(output / STATE, _TABLES, _VERSION)

    def __enter__(self) -> Self:
        self._store.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._store.close()

    @property
    def trouble(self) -> Reason | None:
        """Why the file does not hold all that happened, None when it does."""
        return self._store.catch_up()

    def file_digest(self, path: Path) -> str:
        """Digest of a file, from memory where its size and time of change are as they were."""
        try:
            stat = path.stat()
        except OSError:
            return file_digest(path)  # which says what is wrong
        key = (_kept(str(path.resolve())), stat.st_size, stat.st_mtime_ns)
        query = "select digest from files where path=? and bytes=? and changed_ns=?"
        if found := self._store.one(query, key):
            return str(found["digest"])
        digest = file_digest(path)
        self._store.write(("insert or replace into files values (?, ?, ?, ?)", (*key, digest)))
        return digest

    def enter_plan(self, plan: Plan, before: Mapping[str, str]) -> None:
        """Write the plan down; rows that it replaces go, all others stay as they are.

        before : by job, digest of the result that lies in its folder now. OutputError when the disk
        does not take it: without it results that are made could not be told from others' later.
        """
        statements: list[Statement] = [("delete from recordings where state = ?", (State.REFUSED,))]
        for place, job in enumerate(plan.jobs):
            statements += _job_entry(job, place, before[job.id])
        for place, refused in enumerate(plan.refused, len(plan.jobs)):
            statements.append(_refused_entry(refused, place))
        if reason := self._store.write(*statements):
            raise OutputError(reason.message, "Make room there, or choose another folder.")

    def rows(self) -> list[Row]:
        """All recordings, in the order of the plan."""
        found = self._store.all("select * from recordings order by place, id")
        return [_row(values) for values in found]

    def row(self, job: str) -> Row | None:
        """One recording by its id."""
        found = self._store.one("select * from recordings where id = ?", (job,))
        return _row(found) if found else None

    def queue(self, job: str, before: str) -> None:
        """The job will run; ``before`` is the digest of the result it replaces."""
        self._change(job, None, state=State.QUEUED, before=before)

    def start(self, job: str) -> None:
        """An attempt begins."""
        statement = "update recordings set state=?, attempts=attempts+1, updated_s=? where id=?"
        self._store.write((statement, (State.RUNNING, time.time(), job)))

    def end(self, outcome: Outcome) -> None:
        """An attempt ended."""
        state = State.FAILED if outcome.reason else State.DONE
        numbers = {"seconds": outcome.seconds, "peak_mb": outcome.peak_mb}
        self._change(outcome.id, outcome.reason, state=state, **numbers)

    def postpone(self, job: str, reason: Reason) -> None:
        """The job could not be tried; the next run will try it."""
        self._change(job, reason, state=State.QUEUED)

    def set_inserted(self, job: str, inserted: bool, reason: Reason | None = None) -> None:
        """Whether the stems are in the project; why not, where they should be."""
        self._change(job, reason, inserted=int(inserted))
        if inserted:
            known = "insert or ignore into projects select project, family from recordings"
            self._store.write((f"{known} where id = ?", (job,)))

    def projects(self) -> list[tuple[str, str]]:
        """Project files that stems were added to, with the family of their tracks.

        Also those whose recordings have become other jobs since: their tracks are still there.
        """
        query = "select project, family from projects union select project, family from recordings"
        found = self._store.all(f"{query} where inserted and project <> '' and family <> ''")
        return sorted((os.fsdecode(one["project"]), str(one["family"])) for one in found)

    def taken_out(self, project: str, family: str) -> None:
        """The tracks of a family are in the project no more."""
        key = (_kept(project), family)
        which = "where project = ? and family = ?"
        self._store.write(
            (f"delete from projects {which}", key),
            (f"update recordings set inserted = 0 {which}", key),
        )

    def _change(self, job: str, reason: Reason | None, **values: Any) -> None:
        told = (getattr(reason, name, None) for name in ("code", "message", "hint"))
        values |= zip(("code", "message", "hint"), map(_kept, told), strict=True)
        columns = ", ".join(f"{name} = ?" for name in values)
        statement = f"update recordings set {columns}, updated_s = ? where id = ?"
        self._store.write((statement, (*values.values(), time.time(), job)))


def _job_entry(job: Job, place: int, before: str) -> Iterator[Statement]:
    session = job.recording.session
    yield "delete from recordings where folder = ? and id <> ?", (job.folder, job.id)
    yield (
        "insert into recordings"
        " (id, folder, name, source, project, family, state, before, place)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (id) do update set place = excluded.place",
        (
            job.id,
            job.folder,
            _kept(job.recording.name),
            _kept(str(job.recording.source)),
            _kept(session.project.path) if session else None,
            session.family if session else None,
            State.QUEUED,
            before,
            place,
        ),
    )


def _refused_entry(refused: Refused, place: int) -> Statement:
    reason = refused.reason
    return (
        "insert into recordings (id, name, source, state, code, message, hint, place)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f"refused {place}",
            _kept(refused.name),
            _kept(str(refused.source)),
            State.REFUSED,
            reason.code,
            _kept(reason.message),
            _kept(reason.hint),
            place,
        ),
    )


def _kept(text: str | None) -> str | bytes | None:
    """As SQLite takes it: names of files that are no text go in as their bytes."""
    try:
        return text if text is None or text.encode() else text
    except UnicodeEncodeError:
        return os.fsencode(text or "")


def _row(stored: Any) -> Row:
    values: dict[str, Any] = {
        k: os.fsdecode(v) if isinstance(v, bytes) else v for k, v in dict(stored).items()
    }
    reason = None
    if values["message"]:
        reason = Reason(values["code"] or "", values["message"], values["hint"] or "")
    return Row(
        id=values["id"],
        folder=values["folder"],
        name=values["name"],
        source=values["source"],
        project=values["project"],
        family=values["family"],
        inserted=bool(values["inserted"]),
        state=State(values["state"]),
        reason=reason,
        before=values["before"],
        seconds=values["seconds"],
        peak_mb=values["peak_mb"],
        attempts=values["attempts"],
    )
