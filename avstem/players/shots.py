"""From frame to frame: does the camera cut, has it moved on, where do the cells lie?

A view ends at a cut, and where pan or zoom have carried the camera far from the view's first
picture. Until then the motion field stays on the cells of that picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import FloatArray, Similarity, View
from avstem.players.camera import CameraPath, carried
from avstem.players.cuts import CutDetector, blank
from avstem.players.flow import CellFlow, Picture, cell_mean

# A new view begins when the picture's middle has left its place by this share of the picture, or
# things have grown by this factor: about half a player of four.
_LEFT_SHARE = 0.125
_GROWN = 1.25
# A second cut within so many frames that leads back was a flash or somebody in front of the lens.
_FLASH_FRAMES = 6


@dataclass
class _Open:
    """A view that may still go on."""

    start: int
    still: Picture
    camera: CameraPath
    follows: Similarity | None = None
    trust: FloatArray | float = 0.0
    moved_px: float = 0.0
    before: Picture | None = field(default=None, repr=False)  # the last picture of the view before

    def closed(self, stop: int) -> View:
        """The view as it has been."""
        texture = np.asarray(self.trust) / max(1, stop - self.start)
        return View(self.start, stop, self.still, texture, self.follows, self.moved_px)


class Shots:
    """Follows the camera through all pictures of a video, which are given in order."""

    def __init__(self, flow: CellFlow) -> None:
        self._flow, self._is_cut = flow, CutDetector()
        self._views: list[_Open] = []
        self._frames = 0
        self._last: Picture | None = None
        self.broken = True  # whether the last two pictures say nothing of movement

    def see(self, picture: Picture) -> None:
        """The next picture."""
        dark = blank(picture)
        if self._last is None:
            self._begin(picture, None)
        elif self._is_cut(picture):
            self._cut(picture)
        else:
            self.broken = dark or blank(self._last)
            self._follow(picture)
        self._last = picture
        self._frames += 1

    def on_view(self, velocity: FloatArray, trust: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Velocity and trust on the cells of the view's first picture; still where broken."""
        camera = self._views[-1].camera.now
        trust = carried(trust, camera)
        self._views[-1].trust = self._views[-1].trust + trust
        if self.broken:
            return np.zeros_like(velocity), trust
        velocity = carried(velocity, camera)
        if camera.turn != 1.0:
            back = (velocity[0] + 1j * velocity[1]) / camera.turn
            velocity = np.stack([back.real, back.imag])
        return velocity, trust

    def look(self) -> NDArray[np.uint8]:
        """Grey levels of the cells (rows, columns) of the last picture, on those of the view."""
        assert self._last is not None
        levels = carried(cell_mean(self._last), self._views[-1].camera.now)
        return np.asarray(np.rint(levels), np.uint8)

    def views(self) -> tuple[View, ...]:
        """All views so far."""
        stops = [view.start for view in self._views[1:]] + [self._frames]
        return tuple(v.closed(stop) for v, stop in zip(self._views, stops, strict=True))

    def _begin(self, picture: Picture, follows: Similarity | None) -> None:
        camera = CameraPath(self._flow, picture)
        self._views.append(_Open(self._frames, picture, camera, follows, before=self._last))
        self.broken = follows is None

    def _cut(self, picture: Picture) -> None:
        flash = self._views[-1]
        short = self._frames - flash.start <= _FLASH_FRAMES and flash.follows is None
        if short and flash.before is not None and self._is_cut.same_shot(flash.before, picture):
            self._views.pop()
            self._views[-1].trust = self._views[-1].trust + flash.trust
            self.broken = True
        else:
            self._begin(picture, None)

    def _follow(self, picture: Picture) -> None:
        view = self._views[-1]
        view.camera.follow(picture)
        height, width = picture.shape
        now = view.camera.now
        view.moved_px = max(view.moved_px, now.apart_px(Similarity(), width, height))
        size = max(abs(now.turn), 1 / abs(now.turn))
        if abs(now.shift) > _LEFT_SHARE * width or size > _GROWN:
            broken = self.broken
            self._begin(picture, now.inverse())
            self.broken = broken
