"""Pictures for real recordings that have none: players simulated from the notes as performed.

The result is a folder as ``avstem simulate`` makes it, with the real stems of URMP in the place of
sampled sound: recorded close and dry, they are placed in the same room before the same microphones.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from avstem.datatypes import FloatArray, Notes, Part, Score, TimeMap
from avstem.simulate.instruments import INSTRUMENTS, Instrument
from avstem.simulate.mixing import write_sound
from avstem.simulate.perform import Performance, PerformedPart, guess_beat_s
from avstem.simulate.picture import film, make_scene
from avstem.simulate.room import impulse_response, in_room, places
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.strokes import phrase_part, strokes_of
from avstem.simulate.truth import write_truth

_INSTRUMENTS = {
    "ob": INSTRUMENTS["Oboe"],
    "vc": INSTRUMENTS["Violoncello"],
    "tpt": INSTRUMENTS["Trumpet"],
    "hn": INSTRUMENTS["Horn"],
    "tbn": Instrument("Trombone", "Tbn", 57, 34, 77, (), "trumpet"),
}


def film_real(source: Path, folder: Path) -> Path:
    """The folder below ``folder`` of a real recording, filmed unless it is there."""
    target = folder / source.name
    if (target / "truth.json").is_file():
        return target
    known = json.loads((source / "notes.json").read_text(encoding="utf-8"))
    read = [soundfile.read(p, dtype="float32") for p in sorted((source / "stems").glob("*.flac"))]
    dry, rate_hz = [sound for sound, _ in read], int(read[0][1])
    settings = SimulationSettings(seed=int(source.name[:2]), rate_hz=rate_hz)
    performance = _performance(known, len(dry[0]) / rate_hz, settings)
    order = tuple(int(p) for p in settings.rng("order").permutation(len(dry)))
    (target / "stems").mkdir(parents=True, exist_ok=True)
    mixed = _write_sounds(target, dry, performance, order, settings)
    scene = make_scene(performance, order, settings)
    film(scene, target / "mix.wav", target / "video.mp4", settings)
    score = Score(tuple(played.part for played in performance.parts))
    write_truth(target / "truth.json", score, performance, order, scene, mixed, settings)
    return target


def _write_sounds(
    target: Path,
    dry: list[FloatArray],
    performance: Performance,
    order: tuple[int, ...],
    settings: SimulationSettings,
) -> list[dict[str, Any]]:
    where = places(len(dry), settings)
    stems, mixed = [], []
    for index, sound in enumerate(dry):
        place = where[order.index(index)]
        wet = in_room(sound, impulse_response(place, index, settings), settings)
        stems.append(wet.astype(np.float32))
        name = f"stems/{index + 1:02d} {performance.parts[index].part.name}.wav"
        write_sound(target / name, stems[-1], settings.rate_hz)
        mixed.append({"stem": name, "pan": round(place.pan, 3), "gain_db": 0.0})
    write_sound(target / "mix.wav", np.sum(stems, axis=0, dtype=np.float32), settings.rate_hz)
    return mixed


def _performance(
    known: dict[str, Any], duration_s: float, settings: SimulationSettings
) -> Performance:
    """Played as the notes say: score time is media time, nothing is added but bow strokes."""
    shorts = known["instruments"]
    names = [_INSTRUMENTS[s].name for s in shorts]
    numbers = [names[: n + 1].count(name) for n, name in enumerate(names)]
    parts = []
    for index, name in enumerate(names):
        label = f"{name} {numbers[index]}" if names.count(name) > 1 else name
        parts.append(Part(index, label, name, _notes(known, index)))
    beat_s = guess_beat_s(Score(tuple(parts)))
    return Performance(
        tuple(
            _played(part, _INSTRUMENTS[short], beat_s, settings)
            for part, short in zip(parts, shorts, strict=True)
        ),
        TimeMap(np.array([0.0, duration_s]), np.array([0.0, duration_s])),
        duration_s,
        beat_s,
    )


def _notes(known: dict[str, Any], index: int) -> Notes:
    onsets_s, offsets_s, pitches = (
        np.array(known[key][index]) for key in ("onsets", "offsets", "pitches")
    )
    return Notes(
        onsets_s, np.maximum(offsets_s, onsets_s + 0.04), pitches, np.full(len(pitches), 80)
    )


def _played(
    part: Part, instrument: Instrument, beat_s: float, settings: SimulationSettings
) -> PerformedPart:
    rng, notes = settings.rng("part", part.index), part.notes
    phrasing = phrase_part(notes, notes.onsets_s, beat_s, instrument, rng, settings)
    none = np.zeros(len(notes))
    strokes = strokes_of(notes, phrasing, rng, settings)
    return PerformedPart(part, instrument, notes, none, none, none + 5.0, phrasing, strokes)
