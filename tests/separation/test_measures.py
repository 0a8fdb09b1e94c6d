"""The benchmark's measures against mir_eval, and its oracles against the truth they know."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from separation_sounds import notes, play

from benchmarks import separation as bench


def test_bss_eval_agrees_with_mir_eval():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mir_eval = pytest.importorskip("mir_eval.separation", reason="needs the extra bench")
        rng = np.random.default_rng(0)
        truth = np.cumsum(rng.standard_normal((3, 8000)), 1) * 0.01 + rng.standard_normal((3, 8000))
        estimate = truth + 0.3 * truth[::-1] + 0.1 * rng.standard_normal(truth.shape)
        wanted = mir_eval.bss_eval_sources(truth, estimate, compute_permutation=False)[:3]
    np.testing.assert_allclose(bench.bss_eval(truth, estimate), wanted, atol=0.01)


def test_si_sdr_forgives_the_scale_alone():
    rng = np.random.default_rng(1)
    truth, noise = rng.standard_normal((2, 1, 10000))
    assert bench.si_sdr(truth, 3 * truth) > 100
    assert bench.si_sdr(truth, 2 * truth + 0.2 * noise) == pytest.approx(20, abs=0.3)


def test_oracles_do_better_than_the_mixture():
    voices = [play(notes((0, 2, 60)), 32000), play(notes((0, 2, 66)), 32000)]
    truth = np.stack(
        [np.outer(g, v) for g, v in zip(((0.9, 0.4), (0.3, 0.8)), voices, strict=True)]
    )
    mixture = truth.sum(0)
    found = bench.oracles(mixture, truth)
    assert set(found) == {"ideal binary mask", "ideal ratio mask", "multichannel oracle"}
    for estimate in found.values():
        assert min(bench.judge(truth, estimate)["SI-SDR"]) > 12
    assert set(bench.oracles(mixture[:1], truth[:, :1])) == {
        "ideal binary mask",
        "ideal ratio mask",
    }
