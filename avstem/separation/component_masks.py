"""Separation by components: an NMF of the mixture, components given to sources, soft masks.

What the published methods share (Parekh et al. 2017, section 3.3 and "General implementation
details"): the downmix is factorised, and each source's share of the model masks every channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from avstem.datatypes import Condition, Conditions, Mixture, Progress, SourceBlock, no_progress
from avstem.separation import motion_nmf, smcnmf
from avstem.separation.chunks import CHUNK_S, CONTEXT_S, in_chunks
from avstem.separation.motion_matrix import Motion, Who
from avstem.separation.nmf import TINY, Factors, assigned, soft_masks
from avstem.separation.spectra import Transform, device

WINDOW_MS = 92.88  # 4096 samples at 44.1 kHz, the published rate


class Picture:
    """Spectra of a stretch of sound, and the magnitudes V that are factorised.

    x : (channels, bins, frames). v : (bins, frames) of the downmix, frames of mean norm 1.
    """

    def __init__(self, sound: Tensor, rate_hz: int) -> None:
        """Of sound (channels, samples)."""
        self.transform = Transform.for_rate(rate_hz, WINDOW_MS, hamming=True)
        self.samples = sound.shape[-1]
        self.x = self.transform.forward(sound.to(device()))
        v = self.x.mean(0).abs()
        self.v = v / torch.linalg.vector_norm(v, dim=0).mean().clamp_min(TINY)

    def masked(self, factors: Factors, source: Tensor, sources: int) -> Tensor:
        """Estimates (starts, sources, channels, samples) of components assigned to sources."""
        masks = soft_masks(assigned(factors, source, sources))
        return torch.stack(
            [
                torch.stack([self.transform.inverse(mask * self.x, self.samples) for mask in start])
                for start in masks
            ]
        )


class ByMotion:
    """A published separation by motion as a product method, chunk by chunk."""

    needs = frozenset({Condition.MOTION})

    def __init__(
        self,
        variant: motion_nmf.Variant,
        seed: int = 0,
        chunk_s: float = CHUNK_S,
        context_s: float = CONTEXT_S,
    ) -> None:
        """Wrap a variant; ``seed`` is that of its random start."""
        self.variant = variant
        self.seed = seed
        self.chunk_s = chunk_s
        self.context_s = context_s

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """Sources of the mixture, one per part or player, in blocks that cover it and sum to it.

        Raises RequestError where there are no motion clusters.
        """
        who = Who.of(conditions)

        def separate(sound: Tensor, start_s: float) -> Tensor:
            return by_motion(sound, mixture.rate_hz, start_s, who, self.variant, [self.seed])[0]

        return in_chunks(mixture, separate, progress, self.chunk_s, self.context_s)


def by_motion(
    sound: Tensor,
    rate_hz: int,
    start_s: float,
    who: Who,
    variant: motion_nmf.Variant,
    seeds: Sequence[int],
    nmf: motion_nmf.MixtureNmf = motion_nmf.mixture_nmf,
) -> Tensor:
    """Estimates (starts, sources, channels, samples) of sound (channels, samples), per seed.

    start_s : media time of the first sample.
    """
    if who.sources == 1:
        return sound.expand(len(seeds), 1, *sound.shape)
    seen = Picture(sound, rate_hz)
    motion = Motion.during(who, start_s, seen.transform.hop_s, seen.v.shape[1])
    factors, source = variant(seen.v, motion.to(seen.v.device), seeds, nmf)
    return seen.masked(factors, source, who.sources)


def ls() -> ByMotion:
    """The separator of NMF + NNLS."""
    return ByMotion(motion_nmf.ls)


def spls() -> ByMotion:
    """The separator of NMF + sparse NNLS."""
    return ByMotion(motion_nmf.spls)


def jls_rand() -> ByMotion:
    """The separator of joint NMF-sparse NNLS from a random start."""
    return ByMotion(motion_nmf.jls_rand)


def jls_nmf() -> ByMotion:
    """The separator of joint NMF-sparse NNLS from the NMF of the mixture."""
    return ByMotion(motion_nmf.jls_nmf)


def soft_coupling() -> ByMotion:
    """The separator of soft motion coupled NMF."""
    return ByMotion(smcnmf.smcnmf)
