"""``python -m benchmarks.activity_gate``: does it help separation to hold back who surely rests?

By movement alone, with and without the gate of ``separation.motion_space``, all else alike: on the
pieces with long rests of ``benchmarks.activity`` (one channel) and on those as they are (stereo).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from avstem import cast
from avstem.activity import from_motion
from avstem.datatypes import Absent, Activity, FloatArray, Mixture, Voices
from avstem.separation import motion_space
from avstem.separation.chunks import in_chunks
from avstem.separation.voices import find_voices
from benchmarks import activity, pieces, tables
from benchmarks.motion import best_order
from benchmarks.page import Section
from benchmarks.separation import sdr_table
from benchmarks.workers import workers

SECTION = Section("python -m benchmarks.activity_gate")
KINDS = ("with rests, one channel", "as they are, stereo")
STEP_S = 0.1
OPEN = Absent("the gate stays open")


@dataclass(frozen=True, eq=False)
class Row:
    """One piece; SDR (2, 2) in dB: in the players' order and the best, without and with the gate.

    resting, playing : share of the true time of either that the gate holds back.
    """

    kind: str
    sdr_db: FloatArray
    resting: float
    playing: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(activity.UNSEEN))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-write", dest="write", action="store_false")
    asked = parser.parse_args(arguments)
    with workers(asked.jobs) as pool:
        text = table([row for some in pool.map(measure, asked.pieces) for row in some])
    print(text)
    if asked.write:
        SECTION.write(text)


def measure(number: int) -> list[Row]:
    """One piece in both kinds."""
    piece = next(piece for piece in pieces.PIECES if piece.number == number)
    return [
        _row(KINDS[0], activity.rested_piece(piece, number, (320, 180))),
        _row(KINDS[1], pieces.make_piece(piece, activity.WORK / "pieces")),
    ]


def _row(kind: str, folder: Path) -> Row:
    with tempfile.TemporaryDirectory() as scratch:
        truth, players, mixture = activity.opened(folder, Path(scratch))
        playing = from_motion(players)
        _, voices = cast.with_voices(
            cast.of_players(players, ()),
            players,
            find_voices(mixture, len(players.players)),
            playing,
        )
        true = _true_stems(folder, truth, mixture.samples)
        tables_db = [sdr_table(true, _separated(mixture, voices, gate)) for gate in (OPEN, playing)]
    sdr_db = np.array([[np.diag(t).mean() for t in tables_db], [best_order(t) for t in tables_db]])
    return Row(kind, sdr_db, *_held_back(truth, playing))


def _true_stems(folder: Path, truth: dict[str, Any], samples: int) -> FloatArray:
    """(players, samples) downmix of what each player plays."""
    found = np.zeros((len(truth["players"]), samples))
    for part in truth["parts"]:
        sound = soundfile.read(folder / part["stem"], always_2d=True)[0].mean(axis=1)
        found[part["player"], : len(sound)] = sound[:samples]
    return found


def _separated(mixture: Mixture, voices: Voices, gate: Activity | Absent) -> FloatArray:
    blocks = in_chunks(mixture, motion_space.Run(voices, mixture.rate_hz, gate))
    return np.concatenate([block.sources for block in blocks], axis=2).mean(axis=1)


def _held_back(truth: dict[str, Any], playing: Activity) -> Iterator[float]:
    """Share of the resting and of the playing time, over all players, that the gate holds back."""
    times_s = np.arange(STEP_S / 2, truth["duration_s"], STEP_S)
    players = [part["player"] for part in truth["parts"]]
    closed = motion_space.playing(playing, len(players), times_s).numpy()[players] < 1.0
    plays = activity.true_activity(truth).at(times_s) > 0.5
    for true in (~plays, plays):
        yield float(closed[true].mean()) if true.any() else 0.0


def table(rows: Sequence[Row]) -> str:
    """One line per kind."""
    lines = []
    for kind in dict.fromkeys(row.kind for row in rows):
        some = [row for row in rows if row.kind == kind]
        shares = [np.mean([r.resting for r in some]), np.mean([r.playing for r in some])]
        sdr_db = np.mean([row.sdr_db for row in some], axis=0).ravel()
        lines.append(
            [
                f"{len(some)} {kind}",
                *(f"{100 * share:.1f} %" for share in shares),
                *(f"{value:.2f}" for value in sdr_db),
            ]
        )
    heading = ["pieces", "of resting held back", "of playing held back"]
    heading += ["SDR, dB, gate open", "with the gate", "best order, open", "with the gate"]
    return tables.markdown(heading, lines)


if __name__ == "__main__":
    main()
