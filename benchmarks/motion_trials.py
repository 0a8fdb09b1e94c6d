"""``python -m benchmarks.motion_trials``: two ways to lean on movement that gain nothing.

Both are tried on the development mixtures of ``motion_mixtures``; neither is in the program.

* **Group sparsity**, the outlook of Parekh et al. (2017): least squares whose coefficients are
  sparse over players rather than over clusters, with and without the best of five starts, which is
  told by the cost alone. Beside NMF + NNLS on the same NMFs.
* **Coupling**: score-informed separation with the loudness of each part drawn towards the speeds of
  its player's clusters, the activations' updates being those of Algorithm 1 there. Notes are
  the true ones, with onsets off by 30 ms as after alignment.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import FloatArray, Notes
from avstem.separation import harmonic_space
from avstem.separation.component_masks import Picture
from avstem.separation.gates import Gates, open_gates
from avstem.separation.harmonic_nmf import HarmonicModel
from avstem.separation.motion_matrix import Motion, Who
from avstem.separation.nmf import TINY, UPDATES
from avstem.separation.spectra import Transform
from benchmarks import motion_mixtures as mixed
from benchmarks.motion_rows import Studio
from benchmarks.motion_tables import GROUPS
from benchmarks.page import Section
from benchmarks.separation import sdr_table
from benchmarks.tables import markdown
from benchmarks.workers import workers

SECTION = Section("python -m benchmarks.motion_trials")
GROUP_MUS = (1.0, 5.0, 20.0)
WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0)
ONSETS_OFF_S = 0.03
Rows = dict[str, float]  # SDR in dB by what was tried


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, nargs="*", default=list(mixed.DEVELOPMENT))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-write", dest="write", action="store_false")
    asked = parser.parse_args(arguments)
    with workers(asked.jobs) as pool:
        found = [row for rows in pool.map(_measure, asked.pieces) for row in rows]
    text = table(found)
    print(text)
    if asked.write:
        SECTION.write(text)


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line per trial, one column per group of mixtures."""
    groups = {name: [m for m in found if belongs(m)] for name, belongs in GROUPS.items()}
    groups = {name: some for name, some in groups.items() if some}
    lines = [
        [row, *(f"{np.mean([m['rows'][row] for m in some]):.2f}" for some in groups.values())]
        for row in found[0]["rows"]
    ]
    heading = [f"{name} ({len(some)})" for name, some in groups.items()]
    return markdown(["SDR, dB", *heading], lines)


def _measure(number: int) -> list[dict[str, Any]]:
    rows = []
    for ensemble in mixed.ensembles((number,)):
        whole = mixed.load(ensemble, mixed.SECONDS, mixed.RATE_HZ)
        truth = json.loads((ensemble.video.parent / "truth.json").read_text(encoding="utf-8"))
        parts = [truth["parts"][player["part"]]["notes"] for player in truth["players"]]
        for name, chosen in mixed.chosen_sources(ensemble):
            mixture = mixed.subset(whole, ensemble, name, chosen)
            notes = tuple(_aligned(parts[k], mixture, k) for k in chosen)
            found = dict(group_sparsity(mixture)) | dict(coupling(mixture, notes))
            rows.append({"size": mixture.size, "same": mixture.same, "rows": found})
    return rows


def _sdr(mixture: mixed.MotionMixture, estimate: FloatArray) -> float:
    return float(np.diag(sdr_table(mixture.truth.mean(1), estimate)).mean())


# ----------------------------------------------------------------------- group sparsity


def group_sparsity(mixture: mixed.MotionMixture) -> Iterator[tuple[str, float]]:
    """Mean over five starts, and the start of least cost."""
    studio = Studio(mixture)
    sound = torch.from_numpy(studio.sound(mono=True).samples_)
    seen, who = Picture(sound, mixture.rate_hz), Who.of(studio.conditions())
    motion = Motion.during(who, mixture.start_s, seen.transform.hop_s, seen.v.shape[1])
    for mu in (0.0, *GROUP_MUS):
        a = group_nnls(motion, studio.nmf.h, mu)
        source = group_of(motion, a) if mu else motion.source_of(a)
        starts = seen.masked(studio.nmf, source, mixture.size)[:, :, 0].numpy()
        sdrs = [_sdr(mixture, estimate) for estimate in starts]
        name = f"groups, mu = {mu:g}" if mu else "LS"
        yield name, float(np.mean(sdrs))
        yield f"{name}, best start by cost", sdrs[int(cost(motion, studio.nmf.h, a, mu).argmin())]


def group_nnls(motion: Motion, h: Tensor, mu: float, updates: int = UPDATES) -> Tensor:
    """A >= 0 (starts, components, clusters) of least ``cost``, by multiplicative updates.

    The norm of a group is majorised by its square, as for soft coupling.
    """
    gram, target = h @ h.mT, h @ motion.m
    a = torch.ones_like(target)
    for _ in range(updates):
        sizes, member = _group_sizes(motion, a)
        pull = 0.5 * mu * a / (sizes @ member).clamp_min(TINY)
        a = a * target / (gram @ a + pull).clamp_min(TINY)
    return a


