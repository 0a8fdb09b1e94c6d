"""Wardrobe: the sprites of one player, drawn once from a random choice of looks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from avstem.simulate.instruments import Instrument
from avstem.simulate.sprites import Colour, Picture, Sprite, blank, make_sprite, texture

_CLOTHES: tuple[Colour, ...] = (
    (38, 34, 34), (60, 45, 40), (52, 58, 66), (80, 60, 50), (48, 40, 78), (70, 78, 52), (96, 88, 84),
)  # fmt: skip
_SKINS: tuple[Colour, ...] = ((150, 175, 215), (120, 150, 195), (80, 105, 150), (165, 190, 225))
_HAIRS: tuple[Colour, ...] = ((25, 28, 35), (40, 60, 90), (70, 95, 125), (130, 135, 140))
_WOODS: tuple[Colour, ...] = ((30, 62, 128), (28, 75, 150), (24, 48, 98), (50, 92, 160))
_METALS: dict[str, Colour] = {
    "Flute": (205, 205, 200), "Trumpet": (85, 170, 215), "Alto Sax": (70, 160, 205),
    "Horn": (85, 165, 205), "Oboe": (40, 38, 42), "Clarinet": (36, 36, 40), "Bassoon": (40, 50, 105),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Wardrobe:
    """Sprites of one player, and the colours of what is drawn as lines."""

    torso: Sprite
    head: Sprite
    upper_arm: Sprite
    forearm: Sprite
    hand: Sprite
    legs: Sprite
    instrument: Sprite
    skin: Colour
    wood: Colour


def dress(instrument: Instrument, px: float, contrast: float, rng: np.random.Generator) -> Wardrobe:
    """A player's looks at ``px`` pixels per head height; ``contrast`` of the cloth, 0 to 1."""
    cloth = _CLOTHES[rng.integers(len(_CLOTHES))]
    skin, hair = _SKINS[rng.integers(len(_SKINS))], _HAIRS[rng.integers(len(_HAIRS))]
    wood = _METALS.get(instrument.name, _WOODS[rng.integers(len(_WOODS))])
    grain = max(0.8, 0.05 * px)
    return Wardrobe(
        torso=_torso(cloth, px, contrast, grain, rng),
        head=_head(skin, hair, px, rng),
        upper_arm=_limb(1.3, 0.52, 0.42, cloth, px, contrast, grain, rng),
        forearm=_limb(1.35, 0.42, 0.3, cloth, px, contrast, grain, rng),
        hand=_blob(0.44, 0.32, skin, px, rng),
        legs=_legs(cloth, px, contrast, grain, rng, standing=instrument.hold == "floor"),
        instrument=_instrument(instrument, wood, px, rng),
        skin=skin,
        wood=wood,
    )


def _polygon(mask: Picture, points: list[tuple[float, float]], px: float) -> None:
    corners = np.round(np.array(points) * px * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, 4)


def _ellipse(
    mask: Picture, at: tuple[float, float], half: tuple[float, float], px: float, value: int = 255
) -> None:
    centre = (round(at[0] * px * 16), round(at[1] * px * 16))
    axes = (max(1, round(half[0] * px * 16)), max(1, round(half[1] * px * 16)))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, value, -1, cv2.LINE_AA, 4)


def _torso(
    cloth: Colour, px: float, contrast: float, grain: float, rng: np.random.Generator
) -> Sprite:
    """Shoulders to hips, with a collar and a row of buttons; origin at the seat."""
    shape = blank(3.0, 2.4, px)
    mask = np.zeros(shape, np.uint8)
    _polygon(
        mask, [(0.3, 0.55), (0.95, 0.25), (1.45, 0.25), (2.1, 0.55), (2.0, 2.9), (0.4, 2.9)], px
    )
    _ellipse(mask, (0.42, 0.72), (0.3, 0.35), px)
    _ellipse(mask, (1.98, 0.72), (0.3, 0.35), px)
    surface = texture(shape, cloth, contrast, grain, rng)
    shirt = np.zeros(shape, np.uint8)
    _polygon(shirt, [(0.98, 0.25), (1.42, 0.25), (1.2, 1.35)], px)
    surface[shirt > 128] = np.clip(surface[shirt > 128] * 0.2 + rng.uniform(150, 215), 0, 240)
    for y in (1.6, 2.0, 2.4):
        _dab(surface, (1.2, y), 0.05, px, 0.5)
    return make_sprite(surface, mask, (1.2 * px, 2.75 * px), px)


