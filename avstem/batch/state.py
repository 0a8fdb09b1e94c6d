"""What has been done, in one SQLite file per output folder; every change is there after a crash.

Whoever opens it holds it: two batches never work in one folder.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from avstem.batch.digest import file_digest
from avstem.batch.records import STATE, Job, Outcome, Plan, Reason, Refused, State
from avstem.errors import OutputError, RequestError

_VERSION = 1
_TABLES = """
create table if not exists recordings (
  id text primary key, folder text, name text not null, source text not null,
  project text, family text, inserted integer not null default 0,
  state text not null, code text, message text, hint text,
  before text not null default '', seconds real, peak_mb real,
  attempts integer not null default 0, place integer, updated_s real
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
        self._path = output / STATE

    def __enter__(self) -> Self:
        with _errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(self._path, timeout=0.5, isolation_level=None)
            self._base.row_factory = sqlite3.Row
            try:
                self._open()
            except BaseException:
                self._base.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._base.close()

    def _open(self) -> None:
        self._base.execute("pragma locking_mode = exclusive")
        self._base.execute("begin exclusive")  # the lock stays until the file is closed
        version = self._base.execute("pragma user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise RequestError(
                f"{self._path} is of version {version}, this avstem writes {_VERSION}.",
                "Use another output folder, or the avstem that made it.",
            )
        for statement in _TABLES.split(";"):
            self._base.execute(statement)
        self._base.execute(f"pragma user_version = {_VERSION}")
        self._base.execute("commit")

    def file_digest(self, path: Path) -> str:
        """Digest of a file, from memory where its size and time of change are as they were."""
        try:
            stat = path.stat()
        except OSError:
            return file_digest(path)  # which says what is wrong
        key = (str(path.resolve()), stat.st_size, stat.st_mtime_ns)
        found = self._one("select digest from files where path=? and bytes=? and changed_ns=?", key)
        if found:
            return str(found["digest"])
        digest = file_digest(path)
        self._do("insert or replace into files values (?, ?, ?, ?)", (*key, digest))
        return digest

    def enter_plan(self, plan: Plan, before: Mapping[str, str]) -> None:
        """Write the plan down; rows that it replaces go, all others stay as they are.

        before : by job, digest of the result that lies in its folder now.
        """
        with self._transaction():
            self._do("delete from recordings where state = ?", (State.REFUSED,))
            for place, job in enumerate(plan.jobs):
                self._enter_job(job, place, before[job.id])
            for place, refused in enumerate(plan.refused, len(plan.jobs)):
                self._enter_refused(refused, place)

    def _enter_job(self, job: Job, place: int, before: str) -> None:
        session = job.recording.session
        self._do("delete from recordings where folder = ? and id <> ?", (job.folder, job.id))
        self._do(
            "insert into recordings"
            " (id, folder, name, source, project, family, state, before, place)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict (id) do update set place = excluded.place",
            (
                job.id,
                job.folder,
                job.recording.name,
                str(job.recording.source),
                session.project.path if session else None,
                session.family if session else None,
                State.QUEUED,
                before,
                place,
            ),
        )

    def _enter_refused(self, refused: Refused, place: int) -> None:
        reason = refused.reason
        self._do(
            "insert into recordings (id, name, source, state, code, message, hint, place)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                f"refused {place}",
                refused.name,
                str(refused.source),
                State.REFUSED,
                reason.code,
                reason.message,
                reason.hint,
                place,
            ),
        )

    def rows(self) -> list[Row]:
        """All recordings, in the order of the plan."""
        found = self._base.execute("select * from recordings order by place, id").fetchall()
        return [_row(values) for values in found]

    def row(self, job: str) -> Row | None:
        """One recording by its id."""
        found = self._one("select * from recordings where id = ?", (job,))
        return _row(found) if found else None

    def owns(self, folder: str) -> bool:
        """Whether a recording of this batch, now or earlier, has this folder."""
        return self._one("select 1 from recordings where folder = ?", (folder,)) is not None

    def queue(self, job: str, before: str) -> None:
        """The job will run; ``before`` is the digest of the result it replaces."""
        self._change(job, state=State.QUEUED, before=before, code=None, message=None, hint=None)

    def start(self, job: str) -> None:
        """An attempt begins."""
        self._do(
            "update recordings set state=?, attempts=attempts+1, updated_s=? where id=?",
            (State.RUNNING, time.time(), job),
        )

    def end(self, outcome: Outcome) -> None:
        """An attempt ended."""
        reason = outcome.reason
        self._change(
            outcome.id,
            state=State.FAILED if reason else State.DONE,
            code=reason.code if reason else None,
            message=reason.message if reason else None,
            hint=reason.hint if reason else None,
            seconds=outcome.seconds,
            peak_mb=outcome.peak_mb,
        )

    def set_inserted(self, job: str, inserted: bool, reason: Reason | None = None) -> None:
        """The stems are in the project, or not any more; why not, where they should be."""
        self._change(
            job,
            inserted=int(inserted),
            code=reason.code if reason else None,
            message=reason.message if reason else None,
            hint=reason.hint if reason else None,
        )

    def _change(self, job: str, **values: Any) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        self._do(
            f"update recordings set {columns}, updated_s = ? where id = ?",
            (*values.values(), time.time(), job),
        )

    def _one(self, statement: str, values: tuple[Any, ...]) -> Any:
        return self._base.execute(statement, values).fetchone()

    def _do(self, statement: str, values: tuple[Any, ...]) -> None:
        with _errors(self._path):
            self._base.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._do("begin", ())
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._base.execute("rollback")
            raise
        self._do("commit", ())


def _row(values: Any) -> Row:
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


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Errors of SQLite and the file system as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise RequestError(
                f"Another batch works in {path.parent}.",
                "Wait until it is done, or choose another output folder.",
            ) from error
        raise OutputError(
            f"Cannot write {path}: {error}.", "Make room there, or choose another folder."
        ) from error
    except sqlite3.DatabaseError as error:
        raise RequestError(
            f"{path} is damaged or no file of a batch: {error}.",
            "Move it away: results that are whole can be kept with another output folder.",
        ) from error
    except OSError as error:
        raise OutputError(
            f"Cannot write to {path.parent}: {error.strerror or error}.", "Choose another folder."
        ) from error
