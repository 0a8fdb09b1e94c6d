"""Camera cuts: the picture changes at once, and no movement explains it.

Block by block the normalised correlation of two pictures says whether they show the same, whatever
the light (a flash, a fade). Where they do not, the second is moved back along the flow first:
people and cameras move things, cuts replace them.
"""

from __future__ import annotations

import cv2
import numpy as np

from avstem.datatypes import FloatArray
from avstem.players.flow import Picture

_BLOCK_PX = 32
_TEXTURED = 30.0  # variance of grey levels in a block that shows something
_FEWEST_BLOCKS = 4
# Pictures that follow each other correlate by 0.97 and more; after a cut, even moved back along
# the flow, by 0.4 at most, unless the new shot is hardly closer than the old one.
_CERTAINLY_SAME = 0.9
_SAME = 0.65
_JUMPED = 0.5


class CutDetector:
    """Tells camera cuts from motion, flashes and fades. Give it all pictures in order."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._last: Picture | None = None
        self._steady = True

    def __call__(self, picture: Picture) -> bool:
        """Whether ``picture`` belongs to another shot than the last one that showed anything."""
        if blank(picture):
            return False
        last, self._last = self._last, picture
        if last is None:
            return False
        direct = alike(last, picture)
        was_steady, self._steady = self._steady, direct >= _CERTAINLY_SAME
        if self._steady:
            return False
        if direct < _JUMPED and was_steady:  # a closer shot of the same, out of stillness
            return True
        return not self.same_shot(last, picture)

    def same_shot(self, before: Picture, after: Picture) -> bool:
        """Whether movement explains how two pictures differ."""
        flow = self._dis.calc(before, after, None)  # type: ignore[call-overload]
        y, x = np.mgrid[: before.shape[0], : before.shape[1]].astype(np.float32)
        back = cv2.remap(after, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR)
        return alike(before, np.asarray(back, np.uint8)) >= _SAME


def blank(picture: Picture) -> bool:
    """Whether a picture shows nothing: black, white, out of focus altogether."""
    _, variance = _moments(picture.astype(np.float32))
    return int((variance > _TEXTURED).sum()) < _FEWEST_BLOCKS


def alike(one: Picture, other: Picture) -> float:
    """Median correlation over the blocks in which either picture shows something."""
    first, second = one.astype(np.float32), other.astype(np.float32)
    (mean_1, variance_1), (mean_2, variance_2) = _moments(first), _moments(second)
    together = _blocks(first * second) - mean_1 * mean_2
    shown = np.maximum(variance_1, variance_2) > _TEXTURED
    if not shown.any():
        return 1.0
    scale = np.sqrt(np.maximum(variance_1, 1.0) * np.maximum(variance_2, 1.0))
    return float(np.median((together / scale)[shown]))


def _moments(levels: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean = _blocks(levels)
    return mean, _blocks(levels * levels) - mean * mean


def _blocks(levels: FloatArray) -> FloatArray:
    """Mean of each block, (blocks down, blocks across)."""
    height, width = levels.shape
    across, down = max(1, width // _BLOCK_PX), max(1, height // _BLOCK_PX)
    return np.asarray(cv2.resize(levels, (across, down), interpolation=cv2.INTER_AREA))
