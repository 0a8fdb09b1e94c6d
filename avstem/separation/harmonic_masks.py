"""Baseline: the pitch-based harmonic masks of the published method.

Li et al. 2017, section 2, take their separation from Duan and Pardo, "Soundprism: an online
system for score-informed source separation of music audio" (2011): in each frame the performed
pitch of every sounding note is sought near its score pitch; a bin belongs to the sources of
which a harmonic lies on it, and where harmonics overlap its energy is shared in inverse
proportion to the squares of their numbers. What lies on no harmonic is shared evenly by the
parts that sound.
"""

from __future__ import annotations

import torch
from torch import Tensor

from avstem.datatypes import Notes, Separator
from avstem.separation.chunks import ScoreSeparator
from avstem.separation.gates import Gates, open_gates
from avstem.separation.spectra import Transform, device

SEARCH_SEMITONES = 0.5
STEP_SEMITONES = 0.1
HARMONICS = 40
HEARD_HARMONICS = 12  # that speak for a pitch
REACH_BINS = 2.0  # half width of a Hann window's main lobe
TINY = 1e-9


def method() -> Separator:
    """The separator."""
    return ScoreSeparator(lambda: estimate)


def estimate(sound: Tensor, rate_hz: int, notes: tuple[Notes, ...]) -> Tensor:
    """Sources (parts, channels, samples) of sound (channels, samples)."""
    sound = sound.to(device())
    transform = Transform.for_rate(rate_hz, window_ms=64.0)
    x = transform.forward(sound)
    magnitude = x.abs().mean(0)
    gates = open_gates(notes, magnitude.shape[1], transform.hop_s, attack_s=0.0, release_s=0.1).to(
        x.device
    )
    f0_bins = performed_pitches(magnitude, gates, transform.bin_hz)
    weights = harmonic_weights(f0_bins, gates, len(magnitude))
    weights += TINY * (gates.sounding[:, None, :] + TINY)
    return transform.inverse((weights / weights.sum(0))[:, None] * x, sound.shape[-1])


def performed_pitches(magnitude: Tensor, gates: Gates, bin_hz: float) -> Tensor:
    """Fundamentals (entries, frames) in bins: the loudest comb near each score pitch."""
    reach = round(SEARCH_SEMITONES / STEP_SEMITONES)
    shifts = torch.arange(-reach, reach + 1, device=magnitude.device) * STEP_SEMITONES
    semitones = gates.pitches[:, None] + shifts - 69.0
    f0 = 440.0 * 2.0 ** (semitones / 12.0) / bin_hz  # (entries, shifts)
    order = torch.arange(1, HEARD_HARMONICS + 1, device=magnitude.device)
    places = f0[..., None] * order
    below = places.long().clamp_max(len(magnitude) - 2)
    part = (places - below).clamp(0.0, 1.0)[..., None]
    compressed = magnitude.sqrt()
    heard = (1.0 - part) * compressed[below] + part * compressed[below + 1]
    inside = (places < len(magnitude) - 2)[..., None]
    best = (heard * inside).sum(2).argmax(1)  # (entries, frames)
    return f0.gather(1, best)


def harmonic_weights(f0_bins: Tensor, gates: Gates, bins: int) -> Tensor:
    """Weights (parts, bins, frames): 1/h^2 where harmonic h of a part reaches the bin."""
    parts, frames = gates.onset.shape
    weights = torch.zeros(parts, bins, frames, device=f0_bins.device)
    place = torch.arange(bins, device=f0_bins.device)[:, None]
    for part, f0, open_ in zip(gates.parts, f0_bins, gates.open, strict=True):
        harmonic = (place / f0).round().clamp(1, HARMONICS)
        near = (place - harmonic * f0).abs() <= REACH_BINS
        found = near * open_ / harmonic**2
        weights[part] = torch.maximum(weights[part], found)
    return weights