def _dab(
    surface: np.ndarray, at: tuple[float, float], radius: float, px: float, gain: float
) -> None:
    spot = np.zeros(surface.shape[:2], np.uint8)
    _ellipse(spot, at, (radius, radius), px)
    surface[spot > 100] *= gain


def _head(skin: Colour, hair: Colour, px: float, rng: np.random.Generator) -> Sprite:
    """Face with eyes, brows, mouth and hair; origin at the middle of the head."""
    shape = blank(1.3, 1.1, px)
    mask = np.zeros(shape, np.uint8)
    _polygon(mask, [(0.4, 0.8), (0.7, 0.8), (0.72, 1.3), (0.38, 1.3)], px)
    _ellipse(mask, (0.55, 0.6), (0.38, 0.5), px)
    surface = texture(shape, skin, 0.06, max(1.0, 0.08 * px), rng)
    locks = np.zeros(shape, np.uint8)
    _ellipse(locks, (0.55, rng.uniform(0.2, 0.32)), (0.42, rng.uniform(0.2, 0.32)), px)
    if rng.random() < 0.4:
        _ellipse(locks, (0.2, 0.65), (0.12, 0.45), px)
        _ellipse(locks, (0.9, 0.65), (0.12, 0.45), px)
    mask |= locks
    surface[locks > 100] = texture(shape, hair, 0.25, max(0.8, 0.04 * px), rng)[locks > 100]
    for x in (0.4, 0.7):
        _dab(surface, (x, 0.58), 0.05, px, 0.3)
        _dab(surface, (x, 0.48), 0.04, px, 0.6)
    _dab(surface, (0.55, 0.86), 0.07, px, 0.65)
    return make_sprite(surface, mask, (0.55 * px, 0.6 * px), px)


def _limb(
    length: float,
    wide: float,
    narrow: float,
    colour: Colour,
    px: float,
    contrast: float,
    grain: float,
    rng: np.random.Generator,
) -> Sprite:
    """A tapered sleeve along x; origin at its start."""
    shape = blank(wide + 0.1, length + wide, px)
    mask = np.zeros(shape, np.uint8)
    mid = wide / 2 + 0.05
    _polygon(
        mask,
        [(wide / 2, 0.05), (wide / 2 + length, mid - narrow / 2),
         (wide / 2 + length, mid + narrow / 2), (wide / 2, wide + 0.05)],
        px,
    )  # fmt: skip
    _ellipse(mask, (wide / 2, mid), (wide / 2, wide / 2), px)
    _ellipse(mask, (wide / 2 + length, mid), (narrow / 2, narrow / 2), px)
    surface = texture(shape, colour, contrast, grain, rng)
    shade = 1.12 - 0.4 * (np.arange(shape[0]) / shape[0])  # light falls from above
    return make_sprite(
        np.clip(surface * shade[:, None, None], 0, 255), mask, (wide / 2 * px, mid * px), px
    )


def _blob(
    width: float, height: float, colour: Colour, px: float, rng: np.random.Generator
) -> Sprite:
    shape = blank(height, width, px)
    mask = np.zeros(shape, np.uint8)
    _ellipse(mask, (width / 2, height / 2), (width / 2, height / 2), px)
    surface = texture(shape, colour, 0.1, max(0.8, 0.06 * px), rng)
    return make_sprite(surface, mask, (width / 2 * px, height / 2 * px), px)


def _legs(
    cloth: Colour,
    px: float,
    contrast: float,
    grain: float,
    rng: np.random.Generator,
    *,
    standing: bool,
) -> Sprite:
    """Thighs and shins of a seated player, or the legs of a standing one; origin at the seat."""
    shape = blank(3.0 if standing else 2.6, 2.6, px)
    mask = np.zeros(shape, np.uint8)
    for side in (-1, 1):
        hip, knee, foot = (
            1.3 + 0.3 * side,
            1.3 + (0.35 if standing else 0.75) * side,
            1.3 + 0.6 * side,
        )
        _polygon(mask, [(hip - 0.35, 0), (hip + 0.35, 0), (knee + 0.3, 1.0), (foot + 0.2, 2.6),
                        (foot - 0.2, 2.6), (knee - 0.3, 1.0)], px)  # fmt: skip
        _ellipse(mask, (foot + 0.08 * side, 2.45), (0.3, 0.14), px)
    dark = (cloth[0] * 0.7, cloth[1] * 0.7, cloth[2] * 0.7)
    return make_sprite(texture(shape, dark, contrast, grain, rng), mask, (1.3 * px, 0.25 * px), px)


