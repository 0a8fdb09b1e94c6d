"""Harmonic spectra on a fine grid of pitches: fixed peaks, learned amplitudes.

A template is a row of main lobes at the multiples of its fundamental; all templates of an entry
(one pitch of one part), a few tenths of a semitone apart, share one vector of amplitudes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LOBE_BINS = 0.9  # standard deviation of a Gaussian that resembles a Hann window's main lobe
REACH_BINS = 3  # how far from its centre a lobe is followed


@dataclass(frozen=True, eq=False)
class Peaks:
    """Where the harmonics of each template lie.

    first : (entries, shifts, harmonics) lowest bin of each lobe.
    weight : (entries, shifts, harmonics, lobe) value of the lobe in that bin and the next ones;
        zero for harmonics beyond the last bin.
    bins : number of bins of a template.
    """

    first: Tensor
    weight: Tensor
    bins: int

    @classmethod
    def at(cls, pitches: Tensor, shifts: Tensor, bin_hz: float, bins: int, harmonics: int) -> Peaks:
        """Peaks of MIDI ``pitches`` (entries,) shifted by ``shifts`` (shifts,) semitones."""
        semitones = pitches[:, None] + shifts[None, :]
        order = torch.arange(1, harmonics + 1, device=pitches.device)
        centre = 440.0 * 2.0 ** ((semitones[..., None] - 69.0) / 12.0) * order / bin_hz
        inside = centre < bins - REACH_BINS - 1
        first = torch.where(inside, centre.round().long() - REACH_BINS, 0).clamp_min(0)
        lobe = torch.arange(2 * REACH_BINS + 1, device=pitches.device)
        distance = first[..., None] + lobe - centre[..., None]
        weight = torch.exp(-0.5 * (distance / LOBE_BINS) ** 2) * inside[..., None]
        return cls(first, weight, bins)

    def spectra(self, amplitudes: Tensor) -> Tensor:
        """Templates (entries, shifts, bins) of amplitudes (entries, harmonics)."""
        entries, shifts, _ = self.first.shape
        templates = amplitudes.new_zeros(entries, shifts, self.bins)
        for k in range(self.weight.shape[-1]):  # within one k no bin comes twice
            index = self.first + k
            lobes = self.weight[..., k] * amplitudes[:, None, :]
            templates.scatter_add_(2, index, lobes)
        return templates

    def project(self, templates: Tensor) -> Tensor:
        """Transpose of ``spectra``: (entries, shifts, bins) to (entries, shifts, harmonics)."""
        total = torch.zeros_like(self.first, dtype=templates.dtype)
        for k in range(self.weight.shape[-1]):
            total += self.weight[..., k] * templates.gather(2, self.first + k)
        return total
