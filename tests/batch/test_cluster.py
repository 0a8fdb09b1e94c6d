"""The same batch on a Dask cluster of this machine, with a worker lost in the middle."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from batch_bench import batch_of, content, done, left_over, run, until

from avstem.batch import cluster
from avstem.batch.run import Session
from avstem.batch.versions import difference
from avstem.errors import MissingExtra, RequestError

distributed = pytest.importorskip("distributed", reason="needs the extra: avstem[dask]")
Make = Callable[..., Path]


@pytest.fixture
def two_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path)
    ) as made:
        yield made


def test_a_lost_worker_loses_nothing(
    recordings: Make, tmp_path: Path, two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All results, none twice, the same bytes as one by one here."""
    texts = {f"r{n}": "deadly" if n == 2 else "well" for n in range(5)}
    folder, output = recordings(**texts), tmp_path / "out"
    for name in texts:
        (folder / name / "video.tried").touch()  # here nobody dies
    run(batch_of(folder, tmp_path / "serial"), "die_once", jobs=1)
    (folder / "r2" / "video.tried").unlink()
    execute = partial(
        cluster.run_cluster,
        address=two_workers.scheduler_address,
        runner="batch_runners:die_once",
    )
    with Session(batch_of(folder, output)) as session:
        events = list(session.run(execute))
        rows = session.book.rows()
    assert (folder / "r2" / "video.tried").exists(), "the worker was killed"
    assert done(rows) == {f"r{n}/video" for n in range(5)}
    assert content(output) == content(tmp_path / "serial")
    assert not left_over(output)
    assert {type(event).__name__ for event in events} >= {"Started", "Progressed", "Outcome"}


def test_jobs_run_without_what_dask_sets_for_itself(
    recordings: Make, tmp_path: Path, two_workers: Any
) -> None:
    """Memory that is given back at once and taken again makes jobs an eighth slower."""
    asked = partial(os.environ.get, "MALLOC_TRIM_THRESHOLD_")
    with distributed.Client(two_workers, set_as_default=False) as client:
        assert all(client.run(asked).values()), "Dask no longer sets it"
    folder = recordings(one="well")
    execute = partial(
        cluster.run_cluster,
        address=two_workers.scheduler_address,
        runner="batch_runners:environment",
    )
    with Session(batch_of(folder, tmp_path / "out")) as session:
        list(session.run(execute))
    assert (folder / "one" / "video.told").read_text() == "nothing 1"


def test_a_job_on_a_cluster_has_one_thread(
    recordings: Make, tmp_path: Path, two_workers: Any
) -> None:
    """Dask counts a task as one thread, however many cores the machine has that plans."""
    folder = recordings(one="well")
    line = command(folder, tmp_path / "out", two_workers.scheduler_address)
    line[-1] = "batch_runners:environment"
    subprocess.run([*line, "--jobs", "1"], check=True, capture_output=True)
    assert (folder / "one" / "video.told").read_text() == "nothing 1"


def test_two_batches_on_one_cluster_do_not_hear_each_other(
    recordings: Make, tmp_path: Path, two_workers: Any
) -> None:
    """The same recordings, so the same jobs, to two folders."""
    folder = recordings(**{f"r{n}": "well" for n in range(3)})
    address, places = two_workers.scheduler_address, [tmp_path / "a", tmp_path / "b"]
    lines = [command(folder, place, address) for place in places]
    running = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for line in lines]
    for process, place in zip(running, places, strict=True):
        text, _ = process.communicate(timeout=120)
        assert json.loads(text.splitlines()[-1]) == {"event": "end", "done": 3}
        assert len(list(place.rglob("result.json"))) == 3


