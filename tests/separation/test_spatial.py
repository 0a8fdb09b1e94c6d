"""The multichannel Wiener filter against NumPy's inverse, point by point."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avstem.separation import spatial


def scene(channels: int, sources: int = 3, bins: int = 4, frames: int = 50, seed: int = 0):
    """Random x, v, r drawn from the model itself."""
    rng = np.random.default_rng(seed)
    v = rng.gamma(0.5, 1.0, (sources, bins, frames)) + 1e-3
    shape = (sources, bins, channels, channels)
    a = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    r = a @ a.conj().swapaxes(2, 3)
    r = r * channels / np.trace(r, axis1=2, axis2=3).real[..., None, None]
    white = rng.standard_normal((*v.shape, channels)) + 1j * rng.standard_normal(
        (*v.shape, channels)
    )
    images = np.einsum("jfcd,jftd->jcft", np.linalg.cholesky(r), white / np.sqrt(2))
    x = (images * np.sqrt(v)[:, None]).sum(0)
    return (
        torch.from_numpy(x.astype(np.complex64)),
        torch.from_numpy(v.astype(np.float32)),
        torch.from_numpy(r.astype(np.complex64)),
    )


@pytest.mark.parametrize("channels", [2, 3])
def test_posterior_means_agree_with_an_explicit_inverse(channels, monkeypatch):
    monkeypatch.setattr(spatial, "NOISE", 0.0)
    x, v, r = scene(channels)
    found = spatial.posterior_means(x, v, r).numpy()
    for f in range(4):
        for t in range(50):
            covariances = v[:, f, t].numpy()[:, None, None] * r[:, f].numpy().astype(np.complex128)
            inverse = np.linalg.inv(covariances.sum(0))
            wanted = covariances @ inverse @ x[:, f, t].numpy()
            np.testing.assert_allclose(found[:, :, f, t], wanted, atol=3e-3)


@pytest.mark.parametrize("channels", [2, 3])
def test_a_pass_agrees_with_the_textbook(channels, monkeypatch):
    """Expectation and maximisation written out for one bin."""
    monkeypatch.setattr(spatial, "NOISE", 0.0)
    x, v, r = scene(channels, bins=1)
    new = np.zeros((3, channels, channels), complex)
    for t in range(50):
        covariances = v[:, 0, t].numpy()[:, None, None] * r[:, 0].numpy().astype(np.complex128)
        inverse = np.linalg.inv(covariances.sum(0))
        for j in range(3):
            w = covariances[j] @ inverse
            s = w @ x[:, 0, t].numpy()
            new[j] += np.outer(s, s.conj()) + (np.eye(channels) - w) @ covariances[j]
    wanted = spatial.normalise(torch.from_numpy(new[:, None].astype(np.complex64)))
    np.testing.assert_allclose(spatial.em_pass(x, v, r).numpy(), wanted.numpy(), atol=3e-3)


def test_passes_find_the_covariances_they_were_drawn_from():
    x, v, r = scene(2, sources=2, bins=2, frames=4000)
    found = spatial.starting_covariances(x, v)
    before = (found - r).abs().mean()
    for _ in range(10):
        found = spatial.em_pass(x, v, found)
    assert (found - r).abs().mean() < 0.3 * before


def test_images_sum_to_the_mixture_even_where_channels_are_equal():
    x, v, r = scene(2)
    x = x[:1].expand(2, -1, -1).contiguous()
    r = spatial.em_pass(x, v, spatial.starting_covariances(x, v))
    images = spatial.posterior_means(x, v, r)
    assert torch.isfinite(images.abs()).all()
    torch.testing.assert_close(images.sum(0), x, atol=1e-5, rtol=1e-5)


def test_posterior_powers_are_those_of_the_source_alone():
    x, v, r = scene(2, sources=1)
    wanted = torch.einsum("cft,fcd,dft->ft", x.conj(), torch.linalg.inv(r[0]), x).real / 2
    found = spatial.posterior_powers(x, v, r)[0]
    torch.testing.assert_close(found, wanted, rtol=0.02, atol=1e-3)
