"""What cuts, pans and hidden players cost: simulated pieces with restless cameras.

``python -m benchmarks.camera`` makes the pieces where they are not there, matches players with the
performed notes, separates each piece by movement alone, prints a table and writes it to
``results.md`` between its own marks.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from avstem import activity, association
from avstem.datatypes import FloatArray, Notes, Player, Players
from avstem.media.video import open_video
from avstem.pipeline import run
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from avstem.request import Request
from avstem.separation import MOTION
from avstem.simulate.figures import View
from benchmarks import association as match_bench
from benchmarks.page import Section
from benchmarks.pieces import PIECES, make_piece
from benchmarks.run import WORK
from benchmarks.separation import sdr_table
from benchmarks.tables import markdown

KINDS: dict[str, dict[str, int]] = {
    "still": {},
    "3 cuts": {"cuts": 3},
    "2 pans": {"pans": 2},
    "1 player hidden for half": {"hidden": 1},
}
NUMBERS = (2, 6, 10, 16)
_SEED = 100
_CUT_S = 0.1  # a cut is found when it is told this near to where it is
_SETTLED_S = 0.4  # boxes are compared with the truth so long after a view began
SECTION = Section("python -m benchmarks.camera")


def main(arguments: list[str] | None = None) -> None:
    """Print the table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(NUMBERS))
    parser.add_argument("--no-write", dest="write", action="store_false")
    asked = parser.parse_args(arguments)
    text = table(WORK, tuple(asked.pieces))
    print(text)
    if asked.write:
        SECTION.write(text)


def table(work: Path, numbers: tuple[int, ...] = NUMBERS) -> str:
    """One line per kind of camera."""
    lines = []
    for kind, settings in KINDS.items():
        folders = [
            make_piece(
                PIECES[number - 1],
                work / "camera" / next(iter(settings), "still"),
                seed=_SEED + number,
                **settings,
            )
            for number in numbers
        ]
        rows = [measure(folder, work / "camera" / "motion") for folder in folders]
        total = {key: sum(row[key] for row in rows) for key in rows[0]}
        lines.append(
            [
                kind,
                f"{total['cuts_right']}/{total['cuts']}",
                total["cuts_found"] - total["cuts_right"],
                f"{total['places_right']}/{total['places']}",
                f"{total['tracks_right']}/{total['tracks']}",
                f"{total['stems_right']}/{total['tracks']}",
                f"{total['sdr_db'] / len(rows):.1f}",
            ]
        )
    head = ["camera", "cuts found", "false cuts", "players' places right", "tracks right"]
    head += ["stems by motion right", "their SDR, dB"]
    return f"{len(numbers)} pieces each.\n\n" + markdown(head, lines)


def measure(folder: Path, cache: Path) -> dict[str, float]:
    """Counts of one piece: cuts, places of players by view, matched tracks; stems by movement."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    cache.mkdir(parents=True, exist_ok=True)
    video = folder / truth["picture"]["video"]
    field = measure_motion(open_video(video), video, cache=cache, scratch=cache)
    players = find_players(field, count=len(truth["players"]))
    notes = tuple(_notes(part["notes"]) for part in truth["parts"])
    affinity = association.associate(players, notes, activity.from_motion(players))
    match = match_bench.judge(affinity, [part["player"] for part in truth["parts"]])
    cuts_s = [cut["time_s"] for cut in truth["cuts"]]
    right = [any(abs(found - true) < _CUT_S for found in field.cuts_s) for true in cuts_s]
    places = list(_places(players, truth))
    table = _stems_by_motion(folder, truth, cache)
    return {
        "stems_right": int((table.argmax(axis=1) == np.arange(len(table))).sum()),
        "sdr_db": float(np.diag(table).mean()),
        "cuts": len(cuts_s),
        "cuts_found": len(field.cuts_s),
        "cuts_right": sum(right),
        "places": len(places),
        "places_right": sum(places),
        "tracks": match.tracks,
        "tracks_right": match.tracks_right,
    }


def _stems_by_motion(folder: Path, truth: dict[str, Any], cache: Path) -> FloatArray:
    """SDR of the stems by movement alone (players, players), estimates by truth, in dB."""
    count = len(truth["players"])
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "stems"
        result = run(
            Request(
                output=output,
                score=None,
                video=folder / truth["picture"]["video"],
                audio=folder / "mix.wav",
                players=count,
                conditioning=MOTION,
                cache=cache,
            )
        )
        files = {part.player: output / part.stem for part in result.parts if part.stem}
        found = np.stack([_downmix(files[k]) for k in range(count)])
    true = {part["player"]: _downmix(folder / part["stem"]) for part in truth["parts"]}
    samples = found.shape[1]
    return sdr_table(np.stack([true[k][:samples] for k in range(count)]), found)


def _downmix(file: Path) -> FloatArray:
    return np.asarray(soundfile.read(file, always_2d=True)[0].mean(axis=1))


def _notes(part: dict[str, Any]) -> Notes:
    return Notes(
        np.array(part["onsets_s"]),
        np.array(part["offsets_s"]),
        np.array(part["pitches"]),
        np.array(part["velocities"]),
    )


def _places(players: Players, truth: dict[str, Any]) -> Iterator[bool]:
    """Whether each player is where the truth says, once per view."""
    times_s = players.field.times_s
    for player in players.players:
        for region in player.regions(len(times_s)):
            yield _right(player, region.box_px, float(times_s[region.start]), truth)


def _right(player: Player, box: Any, time_s: float, truth: dict[str, Any]) -> bool:
    true = true_box(truth, player.index, time_s + _SETTLED_S)
    return true is not None and bool(true[0] <= (box.x0 + box.x1) / 2 <= true[2])


def true_box(truth: dict[str, Any], player: int, time_s: float) -> Any:
    """Where a simulated player is at a time, x0, y0, x1, y1 in pixels; None where not shown."""
    camera, picture = truth["camera"], truth["picture"]
    nearest = int(np.argmin(np.abs(np.array(camera["time_s"]) - time_s)))
    view = View(*(camera[key][nearest] for key in ("zoom", "x_px", "y_px", "turn")))
    box = tuple(truth["players"][player]["stage_box"])
    return view.box(box, picture["width_px"], picture["height_px"])


if __name__ == "__main__":
    main()
