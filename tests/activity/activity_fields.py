"""Made-up fields of motion: players who bow, rest and sway, and what hides them."""

from __future__ import annotations

import numpy as np

from avstem.datatypes import Box, MotionField, Player, Players, Region

ROWS, COLUMNS, RATE_HZ = 12, 14, 30.0
PLACE = (slice(2, 11), slice(3, 11))  # of the player: rows, columns
BOX = Box(60, 40, 220, 220)
CELL_PX = 20.0


def times_of(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * RATE_HZ)) / RATE_HZ


def one_player(
    playing: np.ndarray, seed: int = 0, views: tuple[Region, ...] = (), texture: float = 0.5
) -> Players:
    """A player who bows while ``playing`` (frames,) is true, and always sways and shakes a bit."""
    rng = np.random.default_rng(seed)
    frames = len(playing)
    times_s = np.arange(frames) / RATE_HZ
    velocity = rng.normal(0, 0.3, (2, ROWS, COLUMNS, frames))
    sway = 2.0 * np.sin(2 * np.pi * 0.25 * times_s + rng.uniform(0, 6))
    velocity[0][PLACE] += sway
    turns_s = np.cumsum(rng.uniform(0.15, 0.6, 8 * int(times_s[-1] + 2)))
    stroke = np.searchsorted(turns_s, times_s)
    since = (times_s - np.append(0.0, turns_s)[stroke]) / np.diff(turns_s, prepend=0.0)[stroke]
    way = np.clip(6.0 * np.minimum(since, 1.0 - since), 0.0, 1.0)  # bows turn fast
    bow = np.where(stroke % 2, -1.0, 1.0) * way * 15.0 * playing
    velocity[0][PLACE] += 0.15 * bow  # the body gives way to the bow
    velocity[0, 6:9, 3:8] += bow
    velocity[1, 6:9, 3:8] += 0.4 * bow
    velocity[1, 4:6, 8:11] += 3.0 * np.sin(2 * np.pi * 5.5 * times_s) * playing  # vibrato
    return players_in(velocity, views, texture)


def players_in(
    velocity: np.ndarray, views: tuple[Region, ...] = (), texture: float = 0.5
) -> Players:
    times_s = np.arange(velocity.shape[-1]) / RATE_HZ
    field = MotionField(
        velocity.astype(np.float16),
        times_s,
        np.full((ROWS, COLUMNS), texture),
        (CELL_PX, CELL_PX),
        round(COLUMNS * CELL_PX),
        round(ROWS * CELL_PX),
    )
    return Players((Player(0, BOX, weight(), views),), field)


def weight() -> np.ndarray:
    cells = np.zeros((ROWS, COLUMNS))
    cells[PLACE] = 1.0
    return cells
