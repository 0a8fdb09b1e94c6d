"""Finished stems into the project files they came from, and out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from avstem.batch.records import Job, Reason
from avstem.batch.state import Book
from avstem.errors import AvstemError, RequestError
from avstem.result import Result
from osc_bridge.delivery import delivery
from osc_bridge.records import JobRequest
from osc_bridge.rpp_write import insert_stems, remove_stems
from osc_bridge.session import open_session

Again = Callable[[Path], tuple[JobRequest, ...]]  # the requests of a project as it is now


def insert_result(job: Job, again: Again, spool: Path | None) -> Reason | None:
    """Add a job's stems to its project; the reason when that cannot be."""
    session = job.recording.session
    if session is None:
        return None
    path = Path(session.project.path)
    try:
        _require_same(session, again(path))
        result = Result.read(job.request.output / "result.json")
        folder = job.request.output.resolve()
        found = delivery(open_session(session), result, folder, folder / "report.html")
        insert_stems(path, found, spool)
    except AvstemError as error:
        return Reason.of(error)
    except (OSError, ValueError) as error:
        return Reason("OutputError", f"The stems of {job.folder!r} cannot be read: {error}.")
    return None


def undo(book: Book, spool: Path | None) -> Iterator[tuple[str, Reason | None]]:
    """Take everything out of the projects that this batch put in; each project, and why not."""
    for project, family in book.projects():
        try:
            remove_stems(Path(project), family, spool)
        except AvstemError as error:
            yield project, Reason.of(error)
        else:
            book.taken_out(project, family)
            yield project, None


def _require_same(planned: JobRequest, now: tuple[JobRequest, ...]) -> None:
    """RequestError when the project's items or notes are not those that the stems were made of."""
    if not any(replace(one, output=planned.output) == planned for one in now):
        raise RequestError(
            f"{planned.project.name!r} was changed while its stems were made.",
            "Run the batch again: it works from the project as it is now.",
        )
