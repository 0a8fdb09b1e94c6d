"""Onsets finer than the frames of the transform."""

from __future__ import annotations

import numpy as np
import torch

from avstem.datatypes import Notes
from avstem.separation.onsets import flux, on_time

RATE_HZ = 16_000
TRUE_S = np.array([0.513, 1.207, 1.958, 2.641])
STEP_S = 0.01


def tones() -> torch.Tensor:
    times_s = np.arange(round(3.5 * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(times_s))
    for k, onset_s in enumerate(TRUE_S):
        on = (times_s >= onset_s) * np.clip((onset_s + 0.5 - times_s) / 0.2, 0.0, 1.0)
        sound += on * np.sin(2 * np.pi * (330 + 60 * k) * times_s)
    return torch.from_numpy(0.2 * sound[None]).float()


def notes(onsets_s: np.ndarray) -> Notes:
    n = len(onsets_s)
    return Notes(onsets_s, onsets_s + 0.3, np.full(n, 64), np.full(n, 80))


def test_most_begins_where_tones_begin() -> None:
    steps_s = np.arange(350) * STEP_S
    found = flux(tones(), RATE_HZ, steps_s)[0]
    for onset_s in TRUE_S:
        near = np.flatnonzero(np.abs(steps_s - onset_s) < 0.15)
        assert abs(steps_s[near[found[near].argmax()]] - onset_s) < 0.03


def test_notes_heard_late_or_early_are_put_right() -> None:
    beginning = flux(tones(), RATE_HZ, np.arange(350) * STEP_S)[0]
    heard = notes(TRUE_S + np.array([0.09, -0.05, 0.1, 0.0]) + 7.0)
    right = on_time(heard, beginning, STEP_S, 7.0)
    np.testing.assert_allclose(right.onsets_s - 7.0, TRUE_S, atol=0.03)
    assert (right.offsets_s > right.onsets_s).all()
    np.testing.assert_array_equal(right.pitches, heard.pitches)


def test_without_any_beginning_notes_stay_where_they_were_heard() -> None:
    heard = notes(TRUE_S)
    right = on_time(heard, np.zeros(350), STEP_S, 0.0)
    np.testing.assert_array_equal(right.onsets_s, heard.onsets_s)
