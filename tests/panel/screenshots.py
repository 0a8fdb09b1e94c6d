"""Screenshots of the panel: ``xvfb-run python tests/panel/screenshots.py FOLDER [RESULT FOLDER]``.

Under Xvfb or offscreen; QT_SCALE_FACTOR=2 for HiDPI. With the folder of a real result of
``examples/quartet`` the finished quartet is that one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.pop("QT_QPA_PLATFORM", None) if os.environ.get("DISPLAY") else os.environ.setdefault(
    "QT_QPA_PLATFORM", "offscreen"
)
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[2])]

from panel_bench import QUARTET, PanelBench  # noqa: E402
from PyQt5.QtCore import QSettings  # noqa: E402
from PyQt5.QtWidgets import QApplication  # noqa: E402

from avstem.panel.main import make_application  # noqa: E402
from avstem.panel.preferences import Preferences  # noqa: E402
from avstem.panel.presenter import Presenter  # noqa: E402
from avstem.panel.window import Window  # noqa: E402

PATIENCE_S = 20.0


def main(folder: Path, real: Path | None) -> None:
    application = make_application(sys.argv[:1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        bench = PanelBench(Path(scratch))
        store = QSettings(str(Path(scratch) / "panel.ini"), QSettings.IniFormat)
        window = Window(bench.spool, Preferences(store))
        window.show()
        try:
            _tour(application, bench, window, folder, real)
        finally:
            window.close()
            bench.stop()


def _tour(
    application: QApplication, bench: PanelBench, window: Window, folder: Path, real: Path | None
) -> None:
    scale = f"{round(window.devicePixelRatioF())}x"
    panel = window.presenter

    def take(name: str, until: Callable[[], object]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not until() and time.monotonic() < end_s:
            application.processEvents()
            time.sleep(0.01)
        if not until():
            print(f"{name}: waited in vain", file=sys.stderr)
        for _ in range(60):
            application.processEvents()
            time.sleep(0.01)
        window.grab().save(str(folder / f"{name}-{scale}.png"))

    take("empty", lambda: True)
    bench.start_panel()
    job = bench.ask("slow Quartet in D")
    take("running", lambda: panel.current and panel.current.percent > 30 and panel.frame)
    panel.cancel()
    project = {"id": job, "name": "Chamber evening", "path": "/evening.rpp"}
    job = bench.ask("String quartet, take 3", project=project)
    bench.wait(job)
    if real is not None:
        _put_real(bench, job, real)
    panel.pick(job)
    take("finished", lambda: panel.frame and _heard(panel))
    panel.pick(bench.ask("ambiguous Streichquartett „Lerche“"))
    take("ambiguous", lambda: panel.frame and _heard(panel))
    panel.pick(bench.ask("fail Quartet", QUARTET))
    take("error", lambda: panel.problem and panel.frame)
    many = bench.ask("64 parts", tuple(f"Stimme {n + 1} – ヴィオラ" for n in range(64)))
    panel.pick(many)
    take("many", lambda: panel.rows and panel.frame)


def _put_real(bench: PanelBench, job: str, real: Path) -> None:
    path = bench.spool / "jobs" / job / "result.json"
    told = json.loads(path.read_text("utf-8"))
    shutil.copytree(real, told["folder"], dirs_exist_ok=True)
    found = json.loads((real / "result.json").read_text("utf-8"))
    for stem, part in zip(told["stems"], found["parts"], strict=True):
        stem |= {"part": part["name"], "file": str(Path(told["folder"]) / part["stem"])}
    path.write_text(json.dumps(told), encoding="utf-8")
    (bench.spool / "jobs" / job / "inserted.json").write_text("{}")
    bench.wait(job, "inserted")


def _heard(panel: Presenter) -> bool:
    """Whether all spectrograms are there."""
    return bool(panel.rows) and len(panel.thumbnails) == len(panel.rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
