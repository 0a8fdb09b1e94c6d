"""The same batch on a Dask cluster of this machine, with a worker lost in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from batch_bench import batch_of, content, done, left_over, run

from avstem.batch import cluster
from avstem.batch.run import Session
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


def test_workers_of_another_version_are_refused(
    two_workers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "__version__", "99.0")
    with pytest.raises(RequestError, match=r"has avstem .* \(here 99.0\)"):
        list(cluster.run_cluster([], two_workers.scheduler_address))


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(RequestError, match="No Dask scheduler answers at tcp://127.0.0.1:1"):
        list(cluster.run_cluster([], "tcp://127.0.0.1:1"))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtra, match="needs the package distributed"):
        list(cluster.run_cluster([], "tcp://127.0.0.1:1"))
