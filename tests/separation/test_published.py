"""The published score-less methods: their costs, agreement with scipy, known truth, bad input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls as scipy_nnls
from separation_sounds import Sound, joined, notes, play, sdr_db

from avstem.datatypes import (
    Absent,
    Association,
    Condition,
    Conditions,
    Match,
    MotionClusters,
)
from avstem.errors import RequestError
from avstem.separation import component_masks, mel_nmf, motion_nmf, smcnmf
from avstem.separation.mel_nmf import Groups, MelNmf
from avstem.separation.motion_matrix import Motion, Who, motion_matrix
from avstem.separation.nmf import (
    Factors,
    assigned,
    divergence,
    kl_nmf,
    random_factors,
    soft_masks,
)

RATE_HZ = 8000
METHODS = {
    "ls": component_masks.ls,
    "spls": component_masks.spls,
    "jls_rand": component_masks.jls_rand,
    "jls_nmf": component_masks.jls_nmf,
    "smcnmf": component_masks.soft_coupling,
    "mel_nmf": mel_nmf.method,
}


def matrices(seed: int, bins: int = 30, frames: int = 50, components: int = 6, clusters: int = 4):
    """V of rank ``components`` with some noise, and M driven by its activations."""
    random = torch.Generator().manual_seed(seed)
    w = torch.rand(bins, components, generator=random) ** 4
    h = torch.rand(components, frames, generator=random) ** 3
    a = torch.rand(components, clusters, generator=random) ** 6
    v = w @ h + 0.01 * torch.rand(bins, frames, generator=random)
    m = h.T @ a + 0.05 * torch.rand(frames, clusters, generator=random)
    v = v / torch.linalg.vector_norm(v, dim=0).mean()
    return v, m / m.square().mean(0).sqrt()


# ----------------------------------------------------------------------- factorisation


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), components=st.integers(1, 8))
def test_the_divergence_of_an_nmf_never_rises(seed, components):
    v, _ = matrices(seed)
    factors = random_factors(v, components, [seed, seed + 1])
    cost = divergence(v, factors.model)
    for _ in range(15):
        factors = kl_nmf(v, factors, updates=1)
        now = divergence(v, factors.model)
        assert (now <= cost * (1 + 1e-5)).all()
        cost = now
    unit = factors.unit_norm()
    np.testing.assert_allclose(torch.linalg.vector_norm(unit.w, dim=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(unit.model, factors.model, rtol=1e-4, atol=1e-6)


def test_starts_do_not_mix():
    v, m = matrices(3)
    together, a = motion_nmf.joint_nmf(v, m, *joint_start(v, m, [0, 1, 2]))
    alone, b = motion_nmf.joint_nmf(v, m, *joint_start(v, m, [1]))
    np.testing.assert_allclose(together.model[1], alone.model[0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(a[1], b[0], rtol=1e-2, atol=1e-3)


def joint_start(v, m, seeds, components: int = 8):
    start = random_factors(v, components, seeds).unit_norm()
    return start, motion_nmf.random_coefficients(start, m, seeds)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), from_nmf=st.booleans())
def test_the_joint_cost_never_rises(seed, from_nmf):
    """Eq. 6 with lambda / 2, whose gradient the printed updates follow.

    With lambda itself it can rise by some tenths of a percent where an NMF has already converged.
    """
    v, m = matrices(seed)
    factors, a = joint_start(v, m, [seed, seed + 1])
    if from_nmf:
        factors = kl_nmf(v, factors, updates=50).unit_norm()
    cost = motion_nmf.joint_cost(v, m, factors, a)
    for _ in range(60):
        factors, a = motion_nmf.joint_nmf(v, m, factors, a, updates=1)
        now = motion_nmf.joint_cost(v, m, factors, a)
        assert (now <= cost * (1 + 1e-5)).all()
        np.testing.assert_allclose(torch.linalg.vector_norm(factors.w, dim=1), 1.0, rtol=1e-4)
        cost = now


def test_one_joint_update_is_algorithm_1(monkeypatch):
    """Lines 8 and 13 written down once more, with lambda so large that it matters."""
    monkeypatch.setattr(motion_nmf, "JOINT_LAMBDA", 3.0)
    v, m = (one.double() for one in matrices(8))
    start, a = joint_start(v.float(), m.float(), [0])
    start, a = Factors(start.w.double(), start.h.double()), a.double()
    found, coefficients = motion_nmf.joint_nmf(v, m, start, a, updates=1)
    w, h, b = start.w[0].numpy(), start.h[0].numpy(), a[0].numpy()
    v, m = v.numpy(), m.numpy()
    up = w.T @ (v / (w @ h)) + 3.0 * (b @ m.T)
    down = w.T @ np.ones_like(v) + 3.0 * (b @ (b.T @ h))
    h = h * up / down
    np.testing.assert_allclose(found.h[0], h, rtol=1e-9)
    b = b * (3.0 * h @ m) / (3.0 * h @ (h.T @ b) + motion_nmf.JOINT_MU)
    np.testing.assert_allclose(coefficients[0], b, rtol=1e-9)


def test_the_published_figures_are_those_of_the_paper():
    assert motion_nmf.COMPONENTS == mel_nmf.COMPONENTS == 15
    assert (motion_nmf.SPARSE_MU, motion_nmf.JOINT_LAMBDA, motion_nmf.JOINT_MU) == (5.0, 0.01, 0.1)
    assert motion_nmf.UPDATES == 200
    seen = component_masks.Picture(torch.zeros(1, 44_100), 44_100).transform
    assert (seen.size, seen.size / seen.hop) == (4096, 4)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_cost_of_soft_coupling_falls(seed):
    v, m = matrices(seed)
    s = m.T[torch.arange(4).repeat_interleave(2)]
    factors = random_factors(v, 8, [seed]).unit_norm()
    first = cost = smcnmf.coupled_cost(v, s, factors)
    for _ in range(15):
        factors = smcnmf.coupled_nmf(v, s, factors, updates=4)
        now = smcnmf.coupled_cost(v, s, factors)
        assert now <= cost * 1.02  # the weights of the majorant are floored
        cost = now
    assert cost < 0.5 * first


def test_soft_coupling_knows_no_unit_of_speed():
    v, m = matrices(4)
    s = m.T[torch.arange(4).repeat_interleave(2)]
    start = random_factors(v, 8, [0]).unit_norm()
    found = smcnmf.coupled_nmf(v, s, start, updates=40)
    faster = smcnmf.coupled_nmf(v, 64 * s, start, updates=40)
    np.testing.assert_allclose(faster.model, found.model, rtol=1e-3, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_least_squares_agree_with_scipy(seed):
    random = torch.Generator().manual_seed(seed)
    h, m = torch.rand(1, 5, 40, generator=random), torch.rand(40, 3, generator=random)
    h, m = h.double() ** 2, m.double() ** 2
    found = motion_nmf.nnls(m, h, updates=3000)[0].numpy()
    for column in range(3):
        expected, _ = scipy_nnls(h[0].T.numpy(), m[:, column].numpy())
        np.testing.assert_allclose(found[:, column], expected, atol=2e-3)


def test_sparse_least_squares_satisfy_their_conditions():
    """At the minimum of Eq. 4 the gradient is 0 where A > 0, and nowhere negative."""
    v, m = matrices(5)
    h = random_factors(v, 6, [0]).h.double() ** 3
    h, m = h / h.mean(), 5 * m.double()
    a = motion_nmf.nnls(m, h, mu=5.0, updates=3000)
    slope = 2 * (h @ (h.mT @ a) - h @ m) + 5.0
    assert slope.min() > -1e-2
    assert (a * slope).abs().max() < 1e-2
    assert 0.1 < a.sum() < motion_nmf.nnls(m, h).sum()


def test_joint_coefficients_satisfy_their_conditions():
    """Where Algorithm 1 has converged, lambda (H H^T A - H M) + mu is 0 where A > 0."""
    v, m = (x.double() for x in matrices(2))
    start, a = joint_start(v.float(), m.float(), [0], components=6)
    factors, a = motion_nmf.joint_nmf(
        v, 10 * m, Factors(start.w.double(), start.h.double()), a.double(), updates=6000
    )
    gap = factors.h @ (factors.h.mT @ a) - factors.h @ (10 * m)
    slope = motion_nmf.JOINT_LAMBDA * gap + motion_nmf.JOINT_MU
    assert a.max() > 1.0
    assert (a * slope).abs().max() < 1e-3 * a.max()
    assert slope.min() > -1e-2


# ----------------------------------------------------------------------- who is which source


def clusters(speed: np.ndarray, players: list[int], rate_hz: float = 30.0) -> MotionClusters:
    times_s = np.arange(speed.shape[1]) / rate_hz
    shown_s = np.tile(times_s[[0, -1]], (len(players), 1))
    return MotionClusters(np.ones((len(players), 2, 2)), np.array(players), speed, times_s, shown_s)


def test_speeds_are_means_over_the_frames_of_the_transform():
    ramp = clusters(np.stack([np.arange(61.0), np.full(61, 2.0)]), [0, 1])
    m = motion_matrix(ramp, start_s=0.5, hop_s=0.1, frames=10)
    np.testing.assert_allclose(m[:, 0], 15 + 3 * np.arange(10), rtol=1e-5)
    np.testing.assert_allclose(m[:, 1], 2.0, rtol=1e-5)
    outside = motion_matrix(ramp, start_s=5.0, hop_s=0.1, frames=3)
    assert not outside.any()


def test_a_component_belongs_to_the_player_of_its_largest_coefficient():
    motion = Motion.of(torch.ones(5, 3), torch.tensor([0, 0, 1]), 2)
    a = torch.tensor([[[0.1, 0.6, 0.5], [0.4, 0.3, 0.5], [0.0, 0.0, 0.0]]])
    assert motion.source_of(a).tolist() == [[0, 1, -1]]


@pytest.mark.parametrize("variant", [motion_nmf.spls, motion_nmf.jls_rand, motion_nmf.jls_nmf])
def test_a_penalty_leaves_no_component_without_a_player(variant):
    """Coefficients fall far below what single precision holds; the largest is still known."""
    v, m = matrices(5)
    motion = Motion.of(m, torch.arange(m.shape[1]) % 2, 2)
    _, source = variant(v, motion, [0, 1])
    assert set(source.unique().tolist()) == {0, 1}


def test_a_source_moves_as_its_liveliest_cluster_in_the_picture():
    """After the cut another cluster is the bow; the shoulder is shown in both shots."""
    first, second = torch.zeros(40), torch.zeros(40)
    first[:20] = torch.tensor([1.0, 5.0]).repeat(10)
    second[20:] = torch.tensor([2.0, 8.0]).repeat(10)
    shoulder = torch.tensor([3.0, 3.1]).repeat(20)
    m = torch.stack([shoulder, first, second], 1)
    still = torch.zeros(3, dtype=int)
    speed = smcnmf.motion_activations(Motion(m, m > 0, still, 1)).sum(0)
    assert torch.equal(speed, first + second)


def test_parts_are_the_players_they_were_matched_with():
    seen = clusters(np.ones((3, 9)), [0, 1, 1])
    matches = (Match(0, 1, 1.0), Match(1, None, 1.0), Match(2, 0, 1.0))
    who = Who.of(
        Conditions(Absent(""), clusters=seen, association=Association(matches, None), count=3)
    )
    assert who.source.tolist() == [2, 0, 0]
    alone = Who.of(Conditions(Absent(""), clusters=seen, count=1))  # more players than sounds
    assert alone.source.tolist() == [0, -1, -1]


def test_masks_sum_to_one_and_share_what_nobody_has():
    factors = random_factors(torch.rand(7, 9) + 0.1, 4, [0, 1])
    source = torch.tensor([[0, 1, 0, 1], [0, 0, 0, 0]])
    masks = soft_masks(assigned(factors, source, 3))
    np.testing.assert_allclose(masks.sum(1), 1.0, rtol=1e-5)
    assert masks[1, 0].min() > 0.999 and masks[0, 2].max() < 1e-3
    nobody = soft_masks(assigned(factors, torch.full((2, 4), -1), 3))
    np.testing.assert_allclose(nobody, 1 / 3, rtol=1e-5)


# ----------------------------------------------------------------------- as product methods

SECONDS = 6.0
HIGH = notes(*((t, t + 0.45, 74 + int(3 * t) % 4) for t in np.arange(0.1, 5.5, 1.0)))
LOW = notes(*((t, t + 0.45, 45 + int(3 * t) % 3) for t in np.arange(0.6, 5.5, 1.0)))


def moving_duo(rate_hz: int = RATE_HZ, channels: int = 1):
    """Two players by turns: truth (2, channels, samples), mixture, clusters that move as they play.

    Player 0 plays low, player 1 high; each has an idle cluster besides.
    """
    samples = int(SECONDS * rate_hz)
    voices = [play(LOW, samples, rate_hz, 1.5), play(HIGH, samples, rate_hz)]
    gains = np.array([[0.9, 0.4], [0.4, 0.9]], np.float32)[:, :channels]
    truth = np.stack([g[:, None] * x for g, x in zip(gains, voices, strict=True)])
    frames = int(SECONDS * 30)
    envelopes = [
        np.interp(np.arange(frames) / 30, np.arange(samples) / rate_hz, smooth(np.abs(x)))
        for x in voices
    ]
    random = np.random.default_rng(0)
    idle = 0.1 * random.random((2, frames))
    speed = np.stack([envelopes[0], idle[0], envelopes[1], idle[1]]).astype(np.float32)
    seen = clusters(100 * speed, [0, 0, 1, 1])
    return truth, Sound(truth.sum(0), rate_hz), Conditions(Absent(""), clusters=seen, count=2)


def smooth(x: np.ndarray, samples: int = 800) -> np.ndarray:
    return np.convolve(x, np.ones(samples) / samples, "same")


@pytest.mark.parametrize("name", ["ls", "spls", "jls_rand", "jls_nmf", "smcnmf"])
@pytest.mark.parametrize("channels", [1, 2])
def test_players_who_play_by_turns_come_back_in_their_places(name, channels):
    truth, mixture, conditions = moving_duo(channels=channels)
    found = joined(list(METHODS[name]()(mixture, conditions)), mixture)
    enough_db = 5 if name == "smcnmf" else 10  # it has but four components for a source
    assert min(sdr_db(t, f) for t, f in zip(truth, found, strict=True)) > enough_db


def test_two_timbres_come_back_by_sound_alone():
    truth, mixture, conditions = moving_duo()
    found = joined(list(MelNmf()(mixture, conditions)), mixture)
    orders = [
        min(sdr_db(t, f) for t, f in zip(truth, order, strict=True))
        for order in (found, found[::-1])
    ]
    assert max(orders) > 8


def test_groups_keep_their_places_over_stretches():
    random = torch.Generator().manual_seed(0)
    dark, bright = torch.linspace(4, 0, 20), torch.linspace(0, 4, 20)
    groups = Groups(2, [0])

    def spectra(*which):
        noise = 0.3 * torch.rand(20, len(which), generator=random)
        return (torch.stack(which, 1) + noise)[None]

    first = groups.join(spectra(dark, dark, dark, bright, bright))[0]
    place = {"dark": int(first[0]), "bright": int(first[3])}
    assert place["dark"] != place["bright"]
    for _ in range(30):
        later = groups.join(spectra(bright, dark, bright, bright, bright))[0].tolist()
        assert later == [place[n] for n in ("bright", "dark", "bright", "bright", "bright")]
    assert len(groups.known) <= mel_nmf.REMEMBERED
    silent = groups.join(torch.zeros(1, 20, 3))
    assert silent.tolist() == [[-1, -1, -1]]


def test_mel_bands_are_triangles_of_area_one():
    bands = mel_nmf.mel_bands(769, 16000 / 1536)
    np.testing.assert_allclose(bands.sum(1), 1.0, rtol=1e-5)
    assert (bands.argmax(1).diff() > 0).all()


@pytest.mark.parametrize("name", sorted(METHODS))
def test_chunks_keep_sources_apart_and_in_place(name):
    truth, mixture, conditions = moving_duo()
    separator = METHODS[name]()
    separator.chunk_s, separator.context_s = 3.0, 0.5
    found = joined(list(separator(mixture, conditions)), mixture)
    orders = [found] if name != "mel_nmf" else [found, found[::-1]]
    assert max(min(map(sdr_db, truth, order)) for order in orders) > 5


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(METHODS)),
    samples=st.one_of(st.integers(1, 50), st.integers(1000, 9000)),
    rate_hz=st.sampled_from([8000, 16000, 44100, 96000]),
    channels=st.integers(1, 3),
    sources=st.integers(1, 4),
    loudness=st.sampled_from([0.0, 1.0, 1e-6]),
    still=st.booleans(),
)
def test_sources_sum_to_the_mixture(name, samples, rate_hz, channels, sources, loudness, still):
    random = np.random.default_rng(samples)
    noise = (random.standard_normal((channels, samples)) * 0.2 * loudness).astype(np.float32)
    players = max(1, sources - 1)  # one source has no player
    speed = random.random((players, 30)).astype(np.float32) * (not still)
    conditions = Conditions(
        Absent(""), clusters=clusters(speed, list(range(players))), count=sources
    )
    mixture = Sound(noise, rate_hz)
    found = joined(list(METHODS[name]()(mixture, conditions)), mixture)
    assert found.shape == (sources, channels, samples)
    assert np.isfinite(found).all()
    assert np.abs(found.astype(np.float64).sum(0) - noise).max() < 1e-6


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_same_input_gives_the_same_stems_at_any_loudness(name):
    _, mixture, conditions = moving_duo()
    short = Sound(mixture.samples_[:, : 2 * RATE_HZ], RATE_HZ)
    found = joined(list(METHODS[name]()(short, conditions)), short)
    again = joined(list(METHODS[name]()(short, conditions)), short)
    assert np.array_equal(found, again)
    soft = Sound(short.samples_ * 2.0**-10, RATE_HZ)
    np.testing.assert_allclose(
        joined(list(METHODS[name]()(soft, conditions)), soft) * 2.0**10, found, atol=2e-3
    )


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"mel_nmf"}))
def test_movement_is_needed(name):
    separator = METHODS[name]()
    assert separator.needs == {Condition.MOTION}
    conditions = Conditions(Absent(""), clusters=Absent("there is no picture"), count=2)
    with pytest.raises(RequestError, match="players' movements, but there is no picture"):
        separator(moving_duo()[1], conditions)


def test_sound_alone_needs_nothing_else():
    assert MelNmf().needs == {Condition.AUDIO}


def test_unit_norm_factors_of_nothing_are_nothing():
    empty = Factors(torch.zeros(1, 4, 2), torch.zeros(1, 2, 3)).unit_norm()
    assert not empty.w.any() and not empty.h.any()
