"""The default method: harmonic NMF on a fine pitch grid, then a multichannel Wiener filter.

The score says which harmonics may sound when (``harmonic_nmf``), the channels say where they
come from (``spatial``); each is then learned again from what the other has found. On one channel
the filter is a mask of the modelled magnitudes to the power 1.5.
"""

from __future__ import annotations

import torch
from torch import Tensor

from avstem.datatypes import Notes, Separator
from avstem.separation import spatial
from avstem.separation.chunks import ScoreSeparator
from avstem.separation.gates import Gates, open_gates
from avstem.separation.harmonic_nmf import Experience, HarmonicModel
from avstem.separation.spectra import Transform, device

HIGHEST_HZ = 8_000.0  # above, each part's share of the highest modelled octave goes on
MASK_POWER = 1.5  # of the modelled magnitudes, on one channel
FLOOR = 1e-3  # of the mean magnitude: what no part explains is shared by all
TAIL_S = 0.8  # time in which a room's late sound decays by 60 dB
TAIL_SHARE = 0.02  # of a frame's power that rings on in the next
UPDATES = 20  # of the model from the mixture; the filter goes on learning
UPDATES_ALONE = 40  # where there is but one channel
FIRST_PASSES = 2  # of spatial learning, with the powers from the mixture's magnitudes
ROUNDS = 2  # of learning the powers again from the filtered sources
ROUND_UPDATES = 4


def method() -> Separator:
    """The separator."""
    return ScoreSeparator(Run)


class Run:
    """One recording, stretch after stretch; later ones profit from what earlier ones taught."""

    def __init__(self) -> None:
        self.level = 0.0  # of the first stretch that is not silent: the unit of all magnitudes
        self.past: Experience | None = None

    def __call__(self, sound: Tensor, rate_hz: int, notes: tuple[Notes, ...]) -> Tensor:
        """Sources (parts, channels, samples) of sound (channels, samples)."""
        self.level = self.level or float(sound.square().mean().sqrt())
        if len(notes) == 1 or not sound.any():
            return sound.expand(len(notes), *sound.shape) / len(notes)
        transform = Transform.for_rate(rate_hz)
        x = transform.forward(sound.to(device()) / self.level)
        model = learn(x, transform, open_gates(notes, x.shape[2], transform.hop_s), self.past)
        images = separated(x, model, transform.hop_s)
        self.past = model.experience()
        sources = [transform.inverse(image, sound.shape[-1]) for image in images]
        return torch.stack(sources) * self.level


def learn(
    x: Tensor, transform: Transform, gates: Gates, past: Experience | None = None
) -> HarmonicModel:
    """The model of spectra x (channels, bins, frames) whose tones may sound as the gates say."""
    bins = min(x.shape[1], round(HIGHEST_HZ / transform.bin_hz))
    magnitude = x[:, :bins].abs().square().mean(0).sqrt()
    model = HarmonicModel(magnitude, gates.to(x.device), transform.bin_hz, past)
    model.fit(magnitude[None], UPDATES if len(x) > 1 else UPDATES_ALONE)
    return model


def separated(x: Tensor, model: HarmonicModel, hop_s: float) -> Tensor:
    """Images (parts, channels, bins, frames) of spectra x by a model of their lower bins."""
    return _by_mask(x, model, hop_s) if len(x) == 1 else _by_space(x, model, hop_s)


def _by_mask(x: Tensor, model: HarmonicModel, hop_s: float) -> Tensor:
    """Images (parts, 1, bins, frames) by a mask."""
    weight = up_to_the_top(powers(model, hop_s), x.shape[1]) ** (MASK_POWER / 2)
    return (weight / weight.sum(0))[:, None] * x


def _by_space(x: Tensor, model: HarmonicModel, hop_s: float) -> Tensor:
    """Images (parts, channels, bins, frames) by the multichannel Wiener filter."""
    low = x[:, : model.peaks.bins]
    v = powers(model, hop_s)
    r = spatial.starting_covariances(low, v)
    for _ in range(FIRST_PASSES):
        r = spatial.em_pass(low, v, r)
    return refined(x, model, r, hop_s)


def refined(x: Tensor, model: HarmonicModel, r: Tensor, hop_s: float) -> Tensor:
    """Images (parts, channels, bins, frames) after model and covariances have taught each other.

    x : spectra (channels, bins, frames). model : of its lower bins; it goes on learning.
    r : covariances (parts, model's bins, channels, channels) to begin with.
    """
    bins = model.peaks.bins
    low = x[:, :bins]
    v = powers(model, hop_s)
    for _ in range(ROUNDS):
        model.fit(spatial.posterior_powers(low, v, r).sqrt(), ROUND_UPDATES)
        v = powers(model, hop_s)
        r = spatial.em_pass(low, v, r)
    images = x.new_empty(len(v), *x.shape)
    images[:, :, :bins] = spatial.posterior_means(low, spatial.sharpen(low, v, r), r)
    if bins < x.shape[1]:
        top_v = up_to_the_top(v, x.shape[1])[:, bins:]
        top_r = r[:, bins // 2 :].mean(1, keepdim=True).expand(-1, top_v.shape[1], -1, -1)
        images[:, :, bins:] = spatial.posterior_means(x[:, bins:], top_v, top_r)
    return images


def powers(model: HarmonicModel, hop_s: float) -> Tensor:
    """Powers (parts, bins, frames) of the model with a room's tail, above zero everywhere."""
    v = (model.magnitudes() + FLOOR) ** 2
    decay = 10.0 ** (-6.0 * hop_s / TAIL_S)
    frame = torch.arange(v.shape[2], device=v.device)
    later = frame[None, :] - frame[:, None]
    ring = torch.where(later > 0, TAIL_SHARE * decay ** (later - 1).clamp_min(0), 0.0)
    return v + v @ ring


def up_to_the_top(v: Tensor, bins: int) -> Tensor:
    """The same with every bin above the model's set to the mean of the model's upper half."""
    top = v[:, v.shape[1] // 2 :].mean(1, keepdim=True)
    return torch.cat([v, top.expand(-1, bins - v.shape[1], -1)], 1)
