"""What the panel knows, as plain records, and the rules of editing them; no Qt here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from avstem.datatypes import FloatArray
from avstem.evidence import Evidence

NOBODY = -1  # the player of a part that nobody in the picture plays, as the protocol has it
IDLE_COLOUR = "#8a8f98"
LIVE = ("queued", "running")
SHOWN = ("done", "inserted")  # states whose result can be looked at
SMALLEST_PX = 8.0

Box = tuple[float, float, float, float]


def mark(text: str) -> str:
    """The text itself; marks what a window translates where Qt is not known."""
    return text


@dataclass(frozen=True)
class Problem:
    """Something that went wrong, as the window tells it."""

    message: str
    hint: str = ""
    log: str = ""
    code: str = ""

    def details(self) -> str:
        """All of it, for a bug report."""
        rows = (("Error", self.code), ("What", self.message), ("Next", self.hint))
        return "\n".join(f"{name}: {text}" for name, text in (*rows, ("Log", self.log)) if text)


@dataclass(frozen=True)
class Job:
    """One job of the service, as ``/avstem/job`` and ``/avstem/job/about`` tell it.

    video, score : whether its selection holds a picture, notes.
    """

    job: str
    state: str = "queued"
    stage: str = ""
    percent: float = 0.0
    ahead: int = 0
    name: str = ""
    message: str = ""
    problem: Problem | None = None
    family: str = ""
    project: str = ""
    conditioning: str = ""
    submitted: str = ""
    video: bool = True
    score: bool = True


@dataclass(frozen=True)
class Row:
    """One part: what the service found, and what the editor makes of it.

    found : player as the job ended; ``player`` as chosen since.
    """

    index: int
    part: str
    instrument: str
    colour: str
    found: int
    player: int
    confidence: float
    runner_up: int | None
    margin: float
    ambiguous: bool
    why: str
    onsets_s: tuple[float, ...] = ()
    file: str = ""
    locked: bool = False
    name: str = ""  # as edited
    new_instrument: str = ""
    solo: bool = False
    mute: bool = False
    gain_db: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the editor chose another player."""
        return self.player != self.found


@dataclass(frozen=True, eq=False)
class Lanes:
    """Who plays when: (rows, steps) of 0 to 1; rows are players (from motion) or parts."""

    playing: FloatArray
    start_s: float
    step_s: float
    of_players: bool


@dataclass(frozen=True)
class Place:
    """Where a piece of the stems lies in the project; ``media_s`` at its beginning."""

    position_s: float
    length_s: float
    media_s: float
    playrate: float


@dataclass(frozen=True)
class Showing:
    """The result of one job, ready to be drawn."""

    job: str
    family: str
    take: str
    project: str
    folder: str
    report: str
    rows: tuple[Row, ...]
    boxes: tuple[Box, ...]
    settings: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    evidence: Evidence | None = None
    activity: tuple[Lanes, ...] = ()
    has_video: bool = True
    duration_s: float = 0.0
    places: tuple[Place, ...] = ()


def media_time(places: Sequence[Place], project_s: float) -> float | None:
    """Media time at a project time; None where the project holds nothing of the recording."""
    for place in places:
        into_s = project_s - place.position_s
        if 0.0 <= into_s <= place.length_s:
            return place.media_s + into_s * place.playrate
    return None


def reassigned(rows: Sequence[Row], index: int, player: int) -> tuple[Row, ...]:
    """``player`` plays row ``index``; whoever had that player gets the other one: one to one.

    Both rows are locked, for the editor has spoken.
    """
    before = rows[index].player
    made = list(rows)
    made[index] = replace(rows[index], player=player, locked=True)
    for k, row in enumerate(rows):
        if k != index and player != NOBODY and row.player == player:
            made[k] = replace(row, player=before, locked=True)
    return tuple(made)


def row_of_player(rows: Sequence[Row], player: int) -> Row | None:
    """The part that a player plays."""
    return next((row for row in rows if row.player == player), None)


def clipped(box: Box, width_px: float, height_px: float) -> Box | None:
    """The part of a box inside the picture, its corners in order; None if hardly any is left."""
    x0, x1 = sorted((min(max(box[0], 0.0), width_px), min(max(box[2], 0.0), width_px)))
    y0, y1 = sorted((min(max(box[1], 0.0), height_px), min(max(box[3], 0.0), height_px)))
    if x1 - x0 < SMALLEST_PX or y1 - y0 < SMALLEST_PX:
        return None
    return (round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    both = wide * high
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def rerun_settings(
    rows: Sequence[Row],
    boxes: Sequence[Box],
    boxes_changed: bool,
    only_unlocked: bool,
    chosen: Mapping[str, Any],
) -> dict[str, Any]:
    """The settings that ``/avstem/rerun`` takes; players are counted left to right in the end.

    only_unlocked : locked rows keep their player; else everything is found anew.
    chosen : conditioning and the like.
    """
    settings: dict[str, Any] = dict(chosen)
    order = list(range(len(boxes)))
    if boxes_changed:
        order.sort(key=lambda k: (boxes[k][0] + boxes[k][2]) / 2)
        settings["boxes"] = [list(boxes[k]) for k in order]
    place = {player: n for n, player in enumerate(order)} | {NOBODY: NOBODY}
    locked = [row for row in rows if row.locked] if only_unlocked else []
    names = {row.part: row.name for row in rows if row.name.strip() and row.name != row.part}
    settings["assignments"] = {
        names.get(row.part, row.part): place[row.player] for row in locked if row.player in place
    }
    if names:
        settings["names"] = names
    instruments = {
        names.get(row.part, row.part): row.new_instrument
        for row in rows
        if row.new_instrument != row.instrument
    }
    if instruments:
        settings["instruments"] = instruments
    return settings
