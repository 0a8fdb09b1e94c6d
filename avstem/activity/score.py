"""Who plays when, from the aligned score."""

from __future__ import annotations

import numpy as np

from avstem.activity.features import STEP_S
from avstem.datatypes import Activity, FloatArray, Notes

# Through a shorter rest the hands stay up and the eyes on the music: the player is still playing.
SHORT_REST_S = 2.0


def from_notes(notes: tuple[Notes, ...], start_s: float, stop_s: float) -> Activity:
    """Playing of each part between two media times, from its notes as performed.

    A step's value is the share of it that lies within a phrase: from the first onset to the last
    offset of notes between which no rest is longer than ``SHORT_REST_S``. A part without notes
    never plays.

    Raises ValueError unless the stop follows the start.
    """
    if stop_s <= start_s:
        raise ValueError(f"stop_s must follow start_s = {start_s}, found {stop_s}")
    edges_s = start_s + STEP_S * np.arange(int(np.ceil((stop_s - start_s) / STEP_S - 1e-9)) + 1)
    playing = [_played_s(part.phrases(SHORT_REST_S), edges_s) / STEP_S for part in notes]
    rows = np.array(playing).reshape(len(notes), len(edges_s) - 1)
    return Activity(np.clip(rows, 0.0, 1.0), start_s, STEP_S, "score")


def _played_s(phrases_s: FloatArray, edges_s: FloatArray) -> FloatArray:
    """Seconds of each step (edges - 1,) that phrases cover; phrases are in order and apart."""
    if len(phrases_s) == 0:
        return np.zeros(len(edges_s) - 1)
    lengths_s = np.diff(phrases_s, axis=1)[:, 0]
    played_s = np.concatenate([[0.0], np.cumsum(lengths_s)])
    corners_s = phrases_s.ravel()
    heights_s = np.stack([played_s[:-1], played_s[1:]], axis=1).ravel()
    return np.diff(np.interp(edges_s, corners_s, heights_s))
