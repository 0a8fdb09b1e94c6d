"""A real service with a small runner, and the panel's window on it."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "osc_bridge"))

from service_bench import Bench  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
VIDEO = ROOT / "examples" / "quartet" / "video.mp4"
QUARTET = ("Violin 1", "Violin 2", "Viola", "Cello")


class PanelBench(Bench):
    """Requests with a real picture and several parts."""

    def start_panel(self) -> None:
        """Start the service with the runner of the panel's tests."""
        self.start("panel_runners:ensemble")

    def insert(self, job: str) -> None:
        """Say, as REAPER's scripts do, that the stems are in the project."""
        (self.spool / "jobs" / job / "inserted.json").write_text("{}")
        self.wait(job, "inserted")

    def ask(
        self,
        name: str = "Quartet",
        parts: tuple[str, ...] = QUARTET,
        video: Path | None = VIDEO,
        **changes: Any,
    ) -> str:
        """Submit a job."""
        request = self.request(name=name, job=str(uuid.uuid4()))
        item = request["items"][0]
        item["file"] = str(video or self.media)
        item["role"] = "video" if video else "audio"
        item |= {"position_s": 0.0, "length_s": 22.0, "source_length_s": 22.0}
        part = request["parts"][0]
        notes = [[0.5 * n, 0.5 * n + 0.4, 60, 90] for n in range(2, 40)]
        made = [part | {"name": p, "track_guid": f"{{{p}}}", "notes": notes} for p in parts]
        request["parts"] = made
        return self.submit(**(request | changes))
