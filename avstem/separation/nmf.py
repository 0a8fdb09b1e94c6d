"""Non-negative matrix factorisation by multiplicative updates, many random starts at once.

V (bins, frames) is approximated by W H, W (starts, bins, components) and H (starts, components,
frames), for the Kullback-Leibler divergence (Lee and Seung 2001; Fevotte and Idier 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

UPDATES = 200
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Factors:
    """Patterns w (starts, bins, components), their activations h (starts, components, frames)."""

    w: Tensor
    h: Tensor

    @property
    def model(self) -> Tensor:
        """W H (starts, bins, frames), above zero everywhere."""
        return (self.w @ self.h).clamp_min_(TINY)

    def unit_norm(self) -> Factors:
        """The same product with columns of W of Euclidean norm 1; what is all zero stays so."""
        size = torch.linalg.vector_norm(self.w, dim=1)
        return Factors(self.w / size.clamp_min(TINY)[:, None], self.h * size[..., None])


def random_factors(v: Tensor, components: int, seeds: Sequence[int]) -> Factors:
    """A random start for each seed, on the scale of v: (bins, frames), or one for each start."""
    bins, frames = v.shape[-2:]
    w, h = [], []
    for seed in seeds:
        random = torch.Generator().manual_seed(seed)
        w.append(torch.randn(bins, components, generator=random).abs_() + 1.0)
        h.append(torch.randn(components, frames, generator=random).abs_() + 1.0)
    factors = Factors(torch.stack(w).to(v.device), torch.stack(h).to(v.device))
    scale = v.mean(dim=(-2, -1)) / factors.model.mean(dim=(1, 2)).clamp_min(TINY)
    return Factors(factors.w, factors.h * scale[:, None, None])


def kl_nmf(v: Tensor, start: Factors, updates: int = UPDATES) -> Factors:
    """Factors that minimise the divergence of v from W H; v as for ``random_factors``."""
    w, h = start.w, start.h
    for _ in range(updates):
        ratio = v / Factors(w, h).model
        w = w * (ratio @ h.mT) / h.sum(2).clamp_min(TINY)[:, None]
        ratio = v / Factors(w, h).model
        h = h * (w.mT @ ratio) / w.sum(1).clamp_min(TINY)[..., None]
    return Factors(w, h)


def unit_norm_step(w: Tensor, up: Tensor, h: Tensor) -> Tensor:
    """One update of W (starts, bins, components) that keeps its columns' Euclidean norm 1.

    up : (V / WH) H^T. From Le Roux, Weninger and Hershey, "Sparse NMF - half-baked or well done?",
    2015: the multiplicative update of the cost as a function of W over its norm.
    """
    down = h.sum(2)[:, None]
    along_up = (w * up).sum(1, keepdim=True)
    along_down = (w * down).sum(1, keepdim=True)
    w = w * (up + w * along_down) / (down + w * along_up).clamp_min(TINY)
    return w / torch.linalg.vector_norm(w, dim=1, keepdim=True).clamp_min(TINY)


def divergence(v: Tensor, model: Tensor) -> Tensor:
    """Kullback-Leibler divergence (starts,) of v (bins, frames) from models (starts, ...)."""
    return (torch.xlogy(v, v / model) - v + model).sum(dim=(1, 2))


def assigned(factors: Factors, source: Tensor, sources: int) -> Tensor:
    """Models (starts, sources, bins, frames) of the components that belong to each source.

    source : (starts, components) the source of each component; -1 for nobody's.
    """
    models = []
    for k in range(sources):
        mine = (source == k).to(factors.w.dtype)
        models.append((factors.w * mine[:, None]) @ factors.h)
    return torch.stack(models, dim=1)


def soft_masks(models: Tensor) -> Tensor:
    """Each source's share of the models (starts, sources, bins, frames); they sum to 1.

    Where nothing is modelled all sources share alike: a source without a component is a faint
    copy of the mixture rather than silence, of which no measure could say how wrong it is.
    """
    floor = 1e-6 * models.sum(1).mean(dim=(1, 2)).clamp_min(TINY)
    models = models + floor[:, None, None, None]
    return models / models.sum(1, keepdim=True)
