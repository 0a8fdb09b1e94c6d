"""The matrix M of the published methods: speeds of motion clusters at the frames of a transform."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import MotionClusters


def motion_matrix(clusters: MotionClusters, start_s: float, hop_s: float, frames: int) -> Tensor:
    """Mean speed (frames, clusters) in each cluster during each frame of a transform.

    Parekh et al. (2017), section 3.1. Frame n is centred on media time start_s + n x hop_s and
    lasts a hop; between pictures speed is interpolated. Before and after the picture it is 0.
    Unit: pixels of the flow picture per second.
    """
    edges_s = start_s + (np.arange(frames + 1) - 0.5) * hop_s
    times_s = clusters.times_s
    steps = 0.5 * (clusters.speed[:, 1:] + clusters.speed[:, :-1]) * np.diff(times_s)
    way = np.pad(np.cumsum(steps, axis=1, dtype=float), ((0, 0), (1, 0)))
    passed = np.stack([np.interp(edges_s, times_s, row) for row in way])
    return torch.from_numpy(np.diff(passed, axis=1).T / hop_s).float()
