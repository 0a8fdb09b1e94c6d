"""The rows of the motion tables: published variants, baselines, bounds, and avstem."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d
from torch import Tensor

from avstem import activity, separation
from avstem.datatypes import Absent, Conditions, FloatArray, MotionClusters
from avstem.separation import mel_nmf, motion_nmf, smcnmf
from avstem.separation.component_masks import Picture, by_motion
from avstem.separation.motion_matrix import Motion, Who, motion_matrix
from avstem.separation.nmf import Factors
from benchmarks.motion_mixtures import MotionMixture, Sound

SEEDS = (0, 1, 2, 3, 4)
NO_SCORE = Absent("there is no score")


@dataclass(frozen=True, eq=False)
class Estimates:
    """What a method gives.

    sources : (starts, sources, samples) mono downmix. blind : nobody can know the players.
    cpu_s : processor seconds of one start, motion clusters included where they are used.
    """

    sources: FloatArray
    cpu_s: float
    blind: bool = False


class Studio:
    """A mixture with what several rows share: clusters, and the NMF of the mixture."""

    def __init__(self, mixture: MotionMixture) -> None:
        self.mixture = mixture
        self.nmf_s = 0.0

    def sound(self, *, mono: bool) -> Sound:
        return self.mixture.sound(mono=mono)

    @cached_property
    def clusters(self) -> MotionClusters:
        return self.mixture.clusters

    @cached_property
    def nmf(self) -> Factors:
        began_s = time.process_time()
        seen = Picture(torch.from_numpy(self.sound(mono=True).samples_), self.mixture.rate_hz)
        components = motion_nmf.COMPONENTS * self.mixture.size
        found = motion_nmf.mixture_nmf(seen.v, SEEDS, components)
        self.nmf_s = (time.process_time() - began_s) / len(SEEDS)
        return found

    def the_nmf(self, v: Tensor, seeds: Sequence[int], components: int) -> Factors:
        """The NMF of the mixture, made once."""
        return self.nmf

    def conditions(self) -> Conditions:
        return Conditions(NO_SCORE, self.mixture.players, clusters=self.clusters)


def published(variant: motion_nmf.Variant, studio: Studio, *, from_nmf: bool = True) -> Estimates:
    """A published separation by motion, from the downmix."""
    sound, who = studio.sound(mono=True), Who.of(studio.conditions())
    extra_s = _nmf_s(studio) if from_nmf else 0.0
    began_s = time.process_time()
    found = by_motion(
        *(torch.from_numpy(sound.samples_), sound.rate_hz, sound.start_s, who, variant, SEEDS),
        nmf=studio.the_nmf,
    )
    took_s = (time.process_time() - began_s) / len(SEEDS)
    return Estimates(found[:, :, 0].numpy(), took_s + extra_s)


def _nmf_s(studio: Studio) -> float:
    assert studio.nmf.w is not None  # made now, if it was not
    return studio.nmf_s


def mel(studio: Studio) -> Estimates:
    """Mel-NMF, from the downmix."""
    sound, extra_s = studio.sound(mono=True), _nmf_s(studio)
    began_s = time.process_time()
    groups = mel_nmf.Groups(studio.mixture.size, SEEDS)
    samples = torch.from_numpy(sound.samples_)
    found = mel_nmf.by_timbre(samples, sound.rate_hz, groups, studio.the_nmf)
    took_s = (time.process_time() - began_s) / len(SEEDS)
    return Estimates(found[:, :, 0].numpy(), took_s + extra_s, blind=True)


def mixture_itself(studio: Studio) -> Estimates:
    mono = studio.sound(mono=True).samples_[0]
    return Estimates(np.broadcast_to(mono, (1, studio.mixture.size, len(mono))), 0.0)


def ideal_assignment(studio: Studio) -> Estimates:
    """The NMF of the mixture, each component given to the source it takes most energy from."""
    truth = torch.from_numpy(studio.mixture.truth.mean(1, keepdims=True))
    mono, rate_hz = studio.sound(mono=True).samples_, studio.mixture.rate_hz
    seen, true = Picture(torch.from_numpy(mono), rate_hz), [Picture(t, rate_hz) for t in truth]
    w, h = studio.nmf.w, studio.nmf.h
    shares = [(w * ((t.x[0].abs() / studio.nmf.model) @ h.mT)).sum(1) for t in true]
    source = torch.stack(shares).argmax(0)
    found = seen.masked(studio.nmf, source, studio.mixture.size)
    return Estimates(found[:, :, 0].numpy(), 0.0)


def loudness(mixture: MotionMixture, seen: Picture) -> Tensor:
    """Loudness (frames, sources) of the true sources at the frames of the picture of the sound."""
    power = np.square(mixture.truth.mean(1))
    level = np.sqrt(uniform_filter1d(power, 2 * seen.transform.hop, axis=1).clip(min=0.0))
    m = torch.from_numpy(level[:, :: seen.transform.hop].T.copy())
    return torch.nn.functional.pad(m, (0, 0, 0, seen.v.shape[1] - len(m)))


def likeness(studio: Studio) -> dict[str, float]:
    """How the speeds of clusters go with loudness: mean over the sources of the best correlation.

    own : with a cluster of the source's player. other : of one of the other players, mean.
    """
    mixture = studio.mixture
    seen = Picture(torch.from_numpy(studio.sound(mono=True).samples_), mixture.rate_hz)
    level = loudness(mixture, seen).T.numpy()
    hop_s = seen.transform.hop_s
    speed = motion_matrix(studio.clusters, mixture.start_s, hop_s, level.shape[1]).T.numpy()
    with np.errstate(invalid="ignore"):  # a cluster that never moves
        table = np.nan_to_num(np.corrcoef(level, speed)[: len(level), len(level) :])
    owner = studio.clusters.players
    best = np.array([[r[owner == k].max() for k in range(len(level))] for r in table])
    own = np.eye(len(best), dtype=bool)
    return {"own": float(best[own].mean()), "other": float(best[~own].mean())}


def ideal_motion(studio: Studio) -> Estimates:
    """NMF + NNLS with one cluster per player whose speed is the loudness of the true source."""
    mixture = studio.mixture
    seen = Picture(torch.from_numpy(studio.sound(mono=True).samples_), mixture.rate_hz)
    m = loudness(mixture, seen)
    m = m / m.square().mean(0).sqrt()
    motion = Motion.of(m, torch.arange(mixture.size), mixture.size)
    factors, source = motion_nmf.ls(seen.v, motion, SEEDS, studio.the_nmf)
    found = seen.masked(factors, source, mixture.size)
    return Estimates(found[:, :, 0].numpy(), 0.0)


def ours(studio: Studio, *, mono: bool, conditioning: frozenset = separation.MOTION) -> Estimates:
    """The default of a conditioning, run as the product runs it."""
    blind = conditioning == separation.AUDIO
    sound = studio.sound(mono=mono)
    began_s = time.process_time()
    count = studio.mixture.size
    conditions = Conditions(NO_SCORE, count=count) if blind else _heard(studio, sound)
    method = separation.separator("default", conditioning)
    blocks = [block.sources for block in method(sound, conditions)]
    took_s = time.process_time() - began_s
    sources = np.concatenate(blocks, axis=2).mean(1)
    return Estimates(sources[None], took_s, blind)


def _heard(studio: Studio, sound: Sound) -> Conditions:
    """Conditions as the pipeline makes them: voices heard first, then matched by movement."""
    from avstem import cast
    from avstem.separation.voices import find_voices

    players, count = studio.mixture.players, studio.mixture.size
    playing = activity.from_motion(players)
    found, voices = cast.with_voices(
        cast.of_players(players, ()), players, find_voices(sound, count), playing
    )
    clusters = studio.mixture.clusters
    return Conditions(
        NO_SCORE, players, found.association, clusters, playing, count=count, voices=voices
    )


ROWS: dict[str, Callable[[Studio], Estimates]] = {
    "mixture": mixture_itself,
    "LS": partial(published, motion_nmf.ls),
    "spLS": partial(published, motion_nmf.spls),
    "JLS Rand": partial(published, motion_nmf.jls_rand, from_nmf=False),
    "JLS NMF": partial(published, motion_nmf.jls_nmf),
    "sMcNMF": partial(published, smcnmf.smcnmf, from_nmf=False),
    "Mel-NMF": mel,
    "avstem, mono": partial(ours, mono=True),
    "avstem, stereo": partial(ours, mono=False),
    "avstem by sound, mono": partial(ours, mono=True, conditioning=separation.AUDIO),
    "avstem by sound, stereo": partial(ours, mono=False, conditioning=separation.AUDIO),
    "LS, loudness as motion": ideal_motion,
    "NMF, ideal assignment": ideal_assignment,
}
