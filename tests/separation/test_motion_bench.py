"""What the motion bench measures with, and that what is tuned on is not what is reported."""

from __future__ import annotations

import numpy as np
import pytest

from avstem.datatypes import Box, MotionField, Player, Players
from benchmarks import motion, motion_tables
from benchmarks.motion_mixtures import DEVELOPMENT, TEST, MotionMixture
from benchmarks.motion_rows import ROWS, Estimates
from benchmarks.page import Section
from benchmarks.separation import bss_eval, sdr_table


def sounds(count: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    smooth = np.exp(-np.arange(40) / 6)
    return np.stack([np.convolve(x, smooth, "same") for x in random.standard_normal((count, 6000))])


def mixture(count: int = 3) -> MotionMixture:
    field = MotionField(
        np.zeros((2, 2, 2, 5), np.float16), np.arange(5) / 30, np.ones((2, 2)), (8, 8), 16, 16
    )
    players = tuple(Player(k, Box(0, 0, 16, 16), np.ones((2, 2))) for k in range(count))
    truth = np.stack([sounds(count), 0.5 * sounds(count)], axis=1).astype(np.float32)
    return MotionMixture("99 made", truth, Players(players, field), 2.0, same=False, real=False)


def test_the_table_of_sdrs_agrees_with_the_measure():
    truth = sounds(3)
    estimate = truth + 0.3 * np.roll(truth, 1, 0) + 0.05 * sounds(3, 1)
    table = sdr_table(truth, estimate)
    for shift in range(3):
        expected, _, _ = bss_eval(truth, np.roll(estimate, shift, 0))
        np.testing.assert_allclose(np.diag(np.roll(table, shift, 0)), expected, atol=1e-6)


def test_development_and_test_are_apart():
    assert not set(DEVELOPMENT) & set(TEST)
    assert motion.SETS["test"][0] == TEST


def test_the_mixture_is_the_sum_of_its_sources_in_stereo_and_mono():
    made = mixture()
    stereo, mono = made.sound(mono=False), made.sound(mono=True)
    assert (stereo.channels, mono.channels, mono.samples) == (2, 1, 6000)
    np.testing.assert_allclose(stereo.read(-5, 20)[:, 5:], made.truth.sum(0)[:, :15])
    assert not stereo.read(-5, 5).any()
    np.testing.assert_allclose(mono.samples_[0], made.truth.sum(0).mean(0), atol=1e-6)


def test_only_the_blind_are_given_the_best_order():
    made = mixture()
    swapped = made.truth.mean(1)[[1, 0, 2]][None]
    seeing = motion.judge(made, Estimates(swapped, 1.0))
    blind = motion.judge(made, Estimates(swapped, 1.0, blind=True))
    assert seeing["sdr"][0] < 60 < blind["sdr"][0] == seeing["best"][0]


def test_tables_leave_out_what_was_not_measured():
    row = {"sdr": [1.0, 3.0], "best": [4.0, 4.0], "cpu_s": 0.5}
    base = {"same": False, "real": False, "whole": False, "seconds": 10.0}
    base["likeness"] = {"own": 0.5, "other": 0.25}
    found = [
        {"name": "a", "size": 2, "rows": {"LS": row, "spLS": row}, **base},
        {"name": "b", "size": 3, "rows": {"LS": row}, **base},
    ]
    text = motion_tables.tables(found, list(ROWS))
    assert "| LS | 2.00 | 2.00 | 0.5 |" in text
    assert "| spLS |" not in text
    assert motion_tables.whole(found, motion.WHOLE) == ""
    assert "| LS | 2.0 | 2.0 | 0.05 |" in motion_tables.whole(found, ["LS"])


def test_results_keep_what_people_wrote(tmp_path):
    page, section = tmp_path / "results.md", Section("python -m some.bench")
    page.write_text("# Results\n\nprose\n")
    section.write("first", page)
    page.write_text(page.read_text() + "\nmore prose\n")
    Section("python -m other.bench").write("other", page)
    section.write("second", page)
    text = page.read_text()
    assert text.startswith("# Results\n\nprose\n") and "\nmore prose\n" in text
    assert "second" in text and "first" not in text and "other" in text


def test_a_section_without_an_end_is_refused(tmp_path):
    page = tmp_path / "results.md"
    page.write_text("<!-- printed by python -m some.bench -->\nprose")
    with pytest.raises(ValueError, match="needs '<!-- end of what python -m some.bench prints"):
        Section("python -m some.bench").write("figures", page)
    assert page.read_text().endswith("prose")
