"""Listening: what each of so many voices plays, written down from the sound alone.

Where channels tell voices apart by their directions, each voice is transcribed from what comes
from its place; otherwise from the one salience of all pitches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import FloatArray, IntArray, Mixture, Notes, Progress, Voices, no_progress
from avstem.separation.blind import by_direction
from avstem.separation.directions import Directions, find_directions
from avstem.separation.heard import heard_notes, pitch_path
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device

CHUNK_S = 30.0
CONTEXT_S = 1.0

# Spectra (channels, bins, frames) -> saliences (voices, pitches, frames) or (1, pitches, frames)
Listen = Callable[[Tensor], Tensor]


def find_voices(mixture: Mixture, count: int, progress: Progress = no_progress) -> Voices:
    """What ``count`` voices play, and from where; in no special order. At least one voice."""
    directions = find_directions(mixture, count)
    transform = Transform.for_rate(mixture.rate_hz)
    grid = PitchGrid.of(transform.bin_hz, transform.bins, device())

    def listen(x: Tensor) -> Tensor:
        return saliences(x, directions, grid, transform.bin_hz)

    paths, levels = [], []
    with torch.inference_mode():
        for found in _stretches(mixture, transform, listen, progress):
            path, level = _tracks(found, count)
            paths.append(path)
            levels.append(level)
    path, level = np.concatenate(paths, 1), np.concatenate(levels, 1)
    notes = tuple(
        heard_notes(path[k], level[k], transform.hop_s, mixture.start_s) for k in range(count)
    )
    return _voices(notes, directions)


def saliences(x: Tensor, directions: Directions | None, grid: PitchGrid, bin_hz: float) -> Tensor:
    """(voices, pitches, frames) by place, or (1, pitches, frames) of all voices together.

    x : spectra (channels, bins, frames).
    """
    low = x[:, : grid.peaks.bins]
    if directions is None:
        return grid.salience(low.abs().square().mean(0).sqrt())[None]
    powers, _ = by_direction(low, directions, bin_hz)
    return torch.stack([grid.salience(power.sqrt()) for power in powers])


def _stretches(
    mixture: Mixture, transform: Transform, listen: Listen, progress: Progress
) -> Iterator[FloatArray]:
    """What is heard in stretches that cover all frames of the recording."""
    frames = transform.frames(mixture.samples)
    length, context = (round(s / transform.hop_s) for s in (CHUNK_S, CONTEXT_S))
    level = 0.0
    for start in range(0, frames, length):
        kept = min(length, frames - start)
        first, count = start - context, kept + 2 * context
        sound = torch.from_numpy(mixture.read(first * transform.hop, (count - 1) * transform.hop))
        level = level or float(sound.square().mean().sqrt())
        x = transform.forward(sound.to(device()) / (level or 1.0))
        yield listen(x)[..., context : context + kept].cpu().numpy()
        progress(min(1.0, (start + length) / frames))


def _tracks(found: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """Pitch indices and levels (voices, frames) of saliences."""
    if len(found) == 1 < count:
        return _registers(found[0], count)
    path = np.stack([pitch_path(voice) for voice in found])
    return path, np.stack([_along(voice, way) for voice, way in zip(found, path, strict=True)])


def _registers(salience: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """So many paths through one salience (pitches, frames), the highest first in every frame."""
    rest = salience.copy()
    paths, levels = [], []
    for _ in range(count):
        path = pitch_path(rest)
        paths.append(path)
        levels.append(_along(rest, path))
        rest[path, np.arange(len(path))] = 0.0
    order = np.argsort(-np.stack(paths), axis=0, kind="stable")
    return (
        np.take_along_axis(np.stack(paths), order, 0),
        np.take_along_axis(np.stack(levels), order, 0),
    )


def _along(salience: FloatArray, path: IntArray) -> FloatArray:
    return np.asarray(salience[path, np.arange(len(path))])


def _voices(notes: tuple[Notes, ...], directions: Directions | None) -> Voices:
    if directions is None:
        return Voices(notes, (0, 0), np.zeros(0), np.zeros(0))
    delays_s, levels_db = directions.delays_s.numpy(), directions.levels_db.numpy()
    return Voices(notes, directions.channels, delays_s, levels_db)
