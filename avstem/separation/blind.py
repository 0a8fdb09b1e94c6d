"""Sources told apart by their directions alone: the first guess when no score is known.

Steering vectors of the directions, with a share of sound from everywhere, are the first spatial
covariances; powers and covariances then explain the mixture better in turns (``spatial``). With
more voices than channels what sounds together in one point stays mixed, until a model of pitched
sound learns from the rest.
"""

from __future__ import annotations

import torch
from torch import Tensor

from avstem.separation import spatial
from avstem.separation.directions import Directions

DIFFUSE = 0.05  # share of the first covariances that comes from everywhere
SHARPENED = 4  # updates of the powers under the first covariances
PASSES = 3  # of learning the covariances, then of the powers under them
TINY = 1e-12


def by_direction(x: Tensor, directions: Directions, bin_hz: float) -> tuple[Tensor, Tensor]:
    """Powers (voices, bins, frames) and covariances (voices, bins, channels, channels).

    x : spectra (channels, bins, frames).
    """
    pair = x[list(directions.channels)]
    steered = _steered(directions, x.shape[1], bin_hz).to(x.device)
    start = x.abs().square().mean(0) / len(steered) + TINY
    v = _sharpened(pair, start.repeat(len(steered), 1, 1), steered, SHARPENED)
    r = spatial.starting_covariances(x, v)
    for _ in range(PASSES):
        r = spatial.em_pass(x, v, r)
    return _sharpened(x, v, r, PASSES), r


def _steered(directions: Directions, bins: int, bin_hz: float) -> Tensor:
    """Covariances (voices, bins, 2, 2) of sound from the directions, trace 2."""
    a = directions.steering(torch.arange(bins) * bin_hz)
    direct = 2.0 * torch.einsum("jcf,jdf->jfcd", a, a.conj())
    return (1.0 - DIFFUSE) * direct + DIFFUSE * torch.eye(2, dtype=direct.dtype)


def _sharpened(x: Tensor, v: Tensor, r: Tensor, updates: int) -> Tensor:
    for _ in range(updates):
        v = spatial.sharpen(x, v, r)
    return v
