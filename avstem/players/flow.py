"""From two pictures to velocities on a grid of cells, without what the camera does.

A picture is at most about 320x180; a cell is 8x8 of its pixels. Flow is trusted where the picture
has texture: on flat, noisy background dense flow invents motion.

References: DIS flow: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import FloatArray

CELL_PX = 8
_AREA_PX = 320 * 180
# Gradients (grey levels per pixel) around which trust rises from 0 to 1: never below the first,
# and this many times the gradient that camera noise alone makes.
_LEAST_GRADIENT = 2.0
_NOISE_GRADIENTS = 3.0
_LEAST_NOISE = 0.3  # grey levels, what rounding makes
# Mean squared change of a cell over that of noise: motion counts from here on, fully 1 above.
_NOISE_CHANGE = 1.5
# Answers 6 times the deviation of white noise, and nothing to edges that are straight
# (J. Immerkaer, "Fast noise variance estimation", 1996).
_ROUGHNESS = np.array([[1.0, -2.0, 1.0], [-2.0, 4.0, -2.0], [1.0, -2.0, 1.0]])
# A similarity motion of the whole picture is taken for the camera's when this share of the
# textured picture follows it within this tolerance.
_CAMERA_SHARE = 0.5
_CAMERA_TOLERANCE_PX = 0.25
_CUT_BLOCKS = 4
_CUT_BINS = 16
_CUT_CHANGE = 0.25
_CUT_RATIO = 4.0

Picture = NDArray[np.uint8]


def flow_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Size of the flow picture: the source's shape, about 320x180 in area, whole cells.

    A source that is smaller is not enlarged.
    """
    scale = min(1.0, math.sqrt(_AREA_PX / (width_px * height_px)))
    cells = (max(2, round(scale * side / CELL_PX)) for side in (width_px, height_px))
    width, height = (CELL_PX * n for n in cells)
    return width, height


class CellFlow:
    """Flow between consecutive pictures, averaged over cells by texture."""

    def __init__(self) -> None:
        # The fast presets stop at a quarter of the resolution and lose what is small, such as
        # hands; one step finer costs 1.5 ms a frame and measures them right.
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._dis.setFinestScale(1)
        self._noise: float | None = None  # standard deviation of camera noise, grey levels

    def __call__(self, before: Picture, after: Picture) -> tuple[FloatArray, FloatArray]:
        """Displacement (2, rows, columns) in pixels and trust (rows, columns) in [0, 1]."""
        change = np.asarray(cv2.absdiff(before, after), np.uint8)
        noise = self._follow_noise(before, change)
        flow = self._dis.calc(before, after, None)  # type: ignore[call-overload]
        trust = _pixel_trust(before, noise)
        weight = _cell_mean(trust)
        moved = np.stack([_cell_mean(trust * flow[..., axis]) for axis in (0, 1)])
        return moved / (weight + 0.02) * _changed(change, noise), weight

    def _follow_noise(self, before: Picture, change: Picture) -> float:
        """The smaller of what changes in most places and of what is rough in most places.

        Where the camera moves all changes, and where the picture is rich all is rough.
        """
        rough = cv2.filter2D(before[::2], cv2.CV_32F, _ROUGHNESS)
        now = 1.4826 * min(
            float(np.median(change[::2, ::2])) / math.sqrt(2.0),
            float(np.median(np.abs(rough[:, ::2]))) / 6.0,
        )
        self._noise = now if self._noise is None else self._noise + 0.05 * (now - self._noise)
        return max(self._noise, _LEAST_NOISE)


def _pixel_trust(picture: Picture, noise: float) -> FloatArray:
    """Per pixel in [0, 1): gradient energy against that of noise."""
    gx = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    gy = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    energy = gx * gx + gy * gy
    # white noise of deviation 1 has gradients of variance 12 / 64 in x and in y
    noisy = _NOISE_GRADIENTS * noise * math.sqrt(2 * 12 / 64)
    return np.asarray(energy / (energy + max(_LEAST_GRADIENT, noisy) ** 2))


