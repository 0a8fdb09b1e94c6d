"""What a job leaves behind, and its form on disk: ``result.json``, documented in docs/result.md."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import (
    Absent,
    Activity,
    Alignment,
    Association,
    Notes,
    Part,
    Players,
    Stem,
)
from avstem.errors import OutputError

VERSION = 1


@dataclass(frozen=True)
class PlayerResult:
    """A visible player: box in pixels of the upright source picture."""

    index: int
    box_px: tuple[float, float, float, float]


@dataclass(frozen=True)
class PartResult:
    """A part, who plays it and where its stem is.

    ``stem`` is relative to the result folder; ``onsets_s`` are media times as performed, without a
    score as heard in the voice, or none.
    """

    index: int
    name: str
    instrument: str
    player: int | None
    confidence: float
    runner_up: int | None
    margin: float
    ambiguous: bool
    why: str
    stem: str | None
    colour: str | None
    onsets_s: tuple[float, ...]


@dataclass(frozen=True)
class Result:
    """Everything a front end needs to show and place the stems."""

    version: int
    rate_hz: int
    samples: int
    start_s: float  # media time of the stems' first sample
    players: tuple[PlayerResult, ...]
    parts: tuple[PartResult, ...]
    alignment: dict[str, Any]
    warnings: tuple[str, ...]
    timings_s: dict[str, float]
    settings: dict[str, Any]
    activity: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write as JSON under a temporary name, then rename."""
        partial = path.with_name(path.name + ".part")
        try:
            partial.write_text(self.to_json(), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise OutputError(
                f"Cannot write {path}: {error.strerror or error}.", "Choose another folder."
            ) from error

    def to_json(self) -> str:
        """The result as indented JSON text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> Result:
        """Read what ``write`` wrote; an OutputError when it is of another version."""
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("version") != VERSION:
            raise OutputError(
                f"Expected a result of version {VERSION}, found {data.get('version')} in {path}.",
                "Run the job again with this version of avstem.",
            )
        data["players"] = tuple(
            PlayerResult(p["index"], tuple(p["box_px"])) for p in data["players"]
        )
        data["parts"] = tuple(
            PartResult(**{**p, "onsets_s": tuple(p["onsets_s"])}) for p in data["parts"]
        )
        data["warnings"] = tuple(data["warnings"])
        return cls(**data)


def player_results(players: Players | Absent) -> tuple[PlayerResult, ...]:
    """The visible players, left to right; none without a picture."""
    if isinstance(players, Absent):
        return ()
    return tuple(
        PlayerResult(p.index, (p.box_px.x0, p.box_px.y0, p.box_px.x1, p.box_px.y1))
        for p in players.players
    )


def part_results(
    parts: tuple[Part, ...],
    notes: tuple[Notes, ...],
    association: Association,
    stems: tuple[Stem, ...],
) -> tuple[PartResult, ...]:
    """One row per part with its notes as performed; ``stems`` may be empty: nothing separated."""
    rows = []
    for part, played, match in zip(parts, notes, association.matches, strict=True):
        stem = stems[part.index] if stems else None
        rows.append(
            PartResult(
                part.index,
                part.name,
                part.instrument,
                match.player,
                match.confidence,
                match.runner_up,
                match.margin,
                match.ambiguous,
                match.why,
                stem.path if stem else None,
                stem.colour if stem else None,
                _seconds(played),
            )
        )
    return tuple(rows)


def alignment_result(alignment: Alignment | Absent) -> dict[str, Any]:
    """Confidence, overall and per second, and the anchors of the time map; empty if absent."""
    if isinstance(alignment, Absent):
        return {}
    return {
        "confidence": round(alignment.confidence, 4),
        "confidence_per_s": [round(float(c), 3) for c in alignment.confidence_per_s],
        "score_s": [round(float(t), 4) for t in alignment.timemap.score_s],
        "media_s": [round(float(t), 4) for t in alignment.timemap.media_s],
    }


def activity_result(players: Activity | Absent, parts: Activity | Absent) -> dict[str, Any]:
    """Who plays in which second: rows of players by their movement, of parts by the score."""
    found = {"players": players, "parts": parts}
    return {
        name: {"start_s": round(one.start_s, 4), "step_s": 1.0, "playing": _per_second(one)}
        for name, one in found.items()
        if not isinstance(one, Absent)
    }


def _per_second(activity: Activity) -> list[list[float]]:
    """Mean probability of each second; steps that begin in one second count for it.

    0.5 where nothing is known of any of them; those that are known count.
    """
    steps = activity.playing.shape[1]
    second = np.floor(np.arange(steps) * activity.step_s + 1e-9).astype(int)
    found = []
    for row in activity.playing:
        known = (row != 0.5).astype(float)
        count = np.bincount(second, known)
        means = np.bincount(second, row * known) / np.maximum(count, 1.0)
        found.append([round(float(p), 2) for p in np.where(count > 0, means, 0.5)])
    return found


def _seconds(notes: Notes) -> tuple[float, ...]:
    return tuple(float(t) for t in np.round(notes.onsets_s, 4))
