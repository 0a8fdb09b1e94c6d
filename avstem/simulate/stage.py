"""Stage: the hall behind the players, where they sit, and what stands before them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.instruments import Instrument
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.sprites import Picture, Sprite, blank, make_sprite, texture

MARGIN = 0.06  # how far the drawn hall reaches beyond the picture, as a share of its width


@dataclass(frozen=True)
class Seat:
    """Where a player sits: the seat's pixel, the size of a head, and the turn of the body."""

    x_px: float
    y_px: float
    head_px: float
    yaw: float


def seats_of(instruments: tuple[Instrument, ...], settings: SimulationSettings) -> tuple[Seat, ...]:
    """Seats left to right for the players' instruments; outer players turn inwards."""
    assert settings.size is not None
    width, height = settings.size
    rng = settings.rng("seats")
    count = len(instruments)
    spacing = width / count
    head_px = min(0.128 * height, settings.between(0.24, 0.31) * spacing)
    seats = []
    for k, instrument in enumerate(instruments):
        across = (k + 0.5) / count * 2 - 1
        depth = 1.0 + 0.06 * across**2 + rng.uniform(-0.04, 0.04)
        # Bowed instruments held up reach to the picture's left with the bow, right with the neck.
        x_px = (k + 0.5) * spacing + rng.uniform(-0.05, 0.05) * spacing
        y_px = height - head_px * (2.05 + 0.5 * rng.random())
        if instrument.hold == "floor":
            y_px -= 0.6 * head_px
        yaw = -0.55 * across + settings.between(0.05, 0.3) * rng.standard_normal()
        seats.append(Seat(x_px, y_px, head_px * depth, float(np.clip(yaw, -0.65, 0.65))))
    return tuple(seats)


def hall(settings: SimulationSettings) -> Picture:
    """Wall with panels and pillars, a wooden floor, uneven light; larger than the picture."""
    assert settings.size is not None
    rng = settings.rng("hall")
    width, height = settings.size
    margin = round(MARGIN * width)
    rows, columns = height + 2 * margin, width + 2 * margin
    floor = round(margin + 0.74 * height)
    wall = (rng.uniform(50, 95), rng.uniform(60, 105), rng.uniform(75, 125))
    picture = texture((rows, columns), wall, 0.06, 0.006 * height, rng, streaks=(1.0, 9.0))
    step = max(8, round(columns / rng.integers(9, 15)))
    for x in range(rng.integers(step), columns, step):
        picture[:floor, x : x + max(2, step // 14)] *= 0.6
        top, bottom = round(0.1 * rows), floor - round(0.08 * rows)
        picture[top:bottom, x + step // 5 : x + step - step // 6] *= rng.uniform(0.8, 1.12)
    boards = texture(
        (rows - floor, columns), (50, 82, 122), 0.1, 0.005 * height, rng, streaks=(12.0, 0.7)
    )
    for y in np.linspace(0, rows - floor - 1, 7).astype(int):
        boards[y : y + max(1, height // 240)] *= 0.65
    picture[floor:] = boards
    y, x = np.mgrid[:rows, :columns]
    light = 0.62 + 0.5 * np.exp(
        -(((x / columns - rng.uniform(0.35, 0.65)) / 0.5) ** 2 + ((y / rows - 0.45) / 0.55) ** 2)
    )
    return np.clip(picture * light[..., None], 0, 255).astype(np.uint8)


def stand_sprite(head_px: float, rng: np.random.Generator) -> Sprite:
    """A music stand with its sheets, seen from behind; origin at the foot."""
    shape = blank(2.8, 1.7, head_px)
    mask = np.zeros(shape, np.uint8)
    scale = head_px * 16
    desk = np.array([(0.15, 0.12), (1.5, 0.08), (1.46, 0.92), (0.2, 0.95)])
    cv2.fillPoly(mask, [np.round(desk * scale).astype(np.int32)], 255, cv2.LINE_AA, 4)
    for a, b in (
        ((0.85, 0.9), (0.85, 2.6)),
        ((0.85, 2.3), (0.35, 2.75)),
        ((0.85, 2.3), (1.35, 2.75)),
    ):
        ends = [tuple(np.round(np.array(p) * scale).astype(int).tolist()) for p in (a, b)]
        cv2.line(mask, ends[0], ends[1], 255, max(1, round(0.06 * head_px)), cv2.LINE_AA, 4)
    surface = texture(shape, (50, 48, 46), 0.12, max(0.8, 0.04 * head_px), rng)
    rim = cv2.distanceTransform((mask > 128).astype(np.uint8), cv2.DIST_L2, 3)
    surface *= np.where(rim < 0.05 * head_px, 1.5, 1.0)[..., None]
    return make_sprite(np.clip(surface, 0, 255), mask, (0.85 * head_px, 2.7 * head_px), head_px)


def camera_path(frames: int, rate_hz: float, settings: SimulationSettings) -> FloatArray:
    """Shake of the camera in pixels, (frames, 2): slow drift of a hand or a soft floor."""
    assert settings.size is not None
    rng = settings.rng("camera")
    amount_px = settings.between(0.0, 0.0012) * settings.size[0]
    t = np.arange(frames) / rate_hz
    path = np.zeros((frames, 2))
    for axis in range(2):
        for _ in range(4):
            rate, phase = rng.uniform(0.2, 2.5), rng.uniform(0, 2 * np.pi)
            path[:, axis] += amount_px / 2 * np.sin(2 * np.pi * rate * t + phase)
    return path
