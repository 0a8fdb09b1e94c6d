"""Fixtures of the panel's tests; without Qt's system libraries they are skipped and say so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyqt5")

try:
    import pytestqt  # noqa: F401
    from PyQt5 import QtNetwork, QtWidgets  # noqa: F401

    QT = ""
except ImportError as error:
    QT = f"Qt cannot be loaded (make system): {error}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if QT and item.path.parent == HERE and item.path.name != "test_presenter.py":
            item.add_marker(pytest.mark.skip(reason=QT))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    from panel_bench import PanelBench

    made = PanelBench(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def make_window(qtbot: Any, bench: Any, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Opens the window on the bench's spool; it lives as long as the test."""
    from PyQt5.QtCore import QSettings

    from avstem.panel import theme
    from avstem.panel.preferences import Preferences
    from avstem.panel.window import Window

    windows: list[Any] = []  # qtbot holds no widget: without this one could go in mid-test

    def make() -> Any:
        theme.dress(QtWidgets.QApplication.instance())
        store = QSettings(str(tmp_path / "panel.ini"), QSettings.IniFormat)
        window = Window(bench.spool, Preferences(store))
        qtbot.addWidget(window)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        window.close()
