"""Where the voices are: one delay and one level difference between two channels per voice.

Loud partials mostly belong to one player. At such a point the two channels differ by what is
typical of that player's place, (1, g exp(-2 pi i f d)) for a delay d and a gain g, whatever is
played: coincident, near-coincident and spaced pairs and pan pots are all of this form. The
directions sought are those that together make the points of the whole recording most likely; a
point of one voice follows the complex angular central Gaussian of Ito, Araki and Nakatani (2016).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.datatypes import Mixture
from avstem.separation.spectra import Transform

LOWEST_HZ, HIGHEST_HZ = 120.0, 3_500.0  # below, all directions look alike; above, phases wrap
DELAYS_S = (-2e-3, 2e-3, 40e-6)  # grid: first, last, step
LEVELS_DB = (-18.0, 18.0, 3.0)
FINE = 4  # the last grid is that much finer
SPREAD = 0.03  # of a voice's points around its direction: smaller eigenvalue over larger
ANYWHERE = 0.2  # likelihood of a point under no direction at all
PEAKS_PER_FRAME = 24
POINTS = 8_000  # about: every second one, every third one, ... of those that are found
POINTS_PER_VOICE = 10  # fewer are no evidence
FAINT, QUIET = 1e-3, 1e-4  # of a frame's loudest peak, of all frames' on average
STRETCHES, STRETCH_S = 12, 5.0  # of the recording that are looked at
ROUNDS = 6
LEAST_GAIN = 0.15  # of a voice, see ``_gains``; with less it is none of its own
SHARE = 0.5  # of the voices must have a direction; a conductor, who does not play, has none
TINY = 1e-20


@dataclass(frozen=True, eq=False)
class Directions:
    """Directions (voices,) in a pair of channels."""

    channels: tuple[int, int]
    delays_s: Tensor
    levels_db: Tensor

    def steering(self, hz: Tensor) -> Tensor:
        """Unit vectors (voices, 2, bins) at frequencies (bins,)."""
        gain = 10.0 ** (self.levels_db / 20.0)[:, None]
        turn = torch.exp(-2j * torch.pi * hz[None] * self.delays_s[:, None])
        pair = torch.stack([torch.ones_like(turn), gain * turn], 1)
        return pair / (1.0 + gain**2).sqrt()[..., None]


@dataclass(frozen=True, eq=False)
class _Points:
    """Points that one voice is likely to dominate: frequencies (points,), vectors (2, points)."""

    hz: Tensor
    unit: Tensor

    def likelihood(self, delays_s: Tensor, levels_db: Tensor) -> Tensor:
        """(directions, points) under each direction, 1 on average over all vectors."""
        gain = 10.0 ** (levels_db / 20.0)
        first, second = self.unit.abs().square()
        cross = self.unit[0].conj() * self.unit[1]
        found = []
        for delay_s, g in zip(delays_s.tolist(), gain.tolist(), strict=True):
            turned = (
                cross * torch.polar(torch.ones_like(self.hz), 2 * torch.pi * self.hz * delay_s)
            ).real
            near = (first + g * g * second + 2 * g * turned) / (1 + g * g)
            found.append(SPREAD / (1.0 - near * (1.0 - SPREAD)).square())
        return torch.stack(found)


def find_directions(mixture: Mixture, count: int) -> Directions | None:
    """Directions of ``count`` voices, or of fewer where so many are not told apart.

    None with fewer than two, or than ``SHARE`` of them.
    """
    if count < 2 or mixture.channels < 2:
        return None
    channels = _loudest_pair(mixture)
    points = _points(mixture, channels)
    if len(points.hz) < POINTS_PER_VOICE * count:
        return None
    grid = _grid(DELAYS_S, LEVELS_DB)
    table = points.likelihood(*grid)
    for voices in range(count, max(2, math.ceil(SHARE * count)) - 1, -1):
        places = _places(points, grid, table, voices)
        if places is not None:
            return Directions(channels, places[:, 0], places[:, 1])
    return None


def _places(points: _Points, grid: Tensor, table: Tensor, count: int) -> Tensor | None:
    """Delay and level (voices, 2) of so many voices; None where one has none of its own.

    table : likelihoods (directions, points) on the coarse grid (2, directions).
    """
    coarse = [grid[:, k] for k in _descend([table] * count)]
    near = [_near(place) for place in coarse]
    tables = [points.likelihood(*places) for places in near]
    chosen = _descend(tables)
    if min(_gains([t[k] for t, k in zip(tables, chosen, strict=True)])) < LEAST_GAIN:
        return None
    return torch.stack([places[:, k] for places, k in zip(near, chosen, strict=True)])


def _stretches(mixture: Mixture) -> Iterator[Tensor]:
    """Sound (channels, samples) of stretches spread over the recording, or of all of it."""
    length = min(round(STRETCH_S * mixture.rate_hz), mixture.samples)
    number = min(STRETCHES, -(-mixture.samples // length))
    for k in range(number):
        start = round(k * (mixture.samples - length) / max(1, number - 1))
        yield torch.from_numpy(mixture.read(start, length))


def _loudest_pair(mixture: Mixture) -> tuple[int, int]:
    if mixture.channels == 2:
        return (0, 1)
    energy = sum(sound.double().square().sum(1) for sound in _stretches(mixture))
    first, second = sorted(torch.as_tensor(energy).topk(2).indices.tolist())
    return (first, second)


def _points(mixture: Mixture, channels: tuple[int, int]) -> _Points:
    """Spectral peaks of the stretches, evenly drawn."""
    transform = Transform.for_rate(mixture.rate_hz)
    hz, found, loudest = [], [], []
    for sound in _stretches(mixture):
        x = transform.forward(sound[list(channels)])
        power = x.abs().square().sum(0)
        bins, frames = _peaks(power, transform.bin_hz)
        loudest.append(power.amax(0))
        hz.append(bins * transform.bin_hz)
        found.append(x[:, bins, frames])
    values = torch.cat(found, 1)
    height = values.abs().square().sum(0)
    heard = torch.nonzero(height > QUIET * torch.cat(loudest).mean() + TINY)[:, 0]
    heard = heard[:: max(1, len(heard) // POINTS)]
    return _Points(torch.cat(hz)[heard], values[:, heard] / height[heard].sqrt())


def _peaks(power: Tensor, bin_hz: float) -> tuple[Tensor, Tensor]:
    """Bins and frames of the loudest local maxima of each frame of power (bins, frames)."""
    middle = power[1:-1]
    peak = torch.zeros_like(power)
    peak[1:-1] = middle * ((middle > power[:-2]) & (middle >= power[2:]))
    peak[: int(LOWEST_HZ / bin_hz)] = 0.0
    peak[int(HIGHEST_HZ / bin_hz) :] = 0.0
    height, bins = peak.topk(min(PEAKS_PER_FRAME, len(peak)), dim=0)
    frames = torch.arange(power.shape[1]).expand_as(bins)
    heard = height > FAINT * height[:1] + TINY
    return bins[heard], frames[heard]


def _grid(delays_s: tuple[float, ...], levels_db: tuple[float, ...]) -> Tensor:
    """(2, directions): all pairs of delay and level of two (first, last, step)."""
    axes = [
        torch.arange(round((last - first) / step) + 1) * step + first
        for first, last, step in (delays_s, levels_db)
    ]
    return torch.stack([axis.flatten() for axis in torch.meshgrid(*axes, indexing="ij")])


def _near(place: Tensor) -> Tensor:
    """(2, directions): a finer grid around a direction (2,), as wide as one step of the coarse."""
    steps = DELAYS_S[2], LEVELS_DB[2]
    axes = [(-step, step, step / FINE) for step in steps]
    return _grid(axes[0], axes[1]) + place[:, None]


def _descend(tables: Sequence[Tensor]) -> list[int]:
    """One row of each voice's likelihoods (directions, points) that together are the likeliest.

    Greedy, then voice by voice until nothing changes.
    """
    chosen: list[int] = []
    total = torch.full_like(tables[0][0], ANYWHERE)
    for table in tables:
        chosen.append(int(torch.log(total + table).sum(1).argmax()))
        total = total + table[chosen[-1]]
    for _ in range(ROUNDS):
        before = list(chosen)
        for voice, table in enumerate(tables):
            others = total - table[chosen[voice]]
            chosen[voice] = int(torch.log(others + table).sum(1).argmax())
            total = others + table[chosen[voice]]
        if chosen == before:
            break
    return chosen


def _gains(rows: Sequence[Tensor]) -> list[float]:
    """Mean log-likelihood that each voice's likelihoods (points,) add where the best voice counts.

    A voice that shares its direction with another adds nothing.
    """
    likely = torch.stack([torch.full_like(rows[0], ANYWHERE), *rows])
    first, second = likely.topk(2, dim=0).values
    best = likely.argmax(0)
    lead = torch.log(first / second)
    return [float((lead * (best == voice)).mean()) for voice in range(1, len(likely))]
