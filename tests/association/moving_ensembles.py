"""A simulated field of motion with known players: bows that turn at the onsets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import Box, MotionField, Notes, Players
from avstem.players.detect import find_players

ROWS, COLUMNS = 12, 30


@dataclass(frozen=True, eq=False)
class Ensemble:
    """players : in the field; truth : the player of each part."""

    players: Players
    notes: tuple[Notes, ...]
    truth: tuple[int, ...]


def make_notes(onsets_s: np.ndarray, seed: int = 0) -> Notes:
    pitches = np.random.default_rng(seed).integers(55, 75, len(onsets_s))
    return Notes(onsets_s, onsets_s + 0.15, pitches, np.full(len(onsets_s), 80))


def make_ensemble(
    parts: int, seed: int = 0, *, louder: float = 1.0, uneven: bool = False, seconds: float = 30.0
) -> Ensemble:
    """louder : how much more the first player moves; uneven : frames at uneven times."""
    random = np.random.default_rng(seed)
    steps = random.uniform(0.02, 0.05, int(seconds * 28)) if uneven else np.full(900, 1 / 30)
    times_s = np.concatenate([[0.0], np.cumsum(steps)])
    velocity = random.normal(0, 0.3, (2, ROWS, COLUMNS, len(times_s)))
    truth = tuple(int(k) for k in random.permutation(parts))
    notes = []
    width = COLUMNS / parts
    for part, player in enumerate(truth):
        onsets_s = np.cumsum(random.choice([0.25, 0.5, 0.75, 1.0], 80)) + 0.5
        onsets_s = onsets_s[onsets_s < times_s[-1] - 1]
        notes.append(make_notes(onsets_s, part))
        middle_s = times_s - np.diff(times_s, prepend=0.0) / 2  # of the frame before and this
        bow = _bow(middle_s, onsets_s) * (louder if player == 0 else 1.0)
        sway = 8 * np.sin(2 * np.pi * (0.2 + 0.05 * player) * times_s)
        x = slice(int(player * width) + 1, int((player + 1) * width) - 1)
        velocity[0, 3:9, x] += bow + sway
        velocity[1, 3:9, x] += 0.4 * bow
    field = MotionField(
        velocity.astype(np.float16), times_s, np.ones((ROWS, COLUMNS)), (20.0, 20.0), 600, 240
    )
    edges = np.linspace(0, 600, parts + 1)
    boxes = tuple(Box(edges[k], 0, edges[k + 1], 240) for k in range(parts))
    return Ensemble(find_players(field, count=parts, boxes=boxes), tuple(notes), truth)


def _bow(times_s: np.ndarray, onsets_s: np.ndarray) -> np.ndarray:
    """A half sine per note, down and up in turn."""
    index = np.searchsorted(onsets_s, times_s, side="right") - 1
    edges = np.append(onsets_s, onsets_s[-1] + 0.5)
    safe = np.clip(index, 0, len(onsets_s) - 1)
    share = (times_s - edges[safe]) / (edges[safe + 1] - edges[safe])
    inside = (index >= 0) & (share < 1)
    return np.where(inside, 20 * (1 - 2 * (safe % 2)) * np.sin(np.pi * share), 0.0)
