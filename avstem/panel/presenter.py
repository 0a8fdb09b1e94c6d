"""What the panel does, without a window: messages of the service in, state and orders out.

Widgets call the methods and draw the attributes; ``changed`` tells them what to draw anew:
``link``, ``jobs``, ``showing``, ``rows``, ``boxes``, ``frame``, ``time``, ``selection``, or
``problem``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avstem.panel.editing import Editing, Send
from avstem.panel.model import LIVE, SHOWN, Job, Problem, Showing, rerun_settings

Load = Callable[[str, Path, str], None]  # job, its folder, file: calls ``loaded`` some time


@dataclass(frozen=True)
class Frame:
    """A picture that the service made."""

    time_s: float
    file: Path


class Presenter(Editing):
    """The state of one window."""

    def __init__(self, spool: Path, send: Send, load: Load, changed: Callable[[str], None]) -> None:
        super().__init__(send, changed)
        self.spool = spool
        self._load = load
        self.service: dict[str, Any] = {}
        self.jobs: dict[str, Job] = {}
        self.showing: Showing | None = None
        self.frame: Frame | None = None
        self.frame_problem = ""
        self.duration_s = 0.0
        self.time_s = 0.0
        self._width_px = 640
        self._asked: tuple[str, float] | None = None  # the frame that is on its way
        self._following = True  # take the newest job until the user picks one
        self._listed: set[str] | None = None

    # ------------------------------------------------------------------ the connection

    def linked(self) -> None:
        """The connection stands: ask who is there and what there is."""
        self.connected, self._asked, self._listed = True, None, set()
        self.problem = None
        self._send("/avstem/hello")
        self._send("/avstem/list")
        self._changed("link")
        self._changed("problem")

    def lost(self) -> None:
        """The service went away; what is shown stays, jobs that ran are no longer known."""
        if self.connected:
            self.connected, self._asked = False, None
            self._changed("link")
            self._changed("jobs")

    def hear(self, address: str, said: Mapping[str, Any]) -> None:
        """Take in a message of the service; one that we do not know is no matter."""
        handler = getattr(self, "_on_" + address.removeprefix("/avstem/").replace("/", "_"), None)
        if handler is not None:
            handler(said)

    def _on_service(self, said: Mapping[str, Any]) -> None:
        self.service = dict(said)
        self._changed("link")

    def _on_stopping(self, _: Mapping[str, Any]) -> None:
        self.lost()

    def _on_job(self, said: Mapping[str, Any]) -> None:
        job = Job(**{name: said[name] for name in Job.__dataclass_fields__ if name in said})
        before = self.jobs.get(job.job)
        self.jobs[job.job] = job
        if self._listed is not None:
            self._listed.add(job.job)
        fresh = before is None and self._listed is None
        if self._following and (fresh or not self.job):
            self._look_at(job.job)
        self._changed("jobs")
        newly = before is None or before.state not in SHOWN
        if job.job != self.job:
            return
        if job.state in SHOWN and (newly or self.showing is None):
            self._send("/avstem/result", job=job.job)
        elif self.frame is None and not self.frame_problem:
            self._ask_frame()

    def _on_job_failed(self, said: Mapping[str, Any]) -> None:
        job = self.jobs.get(said["job"])
        if job is not None:
            problem = Problem(said["message"], said["hint"], said["log"], said["code"])
            self.jobs[job.job] = replace(job, problem=problem)
            self._changed("jobs")
            if job.job == self.job:
                self.tell(problem)

    def _on_list_end(self, _: Mapping[str, Any]) -> None:
        listed, self._listed = self._listed or set(), None
        self.jobs = {name: job for name, job in self.jobs.items() if name in listed}
        if self.job not in self.jobs:
            self._following = True
        if self._following and self.jobs:
            self.pick(next(reversed(self.jobs)), following=True)
        elif not self.jobs:
            self._look_at("")
        self._changed("jobs")

    def _on_rerun_job(self, said: Mapping[str, Any]) -> None:
        self.pick(said["new"], following=True)

    def _on_error(self, said: Mapping[str, Any]) -> None:
        if said["address"] == "/avstem/result" and self.showing is not None:
            return
        self.tell(Problem(said["message"], said["hint"], said["log"], said["address"]))

    # ------------------------------------------------------------------ jobs

    def pick(self, job: str, following: bool = False) -> None:
        """Look at a job; ``following``: go on to newer ones when they come."""
        self._following = following
        self._look_at(job)

    def _look_at(self, job: str) -> None:
        if job == self.job:
            return
        self.job, self.showing, self.frame = job, None, None
        self.rows, self.boxes, self.boxes_changed, self.selected = (), (), False, -1
        self._asked, self.frame_problem, self.size_px = None, "", (0, 0)
        self.time_s, self.duration_s = 0.0, 0.0
        known = self.jobs.get(job)
        self.problem = known.problem if known else None
        for what in ("jobs", "showing", "rows", "boxes", "frame", "time", "problem"):
            self._changed(what)
        if known is not None and known.state in SHOWN:
            self._send("/avstem/result", job=job)
        elif known is not None:
            self._ask_frame()

    @property
    def current(self) -> Job | None:
        """The job that is looked at."""
        return self.jobs.get(self.job)

    @property
    def running(self) -> bool:
        """Whether it can be cancelled."""
        return self.current is not None and self.current.state in LIVE and self.connected

    @property
    def ready(self) -> bool:
        """Whether it can be run again."""
        return self.connected and self.current is not None and not self.running

    def cancel(self) -> None:
        """Stop the job that is looked at."""
        if self.running:
            self._send("/avstem/cancel", job=self.job)

    def rerun(self, chosen: Mapping[str, Any], only_unlocked: bool = True) -> None:
        """Run it again with the boxes, matches and names as they are now."""
        if self.ready:
            edited = (self.rows, self.boxes, self.boxes_changed)
            settings = rerun_settings(*edited, only_unlocked=only_unlocked, chosen=chosen)
            text = json.dumps(settings, ensure_ascii=False)
            self._send("/avstem/rerun", job=self.job, settings=text)

    def compare(self) -> None:
        """A/B: look at the next run of this recording, and hear it in REAPER."""
        name = self.current.name if self.current else ""
        jobs = self.jobs.values()
        runs = [j.job for j in jobs if j.name == name and j.state == "inserted"]
        if runs and self.connected:
            place = runs.index(self.job) if self.job in runs else -1
            chosen = runs[(place + 1) % len(runs)]
            self.pick(chosen)
            self._send("/avstem/take", job=chosen)

    # ------------------------------------------------------------------ results

    def _on_result_file(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self._load(self.job, self.spool / "jobs" / self.job, said["file"])

    def loaded(self, job: str, found: Showing | Problem) -> None:
        """A result was read, or could not be."""
        if job != self.job:
            return
        if isinstance(found, Problem):
            self.tell(found)
            return
        self.showing, self.rows, self.boxes = found, found.rows, found.boxes
        self.boxes_changed, self.duration_s = False, found.duration_s
        self.selected = 0 if found.rows else -1
        if self.time_s == 0.0:
            self.time_s = found.duration_s / 2  # there everybody plays
        for what in ("showing", "rows", "boxes", "selection", "time", "jobs"):
            self._changed(what)
        if not found.has_video:
            self._no_picture("This job has no video.")
        else:
            self._ask_frame()

    # ------------------------------------------------------------------ the picture

    def seek(self, time_s: float) -> None:
        """Go to a media time."""
        self.time_s = min(max(time_s, 0.0), self.duration_s or time_s)
        self._changed("time")
        self._ask_frame()

    def resized(self, width_px: int) -> None:
        """The picture may now be that wide, in device pixels."""
        # A few sizes only, so that a window being dragged does not ask for hundreds of pictures.
        width_px = min(max(-(-width_px // 320) * 320, 320), 1920)
        if width_px > self._width_px:
            self._width_px = width_px
            self._ask_frame()

    def _ask_frame(self) -> None:
        silent = self.showing is not None and not self.showing.has_video
        if self.connected and self.job and self._asked is None and not silent:
            self._asked = (self.job, self.time_s)
            self._send("/avstem/frame", job=self.job, time_s=self.time_s, width_px=self._width_px)

    def _on_frame_file(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self.size_px = (said["source_width_px"], said["source_height_px"])
            if self.showing is None:
                self.duration_s = said["duration_s"]
            self.frame_problem = ""
            file = self.spool / "jobs" / self.job / said["file"]
            self.frame = Frame(float(said["time_s"]), file)
            self._changed("frame")
        self._answered(said)

    def _on_frame_failed(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self._no_picture(said["message"])
        self._answered(said)

    def _answered(self, said: Mapping[str, Any]) -> None:
        """One frame at a time; ask for the newest time if it moved meanwhile."""
        asked, self._asked = self._asked, None
        if asked is not None and asked[0] == self.job and abs(asked[1] - self.time_s) > 1e-3:
            self._ask_frame()

    def _no_picture(self, why: str) -> None:
        self.frame, self.frame_problem = None, why
        self._changed("frame")