_BODIES = {  # length, body's share of it, half widths of lower bout, waist, upper bout
    "shoulder": (2.6, 0.6, 0.46, 0.28, 0.37),
    "knees": (5.3, 0.62, 1.0, 0.62, 0.8),
    "floor": (7.2, 0.62, 1.35, 0.85, 1.0),
}


def _instrument(
    instrument: Instrument, wood: Colour, px: float, rng: np.random.Generator
) -> Sprite:
    """The instrument along x from tail (or mouthpiece) to tip; origin at the tail's end."""
    if instrument.bowed:
        return _violin_shape(instrument.hold, wood, px, rng)
    length = {"flute": 2.9, "reed": 2.7, "trumpet": 2.1}[instrument.hold]
    wide = {"Flute": 0.1, "Trumpet": 0.16, "Alto Sax": 0.24}.get(instrument.name, 0.14)
    shape = blank(1.4, length, px)
    mask = np.zeros(shape, np.uint8)
    _polygon(mask, [(0, 0.7 - wide / 2), (length, 0.7 - wide / 2), (length, 0.7 + wide / 2),
                    (0, 0.7 + wide / 2)], px)  # fmt: skip
    bell = {"Trumpet": 0.34, "Alto Sax": 0.42, "Clarinet": 0.2, "Oboe": 0.16}.get(instrument.name)
    if bell:
        _polygon(mask, [(length - 0.6, 0.7 - wide / 2), (length, 0.7 - bell), (length, 0.7 + bell),
                        (length - 0.6, 0.7 + wide / 2)], px)  # fmt: skip
    if instrument.hold == "trumpet":
        _polygon(mask, [(0.5, 0.85), (1.5, 0.85), (1.5, 1.0), (0.5, 1.0)], px)
    surface = texture(shape, wood, 0.15, max(0.8, 0.03 * px), rng)
    for x in np.arange(0.35, length - 0.5, 0.2):
        _dab(surface, (float(x), 0.68), 0.05, px, 1.5 if sum(wood) < 200 else 0.55)
    return make_sprite(surface, mask, (0.0, 0.7 * px), px)


def _violin_shape(hold: str, wood: Colour, px: float, rng: np.random.Generator) -> Sprite:
    length, body, lower, waist, upper = _BODIES[hold]
    start = 0.0 if hold == "shoulder" else 0.1 * length  # endpin
    mid, end = lower + 0.1, start + length * body * (1.0 if hold == "shoulder" else 0.9)
    span = end - start
    shape = blank(2 * mid, length, px)
    mask = np.zeros(shape, np.uint8)
    _polygon(mask, [(0, mid - 0.03), (start, mid - 0.03), (start, mid + 0.03), (0, mid + 0.03)], px)
    _ellipse(mask, (start + 0.27 * span, mid), (0.28 * span, lower), px)
    _ellipse(mask, (start + 0.76 * span, mid), (0.25 * span, upper), px)
    _polygon(mask, [(start + 0.3 * span, mid - waist), (start + 0.8 * span, mid - waist),
                    (start + 0.8 * span, mid + waist), (start + 0.3 * span, mid + waist)], px)  # fmt: skip
    neck = 0.055 * length**0.5
    _polygon(mask, [(end - 0.1, mid - neck), (length, mid - 0.7 * neck), (length, mid + 0.7 * neck),
                    (end - 0.1, mid + neck)], px)  # fmt: skip
    surface = texture(shape, wood, 0.16, max(0.8, 0.02 * px * length), rng)
    x = np.arange(shape[1]) / px
    board = np.zeros(shape, np.uint8)
    _polygon(board, [(start + 0.62 * span, mid - neck), (length, mid - 0.6 * neck),
                     (length, mid + 0.6 * neck), (start + 0.62 * span, mid + neck)], px)  # fmt: skip
    surface[board > 100] *= 0.3
    for side in (-1, 1):  # f-holes, and the rim's shade
        hole = np.zeros(shape, np.uint8)
        _ellipse(
            hole, (start + 0.45 * span, mid + side * 0.62 * waist), (0.09 * span, 0.07 * waist), px
        )
        surface[hole > 100] *= 0.25
    rim = cv2.distanceTransform((mask > 128).astype(np.uint8), cv2.DIST_L2, 3)
    surface *= np.clip(0.55 + rim / (0.12 * px), 0.55, 1.0)[..., None]
    surface *= (1.0 + 0.06 * np.sin(9.0 * x / length * 2))[None, :, None]
    return make_sprite(np.clip(surface, 0, 255), mask, (0.0, mid * px), px)
