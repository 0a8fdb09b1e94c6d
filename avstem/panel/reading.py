"""What a job left behind, read for the window; no Qt here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from avstem.errors import OutputError
from avstem.evidence import Evidence
from avstem.panel.model import IDLE_COLOUR, NOBODY, Lanes, Place, Row, Showing
from avstem.result import Result


def read_showing(folder: Path, file: str) -> Showing:
    """Read what a job found: ``file`` below its folder in the spool, and what that names.

    Raises OutputError when something is missing, damaged, or of another version of avstem.
    """
    try:
        told = json.loads((folder / file).read_text(encoding="utf-8"))
        stems_folder = Path(told["folder"])
        result = Result.read(stems_folder / "result.json")
        return _showing(told, result, stems_folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutputError(
            f"The result of this job cannot be read: {error}.",
            "Run the job again; its stems may have been moved or deleted.",
        ) from error


def _showing(told: dict[str, Any], result: Result, folder: Path) -> Showing:
    files = {stem["part"]: stem["file"] for stem in told["stems"]}
    rows = tuple(
        Row(
            index=p.index,
            part=p.name,
            instrument=p.instrument,
            colour=p.colour or IDLE_COLOUR,
            found=NOBODY if p.player is None else p.player,
            player=NOBODY if p.player is None else p.player,
            confidence=p.confidence,
            runner_up=p.runner_up,
            margin=p.margin,
            ambiguous=p.ambiguous,
            why=p.why,
            onsets_s=p.onsets_s,
            file=files.get(p.name, ""),
            locked=p.name in (result.settings.get("assignments") or {}),
            name=p.name,
            new_instrument=p.instrument,
        )
        for p in result.parts
    )
    evidence = folder / "evidence.json"
    return Showing(
        job=told["job"],
        family=told["family"],
        take=told["take"],
        project=(told.get("project") or {}).get("name") or "",
        folder=str(folder),
        report=told["report"],
        rows=rows,
        boxes=tuple(p.box_px for p in result.players),
        settings=result.settings,
        warnings=result.warnings,
        evidence=Evidence.read(evidence) if evidence.is_file() else None,
        activity=_lanes(getattr(result, "activity", {})),
        has_video=result.settings.get("video") is not None,
        duration_s=result.start_s + result.samples / result.rate_hz,
        places=_places(told["stems"], result.start_s),
    )


def _lanes(activity: dict[str, Any]) -> tuple[Lanes, ...]:
    """By the movement first, then by the score; what is not known is left out."""
    found = ((activity.get(name), name == "players") for name in ("players", "parts"))
    return tuple(
        Lanes(np.atleast_2d(a["playing"]), float(a["start_s"]), float(a["step_s"]), of_players)
        for a, of_players in found
        if a and a["playing"]
    )


def _places(stems: list[dict[str, Any]], start_s: float) -> tuple[Place, ...]:
    """The pieces of the first stem; all stems lie alike."""
    pieces = stems[0].get("placements") or () if stems else ()
    return tuple(
        Place(p["position_s"], p["length_s"], start_s + p["offset_s"], p["playrate"])
        for p in pieces
    )
