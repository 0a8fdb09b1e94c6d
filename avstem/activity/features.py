"""What a player's movement is like, step by step: how fast, how wide, in which rhythm.

Bodies sway slowly, bows turn faster, fingers fall and hands vibrate faster still, so movement is
split into bands of frequency. A bow moves few cells much; raising an instrument moves many.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, IntArray, MotionField, Players, Region

STEP_S = 0.5
EDGES_HZ = (0.8, 2.5, 6.0)  # sway | bows | fingers and vibrato | what only shakes
BANDS = len(EDGES_HZ) + 1
FEATURES = 2 * BANDS
BOWS = 2  # the feature that tells most: the cells that move most, in the band of bows
OWN_SHARE = 0.5  # of the weight of a region's surest cell, from which a cell is the player's
TOP_SHARE = 0.25  # of a player's cells: those that move most
FLOOR = 1e-5  # of energy: less is no movement that can be seen
_BLOCK_FRAMES = 512


def movement_features(players: Players) -> FloatArray:
    """(players, FEATURES, steps) logarithms of energy; NaN where a player is in no view.

    Per band, from slow to fast: the energy of the cells that move most in it, and the mean over
    all cells. Velocities are divided by the height of the player's box in cells, so that neither
    the size of the picture nor the distance of the camera matters. Steps of ``STEP_S`` begin with
    the first frame.
    """
    field = players.field
    steps = step_of(field)
    found = np.full((len(players.players), FEATURES, int(steps[-1]) + 1), np.nan)
    for row, player in zip(found, players.players, strict=True):
        for region in player.regions(len(field.times_s)):
            inside = np.unique(steps[region.start : region.stop])
            row[:, inside] = _summary(_energies(field, region, steps))[:, inside]
    return found


def step_of(field: MotionField) -> IntArray:
    """(frames,) the step in which each frame lies."""
    since_s = field.times_s - field.times_s[0]
    return np.floor(since_s / STEP_S + 1e-9).astype(int)


def own_cells(region: Region) -> NDArray[np.bool_]:
    """(rows, columns) whether a cell is the player's."""
    return np.asarray(region.weight >= OWN_SHARE * region.weight.max())


def _energies(field: MotionField, region: Region, steps: IntArray) -> FloatArray:
    """(BANDS, cells, steps) mean squared velocity of the player's cells in each step and band."""
    own = own_cells(region)
    total = np.zeros((BANDS, int(own.sum()), int(steps[-1]) + 1))
    for start, stop, waves in _waves(field, region, own):
        for row, wave in zip(total, waves, strict=True):
            here, first = np.unique(steps[start:stop], return_index=True)
            row[:, here] += np.add.reduceat((wave**2).sum(axis=0), first, axis=-1)
    frames = np.bincount(steps[region.start : region.stop], minlength=total.shape[-1])
    height = (region.box_px.y1 - region.box_px.y0) / field.cell_px[1]
    return total / np.maximum(frames, 1) / height**2


def _waves(
    field: MotionField, region: Region, own: NDArray[np.bool_]
) -> Iterator[tuple[int, int, list[FloatArray]]]:
    """First and last frame of each block, with velocities (2, cells, frames) in each band."""
    # a Gaussian that passes half the power at its edge
    sigmas = [np.sqrt(np.log(2)) / (2 * np.pi * hz) * field.frame_rate_hz for hz in EDGES_HZ]
    halo = int(np.ceil(4 * sigmas[0]))
    for start in range(region.start, region.stop, _BLOCK_FRAMES):
        stop = min(start + _BLOCK_FRAMES, region.stop)
        first = max(region.start, start - halo)
        block = field.read(first, min(stop + halo, region.stop))[:, own]
        below = [np.zeros_like(block)]
        below += [gaussian_filter1d(block, s, axis=-1, mode="nearest") for s in sigmas]
        below.append(block)
        inside = slice(start - first, stop - first)
        yield start, stop, [(b - a)[..., inside] for a, b in zip(below, below[1:], strict=False)]


def _summary(energies: FloatArray) -> FloatArray:
    """(FEATURES, steps) of energies (BANDS, cells, steps)."""
    rows = []
    for band in energies:
        count = max(1, round(TOP_SHARE * len(band)))
        top = np.argsort(band.mean(axis=-1))[-count:]
        rows += [np.log(band[top].mean(axis=0) + FLOOR), np.log(band + FLOOR).mean(axis=0)]
    return np.array(rows)
