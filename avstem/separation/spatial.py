"""Multichannel Wiener filter with a full-rank spatial covariance per source and bin.

Model (Duong, Vincent and Gribonval 2010): the image of source j is a zero-mean Gaussian with
covariance v_j(f, t) R_j(f). Here v comes from the score-informed model, R is learned by a few
passes of expectation-maximisation with the exact weighted update of Nugraha et al. 2016.

With y = S^-1 x, where S = sum_j v_j R_j, the posterior mean is v_j R_j y and every statistic
needed is linear in K = y y^H - S^-1, so a pass costs one small inverse per point and products of
matrices per bin. Shapes: spectra x (channels, bins, frames), v (sources, bins, frames),
R (sources, bins, channels, channels).
"""

from __future__ import annotations

import torch
from torch import Tensor

PASSES = 3
NOISE = 1e-5  # uncorrelated noise relative to each point's mean power, keeps S invertible
TINY = 1e-20


def starting_covariances(x: Tensor, v: Tensor) -> Tensor:
    """Covariances of the mixture weighted by how much each source dominates a point."""
    share = v / (v.sum(0) + TINY)
    power = (x.abs() ** 2).mean(0) + TINY
    weight = (share**2 / power).to(x.dtype)  # every point counts alike, loud or soft
    r = torch.einsum("jft,cft,dft->jfcd", weight, x, x.conj())
    return normalise(r)


def normalise(r: Tensor) -> Tensor:
    """Covariances of trace = channels, a trace of identity added."""
    channels = r.shape[-1]
    eye = torch.eye(channels, dtype=r.dtype, device=r.device)
    trace = torch.einsum("jfcc->jf", r).real[..., None, None]
    empty = trace <= TINY
    r = torch.where(empty, eye, r * (channels / trace.clamp_min(TINY)))
    return 0.99 * r + 0.01 * eye


def whiten(x: Tensor, v: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    """y = S^-1 x as (channels, bins, frames) and S^-1 as (channels, channels, bins, frames)."""
    s = torch.einsum("jft,jfcd->cdft", v.to(r.dtype), r)
    channels = len(x)
    load = NOISE * torch.einsum("ccft->ft", s).real / channels + TINY
    for c in range(channels):
        s[c, c] += load
    inverse = _inverse_2x2(s) if channels == 2 else _inverse(s)
    return torch.einsum("cdft,dft->cft", inverse, x), inverse


def _inverse_2x2(s: Tensor) -> Tensor:
    a, d, b = s[0, 0].real, s[1, 1].real, s[0, 1]
    det = (a * d - b.real**2 - b.imag**2).clamp_min(TINY**1.5)
    top = torch.stack([(d / det).to(s.dtype), -b / det])
    return torch.stack([top, torch.stack([-b.conj() / det, (a / det).to(s.dtype)])])


def _inverse(s: Tensor) -> Tensor:
    return torch.linalg.inv(s.permute(2, 3, 0, 1)).permute(2, 3, 0, 1)


def em_pass(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Covariances after one pass of expectation-maximisation."""
    y, inverse = whiten(x, v, r)
    k = y[:, None] * y[None, :].conj() - inverse
    squares = torch.einsum("jft,cdft->jfcd", (v * v).to(r.dtype), k)
    total = v.sum(2).clamp_min(TINY)[..., None, None]
    return normalise(r + r @ squares @ r / total)


def posterior_means(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Estimated images (sources, channels, bins, frames), summing to x."""
    y, _ = whiten(x, v, r)
    images = v[:, None] * torch.einsum("jfcd,dft->jcft", r, y)
    share = v / (v.sum(0) + TINY)
    return images + share[:, None] * (x - images.sum(0))


def separate(x: Tensor, v: Tensor, passes: int = PASSES) -> Tensor:
    """Images of the sources after ``passes`` passes from the covariances of the masks."""
    r = starting_covariances(x, v)
    for _ in range(passes):
        r = em_pass(x, v, r)
    return posterior_means(x, v, r)
