"""What a batch must reach: time beside one by one, memory, Dask, reading of large projects.

``python -m benchmarks.batch`` works on simulated recordings in ``build/bench/batch``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

from avstem.batch.execute import Executor, run_local
from avstem.batch.find import Search
from avstem.batch.names import DEFAULT, parse_names
from avstem.batch.records import Outcome
from avstem.batch.run import Batch, Session
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_items import read_project

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "bench" / "batch"


def main() -> None:
    """Print one line per row."""
    asked = _arguments()
    print(f"reading a project of {asked.items} items: {reading_s(asked.items):.2f} s (must: < 2 s)")
    if asked.recordings:
        for line in running(asked.recordings, asked.seconds, asked.dask):
            print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--no-dask", dest="dask", action="store_false")
    return parser.parse_args()


def reading_s(items: int) -> float:
    """Seconds to read a project with so many items, MIDI and sound by turns."""
    media = "<SOURCE WAVE\n        FILE a.wav\n      >"
    notes = "\n".join(f"        E {480 * (n > 0)} {'98'[n % 2]}0 3c 60" for n in range(20))
    midi = f"<SOURCE MIDI\n        HASDATA 1 960 QN\n{notes}\n        E 480 b0 7b 00\n      >"
    text = ['<REAPER_PROJECT 0.1 "7.22" 1']
    for number in range(items):
        if number % 100 == 0:
            text += ["  >"] * (number > 0) + [f"  <TRACK {{{number}}}\n    NAME t{number}"]
        text.append(
            f"    <ITEM\n      POSITION {number}\n      LENGTH 1\n      LOOP 0\n      MUTE 0 0\n"
            f"      SEL 0\n      IGUID {{{number}}}\n      NAME i{number}\n      SOFFS 0\n"
            f"      PLAYRATE 1 1 0 -1 0 0.0025\n      {(media, midi)[number % 2]}\n    >"
        )
    whole = "\n".join([*text, "  >", ">", ""])
    began_s = time.perf_counter()
    read_project(parse_rpp(whole), Path("a.rpp"))
    return time.perf_counter() - began_s


def running(count: int, seconds: float, dask: bool) -> list[str]:
    """Lines for one by one, two local workers, and two workers of a Dask cluster."""
    folder = _recordings(count, seconds)
    alone_s, alone = _measure(folder, WORK / "alone", partial(run_local, jobs=1, threads=1))
    jobs_s = sum(outcome.seconds for outcome in alone)
    lines = [f"one by one, one thread: {alone_s:.1f} s, jobs {jobs_s:.1f} s, {_peak(alone)}"]
    both_s, both = _measure(folder, WORK / "both", partial(run_local, jobs=2, threads=1))
    share = both_s / (jobs_s / 2)
    lines.append(f"2 workers: {both_s:.1f} s, {share:.2f} x half (must: 1.1), {_peak(both)}")
    lines.append(f"same bytes: {_stems(WORK / 'alone') == _stems(WORK / 'both')}")
    if dask:
        lines += _dask_lines(folder, both_s)
    return lines


def _dask_lines(folder: Path, local_s: float) -> list[str]:
    from distributed import LocalCluster

    from avstem.batch.cluster import run_cluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        execute = partial(run_cluster, address=made.scheduler_address)
        took_s, _ = _measure(folder, WORK / "dask", execute)
    over = 100 * (took_s / local_s - 1)
    same = _stems(WORK / "alone") == _stems(WORK / "dask")
    return [f"Dask, 2 workers: {took_s:.1f} s, overhead {over:.1f} % (must: < 5), {same=}"]


def _recordings(count: int, seconds: float) -> Path:
    from avstem.simulate import simulate

    folder = WORK / f"recordings {seconds:g} s"
    score = ROOT / "examples" / "quartet" / "score.mid"
    for number in range(count):
        here = folder / f"{number:02d}"
        if not (here / "video.mp4").is_file():
            simulate(score, here, seed=number, seconds=seconds, size=(320, 180), synth="additive")
    return folder


def _measure(folder: Path, output: Path, execute: Executor) -> tuple[float, list[Outcome]]:
    shutil.rmtree(output, ignore_errors=True)
    cache = output.with_name(output.name + " cache")
    shutil.rmtree(cache, ignore_errors=True)  # or the second would have seen the videos already
    from avstem.request import Request

    settings = Request(score=Path(), output=Path(), cache=cache)
    batch = Batch((folder,), output, Search(settings=settings), parse_names(DEFAULT))
    began_s = time.perf_counter()
    with Session(batch) as session:
        events: list[Any] = list(session.run(execute))
    took_s = time.perf_counter() - began_s
    outcomes = [event for event in events if isinstance(event, Outcome)]
    failed = [outcome.reason for outcome in outcomes if outcome.reason]
    if failed:
        raise SystemExit(f"{len(failed)} failed, the first: {failed[0]}")
    return took_s, outcomes


def _peak(outcomes: list[Outcome]) -> str:
    peaks = [outcome.peak_mb for outcome in outcomes]
    return f"memory of the first job {peaks[0]:.0f} MB, of the last {peaks[-1]:.0f} MB"


def _stems(output: Path) -> dict[str, str]:
    return {
        str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(output.rglob("*.wav"))
    }


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
