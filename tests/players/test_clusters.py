"""Motion clusters: known rigid parts come back, in every view, whatever the length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.datatypes import Box, MotionField, Player, Players, Region
from avstem.players import clusters
from avstem.players.clusters import motion_clusters

ROWS, COLUMNS = 8, 16
BOX = Box(0, 0, 160, 80)
LEFT = np.arange(COLUMNS)[None] < COLUMNS // 2
HALVES = tuple((LEFT if left else ~LEFT) * np.ones((ROWS, 1)) for left in (True, False))
# the parts of the left player: bow (rows 0 to 2), head (row 3 to 4), still (the rest)
BOW, HEAD = (slice(0, 3), slice(0, 8)), (slice(3, 5), slice(0, 8))


def waves(frames: int, rate: float, seed: int) -> np.ndarray:
    """(2, frames) velocities of one rigid part, to and fro in a direction of its own."""
    random = np.random.default_rng(seed)
    to_and_fro = np.sin(2 * np.pi * rate * np.arange(frames) / 30 + random.uniform(0, 6))
    to_and_fro *= 1 + 0.5 * np.sin(2 * np.pi * 0.1 * np.arange(frames) / 30)
    angle = random.uniform(0, 3)
    return 20 * np.stack([np.cos(angle) * to_and_fro, np.sin(angle) * to_and_fro])


def ensemble(frames: int = 600, noise: float = 0.5, seed: int = 0) -> Players:
    """Two players; the left one has a bow, a head and still cells, the right one is one piece."""
    random = np.random.default_rng(seed)
    velocity = noise * random.standard_normal((2, ROWS, COLUMNS, frames))
    velocity[:, 5:, :8] *= 0.02
    size = np.linspace(0.3, 2.0, 8)[None, None, :, None]  # frog to tip
    velocity[(slice(None), *BOW)] += size * waves(frames, 1.3, 1)[:, None, None]
    velocity[(slice(None), *HEAD)] += waves(frames, 0.4, 2)[:, None, None]
    velocity[:, :, 8:] += waves(frames, 0.9, 3)[:, None, None]
    field = MotionField(
        velocity.astype(np.float16),
        np.arange(frames) / 30,
        np.ones((ROWS, COLUMNS)),
        (10, 10),
        160,
        80,
    )
    return Players(tuple(Player(n, BOX, half) for n, half in enumerate(HALVES)), field)


def by_place(weights: np.ndarray) -> list[np.ndarray]:
    """Weight maps from top to bottom, the left player's first: bow, head, still, right."""
    return sorted(weights, key=lambda w: (not w[:, :8].any(), np.argwhere(w)[0].tolist()))


@pytest.mark.parametrize("noise", [0.0, 0.5, 3.0])
def test_rigid_parts_come_back(noise):
    found = motion_clusters(ensemble(noise=noise))
    assert found.players.tolist() == [0, 0, 0, 1]
    bow, head, still, right = by_place(found.weights)
    assert (bow[BOW] > 0).all() and bow.sum() == 24  # frog and tip are one thing
    assert (head[HEAD] > 0).all() and head.sum() == 16
    assert (still[5:, :8] > 0).all() and still.sum() == 24
    np.testing.assert_array_equal(right, HALVES[1])


def test_speed_is_the_mean_over_the_cells_between_the_frames():
    players = ensemble(noise=0.0)
    found = motion_clusters(players)
    for weight, speed in zip(found.weights, found.speed, strict=True):
        velocity = players.field.velocity[:, weight > 0].astype(float)
        np.testing.assert_allclose(speed, np.hypot(*velocity).mean(axis=0), atol=0.02)
    np.testing.assert_allclose(found.times_s[1:], np.arange(1, 600) / 30 - 1 / 60)


@pytest.mark.parametrize("frames", [2, 100, 700])
def test_blocks_change_nothing_and_stay_short(monkeypatch, frames):
    players = ensemble(frames)
    whole = motion_clusters(players)
    longest = []
    read = MotionField.read

    def watched(self, start, stop):
        longest.append(stop - start)
        return read(self, start, stop)

    monkeypatch.setattr(MotionField, "read", watched)
    monkeypatch.setattr(clusters, "_BLOCK_FRAMES", 64)
    pieces = motion_clusters(players)
    np.testing.assert_array_equal(pieces.weights, whole.weights)
    np.testing.assert_allclose(pieces.speed, whole.speed, rtol=1e-5)
    region = clusters._Cells(0, players.players[0].regions(frames)[0], HALVES[0] > 0)
    gram = clusters._gram(players.field, region)
    monkeypatch.setattr(clusters, "_BLOCK_FRAMES", 1000)
    np.testing.assert_allclose(gram, clusters._gram(players.field, region), rtol=1e-4, atol=1)
    monkeypatch.setattr(clusters, "_BLOCK_FRAMES", 64)
    longest.clear()
    motion_clusters(players)
    assert max(longest) <= 64 + 2 * clusters._HALO_FRAMES


def test_a_still_player_and_one_without_a_cell_of_their_own_have_one_cluster():
    players = ensemble()
    still = replace(players.field, velocity=np.zeros_like(players.field.velocity))
    faint = Player(1, BOX, 0.2 * HALVES[1])
    found = motion_clusters(Players((players.players[0], faint), still))
    assert found.players.tolist() == [0, 1]
    assert not found.speed.any()
    assert all(weight.any() for weight in found.weights)


def test_all_cells_may_be_somebody_elses():
    """Two boxes in one place: the second player has no cell, and nothing breaks."""
    players = ensemble()
    taken = Player(1, BOX, np.zeros((ROWS, COLUMNS)))
    found = motion_clusters(Players((players.players[0], taken), players.field))
    assert found.players.tolist().count(1) == 1
    assert np.isfinite(found.speed).all()


def test_the_noise_of_a_player_who_does_not_move_is_no_speed():
    players = ensemble()
    still = replace(players.players[1], moves=False)
    found = motion_clusters(Players((players.players[0], still), players.field))
    assert not found.speed[found.players == 1].any()
    assert found.speed[found.players == 0].any()


def test_each_view_has_clusters_of_its_own_and_no_speed_outside():
    players = ensemble()
    views = (Region(0, 200, BOX, HALVES[0]), Region(300, 600, BOX, HALVES[1]))
    moved = Players((Player(0, BOX, HALVES[0], views),), players.field)
    found = motion_clusters(moved)
    first = found.weights[:, :, :8].any(axis=(1, 2))
    assert first.sum() == 3 and (~first).sum() == 1
    assert not found.speed[first, 200:].any() and found.speed[first, 50:150].any()
    assert not found.speed[~first, :300].any() and found.speed[~first, 350:].any()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), noise=st.floats(0.0, 20.0), frames=st.integers(2, 60))
def test_every_cell_of_a_player_is_in_exactly_one_cluster(seed, noise, frames):
    players = ensemble(frames, noise, seed)
    found = motion_clusters(players)
    for player in players.players:
        mine = found.weights[found.players == player.index]
        np.testing.assert_array_equal((mine > 0).sum(axis=0), player.weight > 0)
    assert np.isfinite(found.speed).all()
