"""Screens: something that rises before a player and hides them for half of the piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.simulate.figures import View
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.shapes import ellipse, polygon
from avstem.simulate.sprites import Picture, Sprite, blank, make_sprite, place, similarity, texture

_RISE_S = 1.2
_SWAY = 0.006  # of its height
_SWAY_HZ = 0.35


@dataclass(frozen=True, eq=False)
class Screen:
    """Stands before a player from ``start_s`` to ``stop_s``, ``foot_px`` being its foot (x, y)."""

    player: int
    start_s: float
    stop_s: float
    sprite: Sprite
    foot_px: tuple[float, float]
    height_px: float

    def draw(self, picture: Picture, time_s: float, view: View) -> None:
        """Draw it where it stands at a time; before it rises and after it sank it is below."""
        up = np.clip(min(time_s - self.start_s, self.stop_s - time_s) / _RISE_S + 1.0, 0.0, 1.0)
        if up == 0.0:
            return
        x, y = self.foot_px
        x += _SWAY * self.height_px * np.sin(2 * np.pi * _SWAY_HZ * time_s)
        y += (1.0 - up * up * (3 - 2 * up)) * self.height_px
        at = np.array([x, y]) * view.zoom + (view.x_px, view.y_px)
        place(picture, self.sprite, similarity(self.sprite, at, 0.0, self.sprite.px * view.zoom))


def screens_of(
    boxes: list[tuple[float, float, float, float]],
    duration_s: float,
    settings: SimulationSettings,
) -> tuple[Screen, ...]:
    """One screen for each player who is to be hidden, in the first or in the second half."""
    rng = settings.rng("hidden")
    chosen = rng.permutation(len(boxes))[: settings.hidden]
    screens = []
    for player in sorted(int(n) for n in chosen):
        x0, y0, x1, y1 = boxes[player]
        late = bool(rng.integers(2))
        span_s = (duration_s / 2, duration_s + 9) if late else (-9.0, duration_s / 2)
        width, height = 1.1 * (x1 - x0), 1.6 * (y1 - y0)
        foot = ((x0 + x1) / 2, y1 + 0.5 * (y1 - y0))
        screens.append(Screen(player, *span_s, _back(width, height, rng), foot, height))
    return tuple(screens)


def _back(width: float, height: float, rng: np.random.Generator) -> Sprite:
    """Somebody's broad back: round above, in patterned cloth; origin at the foot."""
    shape = blank(height, width, 1.0)
    mask = np.zeros(shape, np.uint8)
    ellipse(mask, (width / 2, 0.25 * height), (width / 2, 0.24 * height), 1.0)
    polygon(mask, [(0, 0.22 * height), (width, 0.22 * height), (width, height), (0, height)], 1.0)
    colour = tuple(float(c) for c in rng.uniform(40, 120, 3))
    surface = texture(shape, (colour[0], colour[1], colour[2]), 0.25, 0.05 * height, rng)
    return make_sprite(surface, mask, (width / 2, height), 1.0)
