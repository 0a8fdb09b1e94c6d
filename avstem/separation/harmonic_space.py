"""The default method: harmonic NMF on a fine pitch grid, then a multichannel Wiener filter.

The score says which harmonics may sound when (``harmonic_nmf``), the channels say where they
come from (``spatial``). On one channel the filter is a mask of the model to the power 1.5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from avstem.datatypes import Notes, Separator
from avstem.separation import spatial
from avstem.separation.chunks import ScoreSeparator
from avstem.separation.gates import open_gates
from avstem.separation.harmonic_nmf import HarmonicModel
from avstem.separation.spectra import Transform, device

POWER = 1.5  # of the modelled magnitudes
HIGHEST_HZ = 10_000.0  # above, the parts' broad shares of the band below go on
FLOOR = 1e-4  # of the mean magnitude: what no part explains is shared by all


def method() -> Separator:
    """The separator."""
    return ScoreSeparator(estimate)


def estimate(sound: Tensor, rate_hz: int, notes: tuple[Notes, ...]) -> Tensor:
    """Sources (parts, channels, samples) of sound (channels, samples)."""
    sound = sound.to(device())
    if len(notes) == 1:
        return sound[None]
    transform = Transform.for_rate(rate_hz)
    x = transform.forward(sound)
    v = part_powers(x, transform, notes)
    if len(x) == 1:
        images = (v / v.sum(0))[:, None] * x
    else:
        images = spatial.separate(x, v)
    return transform.inverse(images, sound.shape[-1])


def part_powers(x: Tensor, transform: Transform, notes: tuple[Notes, ...]) -> Tensor:
    """Powers (parts, bins, frames) of the fitted model, above zero everywhere."""
    magnitude = x.abs().mean(0)
    bins = min(len(magnitude), round(HIGHEST_HZ / transform.bin_hz))
    gates = open_gates(notes, magnitude.shape[1], transform.hop_s).to(x.device)
    model = HarmonicModel(magnitude[:bins], gates, transform.bin_hz)
    model.fit()
    low = model.magnitudes() + FLOOR * magnitude.mean() + 1e-9
    if bins < len(magnitude):
        rest = len(magnitude) - bins
        top = low[:, bins // 2 :].mean(1, keepdim=True).expand(-1, rest, -1)
        low = torch.cat([low, top], 1)
    return low**POWER
