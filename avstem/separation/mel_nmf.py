"""Separation by sound alone: components of an NMF grouped by the mel spectra of their patterns.

Spiertz and Gnann (2009): a pattern is an excitation (the pitch) through a filter (the instrument);
a coarse, logarithmic mel spectrum keeps the filter and loses the pitch. The mel spectra of all
patterns are factorised once more, with one component per source: a pattern belongs to the source
that is strongest in its mel spectrum. Which source is which player nobody can tell from sound.

Over a long recording the mel spectra found so far take part in the grouping of later stretches,
which starts from the groups found before: sources keep their places.

Reference: M. Spiertz, V. Gnann, "Source-filter based clustering for monaural blind source
separation", DAFx 2009.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from avstem.datatypes import Condition, Conditions, Mixture, Progress, SourceBlock, no_progress
from avstem.separation.chunks import CHUNK_S, CONTEXT_S, in_chunks
from avstem.separation.component_masks import Picture
from avstem.separation.motion_nmf import COMPONENTS, MixtureNmf, mixture_nmf
from avstem.separation.nmf import TINY, Factors, kl_nmf, random_factors

BANDS = 20
RANGE = 1e4  # of the largest band before the logarithm: 80 dB
REMEMBERED = 20  # stretches


def method() -> MelNmf:
    """The separator."""
    return MelNmf()


class MelNmf:
    """The product method, chunk by chunk."""

    needs = frozenset({Condition.AUDIO})

    def __init__(
        self, seed: int = 0, chunk_s: float = CHUNK_S, context_s: float = CONTEXT_S
    ) -> None:
        """``seed`` is that of the random start."""
        self.seed = seed
        self.chunk_s = chunk_s
        self.context_s = context_s

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """``conditions.count`` sources in blocks that cover the mixture and sum to it."""
        groups = Groups(conditions.count, [self.seed])

        def separate(sound: Tensor, start_s: float) -> Tensor:
            return by_timbre(sound, mixture.rate_hz, groups)[0]

        return in_chunks(mixture, separate, progress, self.chunk_s, self.context_s)


def by_timbre(sound: Tensor, rate_hz: int, groups: Groups, nmf: MixtureNmf = mixture_nmf) -> Tensor:
    """Estimates (starts, sources, channels, samples) of the next stretch of a recording."""
    if groups.sources == 1 or not sound.any():
        return sound.expand(len(groups.seeds), groups.sources, *sound.shape) / groups.sources
    seen = Picture(sound, rate_hz)
    factors = nmf(seen.v, groups.seeds, COMPONENTS * groups.sources)
    source = groups.join(mel_spectra(factors, seen.transform.bin_hz))
    return seen.masked(factors, source, groups.sources)


class Groups:
    """The mel spectra of one recording so far, and how they fall into sources."""

    def __init__(self, sources: int, seeds: Sequence[int]) -> None:
        """One grouping for each random start."""
        self.sources = sources
        self.seeds = seeds
        self.known: list[Tensor] = []
        self.centres: Tensor | None = None

    def join(self, spectra: Tensor) -> Tensor:
        """The source (starts, components) of each new spectrum (starts, bands, components).

        Silent components, all zero, are nobody's: -1.
        """
        self.known = [*self.known, spectra][-REMEMBERED:]
        together = torch.cat(self.known, dim=2)
        start = random_factors(together, self.sources, self.seeds)
        if self.centres is not None:
            start = Factors(self.centres, start.h)
        found = kl_nmf(together, start)
        self.centres = found.w
        return _strongest(Factors(found.w, found.h[..., -spectra.shape[2] :]))


def _strongest(found: Factors) -> Tensor:
    largest, source = (found.h * found.w.sum(1)[..., None]).max(dim=1)
    return torch.where(largest > TINY, source, -1)


def mel_spectra(factors: Factors, bin_hz: float) -> Tensor:
    """Logarithmic mel spectra (starts, bands, components) of the patterns, from 0."""
    bands = mel_bands(factors.w.shape[1], bin_hz).to(factors.w.device) @ factors.w
    largest = bands.amax(dim=(1, 2), keepdim=True).clamp_min(TINY)
    return torch.log10(1.0 + RANGE * bands / largest)


def mel_bands(bins: int, bin_hz: float) -> Tensor:
    """Triangles (bands, bins) evenly spaced on the mel scale, each of area 1 where it has bins."""
    top = 2595.0 * torch.log10(torch.tensor(1.0 + (bins - 1) * bin_hz / 700.0))
    edges = 700.0 * (10.0 ** (torch.linspace(0.0, float(top), BANDS + 2) / 2595.0) - 1.0)
    hz = torch.arange(bins) * bin_hz
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = torch.minimum(rise, fall).clamp_min(0.0)
    return triangles / triangles.sum(1, keepdim=True).clamp_min(TINY)
