"""What several batch tests need: run a batch here, look at what it left."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from avstem.batch.choose import Wanted
from avstem.batch.execute import Event, run_local
from avstem.batch.find import Search
from avstem.batch.names import DEFAULT, parse_names
from avstem.batch.records import Limits, State
from avstem.batch.run import Batch, Session
from avstem.batch.state import Row


def batch_of(folder: Path, output: Path, **more: Any) -> Batch:
    search = Search(**{k: more.pop(k) for k in list(more) if k in Search.__dataclass_fields__})
    wanted = Wanted(**{k: more.pop(k) for k in list(more) if k in Wanted.__dataclass_fields__})
    limits = Limits(**{k: more.pop(k) for k in list(more) if k in Limits.__dataclass_fields__})
    names = parse_names(more.pop("name", DEFAULT))
    return Batch((folder,), output, search, names, wanted, limits, **more)


def run(batch: Batch, runner: str = "quick", jobs: int = 2) -> tuple[list[Row], list[Event]]:
    execute = partial(run_local, jobs=jobs, runner=f"batch_runners:{runner}")
    with Session(batch) as session:
        events = list(session.run(execute))
        return session.book.rows(), events


def states(rows: list[Row]) -> dict[str, str]:
    return {row.folder or row.name: str(row.state) for row in rows}


def done(rows: list[Row]) -> set[str]:
    return {row.folder for row in rows if row.state is State.DONE and row.folder}


def content(output: Path) -> dict[str, str]:
    """Digests of all files of results."""
    return {
        str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.parent != output
    }


def left_over(output: Path) -> list[Path]:
    return [p for p in output.rglob("*") if p.name.startswith(".") or p.name.endswith(".part")]


def until(reached: Callable[[], bool], limit_s: float = 60.0) -> bool:
    end_s = time.monotonic() + limit_s
    while not reached() and time.monotonic() < end_s:
        time.sleep(0.1)
    return reached()
