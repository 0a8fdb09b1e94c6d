"""Voices of a mixture whose channels do not tell them apart: by the tones that they play.

Pitches are listened for twice, the second time only where something stood out, which leaves fewer
ghosts. Tones are then strung together to voices in several likely ways (``streams``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool1d

from avstem.datatypes import FloatArray, IntArray, Notes
from avstem.separation.pitches import LOWEST, PitchGrid
from avstem.separation.spectra import Transform
from avstem.separation.streams import streams
from avstem.separation.tones import GENEROUS, Tones, find_tones, standing_out

LOUDEST = 80  # velocity of what is heard; nobody has measured how hard it is played


@dataclass(frozen=True, eq=False)
class Ear:
    """Hears ``count`` voices in one row."""

    count: int
    transform: Transform
    grid: PitchGrid

    def __call__(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Salience (1, pitches, frames) and downmix (1, samples) of a sound (channels, samples)."""
        x = self.transform.forward(sound)[:, : self.grid.peaks.bins]
        magnitude = x.abs().square().mean(0).sqrt()
        first = self.grid.salience(magnitude)
        where = standing_out(first.cpu().numpy(), self.count, GENEROUS)
        wider = max_pool1d(torch.from_numpy(where).float(), 3, 1, 1).to(first.device)
        return self.grid.salience(magnitude, wider)[None], sound.mean(0, keepdim=True)


def guesses(
    salience: FloatArray, count: int, hop_s: float, start_s: float
) -> list[tuple[Notes, ...]]:
    """Notes of ``count`` voices in a salience (pitches, frames): different guesses, best first.

    start_s : media time of the first frame.
    """
    tones = find_tones(salience, count)
    found = np.unique(played := np.stack(streams(tones, count)), axis=0, return_index=True)[1]
    return [
        tuple(_notes(tones, played[k] == voice, hop_s, start_s) for voice in range(count))
        for k in np.sort(found)
    ]


def _notes(tones: Tones, mine: IntArray, hop_s: float, start_s: float) -> Notes:
    return Notes(
        onsets_s=start_s + tones.first[mine] * hop_s,
        offsets_s=start_s + tones.stop[mine] * hop_s,
        pitches=tones.pitch[mine] + LOWEST,
        velocities=np.full(int(mine.sum()), LOUDEST),
    )
