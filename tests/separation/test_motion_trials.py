"""What the bench tries beside the program is what it says: group sparsity and coupling."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.datatypes import Notes
from avstem.separation import motion_nmf
from avstem.separation.gates import open_gates
from avstem.separation.harmonic_nmf import HarmonicModel
from avstem.separation.motion_matrix import Motion
from benchmarks.motion_trials import Coupled, cost, group_nnls, group_of, table


def problem(seed: int) -> tuple[Motion, torch.Tensor]:
    """Two players with three and two clusters, and activations (1, components, frames)."""
    random = torch.Generator().manual_seed(seed)
    m, h = torch.rand(40, 5, generator=random), torch.rand(1, 6, 40, generator=random)
    return Motion.of(m, torch.tensor([0, 0, 0, 1, 1]), 2), h


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), mu=st.floats(0.0, 20.0))
def test_the_cost_of_groups_never_rises(seed: int, mu: float) -> None:
    motion, h = problem(seed)
    before = cost(motion, h, group_nnls(motion, h, mu, updates=1), mu)
    for updates in (3, 10, 30):
        after = cost(motion, h, group_nnls(motion, h, mu, updates), mu)
        assert after <= before * (1 + 1e-4)
        before = after


def test_without_a_penalty_it_is_least_squares() -> None:
    motion, h = problem(1)
    np.testing.assert_allclose(
        group_nnls(motion, h, 0.0), motion_nmf.nnls(motion.m, h), rtol=1e-4, atol=1e-6
    )


def test_groups_empty_as_a_whole() -> None:
    """What belongs to one player is explained by that player's clusters alone."""
    h = torch.eye(2).repeat_interleave(20, 1)[None]
    m = torch.cat([h[0, :1].repeat(3, 1), h[0, 1:].repeat(2, 1)]).T + 0.05
    motion = Motion.of(m, torch.tensor([0, 0, 0, 1, 1]), 2)
    a = group_nnls(motion, h, 4.0, updates=2000)[0]
    assert a[0, 3:].max() < 1e-3 < a[0, :3].min()
    assert a[1, :3].max() < 1e-3 < a[1, 3:].min()
    assert group_of(motion, a[None]).tolist() == [[0, 1]]


def model(weight: float | None) -> tuple[HarmonicModel, Motion]:
    """Of two parts that play the same two pitches in noise; the first part's player moves late."""
    played = Notes(np.array([0.0, 0.0]), np.array([2.0, 2.0]), np.array([60, 67]), np.full(2, 80))
    gates = open_gates((played, played), 50, 0.04)
    magnitude = torch.rand(400, 50, generator=torch.Generator().manual_seed(0)) + 0.1
    speed = torch.stack([torch.linspace(0, 2, 50), torch.linspace(2, 0, 50)], 1)
    motion = Motion.of(speed, torch.tensor([0, 1]), 2)
    if weight is None:
        return HarmonicModel(magnitude, gates, 10.0), motion
    return Coupled(magnitude, gates, 10.0, motion, weight), motion


def loudness(weight: float) -> torch.Tensor:
    coupled, _ = model(weight)
    assert isinstance(coupled, Coupled)
    coupled.fit(torch.ones(1, 400, 50), updates=8)
    return coupled._loudness()


def test_uncoupled_it_is_the_model_of_the_program() -> None:
    (plain, _), (coupled, _) = model(None), model(0.0)
    for one in (plain, coupled):
        one.fit(torch.ones(1, 400, 50), updates=4)
    torch.testing.assert_close(plain.magnitudes(), coupled.magnitudes())


def test_coupled_parts_are_loud_when_their_players_move() -> None:
    first, second = loudness(0.3)
    assert first[40:].mean() > 2 * first[:10].mean()
    assert second[:10].mean() > 2 * second[40:].mean()
    free, _ = loudness(0.0)
    assert 0.5 < float(free[40:].mean() / free[:10].mean()) < 2.0


def test_the_table_has_a_column_per_group() -> None:
    found = [
        {"size": 2, "same": False, "rows": {"LS": 1.0}},
        {"size": 3, "same": False, "rows": {"LS": 2.5}},
    ]
    assert table(found).splitlines()[0] == "| SDR, dB | duos (1) | trios (1) |"
    assert table(found).splitlines()[2] == "| LS | 1.00 | 2.50 |"
