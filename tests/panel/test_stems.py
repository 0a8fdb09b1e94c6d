"""Per stem: its spectrogram, its file, its effects; and presets, conditionings, undo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panel_bench import ROOT
from panel_steps import opened, rerun, settings_of, until

from avstem.panel.reveal import command_for


def test_every_stem_has_a_spectrogram_in_its_colour(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import QPoint, Qt
    from PyQt5.QtGui import QColor

    from avstem.panel.parts_model import Column
    from avstem.panel.parts_table import sound_rect

    window = opened(qtbot, bench, make_window)
    panel, table = window.presenter, window.table
    until(
        qtbot, lambda: len(table.sounds) == 4 and not any(i.isNull() for i in table.sounds.values())
    )
    image, colour = table.sounds["Viola"], QColor(panel.rows[2].colour)
    shades = {image.pixel(x, y) for x in range(0, 320, 5) for y in range(48)}
    hues = {QColor(s).hue() for s in shades if 60 < QColor(s).lightness() < 140}
    assert any(abs(hue - colour.hue()) < 8 for hue in hues)
    index = table.rows.index(2, Column.SOUND)
    assert "thumbnails" in index.data(Qt.ToolTipRole)
    from PyQt5.QtCore import QRectF

    at = sound_rect(QRectF(table.visualRect(index)))
    qtbot.mouseClick(
        table.viewport(),
        Qt.LeftButton,
        pos=QPoint(int(at.left() + at.width() / 4), int(at.center().y())),
    )
    assert panel.time_s == pytest.approx(panel.duration_s / 4, abs=0.3)
    made = list((bench.spool / "jobs" / panel.job / "thumbnails").glob("*.png"))
    assert len(made) == 4
    before = {file: file.stat().st_mtime_ns for file in made}
    window.close()
    again = make_window()
    until(qtbot, lambda: len(again.presenter.thumbnails) == 4)
    assert {file: file.stat().st_mtime_ns for file in made} == before, "made once"


def test_a_stem_that_is_gone_has_none(qtbot, bench, make_window) -> None:
    bench.start_panel()
    job = bench.ask()
    bench.wait(job)
    told = json.loads((bench.spool / "jobs" / job / "result.json").read_text("utf-8"))
    Path(told["stems"][1]["file"]).unlink()
    window = make_window()
    until(qtbot, lambda: len(window.presenter.thumbnails) == 3)
    assert "Violin 2" not in window.presenter.thumbnails and window.presenter.problem is None


def test_the_effects_come_from_a_folder(qtbot, bench, make_window, tmp_path, monkeypatch) -> None:
    from PyQt5.QtWidgets import QFileDialog

    chains = tmp_path / "Ketten ü"
    chains.mkdir()
    (chains / "warm.toml").write_text("")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chains))
    window = opened(qtbot, bench, make_window)
    box = window.rerun.effects
    box.setCurrentIndex(box.count() - 1)
    box.activated.emit(box.count() - 1)
    assert [box.itemText(k) for k in range(box.count())][:2] == ["none", "warm"]
    box.setCurrentText("warm")
    new = rerun(qtbot, window, window.rerun.run_all)
    assert settings_of(bench, new)["effects"] == str(chains / "warm.toml")
    assert window.rerun.effects.currentText() == "warm"


def test_presets_are_saved_renamed_and_deleted(qtbot, bench, make_window, monkeypatch) -> None:
    from PyQt5.QtWidgets import QInputDialog

    window = make_window()
    bar, entries = window.rerun, window.rerun.preset_menu.menu().actions()
    names = iter([("Mine", True), ("Meine ü", True), ("nothing", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(names))
    bar.stem_format.setCurrentIndex(2)
    bar.preset_menu.menu().aboutToShow.emit()
    assert [a.isEnabled() for a in entries] == [True, False, False]
    entries[0].trigger()
    assert bar.presets.currentText() == "Mine"
    bar.preset_menu.menu().aboutToShow.emit()
    entries[1].trigger()
    assert list(window.preferences.presets) == ["Meine ü"]
    assert window.preferences.presets["Meine ü"]["stem_format"] == "flac"
    entries[1].trigger()  # the dialog is cancelled
    assert list(window.preferences.presets) == ["Meine ü"]
    entries[2].trigger()
    assert window.preferences.presets == {} and bar.presets.currentIndex() == 0
    assert bar.stem_format.currentData() == "flac", "the settings stay"


@pytest.mark.parametrize(
    ("job", "offered"),
    [
        ({}, ["score", "score+motion", "motion", "audio"]),
        ({"parts": ()}, ["motion", "audio"]),
        ({"video": None}, ["score", "audio"]),
        ({"video": None, "parts": ()}, ["audio"]),
    ],
)
def test_only_what_the_job_offers_can_be_chosen(qtbot, bench, make_window, job, offered) -> None:
    from PyQt5.QtCore import Qt

    bench.start_panel()
    bench.wait(bench.ask("fail", **job))  # a job that failed can be run again too
    window = make_window()
    until(qtbot, lambda: window.presenter.current and window.presenter.current.family)
    box = window.rerun.conditioning
    enabled = [k for k in range(box.count()) if box.model().item(k).isEnabled()]
    assert [box.itemText(k) for k in enabled] == offered
    assert box.currentText() == offered[0]
    for k in set(range(box.count())) - set(enabled):
        assert "There is no" in box.itemData(k, Qt.ToolTipRole)
    window.rerun.show_settings({"conditioning": "score+motion"})
    assert box.currentText() in offered


def test_every_conditioning_of_the_pipeline_can_be_chosen() -> None:
    from avstem.datatypes import conditioning_name
    from avstem.panel.conditionings import CONDITIONINGS
    from avstem.separation import DEFAULTS

    assert {conditioning_name(c) for c in DEFAULTS} <= {c.name for c in CONDITIONINGS}


def test_edits_are_undone_by_keys(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    before = window.presenter.boxes
    window.presenter.assign(0, 2)
    window.presenter.remove_box(1)
    actions = window.actions_by_name
    assert actions["undo"].shortcut().toString() == "Ctrl+Z"
    actions["undo"].trigger()
    assert window.presenter.boxes == before and window.presenter.rows[0].player == 2
    actions["undo"].trigger()
    assert [r.player for r in window.presenter.rows] == [0, 1, 2, 3]
    assert window.table.rows.index(0, 7).data() == "Player 0"
    actions["redo"].trigger()
    assert window.presenter.rows[0].player == 2


def test_lanes_say_who_plays_when(qtbot, bench, make_window) -> None:
    from PyQt5.QtCore import QPoint, Qt

    window = opened(qtbot, bench, make_window)
    view = window.lanes
    x = 5 + (view.width() - 10) * 0.5 / 22.0  # the first rests for three seconds
    assert view.meaning(x, 2).splitlines() == [
        *("Violin 1 · 0:00.5", "moves as if playing", "rests by the score"),
    ]
    picture = view.grab().toImage()
    below = 8  # the lower half of the first lane: by the score
    resting, playing = (picture.pixelColor(int(at), below) for at in (x, view.width() / 4))
    assert playing.lightness() > resting.lightness() + 40
    qtbot.mouseClick(view, Qt.LeftButton, pos=QPoint(int(x), 2))
    assert window.presenter.time_s == pytest.approx(0.5, abs=0.1)
    moved = [(p.index, p.found) for p in window.presenter.rows]
    assert moved == [(k, k) for k in range(4)]


def test_a_lane_by_movement_is_that_of_the_player() -> None:
    from test_presenter import row

    from avstem.panel.lanes import playing_of
    from avstem.panel.model import Lanes

    lines = np.array([[0.0, 0.1], [1.0, 0.9]])
    part = row(0, 1)
    assert list(playing_of(Lanes(lines, 0.0, 1.0, of_players=False), part)) == [0.0, 0.1]
    assert list(playing_of(Lanes(lines, 0.0, 1.0, of_players=True), part)) == [1.0, 0.9]
    assert len(playing_of(Lanes(lines, 0.0, 1.0, of_players=True), row(0, -1))) == 0


def test_stretches_of_playing() -> None:
    from avstem.panel.lanes import stretches

    assert stretches(np.array([0.9, 0.8, 0.1, 0.7]) > 0.5) == [(0, 2), (3, 4)]
    assert stretches(np.zeros(0)) == [] and stretches(np.ones(3)) == [(0, 3)]


def test_a_lane_says_where_movement_tells_nothing(qtbot, bench, make_window) -> None:
    window = opened(qtbot, bench, make_window)
    view, showing = window.lanes, window.presenter.showing
    by_motion = next(lanes for lanes in showing.activity if lanes.of_players)
    by_motion.playing[:, :10] = 0.5
    middle = 5 + (view.width() - 10) * 5.0 / 22.0
    assert view.meaning(middle, 2).splitlines()[1] == "movement tells nothing"
    picture = view.grab().toImage()
    grey, dark = (picture.pixelColor(int(middle), y) for y in (3, 0))
    assert grey.lightness() > dark.lightness() + 20
    assert grey.saturation() < 60


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("win32", ["explorer", "/select,", "01 Violin.wav"]),
        ("darwin", ["open", "-R", "01 Violin.wav"]),
        ("linux", []),
    ],
)
def test_every_system_marks_the_file_in_its_own_way(platform: str, command: list[str]) -> None:
    assert command_for(Path("01 Violin.wav"), platform) == command


FILE_MANAGER = """
import sys
from pathlib import Path
from PyQt5.QtCore import QCoreApplication, QObject, QTimer, Q_CLASSINFO, pyqtSlot
from PyQt5.QtDBus import QDBusConnection
from avstem.panel.reveal import reveal


