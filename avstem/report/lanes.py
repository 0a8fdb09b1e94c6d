"""Who plays when: a lane per part, by movement over by the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import Absent, Activity, FloatArray
from avstem.report.data import ReportData
from avstem.report.figures import PLOT_WIDTH, Tick, time_ticks
from avstem.report.rows import IDLE_COLOUR, PartRow

MOST_COLUMNS = 600
LEVELS = 4  # shades between resting and playing


@dataclass(frozen=True)
class Stretch:
    """A stretch of a lane, x and width in units of the drawing; strength 0 to 1."""

    x: float
    width: float
    strength: float


@dataclass(frozen=True)
class Lane:
    """One part, or a player without one.

    motion, score : stretches with a probability of playing. unknown : where the movement says
    nothing. differ : where the two contradict each other. text : all of it in words.
    """

    name: str
    player: int | None
    colour: str
    motion: tuple[Stretch, ...]
    score: tuple[Stretch, ...]
    unknown: tuple[Stretch, ...]
    differ: tuple[Stretch, ...]
    text: str


@dataclass(frozen=True)
class LaneFigure:
    """All lanes over the media time of the mixture."""

    lanes: tuple[Lane, ...]
    times: tuple[Tick, ...]


def lane_figure(data: ReportData, rows: list[PartRow]) -> LaneFigure | None:
    """The lanes; None where nobody looked who plays when."""
    if isinstance(data.activity_players, Absent) and isinstance(data.activity_parts, Absent):
        return None
    begin, end = data.start_s, data.start_s + data.duration_s
    columns = max(1, min(MOST_COLUMNS, int(np.ceil(data.duration_s / 0.5))))
    by_motion = _sampled(data.activity_players, begin, end, columns)
    by_score = _sampled(data.activity_parts, begin, end, columns)
    lanes = [
        _lane(r.name, r.colour, r.match.player, _row(by_motion, r.match.player), _row(by_score, k))
        for k, r in enumerate(rows)
    ]
    lanes += [
        _lane("no part", IDLE_COLOUR, player, _row(by_motion, player), None)
        for player in data.association.idle_players
    ]
    return LaneFigure(tuple(lanes), time_ticks(begin, end, PLOT_WIDTH, 10))


def _sampled(
    activity: Activity | Absent, begin: float, end: float, columns: int
) -> FloatArray | None:
    """(rows, columns) mean probabilities in even columns of media time."""
    if isinstance(activity, Absent):
        return None
    fine = begin + (np.arange(columns * 4) + 0.5) * (end - begin) / (columns * 4)
    return activity.at(fine).reshape(-1, columns, 4).mean(axis=-1)


def _row(sampled: FloatArray | None, index: int | None) -> FloatArray | None:
    return None if sampled is None or index is None else sampled[index]


def _lane(
    name: str,
    colour: str,
    player: int | None,
    motion: FloatArray | None,
    score: FloatArray | None,
) -> Lane:
    columns = len(motion) if motion is not None else 0 if score is None else len(score)
    known = np.zeros(columns, bool) if motion is None else motion != 0.5
    differ = np.zeros(columns, bool)
    if motion is not None and score is not None:
        differ = known & ((motion > 0.5) != (score > 0.5))
    return Lane(
        name=name,
        player=player,
        colour=colour,
        motion=() if motion is None else _stretches(np.where(known, motion, 0.0)),
        score=() if score is None else _stretches(score),
        unknown=() if motion is None else _stretches((~known).astype(float)),
        differ=_stretches(differ.astype(float)),
        text=_text(name, player, motion, score, known, differ),
    )


def _stretches(values: FloatArray) -> tuple[Stretch, ...]:
    """Runs of the same shade; nothing is drawn where nobody plays."""
    shades = np.rint(values * LEVELS).astype(int)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(shades)) + 1, [len(shades)]])
    scale = PLOT_WIDTH / max(1, len(shades))
    return tuple(
        Stretch(round(a * scale, 1), round((b - a) * scale, 1), shades[a] / LEVELS)
        for a, b in zip(edges[:-1], edges[1:], strict=True)
        if b > a and shades[a] > 0
    )


def _text(
    name: str,
    player: int | None,
    motion: FloatArray | None,
    score: FloatArray | None,
    known: NDArray[np.bool_],
    differ: NDArray[np.bool_],
) -> str:
    who = name if player is None else f"{name}, player {player}"
    said = []
    if motion is not None and known.any():
        said.append(f"plays {np.mean(motion[known] > 0.5):.0%} of the time by the movement")
    elif motion is not None:
        said.append("nothing is known by the movement")
    if score is not None:
        said.append(f"plays {np.mean(score > 0.5):.0%} by the score")
    if motion is not None and score is not None and known.any():
        said.append(f"both say the same {1 - np.mean(differ[known]):.0%} of the time")
    return f"{who}: {'; '.join(said)}"
