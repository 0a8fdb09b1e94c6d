"""Menus and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QInputDialog

from avstem.panel.reveal import open_path, reveal

if TYPE_CHECKING:
    from avstem.panel.window import Window


def add_actions(window: Window) -> dict[str, QAction]:
    """Fill the menu bar; the actions by name."""
    tr, presenter = window.tr, window.presenter

    def row() -> int:
        return presenter.selected

    job = (
        ("rerun", tr("Re-run unlocked"), "Ctrl+R", lambda: window.run_again(True)),
        ("rerun_all", tr("Re-run all"), "Ctrl+Shift+R", lambda: window.run_again(False)),
        ("cancel", tr("Cancel"), "Ctrl+.", presenter.cancel),
        ("compare", tr("A/B: next take"), "Ctrl+B", presenter.compare),
        ("reveal", tr("Reveal stem file"), "Ctrl+E", lambda: reveal_stem(window)),
        ("report", tr("Open report"), "Ctrl+T", lambda: open_report(window)),
        ("quit", tr("Close"), "Ctrl+W", window.close),
    )
    edit = (
        ("undo", tr("Undo"), "Ctrl+Z", presenter.undo),
        ("redo", tr("Redo"), "Ctrl+Shift+Z", presenter.redo),
    )
    part = (
        ("solo", tr("Solo"), "S", lambda: presenter.solo(row())),
        ("add", tr("Add to solo"), "Shift+S", lambda: presenter.solo(row(), add=True)),
        ("mute", tr("Mute"), "M", lambda: presenter.mute(row())),
        (
            *("enhance", tr("Enhance"), "E"),
            lambda: presenter.enhance(row(), window.preferences.gain_db),
        ),
        ("lock", tr("Lock"), "L", lambda: _lock(window)),
        ("player", tr("Choose player"), "P", window.table.edit_player),
        ("gain", tr("Gain of Enhance …"), "", lambda: _ask_gain(window)),
    )
    view = (
        ("parts", tr("Go to parts"), "Ctrl+1", window.table.setFocus),
        ("picture", tr("Go to picture"), "Ctrl+2", window.frame.setFocus),
        ("jobs", tr("Go to jobs"), "Ctrl+3", window.jobs.setFocus),
        ("follow", tr("Follow REAPER's cursor"), "Ctrl+F", lambda: _follow(window)),
        ("zoom_in", tr("Zoom in"), "Ctrl+=; Ctrl++", lambda: window.zoom(0.5)),
        ("zoom_out", tr("Zoom out"), "Ctrl+-", lambda: window.zoom(2.0)),
        ("zoom_all", tr("Whole recording"), "Ctrl+0", lambda: window.zoom(0.0)),
        ("log", tr("Open log"), "Ctrl+L", window.open_log),
        ("copy", tr("Copy details"), "Ctrl+Shift+C", window.copy_details),
    )
    made: dict[str, QAction] = {}
    menus = ((tr("&Job"), job), (tr("&Edit"), edit), (tr("&Part"), part), (tr("&View"), view))
    for title, entries in menus:
        menu = window.menuBar().addMenu(title)
        for name, text, keys, call in entries:
            made[name] = menu.addAction(text)
            _bind(made[name], keys, call)
    _make_follow(window, made["follow"])
    return made


def _make_follow(window: Window, action: QAction) -> None:
    action.setCheckable(True)
    action.setChecked(window.preferences.with_reaper)
    window.presenter.with_reaper = action.isChecked()


def _follow(window: Window) -> None:
    presenter = window.presenter
    presenter.with_reaper = window.preferences.with_reaper = not presenter.with_reaper


def _bind(action: QAction, keys: str, call: Callable[[], object]) -> None:
    if keys:
        action.setShortcuts(QKeySequence.listFromString(keys))
    action.triggered.connect(lambda _checked=False: call())


def reveal_stem(window: Window) -> None:
    """Show the selected stem's file where it lies; the folder where there is no such file."""
    showing, rows, chosen = _shown(window)
    if showing is not None:
        file = rows[chosen].file if 0 <= chosen < len(rows) else ""
        reveal(Path(file) if file else Path(showing.folder) / "result.json", window)


def _shown(window: Window) -> tuple[Any, Any, int]:
    presenter = window.presenter
    return presenter.showing, presenter.rows, presenter.selected


def open_report(window: Window) -> None:
    """Open the report page."""
    showing = window.presenter.showing
    if showing is not None:
        open_path(Path(showing.report))


def _lock(window: Window) -> None:
    presenter = window.presenter
    if 0 <= presenter.selected < len(presenter.rows):
        row = presenter.rows[presenter.selected]
        presenter.edit(presenter.selected, locked=not row.locked)


def _ask_gain(window: Window) -> None:
    gain, good = QInputDialog.getDouble(
        window,
        window.tr("Enhance"),
        window.tr("Gain of an Alt-click, dB"),
        window.preferences.gain_db,
        -60.0,
        12.0,
        1,
    )
    if good:
        window.preferences.gain_db = gain
