"""Separation without a score: by what was heard of each voice, and where it comes from.

The default of the conditioning ``motion``: ``voices.find_voices`` has listened, the association
has found whose voice is whose by movement, and the voices come in the order of the parts. With
directions every voice is told apart by them first and its pitches are heard again; without, the
notes that were heard are what a score would be. The harmonic model with the multichannel Wiener
filter or the masks of ``harmonic_space`` does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from scipy.ndimage import binary_opening
from torch import Tensor

from avstem.datatypes import (
    Absent,
    Activity,
    Condition,
    Conditions,
    FloatArray,
    Mixture,
    Progress,
    Separator,
    SourceBlock,
    Voices,
    no_progress,
)
from avstem.separation import harmonic_space, spatial
from avstem.separation.blind import by_direction
from avstem.separation.chunks import in_chunks, within
from avstem.separation.directions import Directions
from avstem.separation.gates import open_gates
from avstem.separation.harmonic_nmf import Experience, HarmonicModel
from avstem.separation.heard import heard_gates
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device
from avstem.separation.voices import find_voices

UPDATES = 12  # of the model from the powers that the directions give
# A tone that is taken for a rest is lost, and winds move little: on development pieces 0.1 for a
# second held back up to a fifth of a flute and a clarinet, these figures nothing of anybody.
RESTING = 0.02  # probability of playing below which a player surely rests
LONG_S = 2.0  # so long
ATTENUATED = 0.03  # the magnitudes of a voice whose player rests
NOBODY_LOOKED = Absent("nobody looked for it")
LISTENING = 0.4  # share of the time, where nobody has listened before


def method() -> Separator:
    """The separator for voices that were matched with players by their movement."""
    return VoiceSeparator(frozenset({Condition.MOTION}))


def by_sound() -> Separator:
    """The same for voices that nobody is known to play."""
    return VoiceSeparator(frozenset({Condition.AUDIO}))


class VoiceSeparator:
    """One source per voice, in the order of ``Conditions.voices``."""

    def __init__(self, needs: frozenset[Condition]) -> None:
        """A separator that needs these conditions; it listens itself where nobody has."""
        self.needs = needs

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """Sources of the mixture, one per voice, in blocks that cover it and sum to it."""
        voices, done = conditions.voices, 0.0
        if isinstance(voices, Absent):
            voices = find_voices(mixture, conditions.count, lambda f: progress(f * LISTENING))[0]
            done = LISTENING

        def further(fraction: float) -> None:
            progress(done + (1.0 - done) * fraction)

        return in_chunks(mixture, Run(voices, mixture.rate_hz, conditions.activity), further)


class Run:
    """One recording, stretch after stretch."""

    def __init__(
        self, voices: Voices, rate_hz: int, activity: Activity | Absent = NOBODY_LOOKED
    ) -> None:
        """The voices to separate, in this order; who of their players is playing when."""
        self.voices = voices
        self.activity = activity
        self.transform = Transform.for_rate(rate_hz)
        self.bins = min(
            self.transform.bins, round(harmonic_space.HIGHEST_HZ / self.transform.bin_hz)
        )
        self.grid = PitchGrid.of(self.transform.bin_hz, self.bins, device())
        self.level = 0.0  # of the first stretch that is not silent: the unit of all magnitudes
        self.past: Experience | None = None
        self.start_s = 0.0  # of the stretch

    def __call__(self, sound: Tensor, start_s: float) -> Tensor:
        """Sources (voices, channels, samples) of sound (channels, samples)."""
        self.level = self.level or float(sound.square().mean().sqrt())
        voices, told_apart = len(self.voices.notes), self.voices.placed or self.voices.heard
        if voices == 1 or not (sound.any() and told_apart):
            return sound.expand(voices, *sound.shape) / voices
        sound = sound.to(device()) / self.level
        self.start_s = start_s
        separate = self._by_place if self.voices.placed else self._by_sound
        model, images = separate(sound, self.transform.forward(sound))
        self.past = model.experience()
        sources = torch.zeros(voices, *sound.shape, device=sound.device)
        for voice, image in zip(self.voices.sounding, images, strict=True):
            sources[voice] = self.transform.inverse(image, sound.shape[-1]) * self.level
        return sources

    def _by_place(self, sound: Tensor, x: Tensor) -> tuple[HarmonicModel, Tensor]:
        """The model, and images (voices, channels, bins, frames) of spectra x."""
        directions = self._directions()
        low, hop_s = x[:, : self.bins], self.transform.hop_s
        v, r = by_direction(low, directions, self.transform.bin_hz)
        model = self._learn(low, v.sqrt())
        r = spatial.em_pass(low, harmonic_space.powers(model, hop_s), r)
        return model, harmonic_space.refined(x, model, r, hop_s)

    def _by_sound(self, sound: Tensor, x: Tensor) -> tuple[HarmonicModel, Tensor]:
        """The same."""
        duration_s = sound.shape[-1] / self.transform.rate_hz
        notes = tuple(within(played, self.start_s, duration_s) for played in self.voices.notes)
        gates = open_gates(notes, x.shape[2], self.transform.hop_s)
        resting = self._may_sound(x.shape[2]) < 1.0
        gates = gates.without(resting)
        model = harmonic_space.learn(x, self.transform, gates, self.past)
        return model, harmonic_space.separated(x, model, self.transform.hop_s)

    def _directions(self) -> Directions:
        """Of the voices that have one."""
        here = list(self.voices.sounding)
        delays_s, levels_db = (
            torch.from_numpy(np.asarray(found[here], dtype=np.float32))
            for found in (self.voices.delays_s, self.voices.levels_db)
        )
        return Directions(self.voices.channels, delays_s, levels_db)

    def _learn(self, low: Tensor, magnitudes: Tensor) -> HarmonicModel:
        """The model of spectra, from a first guess (voices, bins, frames) of each voice."""
        may_sound = self._may_sound(low.shape[2]).to(low.device)[:, None]
        magnitudes = magnitudes * may_sound
        heard = torch.stack([self.grid.salience(m) for m in magnitudes]) * (may_sound == 1.0)
        together = low.abs().square().mean(0).sqrt()
        model = HarmonicModel(together, heard_gates(heard), self.transform.bin_hz, self.past)
        model.fit(magnitudes, UPDATES)
        return model

    def _may_sound(self, frames: int) -> Tensor:
        """(voices, frames) 1, or less where a player surely rests."""
        times_s = self.start_s + np.arange(frames) * self.transform.hop_s
        return playing(self.activity, len(self.voices.notes), times_s)[list(self.voices.sounding)]


def playing(activity: Activity | Absent, voices: int, times_s: FloatArray) -> Tensor:
    """(voices, times) 1, or ``ATTENUATED`` where the player of a voice surely rests."""
    if isinstance(activity, Absent):
        return torch.ones(voices, len(times_s))
    long = max(1, math.ceil(LONG_S / activity.step_s))
    resting = binary_opening(activity.playing < RESTING, np.ones((1, long), bool))
    surely = replace(activity, playing=resting.astype(float)).at(times_s) == 1.0
    return torch.from_numpy(np.where(surely, ATTENUATED, 1.0)).float()
