"""What the next service makes of whatever an earlier one left in a job's folder."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from osc_bridge.recovery import KEEP_S, recovered
from osc_bridge.spool import Spool
from osc_bridge.status import State, Status

JOB = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.prepare()
    return made


def leave(spool: Spool, *files: str, age_s: float = 0.0, **changes: object) -> None:
    """A job's folder as a service that died may leave it."""
    folder = spool.job(JOB)
    folder.path.mkdir()
    status = Status(JOB, 1, "n", JOB, **changes).to_json("log")  # type: ignore[arg-type]
    status["updated_s"] = time.time() - age_s
    folder.status.write_text(json.dumps(status))
    for name in ("request.json", *files):
        (folder.path / name).parent.mkdir(exist_ok=True)
        (folder.path / name).write_text("{}")


@pytest.mark.parametrize(
    ("state", "attempt", "files", "becomes"),
    [
        (State.QUEUED, 0, (), State.QUEUED),
        (State.RUNNING, 1, (), State.QUEUED),
        (State.RUNNING, 2, (), State.FAILED),
        (State.RUNNING, 1, ("result.json",), State.DONE),
        (State.RUNNING, 2, ("result.json", "cancel"), State.DONE),
        (State.RUNNING, 1, ("cancel",), State.CANCELLED),
        (State.QUEUED, 0, ("cancel",), State.CANCELLED),
        (State.DONE, 1, ("result.json",), State.DONE),
        (State.FAILED, 1, (), State.FAILED),
        (State.INSERTED, 1, ("result.json", "inserted.json"), State.INSERTED),
    ],
)
def test_every_state(
    spool: Spool, state: State, attempt: int, files: tuple[str, ...], becomes: State
) -> None:
    leave(spool, *files, state=state, attempt=attempt)
    (found,) = recovered(spool)
    assert found.state is becomes
    assert (found.error is not None) == (becomes is State.FAILED and state is State.RUNNING)


def test_half_written_files_and_scratch_are_swept(spool: Spool, tmp_path: Path) -> None:
    leave(
        spool,
        *("status.json.tmp", "result.json.tmp", "request.json.tmp", "scratch/x.w64"),
        state=State.RUNNING,
        worker_pid=77,
        output=str(tmp_path / "out"),
    )
    for name in (".avstem-77-ab", ".avstem-777-ab", "stems"):
        (tmp_path / "out" / name).mkdir(parents=True)
    list(recovered(spool))
    # request.json.tmp is not ours: a script may be writing it right now
    names = sorted(p.name for p in spool.job(JOB).path.iterdir())
    assert names == ["request.json", "request.json.tmp", "status.json"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [".avstem-777-ab", "stems"]


def test_ended_jobs_are_kept_for_a_month(spool: Spool) -> None:
    leave(spool, state=State.DONE, age_s=KEEP_S - 60)
    assert len(list(recovered(spool))) == 1


def test_old_jobs_that_wait_are_not_forgotten(spool: Spool) -> None:
    leave(spool, state=State.QUEUED, age_s=10 * KEEP_S)
    assert len(list(recovered(spool))) == 1


@pytest.mark.parametrize("text", ["", "{}", '{"job": 1', "[]"])
def test_a_status_that_cannot_be_read_lets_the_job_start_anew(spool: Spool, text: str) -> None:
    leave(spool, state=State.RUNNING)
    spool.job(JOB).status.write_text(text)
    assert list(recovered(spool)) == []
