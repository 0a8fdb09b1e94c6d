"""``result.json``: the pipeline's result as what REAPER's scripts insert."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from avstem.result import PartResult, Result
from osc_bridge import CONTRACT
from osc_bridge.session import Session

_COMPARED = ("guid", "role", "position_s", "length_s", "offset_s", "playrate")
_COLOURLESS = "#808080"


def delivery(session: Session, result: Result, folder: Path, log: Path) -> dict[str, Any]:
    """The object of ``result.json``, docs/spool.md; ``folder`` holds the stems."""
    request = session.request
    stems = [_stem(session, result, part, folder) for part in result.parts if part.stem]
    return {
        "version": CONTRACT,
        "job": request.job,
        "family": request.family,
        "project": asdict(request.project),
        "items": [{name: getattr(item, name) for name in _COMPARED} for item in request.items],
        "midi": [{"track_guid": p.track_guid, "midi_hash": p.midi_hash} for p in request.parts],
        "folder_track": f"avstem: {request.name}",
        "take": request.settings.conditioning,
        "mute_original": request.settings.mute_original,
        "stems": stems,
        "report": str(folder / "report.html"),
        "folder": str(folder),
        "device": result.settings.get("device"),
        "warnings": list(result.warnings),
        "log": str(log),
    }


def _stem(session: Session, result: Result, part: PartResult, folder: Path) -> dict[str, Any]:
    hidden = part.player is None and bool(result.players)
    return {
        "part": part.name,
        "track": f"{part.name} (off-screen)" if hidden else part.name,
        "player": part.player,
        "colour": part.colour or _COLOURLESS,
        "file": str(folder / str(part.stem)),
        "length_s": result.samples / result.rate_hz,
        "placements": [asdict(p) for p in session.placements(result.start_s)],
    }
