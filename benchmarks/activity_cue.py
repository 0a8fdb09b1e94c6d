"""``python -m benchmarks.activity_cue``: does it help matching to look at who rests when?

The pieces as they are, and those with long rests of ``benchmarks.activity``, cut into stretches:
the shorter, the less movement at onsets alone decides. Matched from the aligned score, with and
without the evidence of ``association.rests``, all else alike.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from avstem import alignment
from avstem.activity import from_motion
from avstem.association import associate
from avstem.datatypes import Affinity, Notes, Players
from avstem.media.score import read_score
from benchmarks import activity, association, pieces, tables
from benchmarks.motion_mixtures import cut
from benchmarks.page import Section
from benchmarks.workers import workers

SECTION = Section("python -m benchmarks.activity_cue")
LENGTHS_S = (10.0, 20.0, 60.0)
PLAIN = "as they are, 40 s"
Count = Counter[tuple[str, str]]  # of tracks, by kind of stretch and what is counted


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(range(1, 20)))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-write", dest="write", action="store_false")
    asked = parser.parse_args(arguments)
    with workers(asked.jobs) as pool:
        total: Count = sum(pool.map(measure, asked.pieces), Count())
    text = table(total, len(asked.pieces))
    print(text)
    if asked.write:
        SECTION.write(text)


def measure(number: int) -> Count:
    """Tracks of one piece: all of them, and those right with and without the cue."""
    piece = next(piece for piece in pieces.PIECES if piece.number == number)
    count: Count = Count()
    _count(pieces.make_piece(piece, activity.WORK / "pieces"), {PLAIN: 1e9}, count)
    rested = {f"with rests, {length_s:g} s": length_s for length_s in LENGTHS_S}
    _count(activity.rested_piece(piece, number, (320, 180)), rested, count)
    return count


def _count(folder: Path, lengths_s: dict[str, float], count: Count) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        truth, players, mixture = activity.opened(folder, Path(scratch))
        notes = alignment.align(mixture, read_score(folder / "score.mid")).notes
        player_of = [part["player"] for part in truth["parts"]]
        for label, length_s in lengths_s.items():
            for stretch in stretches(players, truth["duration_s"], length_s):
                count[label, "tracks"] += len(player_of)
                for name, found in compared(stretch, notes).items():
                    right = association.judge(found, player_of).tracks_right
                    count[label, name] += right


def stretches(players: Players, duration_s: float, length_s: float) -> Iterator[Players]:
    """The players during stretches of about that length, one behind the other."""
    number = max(1, int(duration_s / length_s))
    edges_s = np.linspace(0.0, duration_s, number + 1)
    for start_s, stop_s in zip(edges_s, edges_s[1:], strict=False):
        yield replace(players, field=cut(players.field, start_s, stop_s))


def compared(players: Players, notes: tuple[Notes, ...]) -> dict[str, Affinity]:
    """Affinities without and with the cue."""
    playing = from_motion(players)
    return {"without": associate(players, notes), "with": associate(players, notes, playing)}


def table(total: Count, number: int) -> str:
    """One line per kind of piece and length of the stretches."""
    lines = []
    for label in dict.fromkeys(label for label, _ in total):
        tracks = total[label, "tracks"]
        shown = [
            f"{total[label, name]} ({100 * total[label, name] / max(tracks, 1):.1f} %)"
            for name in ("without", "with")
        ]
        lines.append([label, tracks, *shown])
    heading = [f"{number} pieces", "tracks", "right without the cue", "with it"]
    return tables.markdown(heading, lines)


if __name__ == "__main__":
    main()
