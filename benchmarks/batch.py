"""What a batch must reach: time beside one by one, memory, Dask, kills, reading of large projects.

``python -m benchmarks.batch`` renders 50 recordings of 30 s once, measures in about half an hour on
two idle cores, and writes the section of benchmarks/results.md. What was measured is kept in
``build/bench/batch``, so that a run that was stopped goes on; ``--again`` measures all anew.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean

from benchmarks import batch_runs
from benchmarks.batch_runs import Measured
from benchmarks.page import ROOT, Section, machine
from benchmarks.tables import markdown
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_items import read_project

WORK = ROOT / "build" / "bench" / "batch"
SECTION = Section("python -m benchmarks.batch")
KILLS = 10
ENOUGH_MB = 150.0  # more than this between the first and the last jobs is growth


def main() -> None:
    """Measure what was not measured yet, print the table and write it down."""
    asked = _arguments()
    work = WORK / f"{asked.recordings} x {asked.seconds:g} s"
    folder = batch_runs.recordings(asked.recordings, asked.seconds, WORK)
    if asked.render_only:
        return
    keep = Kept(work, asked.again)
    reading = keep("reading", lambda: {"took_s": reading_s(asked.items)})
    alone = keep("alone", lambda: batch_runs.local(folder, work / "alone", 1))
    both = keep("both", lambda: batch_runs.local(folder, work / "both", 2))
    dask = keep("dask", lambda: batch_runs.dask(folder, work / "dask"))
    after = keep("both after", lambda: batch_runs.local(folder, work / "both after", 2))
    half = asked.recordings // 2
    lost = keep("lost", lambda: batch_runs.dask(folder, work / "lost", kill_after=half))
    expected_s = both["took_s"]
    kills = keep("kills", lambda: batch_runs.killed(folder, work / "kills", KILLS, expected_s))
    truth = batch_runs.digests(work / "alone")
    same = {n: batch_runs.digests(work / n) == truth for n in ("both", "dask", "lost", "kills")}
    rows = [
        *_times(reading, alone, both, asked.items),
        *_memory({"one by one": alone, "2 workers": both, "Dask": dask}),
        _beside(dask, (both, after)),
        *_kept(asked, lost, kills, same),
    ]
    table = markdown(["what", "measured", "must", ""], rows)
    print(table)
    if asked.write:
        runs = (reading, alone, both, dask, after, lost, kills)
        at = " and ".join(sorted({run["at"] for run in runs}))
        what = f"{asked.recordings} recordings of {asked.seconds:g} s"
        SECTION.write(f"{what}, measured at {at}.\n\n{table}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--render-only", action="store_true", help="only make the recordings")
    parser.add_argument("--again", action="store_true", help="forget what was measured before")
    parser.add_argument("--no-write", dest="write", action="store_false", help="print only")
    return parser.parse_args()


class Kept:
    """Measurements by name, each made once and kept in a file with the commit that it is of."""

    def __init__(self, folder: Path, again: bool) -> None:
        self._folder = folder
        self._again = again
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, name: str, measure: Callable[[], Measured]) -> Measured:
        """What was measured under a name, now or before."""
        path = self._folder / f"{name}.json"
        if self._again or "at" not in _read(path):
            began_s = time.perf_counter()
            path.write_text(json.dumps({"at": machine(), **measure()}))
            print(f"measured {name} in {time.perf_counter() - began_s:.0f} s", flush=True)
        return _read(path)


def _read(path: Path) -> Measured:
    return dict(json.loads(path.read_text())) if path.is_file() else {}


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


Line = tuple[str, str, str, str]


def _line(what: str, measured: str, must: str, reached: bool) -> Line:
    return what, measured, must, "yes" if reached else "**no**"


def _times(reading: Measured, alone: Measured, both: Measured, items: int) -> Iterator[Line]:
    took_s = reading["took_s"]
    yield _line(f"reading a project of {items} items", f"{took_s:.2f} s", "< 2 s", took_s < 2.0)
    jobs_s = sum(alone["jobs_s"])
    share = both["took_s"] / (jobs_s / 2)
    what = f"{both['took_s']:.0f} s; jobs one by one {jobs_s:.0f} s: {share:.3f} x half"
    yield _line("2 workers beside one by one", what, "<= 1.1", share <= 1.1)


def _memory(runs: dict[str, Measured]) -> Iterator[Line]:
    for name, run in runs.items():
        some = max(len(run["peaks_mb"]) // 5, 1)
        first, last = mean(run["peaks_mb"][:some]), mean(run["peaks_mb"][-some:])
        what = f"{first:.0f} MB in the first {some} jobs, {last:.0f} MB in the last"
        yield _line(f"memory of a worker, {name}", what, "flat", last - first < ENOUGH_MB)


def _beside(dask: Measured, local: tuple[Measured, ...]) -> Line:
    """Dask beside the local runs before and after it: machines change their speed."""
    times_s = [run["took_s"] for run in local]
    over = 100 * (dask["took_s"] / mean(times_s) - 1)
    listed = " and ".join(f"{took_s:.0f}" for took_s in times_s)
    what = f"{dask['took_s']:.0f} s, between local runs of {listed} s: {over:+.1f} %"
    return _line("Dask beside 2 workers", what, "< 5 %", over < 5)


def _kept(
    asked: argparse.Namespace, lost: Measured, kills: Measured, same: dict[str, bool]
) -> Iterator[Line]:
    for name, label in (("both", "2 workers"), ("dask", "Dask")):
        yield _line(f"same bytes as one by one, {label}", str(same[name]), "True", same[name])
    count = asked.recordings
    what = f"{lost['done']} done in {lost['attempts']} attempts, same bytes: {same['lost']}"
    whole = lost["done"] == count and lost["attempts"] <= count + 2 and same["lost"]
    yield _line("Dask, a worker killed midway", what, f"{count} done, none twice, same", whole)
    left = len(kills["processes_left"]) + len(kills["files_left"])
    what = f"{kills['kills']} kills, {kills['done']} done, same bytes: {same['kills']}, {left} left"
    whole = kills["done"] == count and kills["exit"] == 0 and same["kills"] and not left
    whole = whole and kills["kills"] == KILLS
    yield _line("kill -9 of the batch, resumed", what, f"{count} done, same, nothing left", whole)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
