"""One batch, run in each of the ways that ``benchmarks.batch`` compares."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from avstem.batch.execute import Executor, run_local
from avstem.batch.find import Search
from avstem.batch.names import DEFAULT, parse_names
from avstem.batch.records import Outcome
from avstem.batch.run import Batch, Session
from avstem.batch.state import Book
from avstem.request import Request
from benchmarks.page import ROOT

SIZE = (480, 270)
Measured = dict[str, Any]


def recordings(count: int, seconds: float, work: Path) -> Path:
    """A folder with so many simulated quartets, made where they are missing."""
    from avstem.simulate import simulate

    folder = work / f"recordings {seconds:g} s"
    score = ROOT / "examples" / "quartet" / "score.mid"
    for number in range(count):
        here = folder / f"{number:02d}"
        if not (here / "video.mp4").is_file():
            simulate(score, here, seed=number, seconds=seconds, size=SIZE, synth="additive")
            shutil.rmtree(here / "stems")
            (here / "mix.wav").unlink()
            print(f"rendered {number + 1} of {count}", flush=True)
    chosen = work / f"first {count} of {seconds:g} s"
    for number in range(count):
        link = chosen / f"{number:02d}"
        if not link.exists():
            link.mkdir(parents=True)
            for name in ("video.mp4", "score.mid"):
                os.link(folder / link.name / name, link / name)
    return chosen


def local(folder: Path, output: Path, jobs: int) -> Measured:
    """On ``jobs`` worker processes of one thread each."""
    return _measure(folder, output, partial(run_local, jobs=jobs, threads=1))


def dask(folder: Path, output: Path, kill_after: int | None = None) -> Measured:
    """On a local Dask cluster of two workers; one is killed when so many jobs have ended."""
    from distributed import LocalCluster

    from avstem.batch.cluster import run_cluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        local_directory=str(output.parent),
    ) as made:
        execute = partial(run_cluster, address=made.scheduler_address)
        victim = made.workers[0].pid if kill_after is not None else None
        return _measure(folder, output, execute, kill_after, victim)


def killed(folder: Path, output: Path, moments: int, expected_s: float) -> Measured:
    """The command, killed at random moments and started again, then left alone to its end."""
    _clear(output)
    scratch = output.with_name(output.name + " scratch")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    command = [sys.executable, "-m", "avstem.cli", "batch", str(folder), "-o", str(output)]
    command += ["--jobs", "2", "--json", "--cache", str(_cache(output))]
    environment = os.environ | {"TMPDIR": str(scratch), "OMP_NUM_THREADS": "1"}
    chance, kills = random.Random(20), 0
    began_s = time.perf_counter()
    for _ in range(moments):
        wait_s = expected_s / moments * chance.uniform(0.1, 1.5)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
        time.sleep(0.2)
    last = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False)
    took_s = time.perf_counter() - began_s
    time.sleep(1.0)
    return {
        "took_s": took_s,
        "kills": kills,
        "exit": last.returncode,
        "processes_left": _processes_with(str(scratch)),
        "files_left": [str(p) for p in (*scratch.iterdir(), *output.rglob(".avstem-*"))],
        **_state(output),
    }


def digests(output: Path) -> dict[str, str]:
    """Of every stem and all that is known of it; timings and reports, which show them, left out."""
    found = {
        str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(output.rglob("*"))
        if path.suffix in (".wav", ".jpg") or path.name == "evidence.json"
    }
    for path in sorted(output.rglob("result.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        del data["timings_s"]
        text = json.dumps(data, sort_keys=True)
        found[str(path.relative_to(output))] = hashlib.sha256(text.encode()).hexdigest()
    return found


def _measure(
    folder: Path,
    output: Path,
    execute: Executor,
    kill_after: int | None = None,
    victim: int | None = None,
) -> Measured:
    _clear(output)
    settings = Request(score=None, output=Path(), cache=_cache(output))
    batch = Batch((folder,), output, Search(settings=settings), parse_names(DEFAULT))
    outcomes: list[Outcome] = []
    began_s = time.perf_counter()
    with Session(batch) as session:
        for event in session.run(execute):
            if isinstance(event, Outcome):
                outcomes.append(event)
                if victim is not None and len(outcomes) == kill_after:
                    os.kill(victim, signal.SIGKILL)
    took_s = time.perf_counter() - began_s
    failed = [str(outcome.reason) for outcome in outcomes if outcome.reason]
    return {
        "took_s": took_s,
        "jobs_s": [outcome.seconds for outcome in outcomes],
        "peaks_mb": [outcome.peak_mb for outcome in outcomes],
        "failed": failed,
        **_state(output),
    }


def _state(output: Path) -> Measured:
    with Book(output) as book:
        rows = book.rows()
    return {"done": sum(r.state == "done" for r in rows), "attempts": sum(r.attempts for r in rows)}


def _cache(output: Path) -> Path:
    return output.with_name(output.name + " cache")


def _clear(output: Path) -> None:
    """Nothing of an earlier measurement, nor of videos that were seen by it."""
    for folder in (output, _cache(output)):
        shutil.rmtree(folder, ignore_errors=True)


def _processes_with(text: str) -> list[str]:
    """Processes whose environment holds a text; none where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found
