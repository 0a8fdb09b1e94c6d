"""Reading files and decoding pictures off the thread that draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QRunnable, QThreadPool, pyqtSignal
from PyQt5.QtGui import QColor, QImage

from avstem.errors import AvstemError
from avstem.panel.model import Problem, Showing
from avstem.panel.reading import read_showing


class Background(QObject):
    """One thread for what could take longer than a frame of the screen."""

    _done = pyqtSignal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.no_image = QImage()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._done.connect(lambda call: call())  # on the thread that draws

    def read(
        self, job: str, folder: Path, file: str, then: Callable[[str, Showing | Problem], None]
    ) -> None:
        """Read a result."""

        def work() -> Callable[[], None]:
            found = _read(folder, file)
            return lambda: then(job, found)

        self._start(work)

    def decode(self, file: Path, then: Callable[[Path, Any], None]) -> None:
        """Decode a JPEG."""

        def work() -> Callable[[], None]:
            image = QImage(str(file))
            return lambda: then(file, image)

        self._start(work)

    def tint(self, file: Path, colour: str, then: Callable[[Path, Any], None]) -> None:
        """Decode a grey picture and give it a colour: black to the colour to white."""

        def work() -> Callable[[], None]:
            image = _tinted(QImage(str(file)), QColor(colour))
            return lambda: then(file, image)

        self._start(work)

    def finish(self) -> None:
        """Drop what has not begun, wait for the rest."""
        self._pool.clear()
        self._pool.waitForDone(2000)

    def _start(self, work: Callable[[], Callable[[], None]]) -> None:
        self._pool.start(_Task(lambda: self._done.emit(work())))


class _Task(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        """What the thread does."""
        self._work()


def _read(folder: Path, file: str) -> Showing | Problem:
    try:
        return read_showing(folder, file)
    except AvstemError as error:
        return Problem(error.message, error.hint, "", error.code)


def _tinted(image: QImage, colour: QColor) -> QImage:
    if image.isNull():
        return image
    tinted = image.convertToFormat(QImage.Format_Grayscale8).convertToFormat(QImage.Format_Indexed8)
    table = [_shade(QColor(grey).red() / 255.0, colour) for grey in tinted.colorTable()]
    tinted.setColorTable(table)
    return tinted.convertToFormat(QImage.Format_RGB32)


def _shade(share: float, colour: QColor) -> int:
    """Black, at 0.7 the colour itself, white."""
    up, over = min(share / 0.7, 1.0), max((share - 0.7) / 0.3, 0.0)
    parts = (colour.red(), colour.green(), colour.blue())
    return int(QColor(*(round(c * up + (255 - c) * over) for c in parts)).rgb())
