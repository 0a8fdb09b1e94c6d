"""Shapes: outlines and shading of sprites, in head heights."""

from __future__ import annotations

import cv2
import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.sprites import Picture


def polygon(mask: Picture, points: list[tuple[float, float]], px: float) -> None:
    """Cover a polygon."""
    corners = np.round(np.array(points) * px * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, 4)


def ellipse(
    mask: Picture, at: tuple[float, float], half: tuple[float, float], px: float, value: int = 255
) -> None:
    """Cover an upright ellipse given by its centre and half axes."""
    centre = (round(at[0] * px * 16), round(at[1] * px * 16))
    axes = (max(1, round(half[0] * px * 16)), max(1, round(half[1] * px * 16)))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, value, -1, cv2.LINE_AA, 4)


def shade(
    surface: FloatArray,
    at: tuple[float, float],
    half: tuple[float, float],
    px: float,
    gain: float,
) -> None:
    """Make an ellipse of the surface darker or brighter."""
    spot = np.zeros(surface.shape[:2], np.uint8)
    ellipse(spot, at, half, px)
    cover = spot[..., None] / 255.0
    surface *= 1.0 + (gain - 1.0) * cover
