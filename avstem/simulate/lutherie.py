"""Lutherie: sprites of instruments, lying along x from tail or mouthpiece to tip."""

from __future__ import annotations

import cv2
import numpy as np

from avstem.simulate.instruments import Instrument
from avstem.simulate.shapes import ellipse, polygon, shade
from avstem.simulate.sprites import Colour, Picture, Sprite, blank, make_sprite, texture

_WOODS: tuple[Colour, ...] = ((30, 62, 128), (28, 75, 150), (24, 48, 98), (50, 92, 160))
_METALS: dict[str, Colour] = {
    "Flute": (205, 205, 200), "Trumpet": (85, 170, 215), "Alto Sax": (70, 160, 205),
    "Horn": (85, 165, 205), "Oboe": (40, 38, 42), "Clarinet": (36, 36, 40),
    "Bassoon": (40, 50, 105),
}  # fmt: skip
_BODIES = {  # length, body's share of it, half widths of lower bout, waist, upper bout
    "shoulder": (2.6, 0.6, 0.46, 0.28, 0.37),
    "knees": (5.3, 0.62, 1.0, 0.62, 0.8),
    "floor": (7.2, 0.62, 1.35, 0.85, 1.0),
}


def instrument_sprite(instrument: Instrument, px: float, rng: np.random.Generator) -> Sprite:
    """The instrument along x from tail (or mouthpiece) to tip; origin at the tail's end."""
    wood = _METALS.get(instrument.name, _WOODS[rng.integers(len(_WOODS))])
    if instrument.bowed:
        return _violin_shape(instrument.hold, wood, px, rng)
    length = {"flute": 2.9, "reed": 2.7, "trumpet": 2.1}[instrument.hold]
    wide = {"Flute": 0.1, "Trumpet": 0.16, "Alto Sax": 0.24}.get(instrument.name, 0.14)
    shape = blank(1.4, length, px)
    mask = np.zeros(shape, np.uint8)
    polygon(mask, [(0, 0.7 - wide / 2), (length, 0.7 - wide / 2), (length, 0.7 + wide / 2),
                    (0, 0.7 + wide / 2)], px)  # fmt: skip
    bell = {"Trumpet": 0.34, "Alto Sax": 0.42, "Clarinet": 0.2, "Oboe": 0.16}.get(instrument.name)
    if bell:
        polygon(mask, [(length - 0.6, 0.7 - wide / 2), (length, 0.7 - bell), (length, 0.7 + bell),
                        (length - 0.6, 0.7 + wide / 2)], px)  # fmt: skip
    if instrument.hold == "trumpet":
        polygon(mask, [(0.5, 0.85), (1.5, 0.85), (1.5, 1.0), (0.5, 1.0)], px)
    surface = texture(shape, wood, 0.15, max(0.8, 0.03 * px), rng)
    for x in np.arange(0.35, length - 0.5, 0.2):
        shade(surface, (float(x), 0.68), (0.05, 0.05), px, 1.5 if sum(wood) < 200 else 0.55)
    return make_sprite(np.clip(surface, 0, 255), mask, (0.0, 0.7 * px), px)


def _violin_shape(hold: str, wood: Colour, px: float, rng: np.random.Generator) -> Sprite:
    """Body with two bouts and a waist, f-holes, fingerboard, and an endpin if it stands."""
    length, share, lower, waist, upper = _BODIES[hold]
    start = 0.0 if hold == "shoulder" else 0.1 * length
    end = start + length * share * (1.0 if hold == "shoulder" else 0.9)
    mid, span, neck = lower + 0.1, end - start, 0.055 * length**0.5
    shape = blank(2 * mid, length, px)
    mask = np.zeros(shape, np.uint8)
    _bar(mask, 0.0, start, mid, 0.03, px)
    ellipse(mask, (start + 0.27 * span, mid), (0.28 * span, lower), px)
    ellipse(mask, (start + 0.76 * span, mid), (0.25 * span, upper), px)
    _bar(mask, start + 0.3 * span, start + 0.8 * span, mid, waist, px)
    _bar(mask, end - 0.1, length, mid, neck, px)
    surface = texture(shape, wood, 0.13, max(0.8, 0.02 * px * length), rng, streaks=(6.0, 0.6))
    board = np.zeros(shape, np.uint8)
    _bar(board, start + 0.62 * span, length, mid, 0.9 * neck, px)
    surface[board > 100] *= 0.3
    for side in (-1, 1):
        hole = (start + 0.45 * span, mid + side * 0.62 * waist)
        shade(surface, hole, (0.09 * span, 0.07 * waist), px, 0.25)
    rim = cv2.distanceTransform((mask > 128).astype(np.uint8), cv2.DIST_L2, 3)
    surface *= np.clip(0.55 + rim / (0.12 * px), 0.55, 1.0)[..., None]
    return make_sprite(np.clip(surface, 0, 255), mask, (0.0, mid * px), px)


def _bar(mask: Picture, x0: float, x1: float, mid: float, half: float, px: float) -> None:
    """A bar along x around ``mid``."""
    polygon(mask, [(x0, mid - half), (x1, mid - half), (x1, mid + half), (x0, mid + half)], px)
