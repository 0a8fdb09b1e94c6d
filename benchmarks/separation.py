"""Separation against truth: SI-SDR, the BSS-eval measures and oracles.

Everything takes and gives sources as (parts, channels, samples). The figures are in dB, one per
source.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.linalg
import torch
from torch import Tensor

from avstem.datatypes import FloatArray
from avstem.separation import spatial
from avstem.separation.spectra import Transform

FILTER_TAPS = 512  # of the distortions that BSS-eval forgives
MASK_WINDOWS = (2048, 4096, 8192)  # samples; the best of them counts
FILTER_WINDOW = 4096  # samples, of the multichannel oracle
TINY = 1e-12


def judge(truth: FloatArray, estimate: FloatArray) -> dict[str, list[float]]:
    """All measures of every source: SI-SDR, SDR, SIR, SAR."""
    sdr, sir, sar = bss_eval(truth.mean(1), estimate.mean(1))
    return {
        "SI-SDR": [si_sdr(t, e) for t, e in zip(truth, estimate, strict=True)],
        "SDR": sdr.tolist(),
        "SIR": sir.tolist(),
        "SAR": sar.tolist(),
    }


def si_sdr(truth: FloatArray, estimate: FloatArray) -> float:
    """Scale-invariant SDR (Le Roux et al. 2019), all channels of a source under one scale."""
    t, e = truth.ravel().astype(np.float64), estimate.ravel().astype(np.float64)
    target = (e @ t) / (t @ t + TINY) * t
    rest = e - target
    return _ratio_db(target @ target, rest @ rest)


def bss_eval(
    truth: FloatArray, estimate: FloatArray, taps: int = FILTER_TAPS
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """SDR, SIR, SAR (parts,) of (parts, samples) after Vincent et al. (2006), version 3.

    The estimate is projected on its source, and on all sources, each delayed by 0 to taps - 1
    samples; all inner products come from FFTs and one block Toeplitz system serves all sources.
    """
    parts, samples = truth.shape
    size = scipy.fft.next_fast_len(samples + taps - 1, real=True)
    t = scipy.fft.rfft(truth.astype(np.float64), size)
    e = scipy.fft.rfft(estimate.astype(np.float64), size)
    gram = np.block(
        [[_toeplitz(t[i], t[j], size, taps) for j in range(parts)] for i in range(parts)]
    )
    load = 1e-12 * np.trace(gram) / len(gram) * np.eye(taps)
    everything = scipy.linalg.cho_factor(gram + np.kron(np.eye(parts), load))
    figures = np.zeros((3, parts))
    for j in range(parts):
        inner = np.stack([scipy.fft.irfft(np.conj(t[i]) * e[j], size)[:taps] for i in range(parts)])
        mine = slice(j * taps, (j + 1) * taps)
        own = scipy.linalg.solve(gram[mine, mine] + load, inner[j], assume_a="pos")
        all_ = scipy.linalg.cho_solve(everything, inner.ravel()).reshape(parts, taps)
        target = _filtered(own[None], t[j : j + 1], size, samples + taps - 1)
        explained = _filtered(all_, t, size, samples + taps - 1)
        whole = np.pad(estimate[j].astype(np.float64), (0, taps - 1))
        signal = target @ target
        figures[:, j] = (
            _ratio_db(signal, _energy(whole - target)),
            _ratio_db(signal, _energy(explained - target)),
            _ratio_db(_energy(explained), _energy(whole - explained)),
        )
    return figures[0], figures[1], figures[2]


def sdr_table(truth: FloatArray, estimate: FloatArray, taps: int = FILTER_TAPS) -> FloatArray:
    """The SDR of ``bss_eval`` of every estimate against every source, (estimates, sources).

    Both are (parts, samples). SDR needs no inner products between sources, so that all pairs cost
    less than all measures of the right ones.
    """
    samples = truth.shape[1]
    size = scipy.fft.next_fast_len(samples + taps - 1, real=True)
    t = scipy.fft.rfft(truth.astype(np.float64), size)
    e = scipy.fft.rfft(estimate.astype(np.float64), size)
    energies = np.square(estimate.astype(np.float64)).sum(1)
    grams = scipy.fft.irfft(np.abs(t) ** 2, size)[:, :taps]
    grams[:, 0] *= 1.0 + 1e-12
    found = np.zeros((len(e), len(t)))
    for j, gram in enumerate(grams):
        inner = scipy.fft.irfft(np.conj(t[j]) * e, size)[:, :taps]
        own = scipy.linalg.solve_toeplitz(gram, inner.T).T
        for k, energy in enumerate(energies):
            target = float(own[k] @ inner[k])  # what is left is at right angles to it
            found[k, j] = _ratio_db(target, max(energy - target, 0.0))
    return found


def _toeplitz(a: FloatArray, b: FloatArray, size: int, taps: int) -> FloatArray:
    """Inner products of a delayed by row and b delayed by column samples."""
    lags = scipy.fft.irfft(np.conj(a) * b, size)
    row = np.concatenate([lags[:1], lags[:-taps:-1]])
    return np.asarray(scipy.linalg.toeplitz(lags[:taps], row))


def _filtered(filters: FloatArray, spectra: FloatArray, size: int, samples: int) -> FloatArray:
    product = (scipy.fft.rfft(filters, size) * spectra).sum(0)
    return np.asarray(scipy.fft.irfft(product, size)[:samples])


def _energy(x: FloatArray) -> float:
    return float(x @ x)


def _ratio_db(signal: float, rest: float) -> float:
    return float(10.0 * np.log10((signal + TINY) / (rest + TINY)))


def oracles(mixture: FloatArray, truth: FloatArray) -> dict[str, FloatArray]:
    """What masks and filters could reach that knew the true sources; estimates by name.

    The masks are drawn on the mono downmix and applied to every channel. The multichannel Wiener
    filter knows powers and spatial covariances; it needs more than one channel.
    """
    found = {
        "ideal binary mask": _best(mixture, truth, _binary),
        "ideal ratio mask": _best(mixture, truth, _ratio),
    }
    if len(mixture) > 1:
        found["multichannel oracle"] = _wiener(mixture, truth)
    return found


def _best(mixture: FloatArray, truth: FloatArray, mask: Callable[[Tensor], Tensor]) -> FloatArray:
    tried = [_masked(mixture, truth, mask, window) for window in MASK_WINDOWS]
    scores = [np.mean([si_sdr(t, e) for t, e in zip(truth, one, strict=True)]) for one in tried]
    return tried[int(np.argmax(scores))]


def _masked(
    mixture: FloatArray, truth: FloatArray, mask: Callable[[Tensor], Tensor], window: int
) -> FloatArray:
    transform = Transform(48_000, window, window // 4)  # the rate does not matter here
    weights = mask(transform.forward(_tensor(truth.mean(1))).abs())
    spectra = transform.forward(_tensor(mixture))
    estimate = [transform.inverse(w * spectra, mixture.shape[1]) for w in weights]
    return np.asarray(torch.stack(estimate).numpy())


def _binary(magnitudes: Tensor) -> Tensor:
    loudest = magnitudes.argmax(0, keepdim=True)
    return torch.zeros_like(magnitudes).scatter_(0, loudest, 1.0)


def _ratio(magnitudes: Tensor) -> Tensor:
    powers = magnitudes**2 + TINY
    return powers / powers.sum(0)


def _wiener(mixture: FloatArray, truth: FloatArray) -> FloatArray:
    """The filter of ``avstem.separation.spatial`` with true powers and covariances."""
    transform = Transform(48_000, FILTER_WINDOW, FILTER_WINDOW // 4)
    x, s = transform.forward(_tensor(mixture)), transform.forward(_tensor(truth))
    r = spatial.normalise(torch.einsum("jcft,jdft->jfcd", s, s.conj()))
    images = spatial.posterior_means(x, s.abs().square().mean(1) + TINY, r)
    return np.asarray(transform.inverse(images, mixture.shape[1]).numpy())


def _tensor(sound: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32))
