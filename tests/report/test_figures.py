from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.datatypes import Alignment, Notes, TimeMap
from avstem.report.figures import (
    PLOT_HEIGHT,
    PLOT_WIDTH,
    alignment_figure,
    clock,
    nice_step,
    pooled,
    waveform,
)


def points(path: str) -> np.ndarray:
    return np.array([float(x) for x in re.findall(r"[-\d.]+", path)]).reshape(-1, 2)


def aligned(score_s: np.ndarray, media_s: np.ndarray) -> Alignment:
    onsets = media_s[:1]
    notes = Notes(onsets, onsets + 1, np.array([60]), np.array([80]))
    return Alignment(TimeMap(score_s, media_s), (notes,), 0.9, np.array([1.0, 0.25, 0.5]))


@pytest.mark.parametrize(
    ("time_s", "digits", "expected"),
    [
        (0.0, 0, "0:00"),
        (187.4, 0, "3:07"),
        (59.96, 1, "1:00.0"),
        (12.5, 1, "0:12.5"),
        (3765.0, 0, "1:02:45"),
        (-3.0, 0, "−0:03"),
    ],
)
def test_times_read_as_clocks(time_s: float, digits: int, expected: str) -> None:
    assert clock(time_s, digits) == expected


@given(st.floats(0, 90_000))
def test_a_clock_tells_its_time(time_s: float) -> None:
    parts = [float(p) for p in clock(time_s, 1).split(":")]
    total = sum(p * 60**k for k, p in enumerate(reversed(parts)))
    assert total == pytest.approx(time_s, abs=0.0501)
    assert all(p < 60 for p in parts[1:])


@given(st.floats(1e-3, 1e4))
def test_steps_are_nice_and_wide_enough(span: float) -> None:
    step = nice_step(span)
    assert span / 2 * (1 - 1e-6) <= step <= span / 2 * 2.51
    assert f"{step:.0e}"[0] in "125"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 100))
def test_pooling_keeps_the_peaks(values: list[float], columns: int) -> None:
    found = pooled(np.array(values), columns)
    assert len(found) == min(len(values), columns)
    assert found.max() == max(values)


def test_a_waveform_is_mirrored_and_within_its_frame() -> None:
    outline = points(waveform(np.array([0.0, 0.5, 1.0]), 1.0))
    np.testing.assert_array_equal(outline[:3, 1], [49.5, 25.0, 0.0])
    np.testing.assert_array_equal(outline[:3, 1] + outline[:2:-1, 1], 100.0)
    assert waveform(np.zeros(5), 0.0).endswith("Z")


def test_a_steady_tempo_deviates_nowhere() -> None:
    figure = alignment_figure(aligned(np.array([0.0, 4.0, 10.0]), np.array([1.0, 6.0, 13.5])))
    np.testing.assert_allclose(points(figure.deviation)[:, 1], PLOT_HEIGHT / 2)
    assert figure.tempo_percent == pytest.approx(-20.0)
    assert points(figure.path)[[0, -1]].tolist() == [[0.0, PLOT_HEIGHT], [PLOT_WIDTH, 0.0]]


def test_playing_late_goes_up() -> None:
    figure = alignment_figure(aligned(np.array([0.0, 5.0, 10.0]), np.array([0.0, 5.8, 10.0])))
    late = points(figure.deviation)[1, 1]
    assert figure.deviation_s == 1.0
    assert late == pytest.approx((0.5 - 0.5 * 0.8) * PLOT_HEIGHT, abs=0.1)


def test_the_strip_begins_at_the_first_onset_with_one_stretch_per_second() -> None:
    figure = alignment_figure(aligned(np.array([0.0, 10.0]), np.array([2.0, 12.0])))
    assert [s[0] for s in figure.confidences] == [0.0, 120.0, 240.0]
    assert [s[2] for s in figure.confidences] == [1.0, 0.25, 0.5]


def test_the_strip_of_a_long_piece_keeps_its_worst_seconds() -> None:
    alignment = aligned(np.array([0.0, 4000.0]), np.array([0.0, 4000.0]))
    confidence_per_s = np.ones(4000)
    confidence_per_s[2001] = 0.1
    figure = alignment_figure(replace(alignment, confidence_per_s=confidence_per_s))
    assert len(figure.confidences) <= 1200
    assert min(s[2] for s in figure.confidences) == 0.1


def test_a_long_piece_stays_small() -> None:
    score_s = np.arange(0.0, 7200.0, 0.5)
    figure = alignment_figure(aligned(score_s, score_s * 1.1))
    assert len(figure.path) < 30_000 and len(figure.times) <= 11
