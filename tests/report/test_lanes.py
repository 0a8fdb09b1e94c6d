"""Lanes of who plays when, and the place where a sound is made, against made-up records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from report_fakes import make_report

from avstem.datatypes import Absent, Activity, MotionClusters
from avstem.report import ReportData
from avstem.report.lanes import PLOT_WIDTH, lane_figure
from avstem.report.page import render
from avstem.report.rows import part_rows, spot_marks


def with_activity(motion: list[list[float]], score: list[list[float]]) -> ReportData:
    """Ten seconds of a duo; each value lasts two and a half seconds."""
    data = make_report(2, 2, duration_s=10.0)
    by_motion = Activity(np.repeat(np.array(motion), 5, axis=1), data.start_s, 0.5, "motion")
    by_score = Activity(np.repeat(np.array(score), 5, axis=1), data.start_s, 0.5, "score")
    return replace(data, activity_players=by_motion, activity_parts=by_score)


def test_lanes_show_playing_not_knowing_and_contradiction() -> None:
    data = with_activity([[1.0, 0.0, 0.5, 1.0]] * 2, [[1.0, 1.0, 1.0, 0.0]] * 2)
    figure = lane_figure(data, part_rows(data))
    assert figure is not None
    lane = figure.lanes[0]
    quarter = PLOT_WIDTH / 4
    assert [(s.x, s.width, s.strength) for s in lane.motion] == [
        (0.0, quarter, 1.0),
        (3 * quarter, quarter, 1.0),
    ]
    assert [(s.x, s.width) for s in lane.score] == [(0.0, 3 * quarter)]
    assert [(s.x, s.width) for s in lane.unknown] == [(2 * quarter, quarter)]
    assert [(s.x, s.width) for s in lane.differ] == [(quarter, quarter), (3 * quarter, quarter)]
    player = data.association.matches[0].player
    assert lane.text == (
        f"Violin 1, player {player}: plays 67% of the time by the movement; plays 75% by the"
        " score; both say the same 33% of the time"
    )


@pytest.mark.parametrize("players", [1, 3])
def test_every_part_and_every_idle_player_has_a_lane(players: int) -> None:
    data = make_report(2, players, duration_s=10.0)
    by_motion = Activity(np.ones((players, 20)), 0.0, 0.5, "motion")
    data = replace(data, activity_players=by_motion)
    figure = lane_figure(data, part_rows(data))
    assert figure is not None
    assert len(figure.lanes) == max(2, players)
    shown = {lane.player for lane in figure.lanes if lane.motion}
    assert shown == set(range(players))
    assert all(not lane.differ for lane in figure.lanes)


def test_nothing_is_drawn_where_nobody_looked() -> None:
    data = make_report(2, 2)
    assert lane_figure(data, part_rows(data)) is None
    assert "Who plays when" not in render(data)


def test_a_long_recording_keeps_the_page_small() -> None:
    data = make_report(2, 2, duration_s=1800.0)
    rng = np.random.default_rng(0)
    by_motion = Activity(rng.random((2, 3600)), 0.0, 0.5, "motion")
    bare, full = render(data), render(replace(data, activity_players=by_motion))
    assert len(full) - len(bare) < 200_000


def test_the_page_marks_the_cells_that_carry_the_sound() -> None:
    data = with_activity([[1.0] * 4] * 2, [[1.0] * 4] * 2)
    weights = np.zeros((2, 4, 4))
    weights[1, 1:3, 2] = 1.0
    times_s, shown_s = np.arange(3) / 30, np.array([[0.0, 1.0]] * 2)
    clusters = MotionClusters(weights, np.array([0, 1]), np.zeros((2, 3)), times_s, shown_s)
    data = replace(data, clusters=clusters, sounding=(None, 1))
    rows = part_rows(data)
    (mark,) = spot_marks(data, rows)
    owner = next(row for row in rows if row.match.player == 1)
    assert (mark.label, mark.colour) == (owner.name, owner.colour)
    assert mark.area == "M2 1h1v1h-1zM2 2h1v1h-1z"
    edges = {f"M{e}" for e in mark.outline.split("M")[1:]}
    assert edges == {"M2 1v1", "M3 1v1", "M2 2v1", "M3 2v1", "M2 1h1", "M2 3h1"}
    page = render(data)
    assert mark.outline in page
    assert f"Where the sound is made: {owner.name}" in page


def test_no_clusters_no_marks() -> None:
    data = replace(make_report(2, 2), sounding=(0, 1), clusters=Absent("not asked for"))
    assert spot_marks(data, part_rows(data)) == []
