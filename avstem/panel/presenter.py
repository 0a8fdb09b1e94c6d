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

from avstem.panel.model import (
    LIVE,
    NOBODY,
    SHOWN,
    Box,
    Job,
    Problem,
    Row,
    Showing,
    clipped,
    overlap,
    reassigned,
    rerun_settings,
    row_of_player,
)

OVERLAPPING = 0.6  # intersection over union above which two boxes look like one player
Send = Callable[..., None]  # address, then arguments by name
Load = Callable[[str, Path, str], None]  # job, its folder, file: calls ``loaded`` some time


@dataclass(frozen=True)
class Frame:
    """A picture that the service made."""

    time_s: float
    file: Path


class Presenter:
    """The state of one window."""

    def __init__(self, spool: Path, send: Send, load: Load, changed: Callable[[str], None]) -> None:
        self.spool = spool
        self._send = send
        self._load = load
        self._changed = changed
        self.connected = False
        self.service: dict[str, Any] = {}
        self.jobs: dict[str, Job] = {}
        self.job = ""  # the one that is looked at
        self.showing: Showing | None = None
        self.rows: tuple[Row, ...] = ()
        self.boxes: tuple[Box, ...] = ()
        self.boxes_changed = False
        self.frame: Frame | None = None
        self.frame_problem = ""
        self.size_px = (0, 0)
        self.duration_s = 0.0
        self.time_s = 0.0
        self.selected = -1  # row
        self.problem: Problem | None = None
        self._width_px = 640
        self._asked: tuple[str, float] | None = None  # the frame that is on its way
        self._following = True  # take the newest job until the user picks one
        self._listed: set[str] | None = None
        self._alone = ""  # the part whose solo is to release the others

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
        if job.job == self.job and job.state in SHOWN and (newly or self.showing is None):
            self._send("/avstem/result", job=job.job)

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
        for what in ("showing", "rows", "boxes", "selection", "time", "jobs"):
            self._changed(what)
        if not found.has_video:
            self._no_picture("This job has no video.")
        elif self.time_s == 0.0 and self.frame is None:
            self.seek(found.duration_s / 2)
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

    # ------------------------------------------------------------------ editing

    def select(self, row: int) -> None:
        """Mark a part, and with it its player."""
        if row != self.selected and -1 <= row < len(self.rows):
            self.selected = row
            self._changed("selection")

    def assign(self, row: int, player: int) -> None:
        """Have another player play a part; the two swap."""
        if self.rows[row].player != player:
            self._set_rows(reassigned(self.rows, row, player))
            self._changed("boxes")

    def edit(self, row: int, **fields: Any) -> None:
        """Change ``locked``, ``name`` or ``new_instrument`` of a row."""
        made = list(self.rows)
        made[row] = replace(made[row], **fields)
        self._set_rows(tuple(made))

    def move_box(self, player: int, box: Box) -> bool:
        """Give a player another box; what lies outside the picture is cut off."""
        return self._set_box(player, box)

    def add_box(self, box: Box) -> bool:
        """One more player."""
        return self._set_box(len(self.boxes), box)

    def remove_box(self, player: int) -> None:
        """One player less; the part becomes nobody's."""
        self.boxes = self.boxes[:player] + self.boxes[player + 1 :]
        self.boxes_changed = True
        shifted = {player: NOBODY} | {k: k - 1 for k in range(player + 1, len(self.boxes) + 1)}
        rows = (replace(r, player=shifted.get(r.player, r.player)) for r in self.rows)
        self._set_rows(tuple(rows))
        self._changed("boxes")

    def _set_box(self, player: int, box: Box) -> bool:
        inside = clipped(box, *map(float, self.size_px))
        if inside is None:
            self._changed("boxes")
            return False
        made = list(self.boxes)
        made[player : player + 1] = [inside]
        self.boxes, self.boxes_changed = tuple(made), True
        others = [k for k, other in enumerate(made) if k != player]
        if any(overlap(inside, made[k]) > OVERLAPPING for k in others):
            self.tell(
                Problem(
                    "Two boxes lie over each other: they look like one player.",
                    "Pull them apart, or remove one with a right click.",
                )
            )
        self._changed("boxes")
        return True

    def _set_rows(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._changed("rows")

    # ------------------------------------------------------------------ the mixer

    def part_of(self, player: int) -> int:
        """Row of the part a player plays in the stems as they are; -1 for none."""
        found = next((r for r in self.rows if r.found == player), None)
        row = found if not self.boxes_changed else row_of_player(self.rows, player)
        return row.index if row is not None else -1

    def solo(self, row: int, add: bool = False) -> None:
        """Solo a stem in REAPER, or release it; ``add`` leaves the others as they are."""
        if not 0 <= row < len(self.rows):
            return
        address = "/avstem/player/add" if add else "/avstem/player/solo"
        self._alone = "" if add else self.rows[row].part
        self._steer(address, row, on=int(not self.rows[row].solo))

    def mute(self, row: int) -> None:
        """Mute a stem in REAPER, or let it sound."""
        if 0 <= row < len(self.rows):
            self._steer("/avstem/player/mute", row, on=int(not self.rows[row].mute))

    def gain(self, row: int, gain_db: float) -> None:
        """Set the level of a stem in REAPER."""
        self._steer("/avstem/player/enhance", row, gain_db=min(max(gain_db, -60.0), 12.0))

    def enhance(self, row: int, gain_db: float) -> None:
        """Raise a stem by the chosen gain, or bring it back to 0 dB."""
        if 0 <= row < len(self.rows):
            raised = abs(self.rows[row].gain_db - gain_db) < 0.05
            self._alone = ""
            self.gain(row, 0.0 if raised else gain_db)

    def _steer(self, address: str, row: int, **order: Any) -> None:
        if self.connected and 0 <= row < len(self.rows):
            self._send(address, job=self.job, part=self.rows[row].part, **order)

    def _on_player_state(self, said: Mapping[str, Any]) -> None:
        row = self._row_named(said)
        if row >= 0:
            if said["on"] and said["part"] == self._alone:
                self.rows = tuple(replace(other, solo=False) for other in self.rows)
            self.edit(row, solo=bool(said["on"]), gain_db=round(said["gain_db"], 1))
            self._changed("boxes")

    def _on_player_muted(self, said: Mapping[str, Any]) -> None:
        row = self._row_named(said)
        if row >= 0:
            self.edit(row, mute=bool(said["on"]))

    def _row_named(self, said: Mapping[str, Any]) -> int:
        if said["job"] != self.job:
            return -1
        return next((r.index for r in self.rows if r.part == said["part"]), -1)

    # ------------------------------------------------------------------ problems

    def tell(self, problem: Problem | None) -> None:
        """Show what went wrong, or put it away."""
        self.problem = problem
        self._changed("problem")
