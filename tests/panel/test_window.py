"""The window on a real service with a small runner."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from panel_bench import QUARTET, ROOT
from panel_steps import opened, rerun, settings_of, until


def test_a_finished_job_is_shown_in_full(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window, "Quartett „Lerche“")
    table = window.table.model()
    shown = [table.index(r, 1).data() for r in range(table.rowCount())]
    assert shown == list(QUARTET)
    assert [table.index(r, 7).data() for r in range(4)] == [f"Player {k}" for k in range(4)]
    assert table.index(0, 8).data() == "97%"
    assert "Lerche" in window.windowTitle() and "Lerche" in window.jobs.currentText()
    assert window.presenter.size_px == (640, 360)
    assert window.frame.accessibleDescription() == "0: Violin 1, 1: Violin 2, 2: Viola, 3: Cello"
    assert "done" in window.jobs.currentText() and window.rerun.run_all.isEnabled()


def test_no_service_is_offered_to_start_and_comes_back(qtbot, bench, make_window) -> None:
    bench.spool.mkdir()
    window = make_window()
    assert "No service" in window.notice.message.text()
    assert "-m osc_bridge --spool" in window.notice.hint.toolTip()
    assert not window.notice.start.isHidden() and not window.rerun.run_all.isEnabled()
    bench.start_panel()
    until(qtbot, lambda: window.presenter.connected)
    assert window.notice.start.isHidden()
    bench.stop()
    until(qtbot, lambda: not window.presenter.connected)
    assert "No service" in window.notice.message.text()
    bench.start_panel()
    until(qtbot, lambda: window.presenter.connected)


def test_the_service_dies_in_the_middle_of_a_job(qtbot, bench, make_window) -> None:
    bench.start_panel()
    window = make_window()
    until(qtbot, lambda: window.presenter.connected)
    job = bench.ask("slow")
    until(qtbot, lambda: window.bar.progress.value() > 5)
    assert window.bar.cancel.isEnabled()
    bench.process.kill()
    until(qtbot, lambda: not window.presenter.connected)
    assert not window.bar.cancel.isEnabled() and "No service" in window.notice.message.text()
    bench.start_panel()
    until(qtbot, lambda: window.presenter.connected and window.presenter.job == job)
    until(qtbot, lambda: window.presenter.running and window.bar.progress.value() > 5)
    window.bar.cancel.click()
    until(qtbot, lambda: window.presenter.current.state == "cancelled")


def test_a_failed_job_tells_why_and_gives_the_details(qtbot, bench, make_window) -> None:
    from PyQt5.QtGui import QGuiApplication

    bench.start_panel()
    job = bench.ask("fail")
    bench.wait(job)
    window = make_window()
    until(qtbot, lambda: window.presenter.problem)
    assert window.notice.message.text() == "The picture ends after 3.0 s."
    assert window.notice.hint.text() == "Copy the video again."
    window.notice.copy.click()
    text = QGuiApplication.clipboard().text()
    assert "MediaError" in text and job in text and "service.log" in text
    window.notice.dismiss.click()
    assert window.notice.copy.isHidden()


def test_a_swap_is_locked_and_runs_again(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    table = window.table.model()
    assert table.setData(table.index(0, 7), 2)
    assert [r.player for r in window.presenter.rows] == [2, 1, 0, 3]
    assert [r.locked for r in window.presenter.rows] == [True, False, True, False]
    assert table.index(0, 11).data().startswith("changed")
    new = rerun(qtbot, window, window.rerun.run_unlocked)
    assert settings_of(bench, new)["assignments"] == {"Violin 1": 2, "Viola": 0}
    assert [r.player for r in window.presenter.rows] == [2, 1, 0, 3]
    free = rerun(qtbot, window, window.rerun.run_all)
    assert settings_of(bench, free)["assignments"] == {}
    family = json.loads((bench.spool / "jobs" / free / "request.json").read_text("utf-8"))["family"]
    assert family != free


def test_names_and_instruments_are_edited(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    table = window.table.model()
    table.setData(table.index(2, 1), "Bratsche ヴィオラ")
    table.setData(table.index(2, 6), "viola d'amore")
    rerun(qtbot, window, window.rerun.run_unlocked)
    row = window.presenter.rows[2]
    assert (row.part, row.instrument) == ("Bratsche ヴィオラ", "viola d'amore")


def test_boxes_are_dragged_added_and_removed(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import QPoint, Qt

    window = opened(qtbot, bench, make_window)
    view, before = window.frame, window.presenter.boxes
    centre = view.to_widget(before[1]).center().toPoint()
    _drag(qtbot, view, centre, centre + QPoint(20, 10))
    moved = window.presenter.boxes[1]
    assert moved[0] > before[1][0] and moved[1] > before[1][1]
    assert moved[2] - moved[0] == pytest.approx(before[1][2] - before[1][0], abs=0.3)
    corner = view.to_widget(before[0]).bottomRight().toPoint()
    _drag(qtbot, view, corner, corner + QPoint(8, 8))
    assert window.presenter.boxes[0][:2] == before[0][:2]
    assert window.presenter.boxes[0][2] > before[0][2]
    empty = view.picture_rect().topLeft().toPoint() + QPoint(30, 4)
    _drag(qtbot, view, empty, empty + QPoint(60, 40))
    assert len(window.presenter.boxes) == 5
    window.presenter.remove_box(4)
    view.setFocus()
    window.presenter.select(3)
    qtbot.keyClick(view, Qt.Key_Delete)
    assert len(window.presenter.boxes) == 3
    rerun(qtbot, window, window.rerun.run_unlocked)
    assert len(window.presenter.boxes) == 3 and window.presenter.rows[3].player == -1


def _drag(qtbot: Any, view: Any, start: Any, end: Any) -> None:
    from PyQt5.QtCore import QEvent, QPointF, Qt
    from PyQt5.QtGui import QMouseEvent

    def mouse(kind: Any, at: Any, button: Any, held: Any) -> Any:
        return QMouseEvent(kind, QPointF(at), button, held, Qt.NoModifier)

    view.mousePressEvent(mouse(QEvent.MouseButtonPress, start, Qt.LeftButton, Qt.LeftButton))
    view.mouseMoveEvent(mouse(QEvent.MouseMove, end, Qt.NoButton, Qt.LeftButton))
    view.mouseReleaseEvent(mouse(QEvent.MouseButtonRelease, end, Qt.LeftButton, Qt.NoButton))


def test_clicks_and_keys_steer_the_mixer(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import Qt

    window = opened(qtbot, bench, make_window)
    sent: list[tuple[str, dict[str, Any]]] = []
    window.presenter._send = lambda address, **said: sent.append((address, said))
    at = window.frame.to_widget(window.presenter.boxes[2]).center().toPoint()
    for modifier in (Qt.NoModifier, Qt.ControlModifier, Qt.AltModifier):
        qtbot.mouseClick(window.frame, Qt.LeftButton, modifier, at)
    assert [address.rpartition("/")[2] for address, _ in sent] == ["solo", "add", "enhance"]
    assert {said["part"] for _, said in sent} == {"Viola"} and window.presenter.selected == 2
    assert sent[-1][1]["gain_db"] == window.preferences.gain_db
    sent.clear()
    window.activateWindow()
    window.table.setFocus()
    for name in ("solo", "add", "mute", "enhance"):
        window.actions_by_name[name].trigger()
    assert [a.rpartition("/")[2] for a, _ in sent] == ["solo", "add", "mute", "enhance"]
    window.actions_by_name["lock"].trigger()
    assert window.presenter.rows[2].locked
    keys = [a.shortcut().toString() for a in window.actions_by_name.values()]
    given = [key for key in keys if key]
    assert len(given) == len(set(given)), "two actions share a key"


def test_a_silent_reaper_is_told_in_the_window(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    window.presenter.mute(0)
    until(qtbot, lambda: window.presenter.problem)
    assert "REAPER does not answer" in window.notice.message.text()


def test_scrubbing_shows_other_frames(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    first = window.presenter.frame.file
    window.time.setValue(500)
    until(qtbot, lambda: window.presenter.frame.file != first)
    assert window.presenter.frame.time_s == pytest.approx(5.0)
    assert window.clock.text().startswith("0:05.0")
    assert len(list(first.parent.glob("*.jpg"))) <= 48


def test_the_evidence_follows_the_selection(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    window.add_evidence()
    window.presenter.select(3)
    view = window.evidence
    assert "Cello" in view._title.text() and len(view._curve.xData) > 1000
    view._compare(3, 0)
    assert "Player 0" in view._title.text()
    view._cursor.setValue(7.0)
    view._dragged()
    assert window.presenter.time_s == 7.0


def test_sound_alone_shows_the_table_only(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window, video=None)
    assert window.table.model().rowCount() == 4 and window.presenter.frame is None
    assert "no video" in window.presenter.frame_problem
    assert window.table.model().index(0, 8).data() == ""


def test_a_frame_that_cannot_be_decoded(qtbot, bench, make_window) -> None:
    bench.start_panel()
    bench.wait(bench.ask(video=bench.media))
    window = make_window()
    until(qtbot, lambda: window.presenter.rows and window.presenter.frame_problem)
    assert window.presenter.frame is None and window.presenter.problem is None


def test_a_result_of_another_version_is_told(qtbot, bench, make_window) -> None:
    bench.start_panel()
    bench.wait(bench.ask("older"))
    window = make_window()
    until(qtbot, lambda: window.presenter.problem)
    assert "Expected a result of version 1, found 9" in window.notice.message.toolTip()
    assert "Run the job again" in window.notice.hint.text()


def test_sixty_four_parts(qtbot, bench, make_window) -> None:
    names = tuple(f"Stimme {n + 1} – ヴィオラ „d'amore“" for n in range(64))
    window = opened(qtbot, bench, make_window, parts=names)
    assert window.table.model().rowCount() == 64
    for row in range(64):
        window.presenter.edit(row, locked=True)
    new = rerun(qtbot, window, window.rerun.run_unlocked)
    assert settings_of(bench, new)["assignments"] == {name: k for k, name in enumerate(names)}


def test_presets_and_choices_survive(qtbot, bench, make_window) -> None:
    window = make_window()
    window.rerun.conditioning.setCurrentText("motion")
    window.rerun.save_preset("Mine ü")
    window.preferences.gain_db = 9.0
    window.close()
    again = make_window()
    assert again.preferences.gain_db == 9.0 and again.rerun.conditioning.currentText() == "score"
    again.rerun.presets.setCurrentText("Mine ü")
    again.rerun.presets.activated.emit(again.rerun.presets.currentIndex())
    assert again.rerun.conditioning.currentText() == "motion"


def test_a_window_of_a_screen_that_is_gone_comes_back(qtbot) -> None:
    from PyQt5.QtCore import QRect

    from avstem.panel.preferences import onto_a_screen

    screen = QRect(0, 0, 1280, 720)
    assert onto_a_screen(QRect(3000, 100, 800, 600), [screen]) == QRect(240, 60, 800, 600)
    assert onto_a_screen(QRect(100, 50, 800, 600), [screen]) == QRect(100, 50, 800, 600)
    assert screen.contains(onto_a_screen(QRect(-9000, 0, 5000, 5000), [screen]))


def test_everything_that_takes_keys_has_a_name(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import Qt
    from PyQt5.QtWidgets import QAbstractButton, QWidget

    window = make_window()
    window.add_evidence()
    ours = (
        window.jobs,
        window.frame,
        window.time,
        window.table,
        *window.rerun.findChildren(QWidget),
    )
    for widget in ours:
        if (
            widget.focusPolicy() & Qt.TabFocus
            and widget.parent() in (window.rerun, None)
            or widget in ours[:4]
        ):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


def test_the_command_is_there() -> None:
    command = [sys.executable, "-m", "avstem.panel", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(ROOT))
    assert done.returncode == 0 and "--spool" in done.stdout


def test_jobs_are_listed_with_project_conditioning_and_time(qtbot, bench, make_window) -> None:
    import re

    bench.start_panel()
    for project in ("Abend", "Matinée"):
        told = {"id": "01234567-89ab-cdef-0123-456789abcdef", "name": project, "path": "/p.rpp"}
        bench.wait(bench.ask(name="Trio", project=told))
    window = make_window()
    box = window.jobs
    until(qtbot, lambda: box.count() == 2 and "Matinée" in box.itemText(0))
    assert re.fullmatch(r"Trio · Matinée · score · done · \d\d:\d\d", box.itemText(0))
    until(qtbot, lambda: "Abend" in box.itemText(1))
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert window.presenter.current.project == "Abend"


def test_doubt_shows_in_the_outline_and_in_the_row(qtbot, bench, make_window) -> None:
    from PyQt5.QtGui import QColor

    from avstem.panel.parts_model import Column

    window = opened(qtbot, bench, make_window, "ambiguous")
    table = window.table.rows
    row = [table.index(0, c).data() for c in (Column.RUNNER_UP, Column.MARGIN, Column.WHY)]
    assert row == ["Player 1", "0.7", "player 1 fits almost as well"]
    assert table.index(2, Column.WHY).data() == ""
    image, shares = window.frame.grab().toImage(), []
    for player in (1, 2):  # along the left edge of the outline; 0 is marked and thicker
        rect = window.frame.to_widget(window.presenter.boxes[player])
        colour = QColor(window.presenter.rows[player].colour)
        edge = [
            QColor(image.pixel(round(rect.left()), y))
            for y in range(round(rect.top()) + 4, round(rect.bottom()) - 4)
        ]
        close = [abs(c.red() - colour.red()) + abs(c.blue() - colour.blue()) < 60 for c in edge]
        shares.append(sum(close) / len(close))
    assert shares[0] < 0.9 < shares[1], "dashed, and solid"


def test_the_evidence_is_zoomed_by_keys_and_the_matrix_walked(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import Qt

    window = opened(qtbot, bench, make_window)
    window.add_evidence()
    view, actions = window.evidence, window.actions_by_name
    plot = view._plot

    def shown_s() -> float:
        left, right = plot.viewRange()[0]
        return float(right - left)

    before = shown_s()
    actions["zoom_in"].trigger()
    assert shown_s() == pytest.approx(before / 2)
    for _ in range(12):
        actions["zoom_in"].trigger()
    assert shown_s() == pytest.approx(0.5)
    actions["zoom_out"].trigger()
    assert shown_s() == pytest.approx(1.0)
    actions["zoom_all"].trigger()
    assert plot.viewRange()[0] == pytest.approx([0.0, 22.0])
    assert view._plot.getViewBox().state["mouseEnabled"] == [True, False], "drag pans in time"
    qtbot.keyClick(view._matrix, Qt.Key_Right)
    assert view._matrix._pair == (0, 1) and "Player 1" in view._title.text()
    qtbot.keyClick(view._matrix, Qt.Key_Down)
    assert window.presenter.selected == 1 and view._matrix._pair == (1, 1)
