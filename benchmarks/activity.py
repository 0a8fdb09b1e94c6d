"""``python -m benchmarks.activity``: who is playing when, second by second.

The 19 pieces as they are hardly rest, and a guess of "always" is nearly right. So each is also
performed with long rests, other ones for every part, by players who fidget. Truth is a part's
phrases as performed: true notes, rests up to ``SHORT_REST_S`` bridged.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avstem import alignment
from avstem.activity import from_motion, from_notes
from avstem.datatypes import Activity, FloatArray, Mixture, Notes, Players, Score
from avstem.media.audio import open_mixture
from avstem.media.score import read_score
from avstem.media.video import open_video
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from avstem.simulate import simulate
from benchmarks import pieces, tables
from benchmarks.page import ROOT, Section

WORK = ROOT / "build" / "bench"
SECTION = Section("python -m benchmarks.activity")
SECONDS = 60.0
UNSEEN = range(10, 20)  # pieces that the detector was not fitted to, in no version
METHODS = ("motion", "score", "always")


def with_rests(score: Score, seed: tuple[int, ...], seconds: float) -> Score:
    """The same score with long rests, in each part at other times; some parts never rest."""
    rng = np.random.default_rng(seed)
    rested = (replace(p, notes=_rested(p.notes, seconds, rng)) for p in score.parts)
    return Score(tuple(rested))


def _rested(notes: Notes, seconds: float, rng: np.random.Generator) -> Notes:
    kept = np.ones(len(notes), bool)
    now_s = rng.uniform(-8, 10)
    while now_s < seconds:
        rest_s = rng.choice([2.0, 3.0, 4.0, 6.0, 10.0, 16.0]) * rng.uniform(0.8, 1.3)
        kept &= (notes.onsets_s < now_s) | (notes.onsets_s >= now_s + rest_s)
        now_s += rest_s + rng.uniform(4, 25)
    if rng.random() < 0.15:
        kept[:] = True
    if kept.sum() < 3:
        kept[:3] = True
    return Notes(*(values[kept] for values in vars(notes).values()))


def rested_piece(piece: pieces.Piece, seed: int, size: tuple[int, int]) -> Path:
    """The piece with rests, simulated unless it is there."""
    folder = WORK / "rests" / f"{piece.name}_{seed}"
    if not (folder / "truth.json").is_file():
        score = with_rests(pieces.piece_score(piece), (seed, piece.number), 1.3 * SECONDS + 10)
        wanted: dict[str, Any] = {"seed": seed, "seconds": SECONDS, "size": size, "fidgets": 1.0}
        sound: dict[str, Any] = {"synth": "additive", "rate_hz": 16000, "channels": 1}
        simulate(score, folder, overwrite=True, **wanted, **sound)
    return folder


def opened(folder: Path, scratch: Path) -> tuple[dict[str, Any], Players, Mixture]:
    """Truth, players and mixture of a simulated piece."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    video = open_video(folder / "video.mp4")
    field = measure_motion(video, folder / "video.mp4", scratch=scratch)
    mixture = open_mixture(folder / "mix.wav", scratch=scratch)
    return truth, find_players(field, count=len(truth["parts"])), mixture


def true_activity(truth: dict[str, Any]) -> Activity:
    """Of each part, from the notes as performed."""
    parts = [part["notes"] for part in truth["parts"]]
    notes = tuple(
        Notes(*(np.array(p[k]) for k in ("onsets_s", "offsets_s", "pitches", "velocities")))
        for p in parts
    )
    return from_notes(notes, 0.0, truth["duration_s"])


def per_second(activity: Activity, seconds: int) -> FloatArray:
    """(rows, seconds) mean probability within each whole second from media time 0."""
    inside_s = np.arange(seconds)[:, None] + (np.arange(10) + 0.5) / 10
    return activity.at(inside_s.ravel()).reshape(-1, seconds, 10).mean(axis=-1)


def measure(folder: Path) -> dict[str, Any]:
    """Seconds of all parts as true and as found: lists of 0/1 and of probabilities."""
    with tempfile.TemporaryDirectory() as scratch:
        truth, players, mixture = opened(folder, Path(scratch))
        seconds = int(truth["duration_s"])
        player_of = [part["player"] for part in truth["parts"]]
        aligned = alignment.align(mixture, read_score(folder / "score.mid"))
        found = {
            "motion": per_second(from_motion(players), seconds)[player_of],
            "score": per_second(from_notes(aligned.notes, 0.0, truth["duration_s"]), seconds),
            "always": np.ones((len(player_of), seconds)),
        }
    true = per_second(true_activity(truth), seconds) > 0.5
    rows = {name: np.round(p, 4).ravel().tolist() for name, p in found.items()}
    return {"name": folder.name, "true": true.ravel().astype(int).tolist()} | {"found": rows}


def scores(true: Sequence[int], found: Sequence[float]) -> dict[str, float]:
    """Precision, recall, F1 of playing; F1 of resting; their mean; error of the probabilities."""
    t, p = np.array(true) > 0, np.array(found)
    playing, resting = _f1(t, p > 0.5), _f1(~t, p <= 0.5)
    return {
        "precision": playing[0],
        "recall": playing[1],
        "F1": playing[2],
        "F1 resting": resting[2],
        "macro F1": (playing[2] + resting[2]) / 2,
        "Brier": float(np.mean((t - p) ** 2)),
    }


def _f1(true: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Precision, recall, F1; 0 where there is nothing to find or nothing was found."""
    hits = float((true & found).sum())
    precision, recall = hits / max(1, found.sum()), hits / max(1, true.sum())
    return precision, recall, 2 * hits / max(1, true.sum() + found.sum())


def table(groups: dict[str, list[dict[str, Any]]]) -> str:
    """One line per group of pieces and method."""
    lines = []
    for group, rows in groups.items():
        true = [t for row in rows for t in row["true"]]
        for method in METHODS:
            found = [p for row in rows for p in row["found"][method]]
            figures = scores(true, found)
            shown = [f"{value:.3f}" for value in figures.values()]
            lines.append([group, f"{100 - 100 * np.mean(true):.0f} %", method, *shown])
    heading = ["pieces", "resting", "from", *scores([1], [1.0])]
    return tables.markdown(heading, lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(range(1, 20)))
    parser.add_argument("--no-plain", dest="plain", action="store_false")
    parser.add_argument("--no-write", dest="write", action="store_false")
    asked = parser.parse_args(arguments)
    chosen = [piece for piece in pieces.PIECES if piece.number in asked.pieces]
    rested = [measure(rested_piece(p, p.number, (320, 180))) for p in chosen]
    seen = [row for p, row in zip(chosen, rested, strict=True) if p.number not in UNSEEN]
    unseen = [row for p, row in zip(chosen, rested, strict=True) if p.number in UNSEEN]
    groups = {"10 to 19, with rests": unseen, "1 to 9, with rests": seen}
    if asked.plain:
        plain = [measure(pieces.make_piece(p, WORK / "pieces", seconds=40.0)) for p in chosen]
        groups["1 to 19, as they are"] = plain
    text = table({f"{len(rows)} of {name}": rows for name, rows in groups.items() if rows})
    print(text)
    if asked.write:
        SECTION.write(text)


if __name__ == "__main__":
    main()
