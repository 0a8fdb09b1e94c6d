"""Baseline: plain score-informed KL-NMF, one free template per part and pitch.

Templates start as harmonic combs, activations where the aligned score lets them sound
(Ewert and Mueller, "Using score-informed constraints for NMF-based source separation", 2012);
the sources are Wiener masks of the modelled magnitudes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from avstem.datatypes import Notes, Separator
from avstem.separation.chunks import ScoreSeparator
from avstem.separation.gates import Gates, open_gates
from avstem.separation.spectra import Transform, device

UPDATES = 30
HARMONICS = 40
COMB_SEMITONES = 0.5  # half width of the comb's teeth
TINY = 1e-9


def method() -> Separator:
    """The separator."""
    return ScoreSeparator(lambda: estimate)


def estimate(sound: Tensor, rate_hz: int, notes: tuple[Notes, ...]) -> Tensor:
    """Sources (parts, channels, samples) of sound (channels, samples)."""
    sound = sound.to(device())
    transform = Transform.for_rate(rate_hz)
    x = transform.forward(sound)
    magnitude = x.abs().mean(0)
    gates = open_gates(
        notes, magnitude.shape[1], transform.hop_s, attack_s=0.08, release_s=0.25
    ).to(x.device)
    templates, activations = factorise(magnitude, gates, transform.bin_hz)
    model = torch.stack(
        [
            templates[gates.parts == part].T @ activations[gates.parts == part]
            for part in range(len(notes))
        ]
    )
    model = model**2 + TINY
    return transform.inverse((model / model.sum(0))[:, None] * x, sound.shape[-1])


def combs(pitches: Tensor, bins: int, bin_hz: float) -> Tensor:
    """Templates (entries, bins) with teeth of height 1/h around the harmonics."""
    order = torch.arange(1, HARMONICS + 1, device=pitches.device)
    f0 = 440.0 * 2.0 ** ((pitches - 69.0) / 12.0)
    hz = torch.arange(bins, device=pitches.device) * bin_hz
    width = 2.0 ** (COMB_SEMITONES / 12.0) - 1.0
    templates = torch.zeros(len(pitches), bins, device=pitches.device)
    for h in order:
        centre = (h * f0)[:, None]
        reach = torch.clamp(width * centre, min=bin_hz * 1.5)
        templates += ((hz - centre).abs() < reach) / h
    return templates / (templates.sum(1, keepdim=True) + TINY)


def factorise(
    magnitude: Tensor, gates: Gates, bin_hz: float, updates: int = UPDATES
) -> tuple[Tensor, Tensor]:
    """Templates (entries, bins) and activations (entries, frames) by KL updates."""
    templates = combs(gates.pitches, len(magnitude), bin_hz)
    activations = gates.open * (magnitude.mean() + TINY)
    for _ in range(updates):
        ratio = magnitude / (templates.T @ activations + TINY)
        activations = activations * (templates @ ratio) / (templates.sum(1)[:, None] + TINY)
        ratio = magnitude / (templates.T @ activations + TINY)
        templates = templates * (activations @ ratio.T) / (activations.sum(1)[:, None] + TINY)
    return templates, activations