class FileManager(QObject):
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.FileManager1")

    @pyqtSlot("QStringList", str)
    def ShowItems(self, uris, _):
        print("shown", *uris, flush=True)
        QTimer.singleShot(200, app.quit)

app = QCoreApplication([])
QTimer.singleShot(20000, lambda: app.exit(3))
if sys.argv[2] == "present":
    manager, bus = FileManager(), QDBusConnection.connectToBus(QDBusConnection.SessionBus, "other")
    assert bus.registerService("org.freedesktop.FileManager1")
    assert bus.registerObject(
        "/org/freedesktop/FileManager1", manager, QDBusConnection.ExportAllSlots
    )

def opened(folder):
    print("opened", folder, flush=True)
    app.quit()

reveal(Path(sys.argv[1]), app, opened)
sys.exit(app.exec())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="file managers are asked over D-Bus on Linux")
@pytest.mark.parametrize("manager", ["present", "absent"])
def test_the_file_manager_is_asked_to_mark_the_file(tmp_path: Path, manager: str) -> None:
    stem = tmp_path / "01 Geige ü.wav"
    stem.write_bytes(b"")
    done = _with_bus([sys.executable, "-c", FILE_MANAGER, str(stem), manager])
    expected = f"shown {stem.as_uri()}" if manager == "present" else f"opened {tmp_path}"
    assert done.stdout.strip() == expected, done.stderr


def _with_bus(command: list[str]) -> Any:
    try:
        return subprocess.run(
            ["dbus-run-session", "--", *command],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            timeout=60,
        )
    except FileNotFoundError:
        pytest.skip("dbus-run-session is not installed")


def test_the_stem_of_the_selected_row_is_revealed(qtbot, bench, make_window, monkeypatch) -> None:
    from avstem.panel import actions

    window = opened(qtbot, bench, make_window)
    shown: list[Path] = []
    monkeypatch.setattr(actions, "reveal", lambda path, _: shown.append(path))
    window.presenter.select(2)
    window.actions_by_name["reveal"].trigger()
    assert [path.name for path in shown] == ["03.wav"] and shown[0].is_file()
