"""Stand-in for ``avstem.pipeline.run`` that finds players at once; the job's name says how."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from avstem.colours import colour
from avstem.datatypes import Score, Stage
from avstem.errors import MediaError
from avstem.evidence import Evidence
from avstem.progress import ProgressEvent
from avstem.request import Request
from avstem.result import PartResult, PlayerResult, Result

RATE_HZ = 8000
Watch = Callable[[ProgressEvent], None]


def ensemble(request: Request, watch: Watch) -> Result:
    """A result with one player per part, unless the request says otherwise."""
    name = request.output.name
    steps = 200 if "slow" in name else 2
    for step in range(steps):
        watch(ProgressEvent(Stage.SEPARATION, step / steps, step / steps))
        time.sleep(0.02 if steps > 2 else 0.0)
    if "fail" in name:
        raise MediaError("The picture ends after 3.0 s.", "Copy the video again.")
    request.output.mkdir(parents=True)
    players = _players(request, len(_names(request)))
    parts = _parts(request, players, ambiguous="ambiguous" in name)
    for part in parts:
        _sound(request.output / str(part.stem), part.index)
    if players and request.score is not None:
        _evidence(parts, len(players)).write(request.output / "evidence.json")
    (request.output / "report.html").write_text("report")
    seconds = 600 if "long" in name else 22
    result = Result(
        *(9 if "older" in name else 1, RATE_HZ, seconds * RATE_HZ, 0.0),
        *(players, parts, {}, (), {}, request.settings()),
        activity=_activity(request, len(players), len(parts), seconds),
    )
    result.write(request.output / "result.json")
    return result


def _names(request: Request) -> list[str]:
    """Parts of the score; without one the players, as the pipeline names them."""
    if isinstance(request.score, Score):
        return [part.name for part in request.score.parts]
    return [f"Player {k}" for k in range(len(request.boxes) or 4)]


def _sound(path: Path, index: int) -> None:
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    tone = np.sin(2 * np.pi * 110 * (index % 8 + 1) * time_s) * (time_s > 0.2 * (index % 4))
    soundfile.write(path, 0.3 * tone, RATE_HZ)


def _activity(request: Request, players: int, parts: int, seconds: int) -> dict[str, object]:
    """Each rests for some seconds, one after the other; movement rests a little later."""

    def rows(count: int, late: int) -> dict[str, object]:
        second = np.arange(seconds)
        lines = [np.where((second - late) // 3 % (count + 1) == k, 0.1, 0.9) for k in range(count)]
        return {"start_s": 0.0, "step_s": 1.0, "playing": [list(map(float, x)) for x in lines]}

    scored = {"parts": rows(parts, 0)} if request.score is not None else {}
    return scored | ({"players": rows(players, 1)} if players else {})


def _players(request: Request, count: int) -> tuple[PlayerResult, ...]:
    if request.video is None:
        return ()
    if request.boxes:
        boxes = [(b.x0, b.y0, b.x1, b.y1) for b in request.boxes]
    else:
        wide = 640 / count
        boxes = [
            (k * wide + wide * 0.1, 90.0, (k + 1) * wide - wide * 0.1, 330.0) for k in range(count)
        ]
    if "outside" in request.output.name:
        boxes[0], boxes[1] = (-10.0, -50.0, 90.0, 500.0), (900.0, 0.0, 1000.0, 100.0)
    return tuple(PlayerResult(k, box) for k, box in enumerate(boxes))


def _parts(
    request: Request, players: tuple[PlayerResult, ...], ambiguous: bool
) -> tuple[PartResult, ...]:
    fixed = dict(request.assignments)
    free = [k for k in range(len(players)) if k not in fixed.values()]
    rows = []
    score = request.score if isinstance(request.score, Score) else None
    for index, name in enumerate(_names(request)):
        known = name in fixed
        player = fixed[name] if known else free.pop(0) if free else None
        doubtful = ambiguous and index < 2
        other = (player + 1) % len(players) if player is not None and len(players) > 1 else None
        why = (
            f"player {other} fits almost as well"
            if doubtful
            else "assigned by the user"
            if known
            else ""
        )
        rows.append(
            PartResult(
                index,
                name,
                score.parts[index].instrument if score else "",
                player,
                1.0 if known else 0.62 if doubtful else 0.97 - 0.01 * (index % 5),
                None if known else other,
                0.7 if doubtful else 5.5,
                doubtful,
                why,
                f"{index + 1:02d}.wav",
                colour(index),
                tuple(float(t) for t in score.parts[index].notes.onsets_s) if score else (),
            )
        )
    return tuple(rows)


def _evidence(parts: tuple[PartResult, ...], players: int) -> Evidence:
    random = np.random.default_rng(3)
    curves = random.standard_normal((players, 600 * 25))
    scores = random.standard_normal((len(parts), players))
    for part in parts:
        if part.player is not None:
            scores[part.index, part.player] += 6.0
    return Evidence("default", scores, curves, 0.0, 25.0)
