"""Records of the media stage: sound, picture, score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes.base import FloatArray, IntArray, require


class Mixture(Protocol):
    """The recorded sound, read in blocks so that its length does not matter.

    Sample n of every stem lies under sample n of the mixture.
    """

    @property
    def rate_hz(self) -> int:
        """Sample rate."""
        ...

    @property
    def channels(self) -> int:
        """Number of channels."""
        ...

    @property
    def samples(self) -> int:
        """Samples per channel."""
        ...

    @property
    def start_s(self) -> float:
        """Media time of sample 0."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about the sound, such as clipping."""
        ...

    def read(self, start: int, count: int) -> FloatArray:
        """Samples [start, start + count) as float32 (channels, count); zeros outside."""
        ...


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of the video, upright."""

    time_s: float
    picture: NDArray[np.uint8]  # (rows, columns) luma or (rows, columns, 3) RGB


class Video(Protocol):
    """The picture, streamed: frames are decoded as they are asked for and never held."""

    @property
    def width_px(self) -> int:
        """Width, upright as presented."""
        ...

    @property
    def height_px(self) -> int:
        """Height, upright as presented."""
        ...

    @property
    def duration_s(self) -> float:
        """From the first frame to the end of the last."""
        ...

    @property
    def frames(self) -> int:
        """Estimated number of frames; for progress only."""
        ...

    @property
    def epoch_s(self) -> float:
        """The container's time of media time 0."""
        ...

    def luma(self, width_px: int, height_px: int) -> Iterator[Frame]:
        """All frames, luma scaled to (height_px, width_px), times as presented."""
        ...

    def picture_at(self, time_s: float, width_px: int | None = None) -> Frame:
        """The frame presented at ``time_s`` as RGB, at the source's size unless given."""
        ...


@dataclass(frozen=True, eq=False)
class Notes:
    """Notes of one part, in order of onset; parallel arrays of shape (notes,).

    ``onsets_s`` and ``offsets_s`` are score time in a ``Part``, media time in an ``Alignment``.
    """

    onsets_s: FloatArray
    offsets_s: FloatArray
    pitches: IntArray  # MIDI numbers
    velocities: IntArray  # 1 to 127

    def __post_init__(self) -> None:
        n = self.onsets_s.shape
        require(len(n) == 1, f"onsets_s must be (notes,), found shape {n}")
        for name in ("offsets_s", "pitches", "velocities"):
            shape = getattr(self, name).shape
            require(shape == n, f"{name} must have shape {n} like onsets_s, found {shape}")
        require(bool(np.all(np.diff(self.onsets_s) >= 0)), "onsets_s must not decrease")
        require(bool(np.all(self.offsets_s > self.onsets_s)), "each offset must follow its onset")
        pitched = bool(np.all((self.pitches >= 0) & (self.pitches <= 127)))
        require(pitched, "pitches must lie between 0 and 127")

    def __len__(self) -> int:
        return len(self.onsets_s)

    def phrases(self, rest_s: float) -> FloatArray:
        """(phrases, 2) first onset and last offset between rests longer than ``rest_s``."""
        if len(self) == 0:
            return np.zeros((0, 2))
        ends_s = np.maximum.accumulate(self.offsets_s)
        breaks = np.flatnonzero(self.onsets_s[1:] - ends_s[:-1] > rest_s)
        firsts_s = self.onsets_s[np.append(0, breaks + 1)]
        return np.stack([firsts_s, ends_s[np.append(breaks, len(self) - 1)]], axis=1)


NO_NOTES = Notes(np.zeros(0), np.zeros(0), np.zeros(0, int), np.zeros(0, int))


@dataclass(frozen=True, eq=False)
class Part:
    """One track of the score with its notes in score time."""

    index: int  # order in the score, from 0
    name: str
    instrument: str  # "Violin", "Oboe", ... by program or name; "" when unknown
    notes: Notes


@dataclass(frozen=True, eq=False)
class Score:
    """The parts that have notes, in score order, and what was odd about the file."""

    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = [p.index for p in self.parts]
        require(found == list(range(len(found))), f"parts must be numbered from 0, found {found}")
        require(len(found) > 0, "a score needs at least one part")

    @property
    def duration_s(self) -> float:
        """Score time of the last note's end."""
        return max(float(p.notes.offsets_s.max()) for p in self.parts)
