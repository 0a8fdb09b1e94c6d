"""The matching: optimal, rectangular, obedient, honest."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avstem.association import assign, check_assignments
from avstem.datatypes import Affinity
from avstem.errors import RequestError


def affinity(scores: object, method: str = "default") -> Affinity:
    table = np.asarray(scores, float)
    return Affinity(method, table, np.zeros((table.shape[1], 2)), np.arange(2.0))


def names(count: int) -> tuple[str, ...]:
    return tuple(f"Violin {k + 1}" for k in range(count))


tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(float, shape, elements=st.floats(-20, 20))
)


@given(tables)
def test_the_best_of_all_matchings_is_found(scores: np.ndarray) -> None:
    parts, players = scores.shape
    result = assign(affinity(scores), names(parts))
    total = sum(scores[m.part, m.player] for m in result.matches if m.player is not None)
    if parts <= players:
        everyone = itertools.permutations(range(players), parts)
        best = max(sum(scores[range(parts), list(p)]) for p in everyone)
    else:
        everyone = itertools.permutations(range(parts), players)
        best = max(sum(scores[list(p), range(players)]) for p in everyone)
    assert total == pytest.approx(best)
    assert sum(m.player is None for m in result.matches) == max(0, parts - players)
    assert len(result.idle_players) == max(0, players - parts)


@given(tables)
def test_margins_are_what_forbidding_costs(scores: np.ndarray) -> None:
    parts, players = scores.shape
    if parts != players or parts < 2:
        return
    result = assign(affinity(scores), names(parts))
    everyone = [list(p) for p in itertools.permutations(range(players))]
    totals = np.array([scores[range(parts), p].sum() for p in everyone])
    for match in result.matches:
        other = [t for t, p in zip(totals, everyone, strict=True) if p[match.part] != match.player]
        assert match.margin == pytest.approx(totals.max() - max(other), abs=1e-6)
        assert match.runner_up is not None and match.runner_up != match.player


def test_a_clear_table_is_sure_and_a_tie_is_not() -> None:
    clear = assign(affinity([[20, 0], [0, 20]]), names(2)).matches
    tie = assign(affinity([[1, 1], [1, 1]]), names(2)).matches
    assert all(m.confidence > 0.95 and not m.ambiguous and m.why == "" for m in clear)
    assert all(m.confidence <= 0.6 and m.ambiguous and "fits almost as well" in m.why for m in tie)


@given(st.floats(0, 10), st.floats(0, 10))
def test_confidence_grows_with_the_margin(one: float, two: float) -> None:
    sure = [assign(affinity([[x, 0], [0, x]]), names(2)).matches[0].confidence for x in (one, two)]
    assert (sure[0] <= sure[1]) == (one <= two) or abs(sure[0] - sure[1]) < 1e-9


def test_users_have_the_last_word() -> None:
    scores = [[9, 0, 0], [0, 9, 0], [0, 0, 9]]
    result = assign(affinity(scores), names(3), (("violin 1", 2), ("Violin 3", None)))
    assert [m.player for m in result.matches] == [2, 1, None]
    assert result.matches[0].why == "assigned by the user"
    assert result.matches[0].confidence == 1.0
    assert result.idle_players == (0,)
    assert result.warnings == ("Player 0 plays none of the parts.",)


def test_a_part_may_be_named_by_its_number() -> None:
    result = assign(affinity(np.eye(2)), ("Violin", "Violin"), (("1", 0),))
    assert [m.player for m in result.matches] == [1, 0]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (("Oboe", 0), r"No part is named 'Oboe'; there are the parts 0 'Violin 1', 1"),
        (("Violin 1", 5), r"assigned to player 5, but there are players 0 to 1"),
        (("Violin 1", -1), r"assigned to player -1, but there are players 0 to 1"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(wish: tuple[str, int], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        assign(affinity(np.eye(2)), names(2), (wish,))


def test_contradicting_wishes_are_refused() -> None:
    with pytest.raises(RequestError, match="can be assigned only once"):
        assign(affinity(np.eye(2)), names(2), (("Violin 1", 0), ("Violin 2", 0)))
    with pytest.raises(RequestError, match="More than one part is named 'Violin'"):
        assign(affinity(np.eye(2)), ("Violin", "Violin"), (("Violin", 0),))


def test_players_without_a_part_are_told() -> None:
    assert assign(affinity(np.eye(2)), names(2)).warnings == ()
    (warning,) = assign(affinity([[0, 9, 0, 0]]), names(1)).warnings
    assert warning == "Players 0, 2 and 3 play none of the parts."


def test_wishes_are_checked_before_the_players_are_known() -> None:
    assert check_assignments((("Violin 1", 7),), names(2), None) == {0: 7}
    with pytest.raises(RequestError, match="there are no players in a picture"):
        check_assignments((("Violin 1", 0),), names(2), 0)
    with pytest.raises(RequestError, match="No part is named 'Oboe'"):
        check_assignments((("Oboe", 0),), names(2), None)


def test_the_part_that_fits_worst_is_off_screen() -> None:
    result = assign(affinity([[9, 1], [1, 1], [2, 9]]), names(3))
    assert [m.player for m in result.matches] == [0, None, 1]


def test_a_part_is_off_screen_where_all_players_are_assigned() -> None:
    result = assign(affinity([[1.0], [2.0]]), names(2), (("Violin 1", 0),))
    assert [m.player for m in result.matches] == [0, None]
    left = result.matches[1]
    assert (left.confidence, left.runner_up, left.ambiguous) == (1.0, None, False)
    assert left.why == "no player is left for it"


@pytest.mark.parametrize("score", [-3.0, 4.0])
def test_who_alone_is_left_is_judged_by_how_well_they_fit(score: float) -> None:
    """Where the only other place is off-screen, also with locked parts beside and bad scores."""
    alone = assign(affinity([[score]]), names(1)).matches[0]
    table = [[9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, score]]
    locked = (("Violin 1", 0), ("Violin 2", 1))
    left = assign(affinity(table), names(3), locked).matches[2]
    for match in (alone, left):
        assert (match.player, match.runner_up, match.margin) == (match.player, None, score)
        assert match.player is not None
        assert (match.confidence > 0.9) == (score > 0)
