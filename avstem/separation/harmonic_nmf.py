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

UPDATES = 20
REACH_SEMITONES = 0.7
STEP_SEMITONES = 0.1
HARMONICS = 30
GROUP_FRAMES = 32  # frames that share one list of active entries
NEIGHBOUR = 0.1  # weight of a neighbouring pitch's evidence, before its decay
NEIGHBOUR_SEMITONES = 1.5  # over which it decays by e
QUIET_QUANTILE = 0.2  # of the magnitudes of a bin: where its noise starts from
FADING = 0.9  # of the weight of what was learned, from one stretch to the next
TINY = 1e-8
SILENT = 1e-12  # less counts as nothing: numbers near the smallest ones slow processors down


@dataclass(eq=False)
class Experience:
    """What earlier stretches of the same recording have taught.

    noise, frames : (bins,) summed noise and over how many frames.
    energy, time : (parts, 128, harmonics) summed energy and activation of each pitch's harmonics;
        their quotient is its vector of amplitudes.
    """

    noise: Tensor
    frames: float
    energy: Tensor
    time: Tensor

    @classmethod
    def none(cls, parts: int, bins: int) -> Experience:
        """Nothing known yet."""
        nothing = torch.zeros(parts, 128, HARMONICS)
        return cls(torch.zeros(bins), 0.0, nothing, nothing)

    def of(self, gates: Gates) -> tuple[Tensor, Tensor]:
        """Energy and time of the gates' entries (entries, harmonics)."""
        where = (gates.parts.cpu(), gates.pitches.cpu())
        device = gates.parts.device
        return self.energy[where].to(device), self.time[where].to(device)


@dataclass(frozen=True, eq=False)
class _Group:
    """A stretch of frames and what may sound in it; the activations change in place."""

    frames: slice
    entries: Tensor  # (active,) indices
    rows: tuple[slice, ...]  # of each part among the active templates
    activations: Tensor  # (active * shifts, frames)
    weight: Tensor  # (active * shifts, frames) of the activations in the norm


