"""Which pitches sound, without a score: every pitch of the orchestra may, at any time.

A magnitude spectrogram is explained by harmonic templates on a grid of quarter semitones, whose
amplitudes are learned and alike for neighbouring pitches, by multiplicative updates for the
Kullback-Leibler divergence (Vincent, Bertin and Badeau 2010 use such constrained templates).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.separation.harmonics import Peaks

LOWEST, HIGHEST = 28, 103  # MIDI pitches: from a double bass to the top of a flute
SHIFTS_SEMITONES = (-0.375, -0.125, 0.125, 0.375)
HARMONICS = 30
HIGHEST_HZ = 5_000.0
UPDATES = 25
LEARN_EVERY = 3  # updates of the activations to one of the amplitudes
FIRST_DECAY = 0.8  # from each harmonic's amplitude to the next, before anything is learned
FIRST_SHARE = 0.1  # of that in all that is learned
ALIKE_SEMITONES = 3.0  # over which the evidence lent to other pitches decays by e
QUIET_QUANTILE = 0.2  # of a bin's magnitudes: its noise
SILENT = 1e-9
TINY = 1e-8


@dataclass(frozen=True, eq=False)
class PitchGrid:
    """Harmonic templates of all pitches for spectra of some resolution."""

    peaks: Peaks

    @classmethod
    def of(cls, bin_hz: float, bins: int, device: torch.device) -> PitchGrid:
        """The grid for spectra of that many bins, as far up as pitches are told by."""
        pitches = torch.arange(LOWEST, HIGHEST + 1, device=device)
        shifts = torch.tensor(SHIFTS_SEMITONES, device=device)
        used = min(bins, round(HIGHEST_HZ / bin_hz))
        return cls(Peaks.at(pitches, shifts, bin_hz, used, HARMONICS))

    def salience(self, magnitude: Tensor, where: Tensor | None = None) -> Tensor:
        """Magnitude that each pitch explains: (pitches, frames) of a magnitude (bins, frames).

        where : (pitches, frames) 1 where a pitch may sound, else 0; all may everywhere without.
        """
        y = magnitude[: self.peaks.bins]
        y = y / y.mean().clamp_min(TINY)
        noise = torch.quantile(y, QUIET_QUANTILE, dim=1, keepdim=True).clamp_min(1e-3)
        amplitudes = self._first_amplitudes(y)
        pitches, shifts, _ = self.peaks.first.shape
        h = y.new_ones(pitches * shifts, y.shape[1])
        if where is not None:
            h *= where.to(h).repeat_interleave(shifts, 0)
        for update in range(UPDATES):
            w = self.peaks.spectra(amplitudes).flatten(0, 1)
            h *= (w @ (y / (w.T @ h + noise))) / (w.sum(1, keepdim=True) + TINY)
            torch.threshold_(h, SILENT, 0.0)
            if update % LEARN_EVERY == LEARN_EVERY - 1:
                amplitudes = self._learned(amplitudes, h, y / (w.T @ h + noise))
        explained = h.view(pitches, shifts, -1)
        loudness = self.peaks.spectra(amplitudes).sum(2)
        return torch.einsum("pst,ps->pt", explained, loudness) * magnitude.mean()

    def _first_amplitudes(self, y: Tensor) -> Tensor:
        decay = FIRST_DECAY ** torch.arange(HARMONICS, device=y.device)
        return (decay / decay.sum()).repeat(len(self.peaks.first), 1)

    def _learned(self, amplitudes: Tensor, h: Tensor, ratio: Tensor) -> Tensor:
        """Amplitudes (pitches, harmonics) after one update, each pitch lending to the others."""
        pitches, shifts, _ = self.peaks.first.shape
        back = (h @ ratio.T).view(pitches, shifts, -1)
        energy = amplitudes * self.peaks.project(back).sum(1)
        time = (self.peaks.weight.sum(-1) * h.sum(1).view(pitches, shifts, 1)).sum(1)
        pitch = torch.arange(pitches, device=h.device)
        lent = torch.exp(-(pitch[:, None] - pitch[None, :]).abs() / ALIKE_SEMITONES)
        found = (lent @ energy) / (lent @ time + TINY)
        found = found / found.sum(1, keepdim=True).clamp_min(TINY)
        return (1.0 - FIRST_SHARE) * found + FIRST_SHARE * self._first_amplitudes(h)