def test_a_cluster_that_is_restarted_forgets_no_job_silently(
    recordings: Make, tmp_path: Path, two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVSTEM_TEST_PAUSE_S", "1")
    folder, address = recordings(one="well", two="well"), two_workers.scheduler_address
    execute = partial(cluster.run_cluster, address=address, runner="batch_runners:slow")
    with Session(batch_of(folder, tmp_path / "out")) as session:
        events = session.run(execute)
        next(events)
        with distributed.Client(address, set_as_default=False) as other:
            other.restart()
        list(events)
        rows = session.book.rows()
    assert {str(row.state) for row in rows} == {"failed"}
    assert "The cluster forgot the job" in str(rows[0].reason)


def test_workers_of_another_version_are_refused(
    two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avstem.batch.versions.__version__", "99.0")
    with pytest.raises(RequestError, match=r"has avstem .* \(here 99.0\)"):
        list(cluster.run_cluster([], two_workers.scheduler_address))


def test_workers_that_come_later_are_checked_too(
    recordings: Make, tmp_path: Path, two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avstem.batch.versions.__version__", "99.0")
    monkeypatch.setattr(cluster, "_check_workers", lambda client: None)  # nobody was there yet
    address = two_workers.scheduler_address
    execute = partial(cluster.run_cluster, address=address, runner="batch_runners:quick")
    with Session(batch_of(recordings(one="well"), tmp_path / "out")) as session:
        list(session.run(execute))
        (row,) = session.book.rows()
    assert re.match(r"The worker tcp://.* has avstem .* \(here 99.0\)", str(row.reason))


def test_differences_of_versions_are_told() -> None:
    """Also of what one side does not know at all."""
    there = {"avstem": "1.0", "torch": "2.1", "new": "3"}
    assert difference(there, {"avstem": "1.0", "torch": "2.0"}) == (
        "torch 2.1 (here 2.0), new 3 (here missing)"
    )


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(RequestError, match="No Dask scheduler answers at tcp://127.0.0.1:1"):
        list(cluster.run_cluster([], "tcp://127.0.0.1:1"))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtra, match="needs the package distributed"):
        list(cluster.run_cluster([], "tcp://127.0.0.1:1"))


def scheduler(folder: Path) -> tuple[subprocess.Popen, str]:
    """A scheduler with a worker, as processes of their own."""
    code = (
        "import distributed, sys\n"
        "if __name__ == '__main__':\n"
        "    about = {'n_workers': 1, 'threads_per_worker': 1, 'dashboard_address': None}\n"
        "    with distributed.LocalCluster(**about) as made:\n"
        "        print(made.scheduler_address, flush=True)\n"
        "        sys.stdin.read()\n"
    )
    script = folder / "cluster.py"
    script.write_text(code)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, str(script)], cwd=folder, **pipes)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def command(folder: Path, output: Path, address: str) -> list[str]:
    options = ["--dask", address, "--json", "--runner", "batch_runners:slow"]
    return [sys.executable, "-m", "avstem.cli", "batch", str(folder), "-o", str(output), *options]


def test_a_batch_that_is_killed_is_given_up_and_resumed(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ran for it ends, the next one goes on, all is as if nothing had happened."""
    folder, output = recordings(**{f"r{n}": "well" for n in range(5)}), tmp_path / "out"
    run(batch_of(folder, tmp_path / "serial"))
    monkeypatch.setenv("AVSTEM_TEST_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("AVSTEM_TEST_PAUSE_S", "0.6")
    cluster_process, address = scheduler(tmp_path)
    try:
        first = subprocess.Popen(command(folder, output, address), stdout=subprocess.DEVNULL)
        assert until(lambda: (output / "r0/video/result.json").is_file())
        assert until(lambda: bool(list(output.rglob(".avstem-*"))), 10.0)
        first.kill()
        first.wait()
        assert until(lambda: not list(output.rglob(".avstem-*")), 15.0), "nobody waits for it"
        made = len((tmp_path / "log").read_text().splitlines())
        assert made < 5
        last = subprocess.run(command(folder, output, address), capture_output=True, check=False)
        assert last.returncode == 0, last.stderr
        assert json.loads(last.stdout.splitlines()[-1]) == {"event": "end", "done": 5}
    finally:
        cluster_process.communicate("", timeout=30)
    assert content(output) == content(tmp_path / "serial")
    assert len((tmp_path / "log").read_text().splitlines()) <= 6, (
        "made twice: at most one in flight"
    )


def test_a_scheduler_that_dies_in_the_middle(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left waits with the reason; it is not failed."""
    folder, output = recordings(**{f"r{n}": "well" for n in range(4)}), tmp_path / "out"
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "2s")
    cluster_process, address = scheduler(tmp_path)
    batch = subprocess.Popen(command(folder, output, address), stdout=subprocess.PIPE, text=True)
    try:
        assert until(lambda: (output / "r0/video/result.json").is_file())
        cluster_process.kill()
        cluster_process.wait()
        told, _ = batch.communicate(timeout=60)
    finally:
        batch.kill()
    assert batch.returncode == 2
    lines = [json.loads(line) for line in told.splitlines()]
    waiting = [line for line in lines if line["event"] == "waiting"]
    assert waiting
    assert "scheduler is gone" in waiting[0]["message"]
    assert not [line for line in lines if line["event"] == "failed"]
    rows, _ = run(batch_of(folder, output))
    assert len(done(rows)) == 4
