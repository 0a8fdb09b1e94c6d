"""Time maps: from warping paths and onset times to strictly increasing anchors, and notes."""

from __future__ import annotations

import numpy as np

from avstem.datatypes import FloatArray, Notes, Score, TimeMap

_SHORTEST_NOTE_S = 0.02
_SAME_ONSET_S = 1e-3


def distinct_onsets(score: Score) -> FloatArray:
    """Score times at which at least one note begins, in order, (onsets,)."""
    onsets = np.unique(np.concatenate([p.notes.onsets_s for p in score.parts]))
    return np.asarray(onsets[np.concatenate([[True], np.diff(onsets) > _SAME_ONSET_S])])


def strict_map(score_s: FloatArray, media_s: FloatArray, least_step_s: float = 1e-3) -> TimeMap:
    """A time map through anchors whose media times may stand still or step back a little.

    The isotonic (pool adjacent violators) fit changes them least in the squared sense; then each
    anchor comes at least ``least_step_s`` after the one before.
    """
    from sklearn.isotonic import isotonic_regression

    rising = np.asarray(isotonic_regression(np.asarray(media_s, float)))
    steps = np.arange(len(rising)) * least_step_s
    return TimeMap(np.asarray(score_s, float), np.maximum.accumulate(rising - steps) + steps)


def path_map(path_s: FloatArray, onsets_s: FloatArray) -> TimeMap:
    """Time map at the onsets from a warping path (2, steps) of media and score times.

    Where the path stands still in the score, its middle counts.
    """
    media_s, score_s = path_s
    places, which = np.unique(score_s, return_inverse=True)
    middle = np.bincount(which, media_s) / np.bincount(which)
    anchors = onsets_s if len(onsets_s) > 1 else places[[0, -1]]
    return strict_map(anchors, strict_map(places, middle).to_media(anchors))


def performed(notes: Notes, timemap: TimeMap, onsets_s: FloatArray | None = None) -> Notes:
    """Notes in media time, in the same order.

    ``onsets_s`` (notes,) replaces the mapped onsets; where that would upset the order of the
    part, the later note is moved to the earlier one's onset. Ends follow the map.
    """
    if len(notes) == 0:
        return notes
    onsets = timemap.to_media(notes.onsets_s) if onsets_s is None else onsets_s
    onsets = np.maximum.accumulate(onsets)
    offsets = np.maximum(timemap.to_media(notes.offsets_s), onsets + _SHORTEST_NOTE_S)
    return Notes(onsets, offsets, notes.pitches, notes.velocities)
