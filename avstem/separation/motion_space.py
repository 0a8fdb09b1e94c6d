"""Separation without a score: by what was heard of each voice, and by where it comes from.

The default of the conditioning ``motion``: ``voices.find_voices`` has listened, the association
has found whose voice is whose by movement, and the voices come in the order of the parts. With
directions every voice is told apart by them first, its pitches are heard, and the harmonic model
with the multichannel Wiener filter of ``harmonic_space`` does the rest, with gates that are open
where a pitch was heard. Without, the notes of the voices stand for a score.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import (
    Absent,
    Condition,
    Conditions,
    Mixture,
    Progress,
    Separator,
    SourceBlock,
    Voices,
    no_progress,
)
from avstem.separation import harmonic_space, spatial
from avstem.separation.blind import by_direction
from avstem.separation.chunks import ScoreSeparator, in_chunks
from avstem.separation.directions import Directions
from avstem.separation.harmonic_nmf import Experience, HarmonicModel
from avstem.separation.heard import heard_gates
from avstem.separation.pitches import PitchGrid
from avstem.separation.spectra import Transform, device
from avstem.separation.voices import find_voices

UPDATES = 12  # of the model from the powers that the directions give
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
            voices = find_voices(mixture, conditions.count, lambda f: progress(f * LISTENING))
            done = LISTENING

        def further(fraction: float) -> None:
            progress(done + (1.0 - done) * fraction)

        if not voices.placed:
            by_notes = Conditions(voices.notes)
            return ScoreSeparator(harmonic_space.Run)(mixture, by_notes, further)
        return in_chunks(mixture, Run(voices, mixture.rate_hz), further)


class Run:
    """One recording whose voices have directions, stretch after stretch."""

    def __init__(self, voices: Voices, rate_hz: int) -> None:
        """The voices to separate, in this order."""
        self.directions = Directions(
            voices.channels,
            torch.from_numpy(np.asarray(voices.delays_s, dtype=np.float32)),
            torch.from_numpy(np.asarray(voices.levels_db, dtype=np.float32)),
        )
        self.transform = Transform.for_rate(rate_hz)
        self.bins = min(
            self.transform.bins, round(harmonic_space.HIGHEST_HZ / self.transform.bin_hz)
        )
        self.grid = PitchGrid.of(self.transform.bin_hz, self.bins, device())
        self.level = 0.0  # of the first stretch that is not silent: the unit of all magnitudes
        self.past: Experience | None = None

    def __call__(self, sound: Tensor, start_s: float) -> Tensor:
        """Sources (voices, channels, samples) of sound (channels, samples)."""
        self.level = self.level or float(sound.square().mean().sqrt())
        voices = len(self.directions.delays_s)
        if not sound.any():
            return sound.expand(voices, *sound.shape) / voices
        x = self.transform.forward(sound.to(device()) / self.level)
        model, r = self._learn(x)
        images = harmonic_space.refined(x, model, r, self.transform.hop_s)
        self.past = model.experience()
        sources = [self.transform.inverse(image, sound.shape[-1]) for image in images]
        return torch.stack(sources) * self.level

    def _learn(self, x: Tensor) -> tuple[HarmonicModel, Tensor]:
        """The harmonic model and covariances (voices, bins, channels, channels) to begin with."""
        low = x[:, : self.bins]
        v, r = by_direction(low, self.directions, self.transform.bin_hz)
        heard = torch.stack([self.grid.salience(power.sqrt()) for power in v])
        magnitude = low.abs().square().mean(0).sqrt()
        model = HarmonicModel(magnitude, heard_gates(heard), self.transform.bin_hz, self.past)
        model.fit(v.sqrt(), UPDATES)
        return model, spatial.em_pass(low, harmonic_space.powers(model, self.transform.hop_s), r)
