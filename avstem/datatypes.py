"""Every record that crosses a stage.

Conventions (docs/conventions.md): time is the last axis; names carry units; times are
**media time** unless they say otherwise: seconds from the video's first presented frame (from
the mixture's first sample when there is no picture). Records are frozen and checked when made.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


# --------------------------------------------------------------------------- progress


class Stage(StrEnum):
    """The stages of the flow, in order."""

    MEDIA = "media"
    ALIGNMENT = "alignment"
    PLAYERS = "players"
    ASSOCIATION = "association"
    SEPARATION = "separation"
    STEMS = "stems"


# A stage reports the fraction of itself that is done, 0 to 1. The callee may raise Cancelled.
Progress = Callable[[float], None]


def no_progress(fraction: float) -> None:
    """Progress that nobody watches."""


# --------------------------------------------------------------------------- media


class Mixture(Protocol):
    """The recorded sound, read in blocks so that its length does not matter.

    Sample n of every stem lies under sample n of the mixture.
    """

    rate_hz: int
    channels: int
    samples: int  # per channel
    start_s: float  # media time of sample 0
    warnings: tuple[str, ...]  # what is odd about the sound, such as clipping

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

    width_px: int  # upright, as presented
    height_px: int
    duration_s: float
    frames: int  # estimate; for progress only
    epoch_s: float  # the container's time of media time 0

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
        _require(len(n) == 1, f"onsets_s must be (notes,), found shape {n}")
        for name in ("offsets_s", "pitches", "velocities"):
            shape = getattr(self, name).shape
            _require(shape == n, f"{name} must have shape {n} like onsets_s, found {shape}")
        _require(bool(np.all(np.diff(self.onsets_s) >= 0)), "onsets_s must not decrease")
        _require(bool(np.all(self.offsets_s > self.onsets_s)), "each offset must follow its onset")
        pitched = bool(np.all((self.pitches >= 0) & (self.pitches <= 127)))
        _require(pitched, "pitches must lie between 0 and 127")

    def __len__(self) -> int:
        return len(self.onsets_s)


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
        _require(found == list(range(len(found))), f"parts must be numbered from 0, found {found}")
        _require(len(found) > 0, "a score needs at least one part")

    @property
    def duration_s(self) -> float:
        """Score time of the last note's end."""
        return max(float(p.notes.offsets_s.max()) for p in self.parts)


# --------------------------------------------------------------------------- players


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright source picture; x1 and y1 are exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        _require(self.x1 > self.x0 and self.y1 > self.y0, f"a box needs an area, found {self}")


