"""Reading files and decoding pictures off the thread that draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QRunnable, QThreadPool, pyqtSignal
from PyQt5.QtGui import QImage

from avstem.errors import AvstemError
from avstem.panel.model import Problem, Showing, read_showing


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
