"""Listening: what each of so many voices plays, written down from the sound alone.

Where channels tell voices apart by their directions, each voice is transcribed from what comes
from its place; otherwise tones of the mixture are strung together to voices (``one_channel``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import (
    NO_NOTES,
    FloatArray,
    IntArray,
    Mixture,
    Notes,
    Progress,
    Voices,
    no_progress,
)
from avstem.separation import one_channel, spatial
from avstem.separation.blind import by_direction
from avstem.separation.directions import Directions, find_directions
from avstem.separation.heard import heard_notes, pitch_path
from avstem.separation.onsets import flux, on_time
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device

CHUNK_S = 30.0
CONTEXT_S = 1.0

FINER = 4  # steps of onsets in a frame of pitches

# sound (channels, samples) -> saliences (rows, pitches, frames) and sounds (rows, samples)
Ear = Callable[[Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard in a stretch, in rows: one per voice, or one for all together.

    salience : (rows, pitches, frames). beginning : (rows, frames x ``FINER``) flux.
    """

    salience: FloatArray
    beginning: FloatArray


def find_voices(
    mixture: Mixture, count: int, progress: Progress = no_progress
) -> tuple[Voices, ...]:
    """What ``count`` voices play, and from where; in no special order. At least one voice.

    Several guesses where directions do not tell the voices apart, the likeliest by sound first.
    A voice too many for the directions that are found comes from nowhere and plays nothing.
    """
    directions = find_directions(mixture, count)
    transform = Transform.for_rate(mixture.rate_hz)
    grid = PitchGrid.of(transform.bin_hz, transform.bins, device())
    ear = (
        one_channel.Ear(count, transform, grid)
        if directions is None
        else _EarForPlaces(directions, transform, grid)
    )
    with torch.inference_mode():
        stretches = list(_stretches(mixture, ear, transform, progress))
    heard = Heard(
        np.concatenate([one.salience for one in stretches], 2),
        np.concatenate([one.beginning for one in stretches], 1),
    )
    if directions is None:
        guesses = one_channel.guesses(heard.salience[0], count, transform.hop_s, mixture.start_s)
        return tuple(_unplaced(_on_time(notes, heard, transform, mixture)) for notes in guesses)
    paths, levels = _tracks(heard.salience)
    notes = tuple(
        heard_notes(path, level, transform.hop_s, mixture.start_s)
        for path, level in zip(paths, levels, strict=True)
    )
    return (_placed(_on_time(notes, heard, transform, mixture), directions, count),)


def _stretches(
    mixture: Mixture, ear: Ear, transform: Transform, progress: Progress
) -> Iterator[Heard]:
    """What is heard in stretches that cover all frames of the recording."""
    hop, hop_s = transform.hop, transform.hop_s
    frames = transform.frames(mixture.samples)
    length, context = (round(s / hop_s) for s in (CHUNK_S, CONTEXT_S))
    level = 0.0
    for start in range(0, frames, length):
        kept = min(length, frames - start)
        samples = (kept + 2 * context - 1) * hop
        sound = torch.from_numpy(mixture.read((start - context) * hop, samples))
        level = level or float(sound.square().mean().sqrt())
        salience, parts = ear(sound.to(device()) / (level or 1.0))
        fine = (context + np.arange(kept * FINER) / FINER) * hop_s
        yield Heard(
            salience[..., context : context + kept].cpu().numpy(),
            flux(parts, mixture.rate_hz, fine),
        )
        progress(min(1.0, (start + length) / frames))


@dataclass(frozen=True, eq=False)
class _EarForPlaces:
    """Hears one row per direction."""

    directions: Directions
    transform: Transform
    grid: PitchGrid

    def __call__(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        x = self.transform.forward(sound)
        low = x[:, : self.grid.peaks.bins]
        powers, covariances = by_direction(low, self.directions, self.transform.bin_hz)
        alone = spatial.posterior_means(low, powers, covariances).mean(1)
        whole = torch.nn.functional.pad(alone, (0, 0, 0, x.shape[1] - alone.shape[1]))
        parts = self.transform.inverse(whole, sound.shape[-1])
        return torch.stack([self.grid.salience(m) for m in powers.sqrt()]), parts


def _tracks(found: FloatArray) -> tuple[IntArray, FloatArray]:
    """Pitch indices and levels (voices, frames) of saliences."""
    path = np.stack([pitch_path(voice) for voice in found])
    return path, np.stack([_along(voice, way) for voice, way in zip(found, path, strict=True)])


def _along(salience: FloatArray, path: IntArray) -> FloatArray:
    return np.asarray(salience[path, np.arange(len(path))])


def _on_time(
    notes: tuple[Notes, ...], heard: Heard, transform: Transform, mixture: Mixture
) -> tuple[Notes, ...]:
    """The notes with exact onsets, each voice's from its own row or the common one."""
    rows = np.broadcast_to(heard.beginning, (len(notes), heard.beginning.shape[1]))
    step_s = transform.hop_s / FINER
    return tuple(
        on_time(played, row, step_s, mixture.start_s)
        for played, row in zip(notes, rows, strict=True)
    )


def _placed(notes: tuple[Notes, ...], directions: Directions, count: int) -> Voices:
    """The voices of the directions, and silent ones up to ``count``."""
    silent = count - len(notes)
    delays_s, levels_db = (
        np.pad(found.numpy(), (0, silent), constant_values=np.nan)
        for found in (directions.delays_s, directions.levels_db)
    )
    return Voices(notes + (NO_NOTES,) * silent, directions.channels, delays_s, levels_db)


def _unplaced(notes: tuple[Notes, ...]) -> Voices:
    return Voices(notes, (0, 0), np.zeros(0), np.zeros(0))
