"""Records of the players stage: motion and who is in the picture."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes.base import FloatArray, IntArray, require


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright source picture; x1 and y1 are exclusive."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        require(self.x1 > self.x0 and self.y1 > self.y0, f"a box needs an area, found {self}")


@dataclass(frozen=True)
class Similarity:
    """A map of the plane that keeps shapes: ``turn`` times a point plus ``shift``.

    Points are x + iy in pixels of the flow picture, from its middle; |turn| is the zoom.
    """

    turn: complex = 1.0 + 0j
    shift: complex = 0j

    def of(self, points: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Where points go."""
        return np.asarray(self.turn * points + self.shift)

    def then(self, other: Similarity) -> Similarity:
        """First this map, then the other."""
        return Similarity(other.turn * self.turn, other.turn * self.shift + other.shift)

    def inverse(self) -> Similarity:
        """The way back."""
        return Similarity(1.0 / self.turn, -self.shift / self.turn)

    def apart_px(self, other: Similarity, width_px: float, height_px: float) -> float:
        """How far apart two maps put the corners of a picture, at most."""
        corners = np.array([1, 1j, -1, -1j]) * complex(width_px, height_px) / 2
        corners = np.append(corners, corners.conj())
        return float(np.abs(self.of(corners) - other.of(corners)).max())


@dataclass(frozen=True, eq=False)
class View:
    """Frames [start, stop) of a motion field that show one picture, but for small camera moves.

    still : (height, width) uint8, the flow picture that the view's cells lie on: its first one.
    texture : (rows, columns) in [0, 1], how far flow can be trusted in a cell.
    follows : where pixels of this still lie on the view before, when the camera went on from there
        by pan or zoom; None after a cut and for the first view.
    moved_px : how far the camera has moved since the still, at most, pixels of the flow picture.
    """

    start: int
    stop: int
    still: NDArray[np.uint8]
    texture: FloatArray
    follows: Similarity | None = None
    moved_px: float = 0.0


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
    views : one per shot and per stretch of a pan or zoom, in order, without gaps; empty where there
        is but one. Within a view velocities are on the cells of its still, wherever the camera
        has gone since.
    looks : (looks, rows, columns) grey level of each cell about once a second, on the cells of the
        view; ``look_frames`` (looks,) are the frames they were taken at. Empty where not known.
    """

    velocity: NDArray[np.float16]
    times_s: FloatArray
    texture: FloatArray
    cell_px: tuple[float, float]
    width_px: int
    height_px: int
    cuts_s: tuple[float, ...] = ()
    views: tuple[View, ...] = ()
    looks: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 0), np.uint8))
    look_frames: IntArray = field(default_factory=lambda: np.zeros(0, int))

    def __post_init__(self) -> None:
        two, rows, columns, frames = self.velocity.shape
        require(two == 2, f"velocity must be (2, rows, columns, frames), found {two} first")
        require(self.times_s.shape == (frames,), "times_s must have one time per frame")
        require(self.texture.shape == (rows, columns), "texture must be (rows, columns)")
        require(bool(np.all(np.diff(self.times_s) > 0)), "times_s must increase")
        edges = [0, *(view.stop for view in self.views)]
        require([view.start for view in self.views] == edges[:-1], "views must follow each other")
        require(edges[-1] in (0, frames), "views must cover all frames")
        require(len(self.looks) == len(self.look_frames), "one frame number per look")

    @property
    def frame_rate_hz(self) -> float:
        """Median frame rate; frames need not be equally spaced."""
        return float(1.0 / np.median(np.diff(self.times_s)))

    def texture_of(self, region: Region) -> FloatArray:
        """Texture (rows, columns) of the view that a region is in; of all where there is one."""
        found = (view.texture for view in self.views if view.start <= region.start < view.stop)
        return next(found, self.texture)

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
class Region:
    """Where a player is during frames [start, stop) of the motion field."""

    start: int
    stop: int
    box_px: Box
    weight: FloatArray  # (rows, columns) of the motion field, in [0, 1]: the player's cells


@dataclass(frozen=True, eq=False)
class Player:
    """One visible player: players are numbered from 0, left to right.

    box_px, weight : the player's place and cells in one view (``Players.box_time_s``).
    views : where the player is in each view when the camera changes, in order of time and
        without overlap; empty where there is but one view. A player who is not in a view, or is
        hidden for a while, has no region there.
    moves : whether any movement of the player can be followed; without, nothing can be told from
        the picture, and motion cannot condition a separation.
    """

    index: int
    box_px: Box
    weight: FloatArray  # (rows, columns) of the motion field, in [0, 1]: the player's cells
    views: tuple[Region, ...] = ()
    moves: bool = True

    def regions(self, frames: int) -> tuple[Region, ...]:
        """The player's cells in every view of a motion field of that many frames."""
        return self.views or (Region(0, frames, self.box_px, self.weight),)


@dataclass(frozen=True, eq=False)
class Players:
    """Who is in the picture, and the motion field they were found in.

    box_time_s : media time of a picture that the players' boxes lie on; None where they lie on any.
    """

    players: tuple[Player, ...]
    field: MotionField
    warnings: tuple[str, ...] = ()
    box_time_s: float | None = None

    def __post_init__(self) -> None:
        found = [p.index for p in self.players]
        require(found == list(range(len(found))), f"players must be numbered from 0, got {found}")

    def shown(self) -> NDArray[np.bool_]:
        """(players, frames) whether the picture shows each player."""
        frames = len(self.field.times_s)
        found = np.zeros((len(self.players), frames), bool)
        for row, player in zip(found, self.players, strict=True):
            for region in player.regions(frames):
                row[region.start : region.stop] = True
        return found

    def with_boxes_in_picture(self) -> tuple[int, ...]:
        """Numbers of the players whom a picture at ``box_time_s`` shows where their boxes are."""
        if self.box_time_s is None:
            return tuple(range(len(self.players)))
        frame = int(np.abs(self.field.times_s - self.box_time_s).argmin())
        return tuple(int(k) for k in np.flatnonzero(self.shown()[:, frame]))


@dataclass(frozen=True, eq=False)
class MotionClusters:
    """Cells that move alike, grouped within each player's region.

    weights : (clusters, rows, columns) of the motion field, in [0, 1].
    players : (clusters,) the player each cluster belongs to, not decreasing.
    speed : (clusters, frames) mean speed of a cluster's cells, pixels of the flow picture per
        second; ``times_s`` (frames,) are its media times.
    shown_s : (clusters, 2) media time at which the picture begins to show a cluster's cells and at
        which it ends; outside the speed is 0.
    """

    weights: FloatArray
    players: IntArray
    speed: FloatArray
    times_s: FloatArray
    shown_s: FloatArray

    def __post_init__(self) -> None:
        clusters = len(self.players)
        require(self.shown_s.shape == (clusters, 2), "one beginning and end per cluster")
        require(self.weights.shape[:1] == (clusters,), "one weight map per cluster")
        require(self.speed.shape == (clusters, len(self.times_s)), "one speed per cluster and time")
        require(bool(np.all(np.diff(self.players) >= 0)), "clusters must be ordered by player")

    def shown_at(self, times_s: FloatArray) -> NDArray[np.bool_]:
        """(clusters, times) whether the picture shows a cluster's cells."""
        begin_s, end_s = self.shown_s.T[..., None]
        return np.asarray((times_s >= begin_s) & (times_s <= end_s))
