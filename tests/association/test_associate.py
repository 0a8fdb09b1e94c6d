"""Players find their parts, whatever they and the film do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from moving_ensembles import make_ensemble, make_notes

from avstem.association import METHODS, assign, associate, best_explained
from avstem.association.movement import movement_of
from avstem.association.synchrony import leap_scores, onset_scores
from avstem.datatypes import Box, Notes, Players, Region
from avstem.errors import RequestError
from avstem.players.detect import find_players


def matched(ensemble, method: str) -> tuple[int | None, ...]:
    affinity = associate(ensemble.players, ensemble.notes, method=method)
    names = tuple(f"part {k}" for k in range(len(ensemble.notes)))
    return tuple(match.player for match in assign(affinity, names).matches)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [0, 1])
def test_players_whose_bows_turn_at_onsets_are_found(method: str, seed: int) -> None:
    ensemble = make_ensemble(4, seed)
    assert matched(ensemble, method) == ensemble.truth


@pytest.mark.parametrize("method", ["default", "synchrony"])
def test_one_who_moves_ten_times_more_does_not_matter(method: str) -> None:
    ensemble = make_ensemble(3, 2, louder=10.0)
    assert matched(ensemble, method) == ensemble.truth


@pytest.mark.parametrize("method", ["default", "synchrony"])
def test_uneven_frame_times_do_not_matter(method: str) -> None:
    ensemble = make_ensemble(3, 3, uneven=True)
    assert matched(ensemble, method) == ensemble.truth


def mixed_up(notes: tuple[Notes, ...]) -> tuple[Notes, ...]:
    """The same notes, after half of the time given to each other's parts."""
    middle_s = notes[0].onsets_s.mean()
    return tuple(
        _joined(mine, theirs, middle_s)
        for mine, theirs in zip(notes, notes[1:] + notes[:1], strict=True)
    )


def _joined(first: Notes, then: Notes, middle_s: float) -> Notes:
    early, late = first.onsets_s < middle_s, then.onsets_s >= middle_s
    return Notes(
        *(
            np.concatenate([a[early], b[late]])
            for a, b in zip(*map(_fields, (first, then)), strict=True)
        )
    )


def _fields(notes: Notes) -> list[np.ndarray]:
    return [getattr(notes, field.name) for field in dataclasses.fields(notes)]


@pytest.mark.parametrize("first", [True, False])
def test_movement_knows_the_right_one_of_two_guesses(quartet, first: bool) -> None:
    guesses = [quartet.notes, mixed_up(quartet.notes)]
    best, affinity = best_explained(quartet.players, guesses if first else guesses[::-1])
    assert best == (0 if first else 1)
    right = associate(quartet.players, quartet.notes).scores
    np.testing.assert_allclose(affinity.scores, right, atol=1e-5)


def test_what_was_chosen_by_movement_is_less_sure(quartet) -> None:
    """A single guess is as sure as a score; one of several has had luck."""
    names = tuple(f"part {k}" for k in range(4))
    _, alone = best_explained(quartet.players, [quartet.notes])
    _, chosen = best_explained(quartet.players, [quartet.notes, mixed_up(quartet.notes)])
    pairs = zip(assign(alone, names).matches, assign(chosen, names).matches, strict=True)
    for certain, lucky in pairs:
        assert lucky.margin == certain.margin
        assert 0.3 < lucky.confidence < certain.confidence


def test_scores_follow_the_order_of_parts(quartet) -> None:
    forward = associate(quartet.players, quartet.notes).scores
    backward = associate(quartet.players, quartet.notes[::-1]).scores
    assert np.allclose(forward, backward[::-1], atol=1e-4)


