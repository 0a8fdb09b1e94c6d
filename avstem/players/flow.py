"""From two pictures to velocities on a grid of cells.

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
        weight = cell_mean(trust)
        moved = np.stack([cell_mean(trust * flow[..., axis]) for axis in (0, 1)])
        return moved / (weight + 0.02) * _changed(change, noise), weight

    def apart(self, before: Picture, after: Picture) -> tuple[FloatArray, FloatArray]:
        """The same for pictures that do not follow each other, where little change counts too."""
        flow = self._dis.calc(before, after, None)  # type: ignore[call-overload]
        trust = _pixel_trust(before, max(self._noise or 0.0, _LEAST_NOISE))
        weight = cell_mean(trust)
        moved = np.stack([cell_mean(trust * flow[..., axis]) for axis in (0, 1)])
        return moved / (weight + 1e-6), weight

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
    excess = cell_mean(levels * levels) / (2.0 * noise**2) - _NOISE_CHANGE
    return np.asarray(np.clip(excess, 0.0, 1.0))


def cell_mean(picture: FloatArray | Picture) -> FloatArray:
    """Mean of each cell (rows, columns)."""
    rows, columns = (side // CELL_PX for side in picture.shape)
    mean = cv2.resize(picture, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(mean)
