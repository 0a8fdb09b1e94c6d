"""The stems in REAPER's mixer: what the panel orders, what REAPER's user does, and A/B."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from panel_bench import QUARTET
from panel_reaper import FakeReaper
from panel_steps import rerun, until

FOLDER = "avstem: Quartet"


@pytest.fixture
def reaper(bench: Any) -> Iterator[FakeReaper]:
    """REAPER with a quartet's stems, and a track of the same name elsewhere."""
    made = FakeReaper("Viola", FOLDER, *QUARTET)
    made.service_port = lambda: bench.card()["udp_port"]
    bench.start("panel_runners:ensemble", "--reaper-port", str(made.port))
    yield made
    made.close()


def inserted(bench: Any, **job: Any) -> str:
    """A finished job whose stems are in the project."""
    made = bench.ask(**job)
    bench.wait(made)
    bench.insert(made)
    return str(made)


def states(window: Any) -> list[tuple[bool, bool, float]]:
    return [(r.solo, r.mute, r.gain_db) for r in window.presenter.rows]


def test_a_click_is_heard_in_reaper_and_shown(qtbot, bench, reaper, make_window) -> None:
    from PyQt5.QtCore import Qt

    inserted(bench)
    window = make_window()
    until(qtbot, lambda: window.presenter.frame and window.presenter.rows)
    boxes = window.presenter.boxes

    def click(player: int, modifier: Any = Qt.NoModifier) -> None:
        at = window.frame.to_widget(boxes[player]).center().toPoint()
        qtbot.mouseClick(window.frame, Qt.LeftButton, modifier, at)

    click(0)
    until(qtbot, lambda: window.presenter.rows[0].solo)
    click(2, Qt.ControlModifier)
    until(qtbot, lambda: window.presenter.rows[2].solo)
    assert [t.solo for t in reaper.tracks] == [False, False, True, False, True, False]
    click(1)
    until(qtbot, lambda: [s[0] for s in states(window)] == [False, True, False, False])
    assert [t.solo for t in reaper.tracks] == [False, False, False, True, False, False]
    click(3, Qt.AltModifier)
    until(qtbot, lambda: window.presenter.rows[3].gain_db == window.preferences.gain_db)
    assert reaper.tracks[5].gain_db == window.preferences.gain_db
    click(3, Qt.AltModifier)
    until(qtbot, lambda: window.presenter.rows[3].gain_db == 0.0)


def test_levels_and_mutes_are_set_in_the_table(qtbot, bench, reaper, make_window) -> None:
    from PyQt5.QtCore import Qt

    from avstem.panel.parts_model import Column

    inserted(bench)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows)
    table = window.table
    at = table.visualRect(table.rows.index(1, Column.MUTE)).center()
    qtbot.mouseClick(table.viewport(), Qt.LeftButton, pos=at)
    until(qtbot, lambda: window.presenter.rows[1].mute and reaper.tracks[3].mute)
    table.rows.setData(table.rows.index(2, Column.GAIN), -4.5)
    until(qtbot, lambda: window.presenter.rows[2].gain_db == -4.5)
    assert reaper.tracks[4].gain_db == -4.5


def test_what_is_done_in_reaper_is_mirrored(qtbot, bench, reaper, make_window) -> None:
    reaper.press("Cello", mute=True, gain_db=-3.0)  # before anybody looked
    inserted(bench)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows)
    until(qtbot, lambda: states(window)[3] == (False, True, -3.0))
    reaper.press("Violin 2", solo=True)
    until(qtbot, lambda: window.presenter.rows[1].solo)
    reaper.press("Violin 2", solo=False)
    reaper.press("Cello", mute=False, gain_db=-200.0)
    until(qtbot, lambda: states(window)[3] == (False, False, -60.0))
    until(qtbot, lambda: not window.presenter.rows[1].solo)
    reaper.press("Viola", mute=True)  # not the stem: the track above the folder
    reaper.press("Violin 1", solo=True)
    until(qtbot, lambda: window.presenter.rows[0].solo)
    assert not window.presenter.rows[2].mute
    assert window.presenter.problem is None and not window.presenter.changed


def test_a_job_that_comes_into_the_project_is_listened_to(
    qtbot, bench, reaper, make_window
) -> None:
    job = bench.ask()
    bench.wait(job)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows)
    reaper.press("Viola", solo=True)
    reaper.press("Cello", solo=True)
    qtbot.wait(300)
    assert not any(r.solo for r in window.presenter.rows), "its stems are not there yet"
    bench.insert(job)
    until(qtbot, lambda: window.presenter.rows[3].solo)


def test_takes_are_compared_in_the_panel_and_in_reaper(qtbot, bench, reaper, make_window) -> None:
    (bench.spool / "reaper.json").write_text('{"version": 1, "actions": {"insert": "RSx1"}}')
    other = inserted(bench)  # another item of the same name
    first = inserted(bench)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows and window.presenter.current.family)
    assert not window.bar.compare.isEnabled()
    second = rerun(qtbot, window, window.rerun.run_unlocked)
    bench.insert(second)
    until(qtbot, lambda: len(window.presenter.runs) == 2)
    assert window.bar.compare.text().endswith("2/2")
    for wanted in (first, second):
        window.bar.compare.click()
        until(qtbot, lambda w=wanted: window.presenter.job == w and window.presenter.rows)
        until(qtbot, lambda w=wanted: (bench.spool / "jobs" / w / "activate").exists())
    assert not (bench.spool / "jobs" / other / "activate").exists()
    assert "_RSx1" in reaper.actions


def test_the_cursor_goes_with_reapers(qtbot, bench, reaper, make_window) -> None:
    inserted(bench)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows and window.presenter.frame)
    for time_s in (2.0, 2.5, 6.25):
        reaper.play(time_s)
    until(qtbot, lambda: window.presenter.time_s == pytest.approx(6.25))
    until(qtbot, lambda: window.presenter.frame.time_s == pytest.approx(6.25))
    window.add_evidence()
    window.evidence.show_time()
    assert window.evidence._cursor.value() == pytest.approx(6.25)
    window.actions_by_name["follow"].trigger()
    reaper.play(8.0)
    qtbot.wait(300)
    assert window.presenter.time_s == pytest.approx(6.25)
    assert not window.preferences.with_reaper
    assert not make_window().actions_by_name["follow"].isChecked()
