"""Do two pictures show the same place, and how does one lie on the other?

Reference: D. Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004; the map
is the one most matches agree on (RANSAC).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from avstem.datatypes import FloatArray, Similarity
from avstem.players.cuts import alike
from avstem.players.flow import Picture

_CLEARER = 0.8  # a match must be nearer than the second nearest by this factor
_TOLERANCE_PX = 3.0
_FEWEST = 12
_LEAST_SHARE = 0.25
_LARGEST_ZOOM = 3.0
_LARGEST_ROLL = math.radians(10.0)
_ALIKE = 0.35  # of the overlap: people have moved since
_LEAST_OVERLAP = 0.15
_SEED = 0


@dataclass(frozen=True, eq=False)
class Marked:
    """A picture and what stands out in it: places (points, 2) from its middle, and their looks."""

    picture: Picture
    places: FloatArray
    looks: FloatArray


def marked(picture: Picture) -> Marked:
    """Find what stands out in a picture."""
    points, looks = cv2.SIFT.create().detectAndCompute(picture, None)  # type: ignore[call-overload]
    places = np.array([point.pt for point in points], np.float32).reshape(-1, 2) - _middle(picture)
    return Marked(picture, places, np.zeros((0, 128)) if looks is None else np.asarray(looks))


def registered(one: Marked, other: Marked) -> Similarity | None:
    """The map from pixels of ``one`` to those of ``other``, None where they share nothing."""
    points = _matches(one, other)
    if points is None:
        return None
    cv2.setRNGSeed(_SEED)
    matrix, agree = cv2.estimateAffinePartial2D(*points, ransacReprojThreshold=_TOLERANCE_PX)
    if matrix is None or agree.sum() < max(_FEWEST, _LEAST_SHARE * len(agree)):
        return None
    found = Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
    zoom = max(abs(found.turn), 1 / abs(found.turn))
    roll = abs(math.atan2(found.turn.imag, found.turn.real))
    if (
        zoom > _LARGEST_ZOOM
        or roll > _LARGEST_ROLL
        or not _lie_alike(one.picture, other.picture, found)
    ):
        return None
    return found


def _matches(one: Marked, other: Marked) -> tuple[FloatArray, FloatArray] | None:
    """Places (matches, 2) in both pictures, from their middles, that look the same."""
    if min(len(one.places), len(other.places)) < _FEWEST:
        return None
    pairs = cv2.BFMatcher().knnMatch(one.looks, other.looks, k=2)
    clear = [first for first, second in pairs if first.distance < _CLEARER * second.distance]
    if len(clear) < _FEWEST:
        return None
    places_1 = one.places[[m.queryIdx for m in clear]]
    return places_1, other.places[[m.trainIdx for m in clear]]


def _lie_alike(one: Picture, other: Picture, found: Similarity) -> bool:
    """Whether the pictures agree where they overlap."""
    laid = laid_on(one, found, other.shape)
    covered = laid_on(np.full_like(one, 255), found, other.shape) > 127
    if covered.mean() < _LEAST_OVERLAP:
        return False
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    common = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return alike(np.ascontiguousarray(laid[common]), np.ascontiguousarray(other[common])) > _ALIKE


def laid_on(picture: Picture, way: Similarity, shape: tuple[int, ...]) -> Picture:
    """``picture`` where the map puts it on one of another shape, black around."""
    turn, (x, y) = way.turn, _middle(picture)
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    middle = np.array([shape[1], shape[0]]) / 2 - 0.5
    shift = np.array([way.shift.real, way.shift.imag]) + middle - linear @ np.array([x, y])
    matrix = np.column_stack([linear, shift])
    return np.asarray(cv2.warpAffine(picture, matrix, (shape[1], shape[0])))


def _middle(picture: Picture) -> np.ndarray:
    return np.array([picture.shape[1], picture.shape[0]], np.float32) / 2 - 0.5
