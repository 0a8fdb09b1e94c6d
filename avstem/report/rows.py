"""Records into the rows, boxes and cells that the template writes down."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from avstem.colours import colour
from avstem.datatypes import Absent, Match, Players
from avstem.report.data import ReportData
from avstem.report.figures import waveform

IDLE_COLOUR = "#9aa4af"
_LIT = 0.5  # weight of a cell in its cluster, from which it is marked


@dataclass(frozen=True)
class PartRow:
    """One line of the table of parts."""

    index: int
    name: str
    instrument: str
    colour: str
    match: Match
    notes: int
    link: str | None  # of the stem, relative to the page
    file: str | None
    level_db: float | None
    wave: str  # path of an SVG, 1000 x 100


@dataclass(frozen=True)
class BoxMark:
    """A player outlined in the picture; position and size in percent of it."""

    player: int
    label: str
    colour: str
    idle: bool
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class SpotMark:
    """Where a player's sound is made; paths in cells of the motion field."""

    label: str
    colour: str
    area: str
    outline: str


@dataclass(frozen=True)
class Cell:
    """One cell of the match matrix."""

    figure: str
    strength: float  # 0 to 1, for the shade
    chosen: bool
    runner_up: bool


def part_rows(data: ReportData) -> list[PartRow]:
    """The parts in their order."""
    loudest = max((float(stem.peaks.max()) for stem in data.stems), default=0.0)
    rows = []
    for part, match in zip(data.parts, data.association.matches, strict=True):
        stem = data.stems[part.index] if data.stems else None
        rows.append(
            PartRow(
                index=part.index,
                name=part.name,
                instrument="" if part.instrument == part.name else part.instrument,
                colour=stem.colour if stem else colour(part.index),
                match=match,
                notes=len(part.notes),
                link=quote(stem.path) if stem else None,
                file=stem.path if stem else None,
                level_db=stem.level_db if stem else None,
                wave=waveform(stem.peaks, loudest) if stem else "",
            )
        )
    return rows


def box_marks(players: Players, rows: list[PartRow]) -> list[BoxMark]:
    """Every player's box with the name of the part that the player has.

    Of those players whom the picture shows: a box of another view would lie on somebody else.
    """
    played = {row.match.player: row for row in rows if row.match.player is not None}
    width, height = players.field.width_px, players.field.height_px
    marks = []
    for player in (players.players[k] for k in players.with_boxes_in_picture()):
        row = played.get(player.index)
        box = player.box_px
        left, top = _percent(box.x0, width), _percent(box.y0, height)
        marks.append(
            BoxMark(
                player=player.index,
                label=row.name if row else "no part",
                colour=row.colour if row else IDLE_COLOUR,
                idle=row is None,
                left=left,
                top=top,
                width=_percent(box.x1, width) - left,
                height=_percent(box.y1, height) - top,
            )
        )
    return marks


def spot_marks(data: ReportData, rows: list[PartRow]) -> list[SpotMark]:
    """The motion cluster that carries each player's sound: Fig. 3 of Parekh et al. (2017)."""
    if isinstance(data.clusters, Absent):
        return []
    played = {row.match.player: row for row in rows}
    marks = []
    for player, cluster in enumerate(data.sounding):
        if cluster is not None and player in played:
            lit = np.pad(data.clusters.weights[cluster] >= _LIT, 1)
            row = played[player]
            marks.append(SpotMark(row.name, row.colour, _area(lit), _outline(lit)))
    return marks


def _area(lit: NDArray[np.bool_]) -> str:
    """Path of cells (rows + 2, columns + 2), a margin of one cell around."""
    return "".join(f"M{x - 1} {y - 1}h1v1h-1z" for y, x in np.argwhere(lit))


def _outline(lit: NDArray[np.bool_]) -> str:
    """Path of the edges between cells that are lit and cells that are not."""
    upright = np.argwhere(lit[:, 1:] != lit[:, :-1])
    level = np.argwhere(lit[1:] != lit[:-1])
    edges = [f"M{x} {y - 1}v1" for y, x in upright] + [f"M{x - 1} {y}h1" for y, x in level]
    return "".join(edges)


def matrix(data: ReportData) -> list[list[Cell]]:
    """Cells of the match matrix, parts x players; empty without a picture."""
    affinity = data.association.affinity
    if affinity is None or affinity.scores.size == 0:
        return []
    scores = affinity.scores
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    strengths = (scores - low) / (high - low) if high > low else np.zeros_like(scores)
    return [
        [
            Cell(
                figure=f"{score:.2f}".replace("-", "−"),
                strength=round(float(strengths[match.part, player]), 3),
                chosen=match.player == player,
                runner_up=match.runner_up == player,
            )
            for player, score in enumerate(scores[match.part])
        ]
        for match in data.association.matches
    ]


def _percent(value: float, whole: float) -> float:
    return round(min(max(100.0 * value / whole, 0.0), 100.0), 2)
