"""Who sits where a voice comes from: a weak cue that decides between players who fit alike.

Camera and microphones mostly look from the hall, so that a voice heard on the left belongs to
somebody on the left of the picture. That is a habit and no law: the cue weighs about as much as
one standard deviation of the movement's evidence, which a minute of music outvotes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from avstem.datatypes import Affinity, FloatArray

_WEIGHT = 1.0


def with_places(affinity: Affinity, rightness: FloatArray) -> Affinity:
    """The affinity with what the places in the sound speak for.

    rightness : (voices,) how far right each voice is heard, NaN for nowhere; one per row of the
        scores. Players are numbered from left to right. Where fewer than two voices come from
        somewhere, or with one player, nothing changes.
    """
    voices, players = affinity.scores.shape
    placed = np.flatnonzero(np.isfinite(rightness))
    if len(rightness) != voices or len(placed) < 2 or players < 2:
        return affinity
    heard = np.argsort(np.argsort(rightness[placed])) / (len(placed) - 1)
    seen = np.arange(players) / (players - 1)
    apart = np.zeros((voices, players))
    apart[placed] = np.abs(heard[:, None] - seen[None, :])
    return replace(affinity, scores=affinity.scores - _WEIGHT * apart)
