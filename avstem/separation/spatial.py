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

DIFFUSE = 0.002  # share of every covariance that comes from everywhere
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
    """Covariances scaled to trace = channels, with a small diffuse share."""
    channels = r.shape[-1]
    eye = torch.eye(channels, dtype=r.dtype, device=r.device)
    trace = torch.einsum("jfcc->jf", r).real[..., None, None]
    empty = trace <= TINY
    r = torch.where(empty, eye, r * (channels / trace.clamp_min(TINY)))
    return (1.0 - DIFFUSE) * r + DIFFUSE * eye


def whiten(x: Tensor, v: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    """y = S^-1 x as (channels, bins, frames) and S^-1 as (channels, channels, bins, frames)."""
    s = torch.einsum("jft,jfcd->cdft", v.to(r.dtype), r)
    channels = len(x)
    load = NOISE * torch.einsum("ccft->ft", s).real / channels + TINY
    for c in range(channels):
        s[c, c] += load
    inverse = _inverse_2x2(s) if channels == 2 else _inverse(s)
    y = torch.einsum("cdft,dft->cft", inverse, x)
    return y, inverse


def _inverse_2x2(s: Tensor) -> Tensor:
    a, d, b = s[0, 0].real, s[1, 1].real, s[0, 1]
    det = (a * d - b.real**2 - b.imag**2).clamp_min(TINY**1.5)
    top = torch.stack([(d / det).to(s.dtype), -b / det])
    return torch.stack([top, torch.stack([-b.conj() / det, (a / det).to(s.dtype)])])


def _inverse(s: Tensor) -> Tensor:
    inverse: Tensor = torch.linalg.inv(s.permute(2, 3, 0, 1))
    return inverse.permute(2, 3, 0, 1)


def em_pass(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Covariances after one pass of expectation-maximisation."""
    y, inverse = whiten(x, v, r)
    k = y[:, None] * y[None, :].conj() - inverse
    squares = torch.einsum("jft,cdft->jfcd", (v * v).to(r.dtype), k)
    total = v.sum(2).clamp_min(TINY)[..., None, None]
    moved = r + r @ squares @ r / total
    return normalise(0.5 * (moved + moved.mH))


def posterior_powers(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Expected powers (sources, bins, frames) of the sources given the mixture."""
    seen, expected = _seen_and_expected(x, v, r)
    return (v + v * v * (seen - expected) / len(x)).clamp_min(0.0)


def sharpen(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Powers after one multiplicative update towards the mixture (Sawada et al. 2013, Eq. 42)."""
    seen, expected = _seen_and_expected(x, v, r)
    return v * (seen / expected.clamp_min(TINY)).clamp(1e-6, 1e6).sqrt()


def _seen_and_expected(x: Tensor, v: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    """y^H R y and trace(S^-1 R), each (sources, bins, frames)."""
    y, inverse = whiten(x, v, r)
    seen = torch.einsum("cft,jfcd,dft->jft", y.conj(), r, y).real
    expected = torch.einsum("jfcd,dcft->jft", r, inverse).real
    return seen.clamp_min(0.0), expected.clamp_min(0.0)


def posterior_means(x: Tensor, v: Tensor, r: Tensor) -> Tensor:
    """Estimated images (sources, channels, bins, frames), summing to x."""
    y, _ = whiten(x, v, r)
    images = x.new_empty(len(v), *x.shape)
    for image, power, covariance in zip(images, v, r, strict=True):  # one by one saves memory
        image.copy_(torch.einsum("fcd,dft->cft", covariance, y).mul_(power))
    rest = x - images.sum(0)
    total = v.sum(0) + TINY
    for image, power in zip(images, v, strict=True):
        image += power / total * rest
    return images
