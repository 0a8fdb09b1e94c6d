"""Soft motion coupled NMF: activations drawn towards motion activations by an l1 penalty.

Parekh et al. (ICASSP 2017): each source has four components; the activations H of V ~ W H are
softly tied to given motion activations S (components, frames),

    D_KL(V | W H) + alpha sum_k |h_k - c_k s_k|_1,    columns of W of norm 1, c_k >= 0 free,

and a component belongs to the source whose motion it was tied to. In the paper S is the speed of
the bow, put into one of four rows by the bow's quantised inclination, which says which string
sounds. No inclination is measured here; what stands for it is the speed itself, quantised: S is
the speed of the liveliest cluster that the picture shows of the player (largest deviation beside
its mean, as a bow has), put into one of four rows by its quartile. The weight alpha is our own,
chosen on the development mixtures of the benchmark; the paper's smoothness term is left out.

The l1 term is majorised by a weighted square (as for an absolute value: |x| <= x^2 / 2|x0| +
|x0| / 2), so that the multiplicative updates of the squared penalty apply.

Reference: S. Parekh, S. Essid, A. Ozerov, N. Duong, P. Perez, G. Richard, "Motion informed audio
source separation", ICASSP 2017.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from avstem.separation.motion_matrix import Motion
from avstem.separation.motion_nmf import MixtureNmf, mixture_nmf
from avstem.separation.nmf import (
    TINY,
    UPDATES,
    Factors,
    divergence,
    random_factors,
    unit_norm_step,
)

LEVELS = 4  # components per source
ALPHA = 25.0
NEAR = 1e-3  # differences below count as this much, which keeps the weights finite


def smcnmf(
    v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
) -> tuple[Factors, Tensor]:
    """Factors of v (bins, frames), and the source (starts, components) of each component."""
    start = random_factors(v, LEVELS * motion.sources, seeds).unit_norm()
    found = coupled_nmf(v, motion_activations(motion), start)
    source = torch.arange(motion.sources, device=v.device).repeat_interleave(LEVELS)
    return found, source.expand(len(seeds), -1)


def motion_activations(motion: Motion) -> Tensor:
    """S (components, frames): each source's speed in one of its four rows, by its quartile."""
    rows = motion.m.new_zeros(motion.sources, LEVELS, len(motion.m))
    shares = torch.arange(1, LEVELS, device=rows.device) / LEVELS
    for k in range(motion.sources):
        mine = motion.source == k
        if mine.any():
            speed = _liveliest(motion.m[:, mine], motion.shown[:, mine])
            level = torch.bucketize(speed, torch.quantile(speed, shares))
            rows[k].scatter_(0, level[None], speed[None])
    return rows.flatten(0, 1)


def _liveliest(m: Tensor, shown: Tensor) -> Tensor:
    """Speed (frames,) of that column of m (frames, clusters) that varies most beside its mean.

    Of those that are shown in a frame, while they are: cuts bring other clusters.
    """
    frames = shown.sum(0).clamp_min(1)
    mean = m.sum(0) / frames
    deviation = (((m - mean) * shown).square().sum(0) / frames).sqrt()
    lively = torch.where(shown, deviation / mean.clamp_min(TINY), -1.0)
    return m.gather(1, lively.argmax(1, keepdim=True))[:, 0].contiguous()


def coupled_nmf(v: Tensor, s: Tensor, start: Factors, updates: int = UPDATES) -> Factors:
    """Unit-norm factors whose activations are near multiples of s (components, frames)."""
    w, h = start.w, start.h
    c = scales(s, h, torch.ones_like(h))
    for _ in range(updates):
        weight = ALPHA / (h - c * s).abs().clamp_min(NEAR)
        c = scales(s, h, weight)
        ratio = v / Factors(w, h).model
        h = h * (w.mT @ ratio + weight * c * s) / (w.sum(1)[..., None] + weight * h).clamp_min(TINY)
        w = unit_norm_step(w, (v / Factors(w, h).model) @ h.mT, h)
    return Factors(w, h)


def scales(s: Tensor, h: Tensor, weight: Tensor) -> Tensor:
    """The c (starts, components, 1) of least weighted square distance of c s from h."""
    return (weight * h * s).sum(2, keepdim=True) / (weight * s * s).sum(2, keepdim=True).clamp_min(
        TINY
    )


def coupled_cost(v: Tensor, s: Tensor, factors: Factors) -> Tensor:
    """Divergence plus penalty (starts,), with the best multiples of s."""
    c = scales(s, factors.h, torch.ones_like(factors.h))
    for _ in range(50):
        c = scales(s, factors.h, 1.0 / (factors.h - c * s).abs().clamp_min(NEAR))
    apart = (factors.h - c * s).abs().sum(dim=(1, 2))
    return divergence(v, factors.model) + ALPHA * apart
