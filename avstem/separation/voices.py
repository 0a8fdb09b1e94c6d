"""Listening: what each of so many voices plays, written down from the sound alone.

Where channels tell voices apart by their directions, each voice is transcribed from what comes
from its place; otherwise from what sounds like it (``one_channel``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import FloatArray, IntArray, Mixture, Notes, Progress, Voices, no_progress
from avstem.separation import spatial
from avstem.separation.blind import by_direction
from avstem.separation.directions import Directions, find_directions
from avstem.separation.heard import heard_notes, pitch_path
from avstem.separation.mel_nmf import Groups
from avstem.separation.one_channel import by_sound
from avstem.separation.onsets import flux, on_time
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device

CHUNK_S = 30.0
CONTEXT_S = 1.0

FINER = 4  # steps of onsets in a frame of pitches


@dataclass(frozen=True, eq=False)
class Heard:
    """What is heard of each voice in a stretch.

    salience : (voices, pitches, frames). beginning : (voices, frames x ``FINER``) flux.
    """

    salience: FloatArray
    beginning: FloatArray


def find_voices(mixture: Mixture, count: int, progress: Progress = no_progress) -> Voices:
    """What ``count`` voices play, and from where; in no special order. At least one voice."""
    listener = _Listener(mixture, find_directions(mixture, count), count)
    paths, levels, beginnings = [], [], []
    with torch.inference_mode():
        for heard in listener.stretches(mixture, progress):
            path, level = _tracks(heard.salience)
            paths.append(path)
            levels.append(level)
            beginnings.append(heard.beginning)
    path, level = np.concatenate(paths, 1), np.concatenate(levels, 1)
    beginning = np.concatenate(beginnings, 1)
    hop_s, start_s = listener.transform.hop_s, mixture.start_s
    notes = tuple(
        on_time(
            heard_notes(path[k], level[k], hop_s, start_s), beginning[k], hop_s / FINER, start_s
        )
        for k in range(count)
    )
    return _voices(notes, listener)


class _Listener:
    """Hears one recording stretch by stretch."""

    def __init__(self, mixture: Mixture, directions: Directions | None, count: int) -> None:
        self.directions = directions
        self.groups = Groups(count, (0,))
        self.transform = Transform.for_rate(mixture.rate_hz)
        self.grid = PitchGrid.of(self.transform.bin_hz, self.transform.bins, device())

    def stretches(self, mixture: Mixture, progress: Progress) -> Iterator[Heard]:
        """What is heard in stretches that cover all frames of the recording."""
        hop = self.transform.hop
        frames = self.transform.frames(mixture.samples)
        length, context = (round(s / self.transform.hop_s) for s in (CHUNK_S, CONTEXT_S))
        level = 0.0
        for start in range(0, frames, length):
            kept = min(length, frames - start)
            samples = (kept + 2 * context - 1) * hop
            sound = torch.from_numpy(mixture.read((start - context) * hop, samples))
            level = level or float(sound.square().mean().sqrt())
            yield self._hear(sound.to(device()) / (level or 1.0), context, kept)
            progress(min(1.0, (start + length) / frames))

    def _hear(self, sound: Tensor, context: int, kept: int) -> Heard:
        """Frames [context, context + kept) of a sound (channels, samples)."""
        hear = self._by_sound if self.directions is None else self._by_place
        salience, parts = hear(sound)
        fine = (context + np.arange(kept * FINER) / FINER) * self.transform.hop_s
        return Heard(
            salience[..., context : context + kept].cpu().numpy(),
            flux(parts, self.transform.rate_hz, fine),
        )

    def _by_place(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Saliences (voices, pitches, frames) and sounds (voices, samples)."""
        assert self.directions is not None
        x = self.transform.forward(sound)
        low = x[:, : self.grid.peaks.bins]
        powers, covariances = by_direction(low, self.directions, self.transform.bin_hz)
        alone = spatial.posterior_means(low, powers, covariances).mean(1)
        whole = torch.nn.functional.pad(alone, (0, 0, 0, x.shape[1] - alone.shape[1]))
        parts = self.transform.inverse(whole, sound.shape[-1])
        return self._salience(powers.sqrt()), parts

    def _by_sound(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """The same."""
        parts = by_sound(sound, self.transform.rate_hz, self.groups).mean(1)
        return self._salience(self.transform.forward(parts).abs()), parts

    def _salience(self, magnitudes: Tensor) -> Tensor:
        return torch.stack([self.grid.salience(m[: self.grid.peaks.bins]) for m in magnitudes])


def _tracks(found: FloatArray) -> tuple[IntArray, FloatArray]:
    """Pitch indices and levels (voices, frames) of saliences."""
    path = np.stack([pitch_path(voice) for voice in found])
    return path, np.stack([_along(voice, way) for voice, way in zip(found, path, strict=True)])


def _along(salience: FloatArray, path: IntArray) -> FloatArray:
    return np.asarray(salience[path, np.arange(len(path))])


def _voices(notes: tuple[Notes, ...], listener: _Listener) -> Voices:
    directions, centres = listener.directions, listener.groups.centres
    if directions is not None:
        delays_s, levels_db = directions.delays_s.numpy(), directions.levels_db.numpy()
        return Voices(notes, directions.channels, delays_s, levels_db)
    timbres = np.zeros((0, 0)) if centres is None else centres[0].T.cpu().numpy()
    return Voices(notes, (0, 0), np.zeros(0), np.zeros(0), timbres)
