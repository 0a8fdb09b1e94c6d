"""``make bench``: every table of ``benchmarks/results.md``, with default settings.

19 simulated pieces with the ensembles of Table 1 of Li et al. (2017), and the real URMP recordings
where they are at hand (folder named by AVSTEM_DATA, or ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from benchmarks.page import ROOT, Section, machine
from benchmarks.workers import workers

WORK = ROOT / "build" / "bench"
SECTION = Section("make bench")


def main() -> None:
    """Make the pieces, measure all recordings, print the tables, write the results."""
    asked = _arguments()
    jobs = [("simulated", n, asked.seconds) for n in asked.pieces]
    jobs += [("urmp", str(folder), 0.0) for folder in _real_folders()] if asked.real else []
    WORK.mkdir(parents=True, exist_ok=True)
    with workers(asked.jobs) as pool:
        rows = list(pool.map(_row, jobs, [asked.resume] * len(jobs)))
    text = _tables(rows)
    if asked.speed:
        from benchmarks import speed

        text += "\n\n" + speed.table(WORK, asked.minutes)
    print(text)
    if asked.write:
        SECTION.write(text)
    if asked.activity:
        from benchmarks import activity

        activity.main([] if asked.write else ["--no-write"])
    if asked.camera:
        from benchmarks import camera

        camera.main([] if asked.write else ["--no-write"])
    if asked.motion:
        from benchmarks import motion

        print(motion.bench("test", asked.jobs, resume=asked.resume, write=asked.write))
    if asked.trials:
        from benchmarks import activity_cue, activity_gate, motion_trials

        for trial in (motion_trials, activity_cue, activity_gate):
            trial.main([] if asked.write else ["--no-write"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(range(1, 20)))
    parser.add_argument("--seconds", type=float, default=40.0, help="length of a simulated piece")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=int, nargs="*", default=[1, 30])
    parser.add_argument("--no-real", dest="real", action="store_false")
    parser.add_argument("--no-camera", dest="camera", action="store_false")
    parser.add_argument("--no-activity", dest="activity", action="store_false")
    parser.add_argument("--no-speed", dest="speed", action="store_false")
    parser.add_argument("--no-motion", dest="motion", action="store_false")
    parser.add_argument("--no-trials", dest="trials", action="store_false")
    parser.add_argument("--no-write", dest="write", action="store_false")
    parser.add_argument("--resume", action="store_true", help="keep rows that were measured")
    return parser.parse_args()


def _real_folders() -> list[Path]:
    data = Path(os.environ.get("AVSTEM_DATA", ROOT.parent / "shared" / "data")) / "urmp"
    return sorted(p.parent for p in data.glob("*/notes.json"))


def _row(job: tuple[str, Any, float], resume: bool) -> dict[str, Any]:
    """Measure one recording, or read what was measured of it before."""
    from benchmarks import pieces, recording

    kind, which, seconds = job
    if kind == "simulated":
        piece = pieces.PIECES[which - 1]
        name, find = (
            piece.name,
            lambda: recording.simulated(pieces.make_piece(piece, WORK / "pieces", seconds=seconds)),
        )
    else:
        name, find = Path(which).name, lambda: recording.urmp(Path(which))
    kept = WORK / f"{name}.json"
    if resume and kept.is_file():
        return dict(json.loads(kept.read_text()))
    row = {"kind": kind, **recording.measure(find())}
    kept.write_text(json.dumps(row))
    print(f"measured {name}", flush=True)
    return row


def _tables(rows: list[dict[str, Any]]) -> str:
    from benchmarks import tables

    simulated = [row for row in rows if row["kind"] == "simulated"]
    real = [row for row in rows if row["kind"] == "urmp"]
    groups = {"simulated": simulated, "real": real} | {row["name"]: [row] for row in real}
    parts = [
        f"`make bench` at {machine()}.\n",
        "## Association, simulated, from the aligned score\n",
        tables.association(simulated),
        "\n## Alignment: absolute onset error\n",
        tables.alignment({name: found for name, found in groups.items() if found}),
        "\n## Separation, stereo simulated, mean over sources\n",
        *(tables.separation(simulated, m) + "\n" for m in ("SI-SDR", "SDR", "SIR", "SAR")),
    ]
    if real:
        parts += ["## Separation, real mono recordings, whole length\n", tables.real(real)]
    return "\n".join(parts)


if __name__ == "__main__":
    main()
