"""A small simulated duo with known truth, made once per test run without FluidSynth."""

from __future__ import annotations

from pathlib import Path

import pretty_midi

from avstem.simulate import simulate

SECONDS = 12.0


def write_score(path: Path, parts: dict[str, tuple[int, list[tuple[float, float, int]]]]) -> Path:
    """Parts as name -> (program, [(onset_s, offset_s, pitch)])."""
    midi = pretty_midi.PrettyMIDI()
    for name, (program, notes) in parts.items():
        track = pretty_midi.Instrument(program, name=name)
        track.notes = [pretty_midi.Note(80, pitch, a, b) for a, b, pitch in notes]
        midi.instruments.append(track)
    midi.write(str(path))
    return path


def duo_score(path: Path) -> Path:
    """A melody in uneven rhythm over a bass in another one."""
    melody, time_s = [], 0.0
    for k, length_s in enumerate([0.5, 0.25, 0.25, 0.75, 0.25, 0.5, 0.5, 1.0] * 3):
        melody.append((time_s, time_s + 0.9 * length_s, 72 + [0, 4, 2, 5, 7, 4, 9, 0][k % 8]))
        time_s += length_s
    bass, time_s = [], 0.0
    for k, length_s in enumerate([0.75, 0.75, 0.5, 1.0, 1.0] * 3):
        bass.append((time_s, time_s + 0.9 * length_s, 43 + [0, 5, 2, 7, 4][k % 5]))
        time_s += length_s
    return write_score(path, {"Violin": (40, melody), "Cello": (42, bass)})


def make_duo(folder: Path, **more: int) -> Path:
    """The folder of the simulated recording; ``more`` are settings of the camera."""
    score = duo_score(folder / "duo.mid")
    return simulate(
        score,
        folder / "duo",
        seed=3,
        difficulty=0.2,
        seconds=SECONDS,
        size=(320, 180),
        synth="additive",
        rate_hz=44100,
        **more,
    )