def _changed(change: Picture, noise: float) -> FloatArray:
    """Per cell in [0, 1]: whether the picture changed more than noise changes it."""
    levels = change.astype(np.float32)
    excess = _cell_mean(levels * levels) / (2.0 * noise**2) - _NOISE_CHANGE
    return np.asarray(np.clip(excess, 0.0, 1.0))


def _cell_mean(picture: FloatArray) -> FloatArray:
    rows, columns = (side // CELL_PX for side in picture.shape)
    mean = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(mean)


def remove_camera(moved: FloatArray, trust: FloatArray) -> FloatArray:
    """The motion without pan, zoom and roll of the camera.

    moved : (2, rows, columns) displacement in pixels; trust : (rows, columns).
    A similarity transform is fitted robustly to the trusted cells; it is subtracted only when
    at least half of them follow it, so that one large player is not mistaken for the camera.
    """
    rows, columns = trust.shape
    x = CELL_PX * (np.arange(columns) - (columns - 1) / 2) * np.ones((rows, 1))
    y = CELL_PX * (np.arange(rows) - (rows - 1) / 2)[:, None] * np.ones(columns)
    one, zero = np.ones_like(x), np.zeros_like(x)
    # displacement = translation + zoom * (x, y) + roll * (-y, x), (4, 2, rows, columns)
    basis = np.array([[one, zero], [zero, one], [x, y], [-y, x]])
    camera = np.zeros_like(moved)
    camera[:] = _weighted_median(moved, trust)[:, None, None]
    for _ in range(3):
        residual = np.hypot(*(moved - camera))
        weight = trust / (1.0 + (residual / _CAMERA_TOLERANCE_PX) ** 2) ** 2
        gram = np.einsum("iarc,jarc,rc->ij", basis, basis, weight)
        wanted = np.einsum("iarc,arc,rc->i", basis, moved, weight)
        gram += np.diag([1e-9, 1e-9, 1e-3, 1e-3])  # few trusted cells: no zoom, no roll
        camera = np.tensordot(np.linalg.solve(gram, wanted), basis, axes=1)
    follows = np.hypot(*(moved - camera)) < _CAMERA_TOLERANCE_PX
    if trust[follows].sum() < _CAMERA_SHARE * trust.sum():
        return moved
    return np.asarray(moved - camera)


def _weighted_median(moved: FloatArray, weight: FloatArray) -> FloatArray:
    flat, weights = moved.reshape(2, -1), weight.ravel()
    order = np.argsort(flat, axis=1)
    mass = np.cumsum(weights[order], axis=1)
    middle = np.argmax(mass >= mass[:, -1:] / 2, axis=1)
    return np.asarray(flat[[0, 1], order[[0, 1], middle]])


class CutDetector:
    """Tells camera cuts from motion: all over the picture, grey levels change at once."""

    def __init__(self) -> None:
        self._usual = 0.02

    def __call__(self, before: Picture, after: Picture) -> bool:
        """Whether ``after`` belongs to another shot than ``before``."""
        change = _histogram_change(before, after)
        cut = change > max(_CUT_CHANGE, _CUT_RATIO * self._usual)
        if not cut:
            self._usual += 0.1 * (change - self._usual)
        return cut


def _histogram_change(before: Picture, after: Picture) -> float:
    """Median over blocks of the share of pixels that changed their grey level bin."""
    changes = []
    for first, second in zip(_blocks(before), _blocks(after), strict=True):
        one, two = (np.bincount(b, minlength=_CUT_BINS) for b in (first, second))
        changes.append(np.abs(one - two).sum() / (2 * len(first)))
    return float(np.median(changes))


def _blocks(picture: Picture) -> list[NDArray[np.uint8]]:
    small = picture[::2, ::2] // (256 // _CUT_BINS)
    bands = np.array_split(small, _CUT_BLOCKS)
    return [block.ravel() for band in bands for block in np.array_split(band, _CUT_BLOCKS, axis=1)]
