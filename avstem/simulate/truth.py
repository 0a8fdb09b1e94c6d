"""Truth: what a simulation knows and a real recording hides, as one JSON file.

``truth.json`` holds: ``version``; ``settings`` (all of `SimulationSettings`); ``duration_s``;
``sound`` (rate, channels, samples, file of the mix); ``picture`` (size, rate, frames; null
without); ``timemap`` (score_s -> media_s, at every distinct onset of the score and at the ends);
``players`` (left to right: part, box_px, boxes per view); ``cuts`` (time_s of each); ``parts``
(score order: name, instrument, program, player, pan, gain_db, stem, notes in score and media
time, strokes).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import FloatArray, Score
from avstem.simulate.figures import View
from avstem.simulate.perform import Performance, PerformedPart
from avstem.simulate.picture import Scene
from avstem.simulate.settings import SimulationSettings

VERSION = 1


def _list(values: FloatArray, digits: int = 5) -> list[float]:
    return [round(float(value), digits) for value in values]


def write_truth(
    path: Path,
    score: Score,
    performance: Performance,
    order: tuple[int, ...],
    scene: Scene | None,
    mixed: list[dict[str, Any]],
    settings: SimulationSettings,
) -> None:
    """Write the truth; ``mixed`` holds per part what the mixing knows (stem, pan, gain_db)."""
    onsets_s = np.unique(np.concatenate([p.notes.onsets_s for p in score.parts]))
    anchors_s = np.unique(np.round(np.append(onsets_s, score.duration_s), 6))
    truth = {
        "version": VERSION,
        "settings": asdict(settings),
        "duration_s": round(performance.duration_s, 6),
        "beat_s": round(performance.beat_s, 6),
        "sound": {
            "mix": "mix.wav",
            "rate_hz": settings.rate_hz,
            "channels": settings.channels,
            "samples": round(performance.duration_s * settings.rate_hz),
        },
        "picture": None if scene is None else _picture(scene, settings),
        "timemap": {
            "score_s": _list(anchors_s),
            "media_s": _list(performance.timemap.to_media(anchors_s)),
        },
        "cuts": [] if scene is None else [{"time_s": round(cut, 5)} for cut in scene.cuts_s],
        "players": [] if scene is None else _players(scene, order, settings),
        "parts": [
            _part(index, part, order.index(index) if scene is not None else None, mixed[index])
            for index, part in enumerate(performance.parts)
        ],
    }
    path.write_text(json.dumps(truth, indent=1), encoding="utf-8")


def _picture(scene: Scene, settings: SimulationSettings) -> dict[str, Any]:
    assert settings.size is not None
    return {
        "video": "video.mp4",
        "width_px": settings.size[0],
        "height_px": settings.size[1],
        "frame_rate": str(settings.frame_rate),
        "frames": len(scene.times_s),
    }


def _players(
    scene: Scene, order: tuple[int, ...], settings: SimulationSettings
) -> list[dict[str, Any]]:
    return [
        {
            "index": index,
            "part": order[index],
            "box_px": _box(figure.box(), scene.views[0], settings),
            "boxes_px": [_box(figure.box(), view, settings) for view in scene.views],
        }
        for index, figure in enumerate(scene.figures)
    ]


def _box(
    box: tuple[float, float, float, float], view: View, settings: SimulationSettings
) -> list[float]:
    """A stage box in picture pixels, clipped to the picture."""
    assert settings.size is not None
    width, height = settings.size
    x0, y0, x1, y1 = (view.zoom * v for v in box)
    xs = np.clip([x0 + view.x_px, x1 + view.x_px], 0, width)
    ys = np.clip([y0 + view.y_px, y1 + view.y_px], 0, height)
    return _list(np.array([xs[0], ys[0], xs[1], ys[1]]), 1)


def _part(
    index: int, part: PerformedPart, player: int | None, mixed: dict[str, Any]
) -> dict[str, Any]:
    notes, strokes = part.notes, part.strokes
    return {
        "index": index,
        "name": part.part.name,
        "instrument": part.instrument.name,
        "program": part.instrument.program,
        "player": player,
        **mixed,
        "notes": {
            "score_onsets_s": _list(part.part.notes.onsets_s),
            "score_offsets_s": _list(part.part.notes.offsets_s),
            "onsets_s": _list(notes.onsets_s),
            "offsets_s": _list(notes.offsets_s),
            "pitches": notes.pitches.tolist(),
            "velocities": notes.velocities.tolist(),
            "slurred_to_next": part.phrasing.joins_next.tolist(),
            "cents": _list(part.cents, 2),
            "vibrato_cents": _list(part.vibrato_cents, 2),
            "vibrato_hz": _list(part.vibrato_hz, 3),
        },
        "strokes": {
            "starts_s": _list(strokes.starts_s),
            "ends_s": _list(strokes.ends_s),
            "first_notes": strokes.first_notes.tolist(),
            "directions": strokes.directions.tolist(),
        },
    }
