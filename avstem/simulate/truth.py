"""Truth: what a simulation knows and a real recording hides, as one JSON file.

``truth.json`` holds: ``version``; ``settings`` (all of `SimulationSettings`); ``duration_s``;
``sound`` (rate, channels, samples, file of the mix); ``picture`` (size, rate, frames; null
without); ``timemap`` (score_s -> media_s, at every distinct onset of the score and at the ends);
``players`` (left to right: part, stage_box, ``boxes_px`` at the beginning of each shot or null,
``box_px`` the first of them, ``hidden_s`` the times [from, to] behind somebody else); ``cuts``
(time_s of each); ``camera`` (null, or twice a second: time_s, zoom, x_px, y_px, turn, which put a
stage_box on the picture: `avstem.simulate.figures.View`); ``parts`` (score order: name, instrument,
program, player, pan, gain_db, stem, notes in score and media time, strokes).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import FloatArray, Score
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
        "cuts": [] if scene is None else [{"time_s": round(c, 5)} for c in scene.camera.cuts_s],
        "camera": None if scene is None else _camera(scene, settings),
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
    assert settings.size is not None
    views = [scene.camera.at(frame) for frame in scene.camera.first_frames()]
    found = []
    for index, figure in enumerate(scene.figures):
        boxes = [view.box(figure.box(), *settings.size) for view in views]
        listed = [None if box is None else _list(box, 1) for box in boxes]
        found.append(
            {
                "index": index,
                "part": order[index],
                "stage_box": _list(np.array(figure.box()), 1),
                "box_px": next((box for box in listed if box), None),
                "boxes_px": listed,
                "hidden_s": [
                    _list(np.clip([s.start_s, s.stop_s], 0.0, scene.times_s[-1]))
                    for s in scene.screens
                    if s.player == index
                ],
            }
        )
    return found


def _camera(scene: Scene, settings: SimulationSettings) -> dict[str, list[float]]:
    step = max(1, round(float(settings.frame_rate) / 2))
    frames = range(0, len(scene.times_s), step)
    views = [scene.camera.at(frame) for frame in frames]
    return {
        "time_s": _list(scene.times_s[::step]),
        **{k: _list(np.array([getattr(v, k) for v in views])) for k in ("zoom", "x_px", "y_px")},
        "turn": _list(np.array([v.turn for v in views])),
    }


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
