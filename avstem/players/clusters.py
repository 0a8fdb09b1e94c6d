"""Motion clusters: within each player's region, cells that move alike.

Parekh et al. (2017, section 3.1) segment point trajectories by motion with the multicut of Keuper
et al. (2015) and average the speed of each segment. Here cells of the motion field stand for
points, and average linkage on the correlation of their velocities for the multicut: like it, it
needs no number of clusters. Correlation forgives size, so that the tip of a bow and its frog, one
fast and one slow, are one thing.

Reference: S. Parekh, S. Essid, A. Ozerov, N. Duong, P. Perez, G. Richard, "Guiding audio source
separation by video object information", WASPAA 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import squareform

from avstem.datatypes import FloatArray, IntArray, MotionClusters, MotionField, Players, Region

ALIKE = 0.5  # least mean correlation of the velocities within a cluster
FEWEST_CELLS = 3  # smaller clusters go to those that they move most like
MOVING_SHARE = 0.02  # of the energy of the region's most moving cells, from which a cell moves
OWN_SHARE = 0.5  # of a cell, from which it is a player's own
_SMOOTH_FRAMES = 1.0
_HALO_FRAMES = 4
_BLOCK_FRAMES = 512
_TINY = 1e-9


def motion_clusters(players: Players) -> MotionClusters:
    """Clusters of all players, at least one in each of a player's regions.

    Cells that hardly move are a cluster of their own, the last of their region. Outside the
    frames of its region a cluster has speed 0, and so have all of a player who does not move: what
    is measured there is noise. A velocity belongs to the time between its two
    frames. At least one player.
    """
    field = players.field
    regions = [
        _Cells(player.index, region, _own(region.weight))
        for player in players.players
        for region in player.regions(len(field.times_s))
    ]
    found: list[_Cells] = []
    for region in regions:
        labels = _labels(_gram(field, region))
        found += [region.subset(labels == label) for label in range(labels.max() + 1)]
    speed = _speeds(field, found)
    speed[[not players.players[c.player].moves for c in found]] = 0.0
    times_s = field.times_s - np.diff(field.times_s, prepend=field.times_s[0]) / 2
    return MotionClusters(
        weights=np.stack([np.where(c.mask, c.region.weight, 0.0) for c in found]),
        players=np.array([c.player for c in found], dtype=int),
        speed=speed,
        times_s=times_s,
        shown_s=np.array([times_s[[c.region.start, c.region.stop - 1]] for c in found]),
    )


@dataclass(frozen=True, eq=False)
class _Cells:
    """Some cells (rows, columns) of a player's region."""

    player: int
    region: Region
    mask: NDArray[np.bool_]

    def subset(self, chosen: NDArray[np.bool_]) -> _Cells:
        """Those of the cells that are chosen, (cells,) in the order of the mask."""
        mask = np.zeros_like(self.mask)
        mask[self.mask] = chosen
        return _Cells(self.player, self.region, mask)

    def overlap(self, start: int, stop: int) -> slice:
        """Frames of the region within frames [start, stop); empty where there are none."""
        first = max(start, self.region.start)
        return slice(first, max(first, min(stop, self.region.stop)))


def _own(weight: FloatArray) -> NDArray[np.bool_]:
    """The player's own cells; one at least, also where all cells are somebody else's."""
    own = np.asarray(weight >= min(OWN_SHARE, max(float(weight.max()), _TINY)))
    if not own.any():
        own[0, 0] = True
    return own


def _blocks(field: MotionField) -> Iterator[tuple[int, int]]:
    frames = len(field.times_s)
    for start in range(0, frames, _BLOCK_FRAMES):
        yield start, min(start + _BLOCK_FRAMES, frames)


def _gram(field: MotionField, region: _Cells) -> FloatArray:
    """Inner products (cells, cells) of the velocities of a region's cells, over time.

    Each velocity is first smoothed over three frames or so: flow jitters from frame to frame.
    """
    cells, frames = int(region.mask.sum()), len(field.times_s)
    gram = np.zeros((cells, cells))
    for start in range(region.region.start, region.region.stop, _BLOCK_FRAMES):
        stop = min(start + _BLOCK_FRAMES, region.region.stop)
        first = max(0, start - _HALO_FRAMES)
        block = field.read(first, min(stop + _HALO_FRAMES, frames))
        mine = gaussian_filter1d(block[:, region.mask], _SMOOTH_FRAMES, axis=-1)
        for axis in mine[..., start - first : stop - first]:
            gram += axis @ axis.T
    return gram


def _labels(gram: FloatArray) -> IntArray:
    """Cluster (cells,) of each cell, from 0; the last is that of the cells that hardly move."""
    energy = np.diag(gram)
    moving = energy > max(MOVING_SHARE * float(np.quantile(energy, 0.95)), _TINY)
    labels = np.full(len(gram), 0)
    if moving.any():
        scale = 1.0 / np.sqrt(energy[moving])
        labels[moving] = _linked(gram[np.ix_(moving, moving)] * scale * scale[:, None])
        labels[~moving] = labels[moving].max() + 1
    return labels


def _linked(alike: FloatArray) -> IntArray:
    """Clusters of cells by average linkage of their correlations (cells, cells), from 0."""
    if len(alike) == 1:
        return np.zeros(1, int)
    distance = np.clip(1.0 - 0.5 * (alike + alike.T), 0.0, 2.0)
    np.fill_diagonal(distance, 0.0)
    labels = fcluster(
        linkage(squareform(distance, checks=False), "average"), 1.0 - ALIKE, "distance"
    )
    return _without_small(labels, alike)


def _without_small(labels: IntArray, alike: FloatArray) -> IntArray:
    """Small clusters given to the large one that they move most like, numbered from 0."""
    names, sizes = np.unique(labels, return_counts=True)
    large = names[sizes >= min(FEWEST_CELLS, sizes.max())]
    likeness = np.stack([alike[:, labels == name].mean(axis=1) for name in large])
    nearest = likeness.argmax(axis=0)
    kept = np.isin(labels, large)
    return np.where(kept, np.searchsorted(large, labels).clip(max=len(large) - 1), nearest)


def _speeds(field: MotionField, clusters: Sequence[_Cells]) -> FloatArray:
    """Mean speed (clusters, frames) of the cells of each cluster, by their weights."""
    speed = np.zeros((len(clusters), len(field.times_s)), np.float32)
    for start, stop in _blocks(field):
        block = field.read(start, stop)
        magnitude = np.hypot(block[0], block[1])
        for row, cluster in zip(speed, clusters, strict=True):
            frames = cluster.overlap(start, stop)
            if frames.start == frames.stop:
                continue
            mine = magnitude[cluster.mask][:, frames.start - start : frames.stop - start]
            weights = cluster.region.weight[cluster.mask] + _TINY
            row[frames] = np.average(mine, axis=0, weights=weights)
    return speed