class HarmonicModel:
    """The model of one stretch of spectrogram; ``fit`` learns it, ``magnitudes`` reads it."""

    def __init__(
        self, magnitude: Tensor, gates: Gates, bin_hz: float, past: Experience | None = None
    ) -> None:
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
        self.past = past or Experience.none(len(gates.onset), bins)
        self.past_noise = self.past.noise.to(magnitude.device)
        self.past_energy, self.past_time = self.past.of(gates)
        quiet = torch.quantile(magnitude, QUIET_QUANTILE, dim=1) * self._free_share()
        self.noise = (self.past_noise + frames * quiet) / (self.past.frames + frames) + TINY
        self.lending = _lending(gates)
        self.energy = self.time = torch.zeros_like(self.amplitudes)
        self.groups = [
            self._group(slice(start, min(start + GROUP_FRAMES, frames)), level)
            for start in range(0, frames, GROUP_FRAMES)
        ]

    def _free_share(self) -> Tensor:
        """(bins,) share of the frames in which no harmonic may lie: a long tone is no noise."""
        reached = self.peaks.spectra(torch.ones_like(self.amplitudes)).amax(1) > 0.1
        return 1.0 - (reached.float().T @ self.gates.open > 0).float().mean(1)

    def _group(self, frames: slice, level: Tensor) -> _Group:
        entries = torch.nonzero(self.gates.open[:, frames].amax(1) > 0)[:, 0]
        shifts, parts = len(self.shifts), len(self.gates.onset)
        counts = torch.bincount(self.gates.parts[entries], minlength=parts) * shifts
        ends = counts.cumsum(0).tolist()
        rows = tuple(slice(a, b) for a, b in zip([0, *ends], ends, strict=False))
        start = self.gates.open[entries, frames].repeat_interleave(shifts, 0) * level
        weight = 1.0 + self.gates.cost[entries, frames].repeat_interleave(shifts, 0)
        return _Group(frames, entries, rows, start, weight)

    def fit(self, evidence: Tensor, updates: int = UPDATES) -> None:
        """Learn all from what was observed.

        evidence : (1, bins, frames) magnitudes of the mixture, explained by all parts together,
            or (parts, bins, frames) estimated magnitudes, each explained by its part.
        """
        for _ in range(updates):
            self.update_activations(evidence)
            self.update_templates(evidence)

    def update_activations(self, evidence: Tensor) -> None:
        """One multiplicative update of the harmonic and the broadband activations."""
        templates = self.peaks.spectra(self.amplitudes)
        norms = templates.sum(2)
        for g in self.groups:
            w = templates[g.entries].flatten(0, 1)
            ratio = self._ratio(g, w, evidence)
            found = torch.cat([w[rows] @ r for rows, r in zip(g.rows, ratio, strict=True)])
            g.activations.mul_(found / (norms[g.entries].view(-1, 1) * g.weight + TINY))
            torch.threshold_(g.activations, SILENT, 0.0)
            self.strokes[:, g.frames] *= torch.einsum("jf,jft->jt", self.broad, ratio)
        torch.threshold_(self.strokes, SILENT, 0.0)

    def update_templates(self, evidence: Tensor) -> None:
        """One multiplicative update of amplitudes, broadband templates and noise."""
        templates = self.peaks.spectra(self.amplitudes)
        back, mass = torch.zeros_like(templates), torch.zeros_like(templates[..., 0])
        broad_back, noise_back = torch.zeros_like(self.broad), torch.zeros_like(self.noise)
        for g in self.groups:
            ratio = self._ratio(g, templates[g.entries].flatten(0, 1), evidence)
            found = [g.activations[m] @ r.T for m, r in zip(g.rows, ratio, strict=True)]
            back[g.entries] += torch.cat(found).view(-1, *templates.shape[1:])
            mass[g.entries] += g.activations.sum(1).view(-1, len(self.shifts))
            broad_back += torch.einsum("jt,jft->jf", self.strokes[:, g.frames], ratio)
            noise_back += ratio.mean(0).sum(1)
        self._update_amplitudes(back, mass)
        torch.threshold_(self.broad.mul_(broad_back), SILENT, 0.0)
        scale = self.broad.sum(1, keepdim=True) + TINY
        self.broad /= scale
        self.strokes *= scale / (self.strokes.sum(1, keepdim=True) + TINY)
        noise = self.past_noise + self.noise * noise_back
        self.noise = noise / (self.past.frames + self.strokes.shape[1])

    def _update_amplitudes(self, back: Tensor, mass: Tensor) -> None:
        """Expected energy over time of each harmonic, both pooled with the neighbours'."""
        self.energy = self.amplitudes * self.peaks.project(back).sum(1)
        self.time = (self.peaks.weight.sum(-1) * mass[..., None]).sum(1)
        energy = self.lending @ (self.past_energy + self.energy)
        amplitudes = energy / (self.lending @ (self.past_time + self.time) + TINY)
        scale = amplitudes.sum(1) + TINY
        self.amplitudes = torch.threshold_(amplitudes / scale[:, None], SILENT, 0.0)
        for g in self.groups:
            g.activations.mul_(scale[g.entries].repeat_interleave(len(self.shifts))[:, None])

    def _ratio(self, g: _Group, w: Tensor, evidence: Tensor) -> Tensor:
        """(parts, bins, frames) what was observed over what the model says."""
        model = self._explained(g, w)
        if len(evidence) == 1:
            return (evidence[0, :, g.frames] / model.sum(0)).expand_as(model)
        return evidence[:, :, g.frames] / model

    def _explained(self, g: _Group, w: Tensor) -> Tensor:
        """(parts, bins, frames) of the model in the group's frames."""
        tones = torch.stack([w[rows].T @ g.activations[rows] for rows in g.rows])
        strokes = self.broad[:, :, None] * self.strokes[:, None, g.frames]
        return tones + strokes + (self.noise[:, None] + TINY) / len(self.broad)

    def magnitudes(self) -> Tensor:
        """Model of each part (parts, bins, frames), the noise shared evenly."""
        templates = self.peaks.spectra(self.amplitudes)
        return torch.cat(
            [self._explained(g, templates[g.entries].flatten(0, 1)) for g in self.groups], 2
        )

    def experience(self) -> Experience:
        """What this stretch and the earlier ones have taught; the earlier ones fade."""
        frames = self.strokes.shape[1]
        energy, time = FADING * self.past.energy, FADING * self.past.time
        where = (self.gates.parts.cpu(), self.gates.pitches.cpu())
        energy[where] += self.energy.cpu()
        time[where] += self.time.cpu()
        noise = FADING * self.past.noise + frames * self.noise.cpu()
        return Experience(noise, FADING * self.past.frames + frames, energy, time)

    def divergence(self, evidence: Tensor) -> float:
        """Kullback-Leibler divergence of the evidence from the model, plus the costs."""
        templates = self.peaks.spectra(self.amplitudes)
        total = 0.0
        for g in self.groups:
            w = templates[g.entries].flatten(0, 1)
            model = self._explained(g, w)
            model = model.sum(0, keepdim=True) if len(evidence) == 1 else model
            seen = evidence[:, :, g.frames]
            costs = w.sum(1, keepdim=True) * (g.weight - 1.0) * g.activations
            excess = torch.xlogy(seen, seen / model) - seen + model
            total += float(excess.sum() + costs.sum())
        return total


def _lending(gates: Gates) -> Tensor:
    """(entries, entries) weight of each entry's evidence for another; 1 for its own."""
    semitones = (gates.pitches[:, None] - gates.pitches[None, :]).abs()
    weight = NEIGHBOUR * torch.exp(-semitones / NEIGHBOUR_SEMITONES)
    weight = weight * (gates.parts[:, None] == gates.parts[None, :])
    return weight.fill_diagonal_(1.0)
