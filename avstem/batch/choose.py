"""What of the plan is to be run now, and why the rest is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch

from avstem.batch.records import Job, Plan, Reason, Refused, State
from avstem.batch.state import Row


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    only : patterns of names or folders; empty for all. limit : how many to run, None for all.
    """

    retry_failed: bool = False
    only: tuple[str, ...] = ()
    limit: int | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Choice:
    """One job: run it, finish what an attempt left that could not tell, or skip it.

    resumed : the result is there; only what the summary shows of it is still to be made.
    """

    job: Job
    run: bool
    resumed: bool = False
    why: str = ""


@dataclass(frozen=True)
class Known:
    """What is on disk: rows by id, folders that this batch owns, digests of results by job."""

    rows: Mapping[str, Row]
    folders: frozenset[str]
    results: Mapping[str, str]


def without_foreign(plan: Plan, known: Known, wanted: Wanted) -> Plan:
    """The plan; jobs whose folder holds a result that is not of this batch are refused."""
    if wanted.overwrite:
        return plan
    foreign = [
        job for job in plan.jobs if known.results[job.id] and job.folder not in known.folders
    ]
    kept = tuple(job for job in plan.jobs if job not in foreign)
    return Plan(kept, plan.refused + tuple(_foreign(job) for job in foreign))


def choose(plan: Plan, known: Known, wanted: Wanted) -> list[Choice]:
    """One choice per job, in the order of the plan."""
    choices, count = [], 0
    for job in plan.jobs:
        choice = _choice(job, known, wanted)
        if choice.run and wanted.limit is not None and count >= wanted.limit:
            choice = Choice(job, run=False, why=f"beyond --limit {wanted.limit}")
        count += choice.run
        choices.append(choice)
    return choices


def _choice(job: Job, known: Known, wanted: Wanted) -> Choice:
    names = (job.recording.name, job.folder)
    if wanted.only and not any(fnmatch(n, p) for n in names for p in wanted.only):
        return Choice(job, run=False, why="not named by --only")
    row, result = known.rows.get(job.id), known.results[job.id]
    if row is None:
        return Choice(job, run=True)
    if row.state is State.DONE and result:
        return Choice(job, run=False, why="done already")
    if row.state is State.FAILED and not wanted.retry_failed:
        why = row.reason.message if row.reason else "no reason is known"
        return Choice(job, run=False, why=f"failed before (--retry-failed): {why}")
    if row.state in (State.QUEUED, State.RUNNING) and result and result != row.before:
        return Choice(job, run=True, resumed=True, why="its stems are there already")
    return Choice(job, run=True)


def _foreign(job: Job) -> Refused:
    reason = Reason(
        "OutputError",
        f"The folder {job.folder!r} holds a result that this batch did not make.",
        "Choose another output folder or --name, or pass --overwrite.",
    )
    return Refused(job.recording.name, job.recording.source, reason)
