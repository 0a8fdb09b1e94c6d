"""Sources told apart by sound alone: the first guess where channels do not tell them apart.

Two guesses that err in different ways are averaged: components grouped by timbre (``mel_nmf``),
and a harmonic model of registers, so many paths through the pitches of the mixture, the highest
first in every frame. Which register is which timbre the likeness of their sounds tells.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from avstem.datatypes import FloatArray, IntArray, Notes
from avstem.separation import harmonic_space
from avstem.separation.heard import heard_notes, pitch_path
from avstem.separation.mel_nmf import Grouping, by_timbre
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device

TINY = 1e-12


def by_sound(sound: Tensor, rate_hz: int, groups: Grouping) -> Tensor:
    """Estimates (sources, channels, samples) of the next stretch of a recording.

    Sources keep the order of the groups.
    """
    by_colour = by_timbre(sound, rate_hz, groups)[0].to(sound.device)
    if groups.sources == 1 or not sound.any():
        return by_colour
    by_height = harmonic_space.Run()(sound, rate_hz, registers(sound, rate_hz, groups.sources))
    by_height = by_height.to(sound.device)
    return 0.5 * (by_colour + by_height[_most_alike(by_colour, by_height)])


def registers(sound: Tensor, rate_hz: int, count: int) -> tuple[Notes, ...]:
    """Notes of so many voices in a sound (channels, samples), from its start; the highest first."""
    transform = Transform.for_rate(rate_hz)
    grid = PitchGrid.of(transform.bin_hz, transform.bins, device())
    x = transform.forward(sound.to(device()))[:, : grid.peaks.bins]
    salience = grid.salience(x.abs().square().mean(0).sqrt()).cpu().numpy()
    paths, levels = _paths(salience, count)
    return tuple(
        heard_notes(path, level, transform.hop_s, 0.0)
        for path, level in zip(paths, levels, strict=True)
    )


def _paths(salience: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """Pitch indices and levels (voices, frames), the highest first in every frame."""
    rest, frame = salience.copy(), np.arange(salience.shape[1])
    paths, levels = [], []
    for _ in range(count):
        path = pitch_path(rest)
        paths.append(path)
        levels.append(rest[path, frame])
        rest[path, frame] = 0.0
    order = np.argsort(-np.stack(paths), axis=0, kind="stable")
    return (
        np.take_along_axis(np.stack(paths), order, 0),
        np.take_along_axis(np.stack(levels), order, 0),
    )


def _most_alike(wanted: Tensor, found: Tensor) -> list[int]:
    """For each of the wanted sounds (sources, channels, samples) the found one that is like it."""
    a, b = (
        x.flatten(1) / x.flatten(1).norm(dim=1).clamp_min(TINY)[:, None] for x in (wanted, found)
    )
    _, order = linear_sum_assignment((a @ b.mT).cpu().numpy(), maximize=True)
    return [int(k) for k in order]
