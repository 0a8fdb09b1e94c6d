"""What an editor does before a test begins: waiting, opening a job, running it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from panel_bench import PanelBench

Window = Any
Make = Callable[[], Any]
PATIENCE_MS = 30_000


def until(qtbot: Any, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)


def opened(
    qtbot: Any, bench: PanelBench, make_window: Make, name: str = "Quartet", **job: Any
) -> Window:
    """A window that shows a finished job with its picture."""
    bench.start_panel()
    made = bench.ask(name, **job)
    bench.wait(made)
    window = make_window()
    until(qtbot, lambda: window.presenter.rows)
    if window.presenter.showing.has_video:
        until(qtbot, lambda: window.presenter.frame and not window.frame._image.isNull())
    return window


def settings_of(bench: PanelBench, job: str) -> dict[str, Any]:
    told = json.loads((bench.spool / "jobs" / job / "request.json").read_text("utf-8"))
    return dict(told["settings"])


def rerun(qtbot: Any, window: Window, button: Any) -> str:
    """Press a button and wait until the new job is shown; its id."""
    before = window.presenter.job
    button.click()
    until(qtbot, lambda: window.presenter.job != before and window.presenter.rows)
    return str(window.presenter.job)
