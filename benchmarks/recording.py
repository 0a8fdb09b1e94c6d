"""A recording with known truth, simulated or real, and what every stage makes of it.

``measure`` runs each stage and the published method beside it on the same input and returns plain
rows; separation and association work from the *aligned* score, never from the true one.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from avstem import activity, alignment, association, separation
from avstem.datatypes import Conditions, FloatArray, Notes, Players
from avstem.media.audio import open_mixture
from avstem.media.score import read_score
from avstem.media.video import open_video
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from benchmarks import alignment as onset_bench
from benchmarks import association as match_bench
from benchmarks import separation as sound_bench

ALIGNERS = ("default", "unrefined", "chroma_dtw")
ASSOCIATORS = ("default", "synchrony", "strokes")
SEPARATORS = ("default", "score_nmf", "harmonic_masks")


@dataclass(frozen=True)
class Recording:
    """Where a recording lies and what is known of it.

    onsets_s : performed onsets of each part, in score order of the part's notes.
    players : true player of each part, left to right; empty without a picture.
    """

    name: str
    mixture: Path
    score: Path
    stems: tuple[Path, ...]
    onsets_s: tuple[tuple[float, ...], ...]
    video: Path | None = None
    players: tuple[int, ...] = ()
    boxes_px: tuple[tuple[float, float, float, float], ...] = ()


def simulated(folder: Path) -> Recording:
    """A recording made by ``avstem simulate``."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    parts = truth["parts"]
    return Recording(
        name=folder.name,
        mixture=folder / truth["sound"]["mix"],
        score=folder / "score.mid",
        stems=tuple(folder / part["stem"] for part in parts),
        onsets_s=tuple(tuple(part["notes"]["onsets_s"]) for part in parts),
        video=folder / truth["picture"]["video"],
        players=tuple(part["player"] for part in parts),
        boxes_px=tuple(tuple(player["box_px"]) for player in truth["players"]),
    )


def urmp(folder: Path) -> Recording:
    """A real recording of the URMP dataset: one microphone per player, mono."""
    truth = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
    stems = tuple(sorted((folder / "stems").glob("*.flac")))
    return Recording(
        name=folder.name,
        mixture=folder / "mix.flac",
        score=folder / "score.mid",
        stems=stems,
        onsets_s=tuple(tuple(part) for part in truth["onsets"]),
    )


def measure(recording: Recording) -> dict[str, Any]:
    """All stages of one recording, as plain values by stage and method."""
    score = read_score(recording.score)
    with tempfile.TemporaryDirectory() as scratch:
        mixture = open_mixture(recording.mixture, scratch=Path(scratch))
        aligned = {m: alignment.align(mixture, score, method=m) for m in ALIGNERS}
        notes = aligned["default"].notes
        row: dict[str, Any] = {"name": recording.name, "parts": len(score.parts)}
        row["alignment"] = {m: _onsets(a.notes, recording) for m, a in aligned.items()}
        row["confidence"] = aligned["default"].confidence
        if recording.video is not None:
            row["association"] = _association(recording, notes, Path(scratch))
        row["separation"] = _separation(recording, mixture, notes)
    return row


def _onsets(notes: tuple[Notes, ...], recording: Recording) -> list[float]:
    """Absolute onset errors of all notes, seconds."""
    found = [part.onsets_s for part in notes]
    truth = [np.array(part) for part in recording.onsets_s]
    return [float(e) for e in np.abs(onset_bench.onset_errors(found, truth))]


def _association(recording: Recording, notes: tuple[Notes, ...], scratch: Path) -> dict[str, Any]:
    assert recording.video is not None
    video = open_video(recording.video)
    field = measure_motion(video, recording.video, cache=scratch, scratch=scratch)
    players = find_players(field, count=len(notes))
    published = find_players(field, count=len(notes), method="gmm")
    playing = activity.from_motion(players)
    rows = {}
    for method in ASSOCIATORS:
        found = published if method == "strokes" else players
        affinity = association.associate(found, notes, playing, method=method)
        truth = [_seen_as(found, recording, player) for player in recording.players]
        rows[method] = asdict(match_bench.judge(affinity, truth))
    return rows


def _seen_as(found: Players, recording: Recording, player: int) -> int:
    """The found player at a true player's place in the row, -1 if that one stands elsewhere."""
    x0, _, x1, _ = recording.boxes_px[player]
    box = found.players[player].box_px
    return player if x0 <= (box.x0 + box.x1) / 2 <= x1 else -1


def _separation(recording: Recording, mixture: Any, notes: tuple[Notes, ...]) -> dict[str, Any]:
    truth = np.stack([_read(stem) for stem in recording.stems])
    mix = mixture.read(0, mixture.samples)
    estimates = {m: _run(m, mixture, notes) for m in SEPARATORS}
    estimates |= sound_bench.oracles(mix, truth)
    estimates["mixture"] = np.broadcast_to(mix, truth.shape)
    return {name: sound_bench.judge(truth, estimate) for name, estimate in estimates.items()}


def _run(method: str, mixture: Any, notes: tuple[Notes, ...]) -> FloatArray:
    blocks = separation.separator(method)(mixture, Conditions(notes))
    return np.concatenate([block.sources for block in blocks], axis=2)


def _read(path: Path) -> FloatArray:
    samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.T