def test_blocks_leave_no_seam(quartet, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = movement_of(quartet.players).principal
    monkeypatch.setattr("avstem.association.movement._BLOCK", 97)
    parts = movement_of(quartet.players).principal
    # the sign of a principal axis is free
    agree = np.abs((whole * parts).sum(-1)) / ((whole**2).sum(-1) + 1e-9)
    assert np.allclose(agree[:, :2], 1.0, atol=1e-3)


def test_sway_is_no_evidence() -> None:
    ensemble = make_ensemble(2, 4)
    movement = movement_of(ensemble.players)
    slow = np.fft.rfftfreq(movement.principal.shape[-1], 1 / movement.rate_hz) < 0.4
    power = np.abs(np.fft.rfft(movement.principal[:, 0])) ** 2
    assert power[:, slow].sum() < 0.1 * power.sum()


def test_onsets_that_nobody_plays_score_like_chance(quartet) -> None:
    movement = movement_of(quartet.players)
    random = np.random.default_rng(5)
    strangers = tuple(make_notes(np.sort(random.uniform(1, 28, 40))) for _ in range(12))
    scores = onset_scores(movement, strangers)
    assert abs(scores.mean()) < 0.6
    assert 0.5 < scores.std() < 1.6
    own = onset_scores(movement, quartet.notes)
    assert min(own[p, q] for p, q in enumerate(quartet.truth)) > 4


def test_parts_without_leaps_or_rests_or_notes_in_view_score_finite(quartet) -> None:
    movement = movement_of(quartet.players)
    constant = dataclasses.replace(quartet.notes[0], pitches=quartet.notes[0].pitches * 0 + 60)
    late = make_notes(np.array([1000.0, 1001.0]))
    assert np.array_equal(leap_scores(movement, (constant,)), np.zeros((1, 4)))
    assert np.isfinite(associate(quartet.players, (constant, late)).scores).all()


@pytest.mark.parametrize("method", METHODS)
def test_somebody_who_never_moves_is_no_obstacle(method: str) -> None:
    ensemble = make_ensemble(3, 2)
    field = ensemble.players.field
    still = field.velocity.copy()
    still[..., -4:, :] = 0
    field = dataclasses.replace(field, velocity=still)
    boxes = [player.box_px for player in ensemble.players.players]
    corners = (Box(540, 180, 570, 240), Box(570, 180, 600, 240))
    players = find_players(field, count=5, boxes=(*boxes, *corners))
    affinity = associate(players, ensemble.notes, method=method)
    assert np.isfinite(affinity.scores).all()
    matches = assign(affinity, ("a", "b", "c")).matches
    middles = [(p.box_px.x0 + p.box_px.x1) / 2 for p in players.players]
    expected = [(boxes[k].x0 + boxes[k].x1) / 2 for k in ensemble.truth]
    assert [middles[match.player] for match in matches] == expected


def cut_in_half(ensemble):
    """The same film, but in its second half the camera stands on the other side, closer."""
    field = ensemble.players.field
    frames, half = len(field.times_s), len(field.times_s) // 2
    velocity = field.velocity.copy()
    velocity[..., half:] = 3.0 * velocity[:, :, ::-1, half:]
    moved = tuple(
        dataclasses.replace(
            player,
            views=(
                Region(0, half, player.box_px, player.weight),
                Region(half, frames, player.box_px, player.weight[:, ::-1]),
            ),
        )
        for player in ensemble.players.players
    )
    return Players(moved, dataclasses.replace(field, velocity=velocity))


@pytest.mark.parametrize("seed", [0, 1])
def test_players_are_followed_into_another_view(seed: int) -> None:
    ensemble = make_ensemble(4, seed)
    cut = cut_in_half(ensemble)
    scores = associate(cut, ensemble.notes).scores
    plain = associate(ensemble.players, ensemble.notes).scores
    own = scores[np.arange(4), ensemble.truth]
    assert (own > 0.7 * plain[np.arange(4), ensemble.truth]).all()
    names = tuple("abcd")
    found = assign(associate(cut, ensemble.notes), names).matches
    assert tuple(match.player for match in found) == ensemble.truth


def test_a_player_hidden_for_half_is_known_by_the_rest() -> None:
    ensemble = make_ensemble(3, 0)
    field = ensemble.players.field
    half = len(field.times_s) // 2
    first = ensemble.players.players[0]
    region = Region(0, half, first.box_px, first.weight)
    hidden = (dataclasses.replace(first, views=(region,)), *ensemble.players.players[1:])
    velocity = field.velocity.copy()
    stranger = np.random.default_rng(9).normal(0, 30, velocity.shape[-1] - half)
    velocity[:, :, :10, half:] = stranger  # whoever stands before the first player
    players = Players(hidden, dataclasses.replace(field, velocity=velocity))
    movement = movement_of(players)
    assert not movement.principal[0, :, half + 1 :].any() and movement.principal[0, 0, :half].any()
    affinity = associate(players, ensemble.notes)
    found = assign(affinity, tuple("abc")).matches
    assert tuple(match.player for match in found) == ensemble.truth


def test_an_unknown_method_is_refused(quartet) -> None:
    with pytest.raises(RequestError, match="no association method 'magic'.*default"):
        associate(quartet.players, quartet.notes, method="magic")


def test_nobody_in_the_picture_is_refused(quartet) -> None:
    with pytest.raises(RequestError, match="no players"):
        associate(Players((), quartet.players.field), quartet.notes)
