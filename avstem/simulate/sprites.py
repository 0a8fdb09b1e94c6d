"""Sprites: textured pieces of players, instruments and stage, and how they are laid on a picture.

A sprite is drawn once and then carried by an affine map at every picture, so that its texture
moves with it as a real surface does. Pictures are BGR, rows x columns x 3, uint8.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import FloatArray

Picture = NDArray[np.uint8]
Colour = tuple[float, float, float]  # BGR, 0 to 255
_SHIFT = 4  # fractional bits of OpenCV's drawing coordinates


@dataclass(frozen=True, eq=False)
class Sprite:
    """Premultiplied picture with coverage, ``pixels`` (rows, columns, 4) uint8.

    origin : sprite pixel that a placement's origin falls on (x, y). px : pixels per head height.
    """

    pixels: Picture
    origin: tuple[float, float]
    px: float


def texture(
    shape: tuple[int, int],
    colour: Colour,
    contrast: float,
    grain_px: float,
    rng: np.random.Generator,
    *,
    streaks: tuple[float, float] = (1.0, 5.0),
) -> FloatArray:
    """A surface with grain at three scales, float (rows, columns, 3).

    ``streaks`` stretches the coarse grain along x and y, for folds of cloth and boards.
    """
    total = np.zeros(shape)
    for sigma_x, sigma_y, weight in (
        (0.55, 0.55, 0.55),
        (0.6 * grain_px, 0.6 * grain_px, 0.6),
        (streaks[0] * grain_px, streaks[1] * grain_px, 0.8),
    ):
        white = rng.standard_normal(shape)
        noise = cv2.GaussianBlur(white, (0, 0), max(sigma_x, 0.4), sigmaY=max(sigma_y, 0.4))
        total += weight * noise / (noise.std() + 1e-6)
    shade = (1.0 + contrast * total / 1.15)[..., None]
    return np.clip(np.array(colour)[None, None] * shade + 5 * contrast * total[..., None], 0, 255)


def make_sprite(
    surface: FloatArray, mask: Picture, origin: tuple[float, float], px: float
) -> Sprite:
    """Join a surface and its coverage."""
    cover = mask[..., None].astype(float) / 255.0
    pixels = np.concatenate([surface * cover, mask[..., None]], axis=-1)
    return Sprite(np.round(pixels).astype(np.uint8), origin, px)


def blank(height: float, width: float, px: float) -> tuple[int, int]:
    """Rows and columns of a sprite of so many head heights."""
    return int(np.ceil(height * px)) + 2, int(np.ceil(width * px)) + 2


def place(picture: Picture, sprite: Sprite, matrix: FloatArray) -> None:
    """Lay a sprite on the picture; ``matrix`` (2, 3) maps sprite pixels to picture pixels."""
    rows, columns = sprite.pixels.shape[:2]
    corners = (
        matrix[:, :2] @ np.array([[0, columns, 0, columns], [0, 0, rows, rows]]) + matrix[:, 2:]
    )
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    x1 = min(int(corners[0].max()) + 2, picture.shape[1])
    y1 = min(int(corners[1].max()) + 2, picture.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    moved = matrix.copy()
    moved[:, 2] -= (x0, y0)
    layer = cv2.warpAffine(sprite.pixels, moved, (int(x1 - x0), int(y1 - y0)))
    under = picture[y0:y1, x0:x1]
    clear = cv2.cvtColor(255 - layer[..., 3], cv2.COLOR_GRAY2BGR)
    cv2.multiply(under, clear, dst=clear, scale=1.0 / 255.0)
    picture[y0:y1, x0:x1] = cv2.add(clear, layer[..., :3])


def similarity(
    sprite: Sprite, at: FloatArray, angle: float, px: float, narrow: float = 1.0
) -> FloatArray:
    """Map that puts the sprite's origin at ``at`` (pixels), turned by ``angle`` (radians)."""
    scale = px / sprite.px
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.array([[c * narrow, -s], [s * narrow, c]])
    return np.column_stack([linear, np.asarray(at) - linear @ np.array(sprite.origin)])


def stretched(
    sprite: Sprite, start: FloatArray, end: FloatArray, px: float, length: float
) -> FloatArray:
    """Map that lays the sprite's x axis (``length`` head heights) from ``start`` to ``end``."""
    scale = px / sprite.px
    along = (np.asarray(end) - start) / (length * sprite.px)
    size = float(np.hypot(*along)) + 1e-9
    across = np.array([-along[1], along[0]]) / size * scale
    linear = np.column_stack([along, across])
    return np.column_stack([linear, np.asarray(start) - linear @ np.array(sprite.origin)])


def line(
    picture: Picture, start: FloatArray, end: FloatArray, colour: Colour, width_px: float
) -> None:
    """An antialiased line between sub-pixel points."""
    ends = [tuple(int(v) for v in np.round(np.asarray(p) * (1 << _SHIFT))) for p in (start, end)]
    cv2.line(picture, ends[0], ends[1], colour, max(1, round(width_px)), cv2.LINE_AA, _SHIFT)


def dot(picture: Picture, at: FloatArray, radius_px: float, colour: Colour) -> None:
    """An antialiased disc at a sub-pixel point."""
    centre = tuple(int(v) for v in np.round(np.asarray(at) * (1 << _SHIFT)))
    radius = max(1, round(radius_px * (1 << _SHIFT)))
    cv2.circle(picture, centre, radius, colour, -1, cv2.LINE_AA, _SHIFT)
