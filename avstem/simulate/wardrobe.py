"""Wardrobe: the sprites of one player, drawn once from a random choice of looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.instruments import Instrument
from avstem.simulate.lutherie import instrument_sprite
from avstem.simulate.shapes import ellipse, polygon, shade
from avstem.simulate.sprites import Colour, Sprite, blank, make_sprite, texture

_CLOTHES: tuple[Colour, ...] = (
    (38, 34, 34), (60, 45, 40), (52, 58, 66), (80, 60, 50), (48, 40, 78), (70, 78, 52),
    (96, 88, 84),
)  # fmt: skip
_SKINS: tuple[Colour, ...] = ((112, 138, 186), (92, 118, 165), (58, 78, 118), (122, 150, 198))
_HAIRS: tuple[Colour, ...] = ((25, 28, 35), (40, 60, 90), (70, 95, 125), (130, 135, 140))


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


def dress(instrument: Instrument, px: float, contrast: float, rng: np.random.Generator) -> Wardrobe:
    """A player's looks at ``px`` pixels per head height; ``contrast`` of the cloth, 0 to 1."""
    cloth = _CLOTHES[rng.integers(len(_CLOTHES))]
    skin, hair = _SKINS[rng.integers(len(_SKINS))], _HAIRS[rng.integers(len(_HAIRS))]
    grain = max(0.8, 0.05 * px)
    return Wardrobe(
        torso=_torso(cloth, px, contrast, grain, rng),
        head=_head(skin, hair, px, rng),
        upper_arm=_limb(1.3, 0.46, 0.38, cloth, px, contrast, grain, rng),
        forearm=_limb(1.35, 0.38, 0.25, cloth, px, contrast, grain, rng),
        hand=_blob(0.4, 0.29, skin, px, rng),
        legs=_legs(cloth, px, contrast, grain, rng, standing=instrument.hold == "floor"),
        instrument=instrument_sprite(instrument, px, rng),
        skin=skin,
    )


def _torso(
    cloth: Colour, px: float, contrast: float, grain: float, rng: np.random.Generator
) -> Sprite:
    """Shoulders to hips, with a collar and a row of buttons; origin at the seat."""
    shape = blank(3.0, 2.4, px)
    mask = np.zeros(shape, np.uint8)
    polygon(
        mask, [(0.3, 0.55), (0.95, 0.25), (1.45, 0.25), (2.1, 0.55), (2.0, 2.9), (0.4, 2.9)], px
    )
    ellipse(mask, (0.42, 0.72), (0.3, 0.35), px)
    ellipse(mask, (1.98, 0.72), (0.3, 0.35), px)
    surface = texture(shape, cloth, contrast, grain, rng)
    shirt = np.zeros(shape, np.uint8)
    polygon(shirt, [(0.98, 0.25), (1.42, 0.25), (1.2, 1.35)], px)
    surface[shirt > 128] = np.clip(surface[shirt > 128] * 0.2 + rng.uniform(150, 215), 0, 240)
    for y in (1.6, 2.0, 2.4):
        shade(surface, (1.2, y), (0.04, 0.04), px, 0.5)
    return make_sprite(surface, mask, (1.2 * px, 2.75 * px), px)


def _head(skin: Colour, hair: Colour, px: float, rng: np.random.Generator) -> Sprite:
    """Neck, face and hair; origin at the middle of the head."""
    shape = blank(1.45, 1.1, px)
    mask = np.zeros(shape, np.uint8)
    polygon(mask, [(0.4, 0.8), (0.7, 0.8), (0.74, 1.4), (0.36, 1.4)], px)
    ellipse(mask, (0.55, 0.6), (0.37, 0.48), px)
    surface = texture(shape, skin, 0.07, max(1.0, 0.06 * px), rng, streaks=(2.0, 2.0))
    face = np.zeros(shape, np.uint8)
    ellipse(face, (0.55, 0.66), (0.31, 0.44), px)
    locks = np.zeros(shape, np.uint8)
    ellipse(locks, (0.55, 0.48), (rng.uniform(0.38, 0.44), 0.46), px)
    if rng.random() < 0.4:  # long hair
        polygon(locks, [(0.15, 0.5), (0.95, 0.5), (1.0, 1.2), (0.1, 1.2)], px)
    strands = texture(shape, hair, 0.28, max(0.8, 0.03 * px), rng, streaks=(0.7, 5.0))
    locks[face > 100] = 0
    surface[locks > 100] = strands[locks > 100]
    _features(surface, px)
    return make_sprite(surface, mask | locks, (0.55 * px, 0.6 * px), px)


def _features(surface: FloatArray, px: float) -> None:
    """Brows, eyes, nose and mouth, darker than the skin."""
    for x in (0.42, 0.68):
        shade(surface, (x, 0.52), (0.08, 0.022), px, 0.45)
        shade(surface, (x, 0.61), (0.05, 0.03), px, 0.35)
    shade(surface, (0.57, 0.74), (0.035, 0.07), px, 0.8)
    shade(surface, (0.55, 0.9), (0.11, 0.022), px, 0.55)
    shade(surface, (0.55, 1.17), (0.17, 0.05), px, 0.7)


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
    polygon(
        mask,
        [(wide / 2, 0.05), (wide / 2 + length, mid - narrow / 2),
         (wide / 2 + length, mid + narrow / 2), (wide / 2, wide + 0.05)],
        px,
    )  # fmt: skip
    ellipse(mask, (wide / 2, mid), (wide / 2, wide / 2), px)
    ellipse(mask, (wide / 2 + length, mid), (narrow / 2, narrow / 2), px)
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
    ellipse(mask, (width / 2, height / 2), (width / 2, height / 2), px)
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
        polygon(mask, [(hip - 0.35, 0), (hip + 0.35, 0), (knee + 0.3, 1.0), (foot + 0.2, 2.6),
                        (foot - 0.2, 2.6), (knee - 0.3, 1.0)], px)  # fmt: skip
        ellipse(mask, (foot + 0.08 * side, 2.45), (0.3, 0.14), px)
    dark = (cloth[0] * 0.7, cloth[1] * 0.7, cloth[2] * 0.7)
    return make_sprite(texture(shape, dark, contrast, grain, rng), mask, (1.3 * px, 0.25 * px), px)
