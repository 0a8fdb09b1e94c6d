"""What goes wrong outside the panel, and what the window makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from panel_bench import ROOT
from panel_steps import opened, until


def test_the_offered_service_is_started_by_the_button(qtbot, bench, make_window) -> None:
    bench.spool.mkdir()
    ports = {"udp_port": 0, "tcp_port": 0, "reaper_port": 9}
    (bench.spool / "install.json").write_text(json.dumps(ports))
    window = make_window()
    command = window.notice.hint.toolTip()
    assert "No service is running" in window.notice.message.text()
    assert "--tcp-port 0" in command and str(bench.spool) in command
    window.notice.start.click()
    until(qtbot, lambda: window.presenter.connected)
    assert window.notice.start.isHidden()
    window.link.send("/avstem/quit")
    until(qtbot, lambda: (bench.card() or {}).get("state") == "stopped")


def test_a_service_of_another_version_is_told(qtbot, bench, make_window) -> None:
    bench.spool.mkdir()
    (bench.spool / "service.json").write_text('{"version": 99, "state": "running"}')
    window = make_window()
    assert "another version" in window.notice.message.text()
    assert "Update both" in window.notice.hint.text() and window.notice.start.isHidden()


@pytest.mark.parametrize(
    "card", ["", "[1]", '{"version": 1, "heartbeat_s": "?"}', '{"tcp_port": 1}']
)
def test_a_damaged_card_is_no_service(qtbot, bench, make_window, card) -> None:
    bench.spool.mkdir()
    (bench.spool / "service.json").write_text(card)
    window = make_window()
    qtbot.wait(50)
    assert not window.presenter.connected and window.notice.message.text()


def test_no_job_says_what_to_do(qtbot, bench, make_window) -> None:
    bench.start_panel()
    window = make_window()
    until(qtbot, lambda: window.presenter.connected and window.bar.state.text() == "No job")
    assert "Separate selected items" in window.frame._nothing()
    assert not window.bar.cancel.isEnabled() and not window.rerun.run_all.isEnabled()
    assert not window.jobs.isEnabled()
    for action in window.actions_by_name.values():  # nothing to do is no error
        if action.text() not in ("Close", "Gain of Enhance …", "Open log"):
            action.trigger()
    assert window.presenter.problem is None


def test_a_job_without_video_has_its_table_and_onsets(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window, video=None)
    window.add_evidence()
    assert window.table.rows.rowCount() == 4
    assert window.frame._nothing() == "This job has no video."
    assert "there is no picture" in window.evidence._title.text()
    assert len(window.evidence._onsets.xData) > 20
    assert window.lanes.meaning(10, 5).splitlines()[1:] == ["rests by the score"]
    until(qtbot, lambda: len(window.presenter.thumbnails) == 4)


def test_a_job_without_a_score_shows_the_movement_alone(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window, "Duo", parts=(), settings={"conditioning": "motion"})
    window.add_evidence()
    names = [window.table.rows.index(r, 1).data() for r in range(4)]
    assert names == [f"Player {k}" for k in range(4)]
    assert "movement alone, there is no score" in window.evidence._title.text()
    assert len(window.evidence._curve.xData) == 22, "one value per second"
    onsets = window.evidence._onsets.xData
    assert onsets is None or len(onsets) == 0
    assert window.lanes.meaning(window.lanes.width() / 2, 5).count("\n") == 1
    assert window.rerun.conditioning.currentText() == "motion"


def test_an_older_result_without_activity_is_shown(qtbot, bench, make_window) -> None:
    bench.start_panel()
    job = bench.ask()
    bench.wait(job)
    told = json.loads((bench.spool / "jobs" / job / "result.json").read_text("utf-8"))
    path = bench.output / told["folder"].rsplit("/", 1)[-1] / "result.json"
    result = json.loads(path.read_text("utf-8"))
    del result["activity"]
    path.write_text(json.dumps(result))
    window = make_window()
    until(qtbot, lambda: window.presenter.rows)
    assert window.lanes.meaning(10, 5) == "Not known for this job"
    assert window.presenter.problem is None


def test_boxes_outside_the_picture_are_not_drawn_there(qtbot, bench, make_window) -> None:
    from PyQt5.QtGui import QColor

    window = opened(qtbot, bench, make_window, "outside")
    view = window.frame
    picture, image = view.picture_rect(), view.grab().toImage()
    assert picture.left() >= 4 or picture.top() >= 4, "there is room beside the picture"
    colours = [QColor(row.colour).rgb() for row in window.presenter.rows]
    beside = [
        image.pixel(x, y)
        for x in range(0, view.width(), 2)
        for y in range(0, view.height(), 2)
        if not picture.adjusted(-3, -3, 3, 3).contains(x, y)
    ]
    assert not set(beside) & set(colours)
    assert view.player_at(picture.center()) in (-1, 2, 3)


def test_boxes_over_each_other_are_told(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    boxes = window.presenter.boxes
    window.presenter.move_box(0, boxes[1])
    assert "lie over each other" in window.notice.message.text()
    assert "Pull them apart" in window.notice.hint.text()
    window.presenter.undo()
    assert window.presenter.boxes == boxes
    assert not window.presenter.add_box((-80.0, -80.0, -10.0, -10.0)), "outside"


def test_a_window_of_a_screen_that_is_gone_opens_on_one_that_is_there(
    qtbot, bench, make_window, tmp_path
) -> None:
    from PyQt5.QtGui import QGuiApplication

    window = make_window()
    window.setGeometry(9000, -7000, 1000, 620)
    window.close()
    again = make_window()
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    assert any(screen.contains(again.geometry().center()) for screen in screens)


def test_settings_that_cannot_be_read_are_as_if_never_set(
    qtbot, bench, tmp_path, make_window
) -> None:
    (tmp_path / "panel.ini").write_text(
        "[General]\ngain_db=loud\npresets=[1]\ngeometry=nonsense\nsplit_table=?\n"
    )
    window = make_window()
    assert window.preferences.gain_db == 6.0 and window.preferences.presets == {}
    assert window.width() >= 980


def test_the_log_opens_from_the_menu(qtbot, bench, make_window, monkeypatch) -> None:
    from avstem.panel import window as module

    bench.start_panel()
    shown: list[Any] = []
    monkeypatch.setattr(module, "open_path", shown.append)
    window = make_window()
    window.actions_by_name["log"].trigger()
    assert shown == [bench.spool / "log" / "service.log"] and shown[0].is_file()


def test_on_a_dense_screen_the_picture_is_asked_for_as_sharp(bench) -> None:
    code = (
        "import sys; from pathlib import Path; from avstem.panel.main import make_application;"
        "from avstem.panel.preferences import Preferences; from avstem.panel.window import Window;"
        "app = make_application([]); window = Window(Path(sys.argv[1]), Preferences());"
        "window.show(); app.processEvents();"
        "print(window.frame.width(), window.devicePixelRatioF(), window.presenter._width_px)"
    )
    environment = os.environ | {"XDG_CONFIG_HOME": str(bench.root), "QT_SCALE_FACTOR": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(bench.spool)],
        capture_output=True,
        text=True,
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=ROOT,
    )
    width, scale, asked = map(float, done.stdout.split())
    assert scale == 2.0 and asked >= min(2 * width, 1920), done.stderr


def test_everything_is_reached_by_tab(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import Qt

    window = opened(qtbot, bench, make_window)
    window.add_evidence()
    wanted = {
        *(window.jobs, window.frame, window.time, window.table, window.evidence._matrix),
        *(window.rerun.presets, window.rerun.preset_menu, window.rerun.conditioning),
        *(window.rerun.players, window.rerun.stem_format, window.rerun.effects),
        *(window.rerun.run_all, window.rerun.run_unlocked),
    }
    chain, widget = set(), window.jobs
    for _ in range(500):
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.TabFocus and widget.isEnabled():
            chain.add(widget)
    assert wanted <= chain
    assert not window.table.tabKeyNavigation(), "Tab leaves the table"
