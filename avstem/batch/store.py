"""SQLite on disk behind a copy in memory: what is read is always there, what is written waits.

A disk that fills up in the middle of a night must not stop the recordings that still fit elsewhere:
statements that the disk refuses are kept and tried again with the next ones.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from avstem.batch.records import Reason
from avstem.errors import OutputError, RequestError

Statement = tuple[str, tuple[Any, ...]]


class Store:
    """A database that one process holds for itself from ``open`` to ``close``.

    Raises
    ------
    RequestError
        On opening: another batch holds it, or the file is none of ours.
    OutputError
        On opening: it cannot be written.

    """

    def __init__(self, path: Path, tables: str, version: int) -> None:
        self._path = path
        self._tables = tables
        self._version = version
        self._late: deque[tuple[Statement, ...]] = deque()

    def open(self) -> None:
        """Take hold of the file, made where it is missing, and read it."""
        with _errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._disk = sqlite3.connect(self._path, timeout=0.5, isolation_level=None)
            try:
                self._prepare()
                self._memory = sqlite3.connect(":memory:", isolation_level=None)
                self._memory.row_factory = sqlite3.Row
                self._disk.backup(self._memory)
            except BaseException:
                self._disk.close()
                raise

    def close(self) -> None:
        """Try what is late once more, and let go."""
        self.catch_up()
        self._memory.close()
        self._disk.close()

    def all(self, statement: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """The rows of a query."""
        return self._memory.execute(statement, values).fetchall()

    def one(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Row | None:
        """The first row of a query."""
        found: sqlite3.Row | None = self._memory.execute(statement, values).fetchone()
        return found

    def write(self, *statements: Statement) -> Reason | None:
        """Change all or nothing; the reason when the disk does not have it yet."""
        _execute(self._memory, statements)
        self._late.append(statements)
        return self.catch_up()

    def catch_up(self) -> Reason | None:
        """Bring the disk up to date; the reason when that cannot be."""
        try:
            while self._late:
                _execute(self._disk, self._late[0])
                self._late.popleft()
        except sqlite3.Error as error:
            hint = "Make room there; the next run finds by itself which results are whole."
            return Reason("OutputError", f"Cannot write {self._path}: {error}.", hint)
        return None

    def _prepare(self) -> None:
        self._disk.execute("pragma locking_mode = exclusive")
        self._disk.execute("begin exclusive")  # the lock stays until the file is closed
        found = self._disk.execute("pragma user_version").fetchone()[0]
        if found not in (0, self._version):
            raise RequestError(
                f"{self._path} is of version {found}, this avstem writes {self._version}.",
                "Use another output folder, or the avstem that made it.",
            )
        for statement in self._tables.split(";"):
            self._disk.execute(statement)
        self._disk.execute(f"pragma user_version = {self._version}")
        self._disk.execute("commit")


def _execute(base: sqlite3.Connection, statements: tuple[Statement, ...]) -> None:
    base.execute("begin")
    try:
        for statement, values in statements:
            base.execute(statement, values)
        base.execute("commit")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite may have rolled back by itself
            base.execute("rollback")
        raise


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
            "Move it away and pass --overwrite: everything is made again.",
        ) from error
    except OSError as error:
        raise OutputError(
            f"Cannot write to {path.parent}: {error.strerror or error}.", "Choose another folder."
        ) from error
