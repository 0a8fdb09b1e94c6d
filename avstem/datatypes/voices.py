"""Records of listening: voices found in the sound before anybody knows whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avstem.datatypes.base import FloatArray, require
from avstem.datatypes.media import Notes

RIGHT_DB, RIGHT_S = 6.0, 3e-4  # of one channel against the other: all the way to its side


@dataclass(frozen=True, eq=False)
class Voices:
    """What was heard of each voice, and where it comes from.

    notes : what each voice plays as heard, media time; may be empty.
    channels : the two channels of the mixture in which directions are measured.
    delays_s, levels_db : (voices,) of the second of the two channels against the first, NaN for a
        voice that comes from nowhere; both have no entries where the channels do not tell the
        voices apart.
    """

    notes: tuple[Notes, ...]
    channels: tuple[int, int]
    delays_s: FloatArray
    levels_db: FloatArray

    def __post_init__(self) -> None:
        found, voices = self.delays_s.shape, len(self.notes)
        require(found in ((voices,), (0,)), f"{voices} voices need as many delays, found {found}")
        require(self.levels_db.shape == found, "delays_s and levels_db need the same shape")

    @property
    def placed(self) -> bool:
        """Whether voices are told apart by their directions."""
        return len(self.delays_s) > 0

    @property
    def sounding(self) -> tuple[int, ...]:
        """Numbers of the voices that may sound: not those that come from nowhere."""
        if not self.placed:
            return tuple(range(len(self.notes)))
        return tuple(int(k) for k in np.flatnonzero(np.isfinite(self.delays_s)))

    @property
    def heard(self) -> bool:
        """Whether any note was heard."""
        return any(len(played) > 0 for played in self.notes)

    @property
    def rightness(self) -> FloatArray:
        """(voices,) how far right each is heard: louder and earlier in the second channel; or NaN.

        The unit is about that between the middle and one side of a usual pair of microphones.
        """
        return self.levels_db / RIGHT_DB - self.delays_s / RIGHT_S

    def in_order(self, order: Sequence[int]) -> Voices:
        """The same with voice ``order[k]`` in place k; ``order`` names every voice once."""
        require(sorted(order) == list(range(len(self.notes))), f"no order of the voices: {order}")
        notes = tuple(self.notes[k] for k in order)
        chosen = list(order) if self.placed else []
        return Voices(notes, self.channels, self.delays_s[chosen], self.levels_db[chosen])
