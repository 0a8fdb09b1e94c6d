"""Cuts, pans, hidden and still players: known truth in small films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from restless import HEIGHT, WIDTH, RestlessVideo, surface

from avstem.datatypes import Box, MotionField, Player, Players
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion


def measured(video: RestlessVideo, tmp_path: Path) -> MotionField:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"one")
    return measure_motion(video, path, cache=tmp_path / "c", scratch=tmp_path)


def middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def cutting(time_s: float) -> tuple[float, float]:
    """Wide, then close on the right one, then wide again but from elsewhere."""
    if time_s < 4.0:
        return 1.0, 10.0
    return (1.5, 150.0) if time_s < 7.0 else (1.05, 30.0)


def panning(time_s: float) -> tuple[float, float]:
    return 1.0, 5.0 + 54.0 * float(np.clip((time_s - 2.0) / 4.0, 0.0, 1.0))


def assert_places(video: RestlessVideo, players: Players, tolerance_px: float = 20.0) -> None:
    """Everybody is in every view where the film has them."""
    times_s = players.field.times_s
    for view in players.field.views:
        for person in range(len(video.people)):
            true = video.place(person, float(times_s[view.start]))
            found = [r for r in players.players[person].views if r.start == view.start]
            if 0.1 * WIDTH < true < 0.9 * WIDTH:
                assert middle(found[0].box_px) == pytest.approx(true, abs=tolerance_px)
            elif not -0.1 * WIDTH < true < 1.1 * WIDTH:
                assert not found


def test_cuts_are_found_and_players_in_every_view(tmp_path: Path) -> None:
    video = RestlessVideo(11.0, cutting)
    field = measured(video, tmp_path)
    assert field.cuts_s == pytest.approx((4.0, 7.0))
    players = find_players(field, count=2)
    assert_places(video, players)
    assert [len(player.views) for player in players.players] == [2, 3]
    assert players.box_time_s == 0.0
    assert players.warnings[0].startswith("The camera cuts at 4.0 s and 7.0 s; players were found")
    assert players.with_boxes_in_picture() == (0, 1)


def test_boxes_are_those_of_a_view_that_shows_everybody(tmp_path: Path) -> None:
    """After the cut only the right one is shown, for longer."""
    video = RestlessVideo(11.0, lambda t: (1.0, 10.0) if t < 4.0 else (1.5, 150.0))
    field = measured(video, tmp_path)
    players = find_players(field, count=2)
    assert players.box_time_s == 0.0
    assert players.with_boxes_in_picture() == (0, 1)
    for person, player in enumerate(players.players):
        assert middle(player.box_px) == pytest.approx(video.place(person, 0.0), abs=20)
    again = find_players(field, count=2, boxes=tuple(p.box_px for p in players.players))
    assert again.box_time_s == 0.0
    assert_places(video, again)


def test_boxes_of_players_who_are_not_in_the_picture_are_told() -> None:
    from avstem.players.views import _away

    assert _away([], 4.0) == ()
    assert _away([2], 4.0) == (
        "Player 2 is not in the view at 4.0 s that boxes are drawn on: their box is of another.",
    )
    (said,) = _away([0, 1, 3], 4.0)
    assert said.startswith("Players 0, 1 and 3 are not in the view at 4.0 s")


def test_a_pan_is_followed(tmp_path: Path) -> None:
    video = RestlessVideo(8.0, panning)
    field = measured(video, tmp_path)
    assert field.cuts_s == ()
    assert len(field.views) == 2 and field.views[1].follows is not None
    assert field.views[1].follows.shift.real == pytest.approx(41, abs=3)
    players = find_players(field, count=2)
    assert_places(video, players)
    assert "The camera pans or zooms" in players.warnings[0]
    still = np.abs(np.asarray(field.velocity, float)).mean(axis=(0, -1))
    x = int(video.place(0, 0.0) / 8)
    assert still[10:16, x].mean() > 4 * np.median(still)  # the hand, not the wall


def test_boxes_of_the_user_hold_in_one_view(tmp_path: Path) -> None:
    video = RestlessVideo(11.0, cutting)
    field = measured(video, tmp_path)
    drawn = tuple(
        Box(x - 40, 20, min(x + 40, WIDTH), HEIGHT)
        for x in (video.place(0, 0.0), video.place(1, 0.0))
    )
    players = find_players(field, count=2, boxes=drawn)
    assert [player.box_px for player in players.players] == list(drawn)
    assert_places(video, players)


def test_another_place_altogether_is_linked_by_order(tmp_path: Path) -> None:
    """A second camera that shares nothing with the first: both players, left to right."""
    other = RestlessVideo(9.0, lambda t: (1.1, 20.0))
    other._wall = surface(40, HEIGHT + 40, round(1.2 * WIDTH))
    other._people = [surface(k + 50, 120, 50) for k in range(2)]
    other._hands = [surface(k + 60, 24, 24) for k in range(2)]
    video = RestlessVideo(9.0)
    video.look = lambda picture, t: picture if t < 5.0 else other.picture(t)
    video.shot = lambda t: (1.0, 10.0) if t < 5.0 else (1.1, 20.0)
    field = measured(video, tmp_path)
    assert field.cuts_s == pytest.approx((5.0,))
    players = find_players(field, count=2)
    video_places = [video.place(k, 6.0) for k in range(2)]
    for player, true in zip(players.players, video_places, strict=True):
        assert [region.start for region in player.views] == [0, 100]
        assert middle(player.views[1].box_px) == pytest.approx(true, abs=25)


@pytest.mark.parametrize("trouble", ["noise", "flash", "fade", "dark"])
def test_what_is_no_cut_is_not_taken_for_one(tmp_path: Path, trouble: str) -> None:
    looks = {
        "noise": lambda p, t: p,
        "flash": lambda p, t: np.minimum(p + 120.0 * (1.5 <= t < 1.58), 255),
        "fade": lambda p, t: p * float(np.clip((3.0 - t) / 1.5, 0.15, 1.0)),
        "dark": lambda p, t: p * float(not 1.5 <= t < 1.7),
    }
    video = RestlessVideo(3.0, look=looks[trouble], noise=9.0 if trouble == "noise" else 1.0)
    field = measured(video, tmp_path)
    assert field.cuts_s == () and field.views == ()


def hidden_by(x0: int, x1: int, from_s: float):  # type: ignore[no-untyped-def]
    coat = surface(77, HEIGHT, x1 - x0, 20.0)

    def look(picture: np.ndarray, time_s: float) -> np.ndarray:
        if time_s >= from_s:
            picture = picture.copy()
            picture[:, x0:x1] = coat
        return picture

    return look


def test_a_player_hidden_for_half_has_no_region_there(tmp_path: Path) -> None:
    video = RestlessVideo(24.0, look=hidden_by(180, 310, 12.0))
    players = find_players(measured(video, tmp_path), count=2)
    assert players.players[0].views == ()
    (region,) = players.players[1].views
    assert region.start == 0 and region.stop / 20 == pytest.approx(12, abs=2)
    assert "Player 1 is hidden or away from 1" in players.warnings[0]
    assert players.box_time_s == pytest.approx(region.stop / 40, abs=0.1)  # both are shown
    assert players.with_boxes_in_picture() == (0, 1)


def test_spans_that_follow_each_other_are_told_as_one() -> None:
    from avstem.players.hidden import _warning

    told = _warning(1, [(0.0, 8.0), (8.03, 11.0), (14.0, 20.0)])
    assert told.startswith("Player 1 is hidden or away from 0 to 11 s and from 14 to 20 s: nothing")


def test_who_passes_by_is_not_the_player(tmp_path: Path) -> None:
    """Somebody livelier than the player stands before them for a sixth of the film."""
    coat = surface(77, HEIGHT, 110, 25.0)

    def passing(picture: np.ndarray, time_s: float) -> np.ndarray:
        if 10.0 <= time_s < 14.0:
            picture = picture.copy()
            picture[:, 195:305] = np.roll(coat, round(4 * np.sin(19 * time_s)), axis=0)
        return picture

    players = find_players(measured(RestlessVideo(24.0, look=passing), tmp_path), count=2)
    before, after = players.players[1].views
    assert before.stop / 20 == pytest.approx(10, abs=2)
    assert after.start / 20 == pytest.approx(14, abs=2)


@pytest.mark.parametrize("zoom", [1.2, 0.9])
def test_a_player_hidden_in_one_view_is_known_from_the_others(tmp_path: Path, zoom: float) -> None:
    """Hidden for all of the first view; after the cut the same stage is nearer or farther."""
    video = RestlessVideo(
        24.0,
        lambda t: (1.0, 10.0) if t < 10.0 else (zoom, 30.0),
        lambda picture, t: hidden_by(180, 310, 0.0)(picture, t) if t < 10.0 else picture,
    )
    field = measured(video, tmp_path)
    assert field.cuts_s == pytest.approx((10.0,))
    players = find_players(field, count=2)
    assert len(players.players[0].views) == 2
    (region,) = players.players[1].views
    assert region.start / 20 == pytest.approx(10.0, abs=0.1)
    assert any("Player 1 is hidden or away from 0 to 10 s" in w for w in players.warnings)
    assert players.box_time_s == pytest.approx(17.0, abs=0.1)
    assert players.with_boxes_in_picture() == (0, 1)


def test_who_rests_is_not_hidden(tmp_path: Path) -> None:
    video = RestlessVideo(20.0)
    waving = video.picture

    def resting(time_s: float) -> np.ndarray:
        return waving(min(time_s, 8.0))

    video.picture = resting  # type: ignore[method-assign]
    players = find_players(measured(video, tmp_path), count=2)
    assert players.warnings == () and all(player.views == () for player in players.players)


def test_a_player_whom_no_view_shows_well_is_in_the_best_one(tmp_path: Path) -> None:
    """Even where every view shows less of a player than counts as seen."""
    video = RestlessVideo(8.0, panning)
    field = measured(video, tmp_path)
    views = pytest.MonkeyPatch()
    views.setattr("avstem.players.views._VISIBLE", 2.0)  # more than any picture shows
    try:
        players = find_players(field, count=2)
    finally:
        views.undo()
    assert [len(player.views) for player in players.players] == [1, 2]  # alike in both views


def test_nothing_moves(tmp_path: Path) -> None:
    players = find_players(measured(RestlessVideo(3.0, waving=False), tmp_path), count=2)
    assert [player.moves for player in players.players] == [False, False]
    assert players.warnings == (
        "Nothing moves in the picture: players were placed evenly; give their boxes.",
    )


def test_a_still_player_and_a_place_without_texture_are_told(tmp_path: Path) -> None:
    def grey(picture: np.ndarray, time_s: float) -> np.ndarray:
        picture = picture.copy()
        picture[:, 180:] = 90.0
        return picture

    video = RestlessVideo(3.0, look=grey, noise=0.3)
    field = measured(video, tmp_path)
    boxes = (Box(40, 20, 140, 170), Box(200, 20, 300, 170), Box(0, 0, 30, 30))
    players = find_players(field, count=3, boxes=boxes)
    assert [player.moves for player in players.players] == [False, True, False]
    assert "Player 0 does not move" in players.warnings[0]
    assert "Player 2's place in the picture has no texture" in players.warnings[1]


def test_views_survive_the_cache(tmp_path: Path) -> None:
    video = RestlessVideo(5.0, cutting)
    first, again = measured(video, tmp_path), measured(video, tmp_path)
    assert len(first.views) == 2 and again.cuts_s == first.cuts_s
    np.testing.assert_array_equal(first.views[1].still, again.views[1].still)
    np.testing.assert_array_equal(first.looks, again.looks)


def test_many_cuts_are_told_briefly() -> None:
    from avstem.players.views import _listed

    assert _listed(["1.0"]) == "at 1.0 s"
    assert _listed([f"{n}.0" for n in range(9)]).endswith("4.0 s and 4 more times")
    assert Player(0, Box(0, 0, 1, 1), np.ones((2, 2))).moves
