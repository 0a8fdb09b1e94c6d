"""Separation by motion and by sound alone: Table 2 of Parekh et al. (2017), and avstem beside it.

``python -m benchmarks.motion`` measures every row on the test mixtures of ``motion_mixtures``
(``--set development`` on those for tuning), prints the tables and writes them into results.md.
What is measured is kept in ``build/bench/motion``; ``--resume`` keeps it, ``--rows`` names what
is measured anew.

All methods are given the same mixture and judged on the mono downmix of estimates and truth. The
published ones hear the downmix, as in the paper; SDR is the mean over the sources, five random
starts and the mixtures; avstem starts once. Sources must be in the order of the players; methods
that cannot know the players are given the best order.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from avstem.datatypes import FloatArray
from benchmarks import motion_mixtures as mixed
from benchmarks.motion_rows import ROWS, Estimates, Studio, likeness
from benchmarks.page import Section
from benchmarks.separation import sdr_table
from benchmarks.workers import workers

SECTION = Section("python -m benchmarks.motion")
WHOLE = ("mixture", "avstem, mono", "avstem, stereo", "avstem by sound, stereo")
SETS = {"test": (mixed.TEST, mixed.TEST_REAL), "development": (mixed.DEVELOPMENT, ())}


def main() -> None:
    """Measure, print, write."""
    asked = _arguments()
    print(bench(asked.set, asked.jobs, asked.rows, resume=asked.resume, write=asked.write))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, default="test")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS), metavar="ROW")
    parser.add_argument("--resume", action="store_true", help="keep rows that were measured")
    parser.add_argument("--no-write", dest="write", action="store_false")
    return parser.parse_args()


def bench(
    which: str = "test",
    jobs: int = 1,
    rows: list[str] | None = None,
    *,
    resume: bool = False,
    write: bool = True,
) -> str:
    """The tables of a set of mixtures; rows that are not asked for are those measured before."""
    from benchmarks import motion_tables

    numbers, real = SETS[which]
    work = [((n,), ()) for n in numbers] + [((), (name,)) for name in real]
    measure = partial(_measure_ensemble, rows=list(ROWS) if rows is None else rows, resume=resume)
    with workers(jobs) as pool:
        found = [row for some in pool.map(measure, work) for row in some]
    mixtures, whole = ([m for m in found if m["whole"] is w] for w in (False, True))
    text = motion_tables.tables(mixtures, list(ROWS)) + motion_tables.whole(whole, WHOLE)
    if write and which == "test":
        SECTION.write(text)
    return text


def _measure_ensemble(
    which: tuple[tuple[int, ...], tuple[str, ...]], rows: list[str], resume: bool
) -> list[dict[str, Any]]:
    """Every mixture of one ensemble and the whole of it, as plain values."""
    found = [_measure(mixture, rows, resume) for mixture in mixed.mixtures(*which)]
    some = [row for row in rows if row in WHOLE]
    return found + [_measure(m, some, resume, whole=True) for m in mixed.whole_pieces(*which)]


def _measure(
    mixture: mixed.MotionMixture, rows: list[str], resume: bool, *, whole: bool = False
) -> dict[str, Any]:
    seconds = mixture.truth.shape[-1] / mixture.rate_hz
    kept = mixed.WORK / "motion" / "measured" / f"{mixture.name} {seconds:.0f} s.json"
    before: dict[str, Any] = json.loads(kept.read_text()) if kept.is_file() else {}
    known = before.get("rows", {})
    wanted = [row for row in rows if not (resume and row in known)]
    if not wanted and "likeness" in before:
        return before
    studio = Studio(mixture)
    known |= {row: judge(mixture, ROWS[row](studio)) for row in wanted}
    found: dict[str, Any] = {
        "name": mixture.name,
        "size": mixture.size,
        "same": mixture.same,
        "real": mixture.real,
        "whole": whole,
        "seconds": seconds,
        "rows": known,
        "likeness": likeness(studio),
    }
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found))
    print(f"measured {mixture.name}", flush=True)
    return found


def judge(mixture: mixed.MotionMixture, found: Estimates) -> dict[str, Any]:
    """SDR per start, in the order of the players and in the best order, and the time it took."""
    truth = mixture.truth.mean(1)
    tables = [sdr_table(truth, estimate) for estimate in found.sources]
    placed = [float(np.diag(table).mean()) for table in tables]
    best = [best_order(table) for table in tables]
    return {"sdr": best if found.blind else placed, "best": best, "cpu_s": found.cpu_s}


def best_order(table: FloatArray) -> float:
    """Mean of a table (estimates, sources) where each estimate is given the best source."""
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].mean())


if __name__ == "__main__":
    main()
