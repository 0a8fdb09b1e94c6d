"""The published separations by motion: NMF whose activations are tied to speeds by least squares.

Parekh et al. (2017): the magnitudes V (bins, frames) of a mixture are factorised, V ~ W H, and the
speeds M (frames, clusters) of the players' motion clusters explained by the activations, M ~ H^T A.
A component belongs to the player whose cluster has its largest coefficient in A. Four variants:

* ``ls``        NMF, then non-negative least squares (Eq. 3);
* ``spls``      the same with an l1 penalty on A (Eq. 4);
* ``jls_rand``  both at once from a random start (Eq. 6, Algorithm 1);
* ``jls_nmf``   both at once from the NMF of the mixture.

Scales, of which the paper says nothing and on which lambda and mu depend: V is divided by the mean
Euclidean norm of its frames (``component_masks``), each column of M by its root mean square
(``motion_matrix``), so that neither loudness nor the size of the picture matters; one common
scale for all columns is worse on the whole (benchmarks/results.md). The columns of
W have Euclidean norm 1: the update of W (line 10) keeps to that norm, as in its source (Le Roux
et al. 2015), though Eq. 6 prints an l1 norm.

Under the l1 penalty coefficients fall towards zero by a factor per update, soon below what single
precision holds. A is therefore computed in double precision: the largest one is still known.

Reference: S. Parekh, S. Essid, A. Ozerov, N. Duong, P. Perez, G. Richard, "Guiding audio source
separation by video object information", WASPAA 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from avstem.separation.motion_matrix import Motion
from avstem.separation.nmf import (
    TINY,
    UPDATES,
    Factors,
    divergence,
    kl_nmf,
    random_factors,
    unit_norm_step,
)

COMPONENTS = 15  # per source
SPARSE_MU = 5.0
JOINT_LAMBDA = 0.01
JOINT_MU = 0.1

# how the NMF of the mixture is made: (v, seeds, components) -> factors with unit-norm W
MixtureNmf = Callable[[Tensor, Sequence[int], int], Factors]


def mixture_nmf(v: Tensor, seeds: Sequence[int], components: int) -> Factors:
    """NMF of the mixture with columns of W of norm 1."""
    return kl_nmf(v, random_factors(v, components, seeds)).unit_norm()


class Variant(Protocol):
    """One of the methods."""

    def __call__(
        self, v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
    ) -> tuple[Factors, Tensor]:
        """Factors of v (bins, frames), and the source (starts, components) of each component."""
        ...


def ls(
    v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
) -> tuple[Factors, Tensor]:
    """NMF + NNLS."""
    found = nmf(v, seeds, COMPONENTS * motion.sources)
    return found, motion.source_of(nnls(motion.m, found.h))


def spls(
    v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
) -> tuple[Factors, Tensor]:
    """NMF + sparse NNLS."""
    found = nmf(v, seeds, COMPONENTS * motion.sources)
    return found, motion.source_of(nnls(motion.m.double(), found.h.double(), SPARSE_MU))


def jls_rand(
    v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
) -> tuple[Factors, Tensor]:
    """Joint NMF-sparse NNLS from a random start."""
    start = random_factors(v, COMPONENTS * motion.sources, seeds).unit_norm()
    return _joint(v, motion, start, seeds)


def jls_nmf(
    v: Tensor, motion: Motion, seeds: Sequence[int], nmf: MixtureNmf = mixture_nmf
) -> tuple[Factors, Tensor]:
    """Joint NMF-sparse NNLS from the NMF of the mixture."""
    start = nmf(v, seeds, COMPONENTS * motion.sources)
    return _joint(v, motion, start, seeds)


def _joint(
    v: Tensor, motion: Motion, start: Factors, seeds: Sequence[int]
) -> tuple[Factors, Tensor]:
    a = random_coefficients(start, motion.m, seeds)
    found, a = joint_nmf(
        v.double(), motion.m.double(), Factors(start.w.double(), start.h.double()), a.double()
    )
    return Factors(found.w.float(), found.h.float()), motion.source_of(a)


def nnls(m: Tensor, h: Tensor, mu: float = 0.0, updates: int = UPDATES) -> Tensor:
    """A >= 0 (starts, components, clusters) that minimises |M - H^T A|^2 + mu |A|_1 (Eq. 4).

    Multiplicative updates as for an NMF with H^T held, the published way.
    """
    gram, target = h @ h.mT, h @ m
    a = torch.ones_like(target)
    for _ in range(updates):
        a = a * target / (gram @ a + mu / 2).clamp_min(TINY)
    return a


def joint_nmf(
    v: Tensor, m: Tensor, start: Factors, a: Tensor, updates: int = UPDATES
) -> tuple[Factors, Tensor]:
    """Algorithm 1, from unit-norm factors and coefficients a (starts, components, clusters).

    Its lines leave out the factor 2 of the derivative of the square: what they descend is Eq. 6
    with lambda / 2, which ``joint_cost`` gives.
    """
    w, h = start.w, start.h
    for _ in range(updates):
        ratio = v / Factors(w, h).model
        pull, push = JOINT_LAMBDA * (a @ m.mT), JOINT_LAMBDA * (a @ (a.mT @ h))
        h = h * (w.mT @ ratio + pull) / (w.sum(1)[..., None] + push).clamp_min(TINY)  # line 8
        w = unit_norm_step(w, (v / Factors(w, h).model) @ h.mT, h)  # lines 10 and 11
        target, fit = JOINT_LAMBDA * (h @ m), JOINT_LAMBDA * (h @ (h.mT @ a))
        a = a * target / (fit + JOINT_MU).clamp_min(TINY)  # line 13
    return Factors(w, h), a


def random_coefficients(factors: Factors, m: Tensor, seeds: Sequence[int]) -> Tensor:
    """A random start of A, on the scale on which H^T A is as large as m (frames, clusters)."""
    shape = (factors.h.shape[1], m.shape[1])
    a = [torch.rand(shape, generator=torch.Generator().manual_seed(s)) + 0.5 for s in seeds]
    found = torch.stack(a).to(m.device)
    scale = m.mean() / (factors.h.mT @ found).mean(dim=(1, 2)).clamp_min(TINY)
    return found * scale[:, None, None]


def joint_cost(
    v: Tensor, m: Tensor, factors: Factors, a: Tensor, weight: float = JOINT_LAMBDA / 2
) -> Tensor:
    """Eq. 5 (starts,) with ``weight`` in the place of lambda."""
    misfit = (m - factors.h.mT @ a).square().sum(dim=(1, 2))
    return divergence(v, factors.model) + weight * misfit + JOINT_MU * a.sum(dim=(1, 2))
