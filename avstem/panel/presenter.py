"""What the panel does, without a window: messages of the service in, state and orders out.

Widgets call the methods and draw the attributes; ``changed`` tells them what to draw anew:
``link``, ``jobs``, ``showing``, ``rows``, ``boxes``, ``frame``, ``thumbnails``, ``time``,
``selection``, or ``problem``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from avstem.panel.editing import Send
from avstem.panel.model import LIVE, SHOWN, Job, Problem, Showing, mark, media_time, rerun_settings
from avstem.panel.pictures import Pictures

Load = Callable[[str, Path, str], None]  # job, its folder, file: calls ``loaded`` some time


# What the panel asks for on its own: that it cannot be had is not worth a message.
_UNASKED = ("/avstem/about", "/avstem/frame", "/avstem/thumbnail", "/avstem/mixer")


class Presenter(Pictures):
    """The state of one window."""

    def __init__(self, spool: Path, send: Send, load: Load, changed: Callable[[str], None]) -> None:
        super().__init__(spool, send, changed)
        self._load = load
        self.service: dict[str, Any] = {}
        self.jobs: dict[str, Job] = {}
        self._following = True  # take the newest job until the user picks one
        self._listed: set[str] | None = None
        self.with_reaper = True  # go where REAPER's cursor goes

    # ------------------------------------------------------------------ the connection

    def linked(self) -> None:
        """The connection stands: ask who is there and what there is."""
        self.connected, self._asked, self._listed = True, None, set()
        self.problem = None
        self._send("/avstem/hello")
        self._send("/avstem/list")
        if self.showing is not None:
            self._attend()
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
        before = self.jobs.get(said["job"])
        job = replace(before or Job(said["job"]), **said, problem=None)
        self.jobs[job.job] = job
        if self._listed is not None:
            self._listed.add(job.job)
        if before is None or not before.submitted:
            self._send("/avstem/about", job=job.job)
        fresh = before is None and self._listed is None
        if self._following and (fresh or not self.job):
            self._look_at(job.job)
        self._changed("jobs")
        if job.job == self.job:
            self._proceed(job, before)

    def _proceed(self, job: Job, before: Job | None) -> None:
        """The job that is looked at has moved."""
        newly = before is None or before.state not in SHOWN
        if job.state in SHOWN and (newly or self.showing is None):
            self._send("/avstem/result", job=job.job)
        elif self.showing is not None and before is not None and before.state != job.state:
            self._listen()  # its stems have come into the project
        elif self.frame is None and not self.frame_problem:
            self._ask_frame()

    def _on_job_about(self, said: Mapping[str, Any]) -> None:
        job = self.jobs.get(said["job"])
        if job is not None:
            offers = {"video": bool(said["video"]), "score": bool(said["score"])}
            self.jobs[job.job] = replace(job, **{**said, **offers})
            self._changed("jobs")

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
        if said["address"] == "/avstem/frame":
            self._asked = None
        quiet = said["address"] == "/avstem/result" and self.showing is not None
        if quiet or said["address"] in _UNASKED:
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
        self.start_editing((), ())
        self.frame_problem, self.size_px = "", (0, 0)
        self.time_s, self.duration_s = 0.0, 0.0
        self._asked, self.thumbnails, self._unmade = None, {}, []
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

    @property
    def runs(self) -> list[str]:
        """The runs that can be compared: takes on the same tracks in REAPER, oldest first."""
        family = self.current.family if self.current else ""
        jobs = self.jobs.values()
        return [j.job for j in jobs if family and j.family == family and j.state == "inserted"]

    def compare(self) -> None:
        """A/B: look at the next run of this recording, and hear it in REAPER."""
        runs = self.runs
        if not self.connected or not self.job:
            return
        if not [run for run in runs if run != self.job]:
            alone = mark("There is no other run of this item in the project to compare with.")
            self.tell(Problem(alone, mark("Re-run with other settings, let REAPER insert it.")))
            return
        place = runs.index(self.job) if self.job in runs else -1
        chosen = runs[(place + 1) % len(runs)]
        time_s = self.time_s
        self.pick(chosen)
        self.time_s = time_s  # the same bar, so that it is the takes that differ
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
        self.showing, self.duration_s = found, found.duration_s
        self.start_editing(found.rows, found.boxes)
        if self.time_s == 0.0:
            self.time_s = found.duration_s / 2  # there everybody plays
        self._attend()
        for what in ("showing", "rows", "boxes", "selection", "time", "jobs"):
            self._changed(what)
        if not found.has_video:
            self._no_picture(mark("This job has no video."))
        else:
            self._ask_frame()

    def _attend(self) -> None:
        """Ask for what goes on about the result that is shown."""
        self._listen()
        self._ask_thumbnails()

    def _on_cursor(self, said: Mapping[str, Any]) -> None:
        places = self.showing.places if self.showing else ()
        time_s = media_time(places, said["time_s"]) if self.with_reaper else None
        if time_s is not None:
            self.seek(time_s)

    def _listen(self) -> None:
        """Have REAPER's mixer told, once the stems are there."""
        if self.connected and self.current is not None and self.current.state == "inserted":
            self._send("/avstem/mixer", job=self.job)
