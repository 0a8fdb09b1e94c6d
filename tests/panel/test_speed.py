"""It starts at once, never holds up the window, and stays small; with generous slack."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from panel_bench import ROOT
from panel_steps import opened, until

SLOWEST_START_S = 1.0 * 3  # of processor time: the machine may be slow
LONGEST_EVENT_S = 0.016 * 6
MOST_MB = 250

START = """
import sys, time
from pathlib import Path
from avstem.panel.main import make_application
from avstem.panel.preferences import Preferences
from avstem.panel.window import Window

app = make_application([])
window = Window(Path(sys.argv[1]), Preferences())
window.show()
app.processEvents()
print(time.process_time())
end_s = time.monotonic() + 20
while window.evidence is None and time.monotonic() < end_s:
    app.processEvents()
assert window.evidence is not None
heavy = {"torch", "cv2", "mediapipe", "av", "librosa", "scipy", "soundfile"} & set(sys.modules)
assert not heavy, heavy
# not getrusage: its maximum is inherited from the process of the tests
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else ["VmHWM: 0 kB"]
print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")))
"""


def test_it_starts_at_once_without_heavy_libraries_and_stays_small(bench) -> None:
    environment = os.environ | {"XDG_CONFIG_HOME": str(bench.root), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", START, str(bench.spool)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    start_s, memory_mb = done.stdout.split()
    assert float(start_s) < SLOWEST_START_S
    assert int(memory_mb) < MOST_MB


def test_no_event_holds_up_the_window_on_a_long_quartet(
    qtbot, bench, make_window, monkeypatch
) -> None:
    """A ten-minute quartet is opened, scrubbed, looked through, edited and solved anew."""
    from PyQt5.QtWidgets import QApplication

    longest = Longest()
    window = opened(qtbot, bench, make_window, "long")
    window.add_evidence()
    qtbot.wait(100)  # the first drawing loads fonts
    window.presenter.pick("")
    watch(longest, window, QApplication.instance())
    with longest.timed("opening"):
        window.presenter.pick(next(iter(window.presenter.jobs)))
    until(qtbot, lambda: window.presenter.rows and len(window.presenter.thumbnails) == 4)
    panel = window.presenter
    for step in range(40):
        for name, call in (
            ("seek", lambda n=step: panel.seek(15.0 * n)),
            ("select", lambda n=step: panel.select(n % 4)),
            ("zoom", lambda n=step: window.zoom((0.5, 2.0, 0.0)[n % 3])),
            ("assign", lambda n=step: panel.assign(n % 4, (n + 1) % 4)),
            ("undo", panel.undo),
            ("table", window.table.viewport().repaint),
        ):
            with longest.timed(name):
                call()
        qtbot.wait(5)
    assert {"_hear", "loaded", "paintEvent"} <= set(longest.events), "events were measured"
    assert longest.slowest[0] < LONGEST_EVENT_S, longest.slowest


class Longest:
    """The longest stretch of processor time, and what took it."""

    def __init__(self) -> None:
        self.slowest = (0.0, "")
        self.events: list[str] = []
        self._depth = 0
        self._begun_s = 0.0

    def timed(self, name: str) -> Any:
        """A context that measures."""
        self._name = name
        return self

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._begun_s, self._what = time.thread_time(), self._name

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            took_s = time.thread_time() - self._begun_s
            self.slowest = max(self.slowest, (took_s, self._what))


def watch(longest: Longest, window: Any, application: Any) -> None:
    """Measure what is drawn and what comes from the service, each call on its own."""
    from PyQt5.QtWidgets import QWidget

    def measured(what: Any, name: str) -> None:
        inner = getattr(what, name)

        def outer(*arguments: Any, **named: Any) -> Any:
            longest.events.append(name)
            with longest.timed(f"{type(what).__name__}.{name}"):
                return inner(*arguments, **named)

        setattr(what, name, outer)

    measured(window.link, "_hear")
    measured(window.presenter, "loaded")
    for widget in (window.frame, window.lanes, window.table, window.evidence._matrix):
        assert isinstance(widget, QWidget)
        measured(widget, "paintEvent")
    measured(window.evidence._plot, "paintEvent")
