"""A small film with known players: textured people who wave, and a camera that is not still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter

from avstem.datatypes import Frame

WIDTH, HEIGHT = 320, 176
RATE_HZ = 20.0
PEOPLE = (90.0, 250.0)  # x of two people on a stage 1.2 times as wide as the picture
Shot = Callable[[float], tuple[float, float]]


def surface(seed: int, height: int, width: int, contrast: float = 30.0) -> np.ndarray:
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 2.0)
    return np.clip(110 + contrast * noise / noise.std(), 0, 255).astype(np.float32)


def wide(time_s: float) -> tuple[float, float]:
    """Zoom, and what of the stage is at the picture's left edge, pixels of the stage."""
    return 1.0, 10.0


@dataclass
class RestlessVideo:
    """shot : zoom and left edge at a time. look : changes a finished picture."""

    seconds: float
    shot: Shot = wide
    look: Callable[[np.ndarray, float], np.ndarray] = lambda picture, time_s: picture
    people: tuple[float, ...] = PEOPLE
    waving: bool = True
    noise: float = 1.0
    width_px: int = WIDTH
    height_px: int = HEIGHT

    def __post_init__(self) -> None:
        self._people = [surface(k + 1, 120, 50) for k in range(len(self.people))]
        self._hands = [surface(k + 11, 24, 24) for k in range(len(self.people))]
        self._wall = surface(0, HEIGHT + 40, round(1.2 * WIDTH))
        self._random = np.random.default_rng(5)

    @property
    def duration_s(self) -> float:
        return self.seconds

    @property
    def frames(self) -> int:
        return int(self.seconds * RATE_HZ)

    def luma(self, width_px: int, height_px: int) -> Iterator[Frame]:
        for n in range(self.frames):
            yield Frame(n / RATE_HZ, self.picture(n / RATE_HZ))

    def picture(self, time_s: float) -> np.ndarray:
        stage = self._wall.copy()
        for k, x in enumerate(self.people):
            at = round(x) - 25
            stage[50:170, at : at + 50] = self._people[k]
            turn = 2 * np.pi * (1.1 + 0.37 * k) * time_s if self.waving else 0.0
            hand = round(x + 22 * np.sin(turn)) - 12, round(110 + 12 * np.cos(turn)) - 12
            stage[hand[1] : hand[1] + 24, hand[0] : hand[0] + 24] = self._hands[k]
        zoom, left = self.shot(time_s)
        matrix = np.array([[zoom, 0, -zoom * left], [0, zoom, -zoom * 10.0]])
        picture = cv2.warpAffine(stage, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        noise = self.noise * self._random.normal(size=picture.shape)
        return np.clip(np.rint(self.look(picture, time_s) + noise), 0, 255).astype(np.uint8)

    def picture_at(self, time_s: float, width_px: int | None = None) -> Frame:
        raise AssertionError("not used")

    def place(self, person: int, time_s: float) -> float:
        """x of a person in the picture."""
        zoom, left = self.shot(time_s)
        return zoom * (self.people[person] - left)
