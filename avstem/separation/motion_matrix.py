"""The matrix M of the published methods: speeds of motion clusters at the frames of a transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import Absent, Conditions, MotionClusters
from avstem.errors import RequestError

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Motion:
    """What the players do during some frames.

    m : (frames, clusters) speeds, each column of root mean square 1 or all zero.
    shown : (frames, clusters) whether the picture shows the cluster.
    source : (clusters,) the source that each cluster's player is.
    sources : how many there are; a source without a cluster is possible.
    """

    m: Tensor
    shown: Tensor
    source: Tensor
    sources: int

    @classmethod
    def of(cls, m: Tensor, source: Tensor, sources: int) -> Motion:
        """Of clusters that the picture always shows."""
        return cls(m, torch.ones_like(m, dtype=torch.bool), source, sources)

    @classmethod
    def during(cls, who: Who, start_s: float, hop_s: float, frames: int) -> Motion:
        """Motion at frames centred on start_s + n x hop_s of media time."""
        known = who.source >= 0
        m = motion_matrix(who.clusters, start_s, hop_s, frames)[:, known]
        m = m / m.square().mean(0).sqrt().clamp_min(TINY)
        shown = who.clusters.shown_at(start_s + np.arange(frames) * hop_s)[known]
        source = torch.from_numpy(who.source[known])
        return cls(m, torch.from_numpy(shown.T), source, who.sources)

    def to(self, device: torch.device) -> Motion:
        """The same on another device."""
        m, shown, source = (one.to(device) for one in (self.m, self.shown, self.source))
        return Motion(m, shown, source, self.sources)

    def source_of(self, a: Tensor) -> Tensor:
        """Source (starts, components) of the cluster with a component's largest coefficient.

        a : (starts, components, clusters). A component that no cluster explains is nobody's, -1.
        """
        if not a.shape[2]:
            return torch.full(a.shape[:2], -1, device=a.device)
        largest, cluster = a.max(dim=2)
        return torch.where(largest > 0.0, self.source[cluster], -1)


@dataclass(frozen=True, eq=False)
class Who:
    """Motion clusters and the source (clusters,) that each belongs to, -1 for none."""

    clusters: MotionClusters
    source: np.ndarray
    sources: int

    @classmethod
    def of(cls, conditions: Conditions) -> Who:
        """Source k is the player matched with part k, or player k where nobody is matched.

        Raises RequestError where there are no motion clusters.
        """
        clusters = conditions.clusters
        if isinstance(clusters, Absent):
            raise RequestError(
                f"This separation method needs the players' movements, but {clusters.why}.",
                "Give a video, or choose a method that needs none.",
            )
        players = int(clusters.players.max(initial=-1)) + 1
        source = np.full(players, -1)
        if isinstance(conditions.association, Absent):
            known = min(players, conditions.count)
            source[:known] = np.arange(known)
        else:
            for match in conditions.association.matches:
                if match.player is not None and match.player < players:
                    source[match.player] = match.part
        return cls(clusters, source[clusters.players], conditions.count)


def motion_matrix(clusters: MotionClusters, start_s: float, hop_s: float, frames: int) -> Tensor:
    """Mean speed (frames, clusters) in each cluster during each frame of a transform.

    Parekh et al. (2017), section 3.1. Frame n is centred on media time start_s + n x hop_s and
    lasts a hop; between pictures speed is interpolated. Before and after the picture it is 0.
    Unit: pixels of the flow picture per second.
    """
    edges_s = start_s + (np.arange(frames + 1) - 0.5) * hop_s
    first = max(0, int(np.searchsorted(clusters.times_s, edges_s[0])) - 1)
    stop = int(np.searchsorted(clusters.times_s, edges_s[-1])) + 1
    times_s, speed = clusters.times_s[first:stop], clusters.speed[:, first:stop]
    steps = 0.5 * (speed[:, 1:] + speed[:, :-1]) * np.diff(times_s)
    way = np.pad(np.cumsum(steps, axis=1, dtype=float), ((0, 0), (1, 0)))
    passed = np.stack([np.interp(edges_s, times_s, row) for row in way])
    return torch.from_numpy(np.diff(passed, axis=1).T / hop_s).float()
