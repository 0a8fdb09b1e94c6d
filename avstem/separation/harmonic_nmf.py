"""Score-informed harmonic NMF on a fine pitch grid.

The magnitude spectrogram is modelled as the sum of
* per part j, pitch p and shift s: A(p, h) B(p, s, h, f) H(p, s, t), where the peaks B are fixed
  and all shifts share one vector of amplitudes A; the fine shifts follow vibrato and intonation;
* per part one broadband template that may sound near onsets;
* one stationary noise (rooms, microphones), which belongs to all parts alike.

All are learned by multiplicative updates for the Kullback-Leibler divergence (Lee and Seung
2001). H is gated by the aligned notes (Ewert and Mueller 2012), outside the notes at a cost
(a weighted L1 norm). Neighbouring pitches of a part lend each other a part of their evidence on
the amplitudes, as sources behind one resonating body would.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.separation.gates import Gates
from avstem.separation.harmonics import Peaks

UPDATES = 40
REACH_SEMITONES = 0.7
STEP_SEMITONES = 0.1
HARMONICS = 40
GROUP_FRAMES = 32  # frames that share one list of active entries
NEIGHBOUR = 0.1  # weight of a neighbouring pitch's evidence, before its decay
NEIGHBOUR_SEMITONES = 1.5  # over which it decays by e
QUIET_QUANTILE = 0.2  # of the magnitudes of a bin: where its noise starts from
TINY = 1e-8


@dataclass(frozen=True, eq=False)
class _Group:
    """A stretch of frames and what may sound in it; the tensors are updated in place."""

    frames: slice
    entries: Tensor  # (active,) indices
    activations: Tensor  # (active * shifts, frames)
    weight: Tensor  # (active * shifts, frames) of the activations in the norm
    magnitude: Tensor  # (bins, frames)


class HarmonicModel:
    """The model of one stretch of spectrogram; ``fit`` learns it, ``magnitudes`` reads it."""

    def __init__(self, magnitude: Tensor, gates: Gates, bin_hz: float) -> None:
        """Model of a magnitude (bins, frames): amplitudes 1/h, activations flat where open."""
        bins, frames = magnitude.shape
        level = magnitude.mean() + TINY
        self.gates = gates
        self.shifts = torch.arange(
            -REACH_SEMITONES, REACH_SEMITONES + 1e-6, STEP_SEMITONES, device=magnitude.device
        )
        self.peaks = Peaks.at(gates.pitches, self.shifts, bin_hz, bins, HARMONICS)
        order = torch.arange(1, HARMONICS + 1, device=magnitude.device)
        self.amplitudes = (1.0 / order).repeat(len(gates.pitches), 1)
        spectrum = magnitude.mean(1) + TINY
        self.broad = (spectrum / spectrum.sum()).repeat(len(gates.onset), 1)
        self.strokes = gates.onset * level
        self.noise = torch.quantile(magnitude, QUIET_QUANTILE, dim=1) + TINY
        self.lending = _lending(gates)
        self.groups = [
            self._group(slice(start, min(start + GROUP_FRAMES, frames)), magnitude, level)
            for start in range(0, frames, GROUP_FRAMES)
        ]

    def _group(self, frames: slice, magnitude: Tensor, level: Tensor) -> _Group:
        entries = torch.nonzero(self.gates.open[:, frames].amax(1) > 0)[:, 0]
        shifts = len(self.shifts)
        start = self.gates.open[entries, frames].repeat_interleave(shifts, 0) * level
        weight = 1.0 + self.gates.cost[entries, frames].repeat_interleave(shifts, 0)
        return _Group(frames, entries, start, weight, magnitude[:, frames].contiguous())

    def fit(self, updates: int = UPDATES) -> None:
        """Learn all by so many updates."""
        for _ in range(updates):
            self.update_activations()
            self.update_templates()

    def update_activations(self) -> None:
        """One multiplicative update of the harmonic and the broadband activations."""
        templates = self.peaks.spectra(self.amplitudes)
        norms = templates.sum(2)
        for g in self.groups:
            w, strokes = templates[g.entries].flatten(0, 1), self.strokes[:, g.frames]
            ratio = g.magnitude / self._model(g, w)
            g.activations.mul_((w @ ratio) / (norms[g.entries].view(-1, 1) * g.weight + TINY))
            strokes *= self.broad @ ratio

    def update_templates(self) -> None:
        """One multiplicative update of amplitudes, broadband templates and noise."""
        templates = self.peaks.spectra(self.amplitudes)
        back, mass = torch.zeros_like(templates), torch.zeros_like(templates[..., 0])
        broad_back, noise_back = torch.zeros_like(self.broad), torch.zeros_like(self.noise)
        for g in self.groups:
            ratio = g.magnitude / self._model(g, templates[g.entries].flatten(0, 1))
            back[g.entries] += (g.activations @ ratio.T).view(-1, *templates.shape[1:])
            mass[g.entries] += g.activations.sum(1).view(-1, len(self.shifts))
            broad_back += self.strokes[:, g.frames] @ ratio.T
            noise_back += ratio.sum(1)
        self._update_amplitudes(back, mass)
        self.broad *= broad_back
        self.broad /= self.broad.sum(1, keepdim=True) + TINY
        self.noise *= noise_back / self.strokes.shape[1]

    def _update_amplitudes(self, back: Tensor, mass: Tensor) -> None:
        """Expected energy over time of each harmonic, both pooled with the neighbours'."""
        energy = self.amplitudes * self.peaks.project(back).sum(1)
        time = (self.peaks.weight.sum(-1) * mass[..., None]).sum(1)
        amplitudes = (self.lending @ energy) / (self.lending @ time + TINY)
        scale = amplitudes.sum(1) + TINY
        self.amplitudes = amplitudes / scale[:, None]
        for g in self.groups:
            g.activations.mul_(scale[g.entries].repeat_interleave(len(self.shifts))[:, None])

    def _model(self, g: _Group, w: Tensor) -> Tensor:
        strokes = self.broad.T @ self.strokes[:, g.frames]
        return w.T @ g.activations + strokes + self.noise[:, None]

    def divergence(self) -> float:
        """Kullback-Leibler divergence of the spectrogram from the model, plus the costs."""
        templates = self.peaks.spectra(self.amplitudes)
        total = 0.0
        for g in self.groups:
            w = templates[g.entries].flatten(0, 1)
            model = self._model(g, w)
            excess = g.magnitude * torch.log((g.magnitude + TINY) / model) - g.magnitude + model
            costs = w.sum(1, keepdim=True) * (g.weight - 1.0) * g.activations
            total += float(excess.sum() + costs.sum())
        return total

    def magnitudes(self) -> Tensor:
        """Model of each part (parts, bins, frames), the noise shared evenly."""
        templates = self.peaks.spectra(self.amplitudes)
        parts = len(self.gates.onset)
        found = self.broad[:, :, None] * self.strokes[:, None, :] + self.noise[:, None] / parts
        for g in self.groups:
            owners = self.gates.parts[g.entries].repeat_interleave(len(self.shifts))
            w = templates[g.entries].flatten(0, 1)
            for part in range(parts):
                mine = owners == part
                found[part, :, g.frames] += w[mine].T @ g.activations[mine]
        return found


def _lending(gates: Gates) -> Tensor:
    """(entries, entries) weight of each entry's evidence for another; 1 for its own."""
    semitones = (gates.pitches[:, None] - gates.pitches[None, :]).abs()
    weight = NEIGHBOUR * torch.exp(-semitones / NEIGHBOUR_SEMITONES)
    weight = weight * (gates.parts[:, None] == gates.parts[None, :])
    return weight.fill_diagonal_(1.0)