@dataclass(frozen=True, eq=False)
class MotionField:
    """Dense motion of the whole picture on a grid of cells, one value per frame.

    velocity : (2, rows, columns, frames) float16, x then y, in pixels of the flow picture per
        second. May be a memory map; read it in blocks of frames.
    times_s : (frames,) presentation times, strictly increasing.
    texture : (rows, columns) in [0, 1], how far flow can be trusted in a cell.
    cell_px : size of a cell in pixels of the source picture (x, y).
    width_px, height_px : the source picture, upright.
    cuts_s : times at which the picture changes at once (camera cuts).
    """

    velocity: NDArray[np.float16]
    times_s: FloatArray
    texture: FloatArray
    cell_px: tuple[float, float]
    width_px: int
    height_px: int
    cuts_s: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        two, rows, columns, frames = self.velocity.shape
        _require(two == 2, f"velocity must be (2, rows, columns, frames), found {two} first")
        _require(self.times_s.shape == (frames,), "times_s must have one time per frame")
        _require(self.texture.shape == (rows, columns), "texture must be (rows, columns)")
        _require(bool(np.all(np.diff(self.times_s) > 0)), "times_s must increase")

    @property
    def frame_rate_hz(self) -> float:
        """Median frame rate; frames need not be equally spaced."""
        return float(1.0 / np.median(np.diff(self.times_s)))

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Velocities of frames [start, stop), a copy (2, rows, columns, stop - start).

        The pages of a memory map are handed back, so that a long recording read in blocks
        does not pile up in memory.
        """
        block = self.velocity[..., start:stop].astype(np.float32)
        mapped = getattr(self.velocity, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
            mapped.madvise(mmap.MADV_DONTNEED)
        return block


@dataclass(frozen=True, eq=False)
class Player:
    """One visible player: players are numbered from 0, left to right."""

    index: int
    box_px: Box
    weight: FloatArray  # (rows, columns) of the motion field, in [0, 1]: the player's cells


@dataclass(frozen=True, eq=False)
class Players:
    """Who is in the picture, and the motion field they were found in."""

    players: tuple[Player, ...]
    field: MotionField
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = [p.index for p in self.players]
        _require(found == list(range(len(found))), f"players must be numbered from 0, got {found}")


# --------------------------------------------------------------------------- alignment


@dataclass(frozen=True, eq=False)
class TimeMap:
    """Score time to media time, piecewise linear through anchors, both strictly increasing."""

    score_s: FloatArray  # (anchors,)
    media_s: FloatArray  # (anchors,)

    def __post_init__(self) -> None:
        _require(self.score_s.shape == self.media_s.shape, "anchors must come in pairs")
        _require(len(self.score_s) >= 2, "a time map needs at least two anchors")
        for name in ("score_s", "media_s"):
            _require(bool(np.all(np.diff(getattr(self, name)) > 0)), f"{name} must increase")

    def to_media(self, score_s: FloatArray) -> FloatArray:
        """Media times of score times; beyond the ends the mean tempo goes on."""
        return _extend(score_s, self.score_s, self.media_s)

    def to_score(self, media_s: FloatArray) -> FloatArray:
        """Score times of media times; the inverse of ``to_media``."""
        return _extend(media_s, self.media_s, self.score_s)


def _extend(x: FloatArray, xs: FloatArray, ys: FloatArray) -> FloatArray:
    slope = (ys[-1] - ys[0]) / (xs[-1] - xs[0])
    inside = np.interp(x, xs, ys)
    before, after = np.minimum(x - xs[0], 0.0), np.maximum(x - xs[-1], 0.0)
    return np.asarray(inside + slope * (before + after))


@dataclass(frozen=True, eq=False)
class Alignment:
    """The score as performed.

    notes : one per part of the score, in media time, same notes in the same order of the part.
    confidence : overall fit of score and recording, 0 to 1.
    confidence_per_s : (seconds,) the same for each second of media time from the first onset.
    """

    timemap: TimeMap
    notes: tuple[Notes, ...]
    confidence: float
    confidence_per_s: FloatArray
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(0.0 <= self.confidence <= 1.0, f"confidence outside 0 to 1: {self.confidence}")


# --------------------------------------------------------------------------- association


@dataclass(frozen=True, eq=False)
class Affinity:
    """How well each player's movement goes with each part; larger is better.

    scores : (parts, players); the unit is the method's own (z-score for ``synchrony``).
    curves : (players, frames) the movement curve that the report draws against the onsets,
        standardised; ``times_s`` (frames,) are its media times.
    """

    method: str
    scores: FloatArray
    curves: FloatArray
    times_s: FloatArray


@dataclass(frozen=True)
class Match:
    """One part and the player who plays it (None: nobody in the picture)."""

    part: int
    player: int | None
    confidence: float  # 0 to 1, calibrated: share of such matches that are right
    runner_up: int | None = None  # the next best player
    margin: float = 0.0  # how much worse the best assignment without this match scores
    ambiguous: bool = False
    why: str = ""  # for people: why it is ambiguous, or that the user assigned it

    def __post_init__(self) -> None:
        _require(0.0 <= self.confidence <= 1.0, f"confidence outside 0 to 1: {self.confidence}")


@dataclass(frozen=True, eq=False)
class Association:
    """Which player plays which part: one match per part, in score order."""

    matches: tuple[Match, ...]
    affinity: Affinity | None  # None without a picture
    idle_players: tuple[int, ...] = ()  # visible players without a part
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = [m.part for m in self.matches]
        _require(found == list(range(len(found))), f"one match per part in order, got {found}")
        taken = [m.player for m in self.matches if m.player is not None]
        _require(len(taken) == len(set(taken)), f"a player was matched twice: {taken}")


# --------------------------------------------------------------------------- separation


class Condition(StrEnum):
    """What a separation may lean on besides the sound itself."""

    SCORE = "score"
    MOTION = "motion"
    POSE = "pose"
    LABELS = "labels"
    APPEARANCE = "appearance"
    AUDIO = "audio"  # nothing but the sound


@dataclass(frozen=True)
class Absent:
    """A condition that this recording does not offer, and why."""

    why: str


@dataclass(frozen=True, eq=False)
class Conditions:
    """All that separators may be conditioned on; what is missing is there as ``Absent``."""

    notes: tuple[Notes, ...] | Absent  # as performed, media time, one per part
    players: Players | Absent = field(default_factory=lambda: Absent("there is no picture"))
    association: Association | Absent = field(default_factory=lambda: Absent("there is no picture"))


@dataclass(frozen=True, eq=False)
class SourceBlock:
    """A stretch of all estimated sources: blocks follow each other without gap or overlap."""

    start: int  # sample of the mixture
    sources: FloatArray  # (parts, channels, samples) float32; sums over parts to the mixture

    def __post_init__(self) -> None:
        _require(self.sources.ndim == 3, "sources must be (parts, channels, samples)")


class Separator(Protocol):
    """The one call of every separation method.

    Blocks cover the whole mixture in order. ``needs`` says which conditions must be present.
    """

    needs: frozenset[Condition]

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """Estimated sources of the mixture, one per part, in blocks that sum to it."""
        ...


# --------------------------------------------------------------------------- stems


@dataclass(frozen=True, eq=False)
class Stem:
    """One written stem."""

    part: int
    name: str  # "Violin 1"
    path: str  # relative to the result folder, "/" as separator: "01 Violin 1.wav"
    colour: str  # "#rrggbb", the same in report, panel and tracks
    peaks: FloatArray  # (columns,) largest magnitude in each stretch of the stem, for drawing
    level_db: float  # RMS relative to full scale
