"""From saliences of pitches to what separation and association need: gates and notes.

A voice mostly plays one pitch at a time, so the likeliest path through its pitches (Viterbi) is
what it plays; other pitches that stand out may sound as well, at a cost.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import max_pool1d

from avstem.datatypes import FloatArray, IntArray, Notes
from avstem.separation.gates import Gates
from avstem.separation.pitches import LOWEST

KEPT = 4  # pitches per voice and frame that may sound
LEAST_SHARE = 0.05  # of the voice's salience in a frame that such a pitch has
REACH_FRAMES = 2  # that a pitch may sound before and after it stands out
COST = 3.0  # relative extra weight of a pitch per factor e below the strongest
FLOOR_DB = -40.0  # below a voice's loud frames: where pitches are lost in noise
LOUD_QUANTILE = 0.9
SELDOM_QUANTILE, SELDOM_DB = 0.995, -15.0  # of a voice that is silent for most of the time
RISE = 0.15  # of a frame's salience that is new: the beginning of a tone
SWITCH = 2.0  # what it costs a path to go to another pitch
FAINT_SHARE = 0.01  # of a frame's salience that every pitch has
SILENCE_DB = -35.0  # below a voice's loud frames: silence
SHORTEST_S = 0.08  # of a note
TINY = 1e-9


def heard_gates(salience: Tensor) -> Gates:
    """Gates of (voices, pitches, frames) saliences."""
    total = salience.sum(1, keepdim=True)
    floor = torch.quantile(total, LOUD_QUANTILE, dim=2, keepdim=True) * 10 ** (FLOOR_DB / 20)
    share = _widened(salience / (total + floor + TINY))
    least = share.topk(KEPT, dim=1).values[:, -1:].clamp_min(LEAST_SHARE)
    opened = share >= least
    strongest = share.amax(1, keepdim=True)
    cost = COST * torch.log((strongest + TINY) / (share + TINY)) * opened
    voices, pitches = torch.nonzero(opened.any(2), as_tuple=True)
    total = total[:, 0]
    rise = torch.nn.functional.pad(total[:, 1:] - total[:, :-1], (1, 0)) > RISE * total
    return Gates(
        parts=voices,
        pitches=pitches + LOWEST,
        open=opened[voices, pitches].float(),
        cost=cost[voices, pitches],
        onset=max_pool1d(rise.float(), 3, 1, 1),
    )


def _widened(share: Tensor) -> Tensor:
    return max_pool1d(share, 2 * REACH_FRAMES + 1, 1, REACH_FRAMES)


def pitch_path(salience: FloatArray) -> IntArray:
    """Likeliest pitch index (frames,) of each frame of saliences (pitches, frames)."""
    total = salience.sum(0) + TINY
    score = np.log(salience / total + FAINT_SHARE)
    came_from = np.zeros(score.shape, np.int32)
    here = np.arange(len(score))
    best = score[:, 0]
    for t in range(1, score.shape[1]):
        leader = int(best.argmax())
        stays = best >= best[leader] - SWITCH
        came_from[:, t] = np.where(stays, here, leader)
        best = np.where(stays, best, best[leader] - SWITCH) + score[:, t]
    path = np.zeros(score.shape[1], int)
    path[-1] = best.argmax()
    for t in range(score.shape[1] - 1, 0, -1):
        path[t - 1] = came_from[path[t], t]
    return path


def loud(level: FloatArray) -> float:
    """Level that a tenth of the frames (frames,) exceed; near the loudest where most are silent."""
    if not level.size:
        return 0.0
    often, seldom = np.quantile(level, [LOUD_QUANTILE, SELDOM_QUANTILE])
    return float(max(often, seldom * 10 ** (SELDOM_DB / 20)))


def heard_notes(path: IntArray, level: FloatArray, hop_s: float, start_s: float) -> Notes:
    """Notes of a path of pitch indices (frames,) where its level (frames,) is above silence.

    start_s : media time of the first frame.
    """
    sounding = level > loud(level) * 10 ** (SILENCE_DB / 20) + TINY
    change = np.diff(np.where(sounding, path, -1)) != 0
    edges = np.concatenate([[0], np.flatnonzero(change) + 1, [len(path)]])
    firsts, lasts = edges[:-1], edges[1:]
    kept = sounding[firsts] & ((lasts - firsts) * hop_s >= SHORTEST_S)
    firsts, lasts = firsts[kept], lasts[kept]
    return Notes(
        onsets_s=start_s + firsts * hop_s,
        offsets_s=start_s + lasts * hop_s,
        pitches=path[firsts] + LOWEST,
        velocities=np.full(len(firsts), 80),
    )
