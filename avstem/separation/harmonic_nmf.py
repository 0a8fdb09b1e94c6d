"""Score-informed harmonic NMF on a fine pitch grid.

The magnitude spectrogram is modelled as a sum over parts j, pitches p and shifts s of
A(p, h) B(p, s, h, f) H(p, s, t), where the peaks B are fixed, plus per part one broadband
template near onsets. A and H follow the multiplicative updates for the Kullback-Leibler
divergence (Lee and Seung 2001), H is gated by the aligned notes (Ewert and Mueller 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.separation.gates import Gates
from avstem.separation.harmonics import Peaks

UPDATES = 15
REACH_SEMITONES = 0.7
STEP_SEMITONES = 0.1
HARMONICS = 40
GROUP_FRAMES = 32  # frames that share one list of active entries
TINY = 1e-8


@dataclass(eq=False)
class _Group:
    """A stretch of frames and what may sound in it."""

    frames: slice
    entries: Tensor  # (active,) indices
    activations: Tensor  # (active, shifts, frames)
    magnitude: Tensor  # (bins, frames)


class HarmonicModel:
    """The model of one stretch of spectrogram; ``fit`` learns it, ``magnitudes`` reads it."""

    def __init__(self, magnitude: Tensor, gates: Gates, bin_hz: float) -> None:
        """Start from amplitudes 1/h and flat activations where the gates are open."""
        bins, frames = magnitude.shape
        self.gates = gates
        shifts = torch.arange(-REACH_SEMITONES, REACH_SEMITONES + 1e-6, STEP_SEMITONES)
        shifts = shifts.to(magnitude.device)
        self.peaks = Peaks.at(gates.pitches, shifts, bin_hz, bins, HARMONICS)
        order = torch.arange(1, HARMONICS + 1, dtype=magnitude.dtype, device=magnitude.device)
        self.amplitudes = (1.0 / order).repeat(len(gates.pitches), 1)
        self.broad = magnitude.mean(1).expand(len(gates.onset), bins).clone() + TINY
        level = magnitude.mean() + TINY
        self.broad /= self.broad.sum(1, keepdim=True)
        self.strokes = gates.onset * level
        self.groups = []
        for start in range(0, frames, GROUP_FRAMES):
            span = slice(start, min(start + GROUP_FRAMES, frames))
            open_ = gates.open[:, span]
            entries = torch.nonzero(open_.amax(1) > 0)[:, 0]
            activations = open_[entries][:, None, :] * level * torch.ones_like(shifts)[:, None]
            self.groups.append(_Group(span, entries, activations, magnitude[:, span]))

    def fit(self, updates: int = UPDATES) -> None:
        for _ in range(updates):
            self.update()

    def update(self) -> float:
        """One multiplicative update of all; returns the divergence before it."""
        templates = self.peaks.spectra(self.amplitudes)
        norms = templates.sum(2)
        back = torch.zeros_like(templates)
        mass = torch.zeros_like(norms)
        broad_back = torch.zeros_like(self.broad)
        cost = 0.0
        for g in self.groups:
            w = templates[g.entries].flatten(0, 1)
            n = len(g.entries) * templates.shape[1]
            h = g.activations.view(n, -1)
            strokes = self.strokes[:, g.frames]
            model = w.T @ h + self.broad.T @ strokes + TINY
            ratio = g.magnitude / model
            cost += float((g.magnitude * torch.log(ratio + TINY) - g.magnitude + model).sum())
            h *= (w @ ratio) / (norms[g.entries].reshape(n, 1) + TINY)
            strokes *= (self.broad @ ratio) / (self.broad.sum(1, keepdim=True) + TINY)
            model = w.T @ h + self.broad.T @ strokes + TINY
            ratio = g.magnitude / model
            back[g.entries] += (h @ ratio.T).view(len(g.entries), -1, self.peaks.bins)
            mass[g.entries] += h.sum(1).view(len(g.entries), -1)
            broad_back += strokes @ ratio.T
        numerator = self.peaks.project(back).sum(1)
        denominator = (self.peaks.weight.sum(-1) * mass[..., None]).sum(1)
        self.amplitudes *= numerator / (denominator + TINY)
        self.broad *= broad_back / (self.strokes.sum(1, keepdim=True) + TINY)
        return cost

    def magnitudes(self) -> Tensor:
        """(parts, bins, frames) of the learned model."""
        templates = self.peaks.spectra(self.amplitudes)
        parts = len(self.gates.onset)
        out = self.broad[:, :, None] * self.strokes[:, None, :]
        for g in self.groups:
            w = templates[g.entries]
            owners = self.gates.parts[g.entries]
            for part in range(parts):
                mine = owners == part
                if mine.any():
                    out[part, :, g.frames] += (
                        w[mine].flatten(0, 1).T @ g.activations[mine].flatten(0, 1)
                    )
        return out
