"""What survives the window: where it was, the gain of a click, presets of settings."""

from __future__ import annotations

import json
from typing import Any

from PyQt5.QtCore import QByteArray, QRect, QSettings
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QMainWindow, QSplitter

_GAIN_DB = 6.0


class Preferences:
    """One user's choices; a value that cannot be read is as if it had never been set."""

    def __init__(self, store: QSettings | None = None) -> None:
        ini = (QSettings.IniFormat, QSettings.UserScope)
        self._store = store or QSettings(*ini, "avstem", "panel")

    @property
    def gain_db(self) -> float:
        """What an Alt-click raises a stem by."""
        try:
            return min(max(float(self._store.value("gain_db", _GAIN_DB)), -60.0), 12.0)
        except (TypeError, ValueError):
            return _GAIN_DB

    @gain_db.setter
    def gain_db(self, gain_db: float) -> None:
        self._store.setValue("gain_db", gain_db)

    @property
    def with_reaper(self) -> bool:
        """Whether the time goes where REAPER's cursor goes."""
        return str(self._store.value("with_reaper", "true")) != "false"

    @with_reaper.setter
    def with_reaper(self, follow: bool) -> None:
        self._store.setValue("with_reaper", "true" if follow else "false")

    @property
    def effects_folder(self) -> str:
        """Folder of the chains of effects."""
        return str(self._store.value("effects_folder", "") or "")

    @effects_folder.setter
    def effects_folder(self, folder: str) -> None:
        self._store.setValue("effects_folder", folder)

    @property
    def presets(self) -> dict[str, dict[str, Any]]:
        """Settings of re-runs by name."""
        try:
            found = json.loads(str(self._store.value("presets", "{}")))
        except ValueError:
            return {}
        good = isinstance(found, dict) and all(isinstance(v, dict) for v in found.values())
        return found if good else {}

    @presets.setter
    def presets(self, presets: dict[str, dict[str, Any]]) -> None:
        self._store.setValue("presets", json.dumps(presets, ensure_ascii=False))

    def keep(self, window: QMainWindow) -> None:
        """Remember where a window is, and how its room is divided."""
        self._store.setValue("geometry", window.saveGeometry())
        for splitter in window.findChildren(QSplitter):
            if splitter.objectName():
                self._store.setValue(splitter.objectName(), splitter.saveState())
        self._store.sync()

    def place(self, window: QMainWindow) -> None:
        """Put a window where it was; onto a screen that is there if that one is gone."""
        window.resize(1180, 780)
        geometry = self._store.value("geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        for splitter in window.findChildren(QSplitter):
            state = self._store.value(splitter.objectName()) if splitter.objectName() else None
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        seen = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        window.setGeometry(onto_a_screen(window.geometry(), seen))


def onto_a_screen(wanted: QRect, screens: list[QRect]) -> QRect:
    """``wanted`` if a screen shows its middle, else the same size in the middle of the first."""
    if not screens or any(screen.contains(wanted.center()) for screen in screens):
        return wanted
    size = wanted.size().boundedTo(screens[0].size())
    found = QRect(screens[0].topLeft(), size)
    found.moveCenter(screens[0].center())
    return found