def cost(motion: Motion, h: Tensor, a: Tensor, mu: float) -> Tensor:
    """|M - H^T A|^2 + mu times the sum of |a| over components and players, (starts,)."""
    misfit = (motion.m - h.mT @ a).square().sum(dim=(1, 2))
    return misfit + mu * _group_sizes(motion, a)[0].sum(dim=(1, 2))


def group_of(motion: Motion, a: Tensor) -> Tensor:
    """The source (starts, components) whose clusters have the largest coefficients together."""
    largest, source = _group_sizes(motion, a)[0].max(dim=2)
    return torch.where(largest > TINY, source, -1)


def _group_sizes(motion: Motion, a: Tensor) -> tuple[Tensor, Tensor]:
    """Norms (starts, components, sources), and the clusters (sources, clusters) of each source."""
    member = (motion.source == torch.arange(motion.sources)[:, None]).float()
    return (a.square() @ member.T).sqrt(), member


# ----------------------------------------------------------------------- coupling


def coupling(mixture: mixed.MotionMixture, notes: tuple[Notes, ...]) -> Iterator[tuple[str, float]]:
    """The default of ``score`` with each weight of the coupling, in mono and stereo."""
    who = Who.of(Studio(mixture).conditions())
    for mono in (True, False):
        sound = torch.from_numpy(mixture.sound(mono=mono).samples_)
        transform = Transform.for_rate(mixture.rate_hz)
        x = transform.forward(sound / sound.square().mean().sqrt())
        motion = Motion.during(who, mixture.start_s, transform.hop_s, x.shape[2])
        low = x[:, : round(harmonic_space.HIGHEST_HZ / transform.bin_hz)]
        magnitude = low.abs().square().mean(0).sqrt()
        gates = open_gates(notes, x.shape[2], transform.hop_s)
        for weight in WEIGHTS:
            model = Coupled(magnitude, gates, transform.bin_hz, motion, weight)
            model.fit(
                magnitude[None], harmonic_space.UPDATES_ALONE if mono else harmonic_space.UPDATES
            )
            images = harmonic_space.separated(x, model, transform.hop_s)
            found = [transform.inverse(image, sound.shape[1]).mean(0).numpy() for image in images]
            name = f"score, {'mono' if mono else 'stereo'}, coupled by {weight:g}"
            yield name, _sdr(mixture, np.stack(found))


class Coupled(HarmonicModel):
    """The harmonic model with parts whose loudness L follows speeds: + weight |m - a L|^2."""

    def __init__(
        self, magnitude: Tensor, gates: Gates, bin_hz: float, motion: Motion, weight: float
    ) -> None:
        super().__init__(magnitude, gates, bin_hz)
        self.motion = motion
        self.weight = weight

    def update_activations(self, evidence: Tensor) -> None:
        """The usual update, each activation then drawn by lambda A M^T over lambda A A^T H."""
        super().update_activations(evidence)
        if self.weight == 0.0:
            return
        pull, push = self._drawn(self._loudness())
        for g in self.groups:
            for part, rows in enumerate(g.rows):
                up, down = (1.0 + self.weight * f[part, g.frames] for f in (pull, push))
                g.activations[rows] *= up / down

    def _loudness(self) -> Tensor:
        """(parts, frames) of the tones, 1 on average."""
        loud = self.peaks.spectra(self.amplitudes).sum(2).repeat_interleave(len(self.shifts), 1)
        found = torch.zeros_like(self.strokes)
        for g in self.groups:
            each = loud[g.entries].flatten()[: len(g.activations), None] * g.activations
            for part, rows in enumerate(g.rows):
                found[part, g.frames] = each[rows].sum(0)
        return found / found.mean().clamp_min(TINY)

    def _drawn(self, loudness: Tensor) -> tuple[Tensor, Tensor]:
        """(parts, frames) means over a part's clusters of a m and of a^2 L, a being the best."""
        pull, push = torch.zeros_like(loudness), torch.zeros_like(loudness)
        for part, level in enumerate(loudness):
            m = self.motion.m[:, self.motion.source == part]
            if m.shape[1]:
                a = level @ m / (level @ level).clamp_min(TINY)
                pull[part], push[part] = (m * a).mean(1), a.square().mean() * level
        return pull, push


def _aligned(known: dict[str, Any], mixture: mixed.MotionMixture, seed: int) -> Notes:
    """Notes of a stretch, in seconds from its start, with the onsets that alignment would give."""
    onsets_s, offsets_s, pitches, velocities = (
        np.array(known[key]) for key in ("onsets_s", "offsets_s", "pitches", "velocities")
    )
    onsets_s, offsets_s = onsets_s - mixture.start_s, offsets_s - mixture.start_s
    seconds = mixture.truth.shape[-1] / mixture.rate_hz
    near = (offsets_s > 0) & (onsets_s < seconds)
    off_s = np.random.default_rng(seed).normal(0.0, ONSETS_OFF_S, int(near.sum()))
    heard_s = np.maximum.accumulate(onsets_s[near] + off_s)
    ends_s = np.maximum(offsets_s[near], heard_s + 0.05)
    return Notes(heard_s, ends_s, pitches[near], velocities[near])


if __name__ == "__main__":
    main()
