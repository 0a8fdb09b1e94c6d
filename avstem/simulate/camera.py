"""Camera: what it shows at every picture: cuts between a wide shot and closer ones, pans, shake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.figures import View
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.stage import camera_path

_PAN_ZOOM = 1.35  # a camera that pans is closer, so that it has somewhere to go
_PAN_S = (2.5, 6.0)
_CLOSER = (1.3, 1.75)
_TURN = 0.22  # of the second camera, see `View`


@dataclass(frozen=True, eq=False)
class Camera:
    """The camera over the whole video.

    times_s : (frames,). cuts_s : times of the cuts; the wide shot, which may pan, takes turns with
    ``closer`` shots. wide : zoom and offset (frames, 3) of the wide shot. shake_px : (frames, 2).
    """

    times_s: FloatArray
    cuts_s: tuple[float, ...]
    closer: tuple[View, ...]
    wide: FloatArray
    shake_px: FloatArray

    def at(self, frame: int) -> View:
        """What the camera shows at a picture."""
        shot = int(np.searchsorted(self.cuts_s, self.times_s[frame], side="right"))
        zoom, x_px, y_px = (float(v) for v in self.wide[frame])
        view = self.closer[shot // 2] if shot % 2 else View(zoom, x_px, y_px)
        dx, dy = self.shake_px[frame]
        return View(view.zoom, view.x_px + dx, view.y_px + dy, view.turn)

    def first_frames(self) -> list[int]:
        """Number of the first picture of each shot."""
        return [0, *(int(np.searchsorted(self.times_s, cut_s)) for cut_s in self.cuts_s)]


def camera_of(times_s: FloatArray, duration_s: float, settings: SimulationSettings) -> Camera:
    """The camera that the settings ask for: a plain wide shot unless they want more."""
    rng = settings.rng("cuts")
    count = settings.cuts
    chance = rng.uniform(-0.2, 0.2, count)
    edges = (np.arange(count) + 1.0 + chance) / (count + 1)
    closer = tuple(_closer(k, rng, settings) for k in range((count + 1) // 2))
    shake = camera_path(len(times_s), float(settings.frame_rate), settings)
    cuts_s = tuple(float(edge * duration_s) for edge in edges)
    return Camera(times_s, cuts_s, closer, _wide(times_s, duration_s, settings), shake)


def _closer(number: int, rng: np.random.Generator, settings: SimulationSettings) -> View:
    """A closer shot; every second one is of another camera, from the side."""
    assert settings.size is not None
    width, height = settings.size
    zoom = rng.uniform(*_CLOSER)
    left, top = rng.uniform(0.0, 1.0), rng.uniform(0.6, 0.9)
    turn = float(rng.choice([-_TURN, _TURN])) if number % 2 else 0.0
    return View(zoom, -left * (zoom - 1.0) * width, -top * (zoom - 1.0) * height, turn)


def _wide(times_s: FloatArray, duration_s: float, settings: SimulationSettings) -> FloatArray:
    """Zoom and offset of the wide shot; pans lead from one side to the other and back."""
    assert settings.size is not None
    wide = np.tile([1.0, 0.0, 0.0], (len(times_s), 1))
    if not settings.pans:
        return wide
    rng = settings.rng("pans")
    width, height = settings.size
    side = float(rng.integers(2))
    left = np.full(len(times_s), side)
    for k in range(settings.pans):
        middle_s = (k + 1.0 + rng.uniform(-0.2, 0.2)) / (settings.pans + 1) * duration_s
        length_s = min(rng.uniform(*_PAN_S), 0.7 * duration_s / (settings.pans + 1))
        share = np.clip((times_s - middle_s) / length_s + 0.5, 0.0, 1.0)
        left += (1.0 - 2.0 * side) * (0.5 - 0.5 * np.cos(np.pi * share))
        side = 1.0 - side
    spare = _PAN_ZOOM - 1.0
    wide[:, 0] = _PAN_ZOOM
    wide[:, 1] = -left * spare * width
    wide[:, 2] = -0.8 * spare * height
    return wide
