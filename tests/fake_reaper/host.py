"""REAPER without REAPER: tabs, actions, defer cycles, a clock, message boxes, and strict rules."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fake_reaper.checks import StrictError
from fake_reaper.functions_system import SystemFunctions, command_id
from fake_reaper.gfx import FakeGfx
from fake_reaper.lua import INSTRUCTIONS_COST_US, Script
from fake_reaper.model import Project, Source

CYCLE_S = 1 / 30
LONGEST_SLICE_MS = 50
OK, CANCEL, YES, NO = 1, 2, 6, 7


@dataclass(frozen=True)
class Box:
    """A message box that was shown."""

    text: str
    title: str
    kind: int


class FakeReaper:
    """What a script can see of REAPER.

    answers : what the user will click (or type), in order; a callable is run while the box is open.
    hidden : API functions that this REAPER does not have yet.
    faults : what happens in a call of the API, by name.
    """

    def __init__(self, resource_path: Path, lua: Any, *, real_time: bool = False) -> None:
        self.resource_path = resource_path
        self.lua = lua
        self.real_time = real_time
        self.version, self.system = "7.22/linux-x86_64", "Other"
        self.projects: list[Project] = [Project()]
        self.active = self.projects[0]
        self.ext_state: dict[tuple[str, str], tuple[str, bool]] = {}
        self.command_ids: dict[int, str] = {}
        self.commands: dict[str, Path] = {}
        self.running: list[Script] = []
        self.boxes: list[Box] = []
        self.answers: deque[int | str | Callable[[], int]] = deque()
        self.save_as = ""
        self.processes: list[str] = []
        self.on_process: Callable[[str], None] = lambda command: None
        self.on_cycle: Callable[[], None] = lambda: None
        self.hidden: set[str] = set()
        self.faults: dict[str, Callable[[], None]] = {}
        self.unreadable: set[str] = set()
        self.folder_lists: dict[str, list[str]] = {}
        self.loose_sources: set[Source] = set()
        self.counters: Counter[str] = Counter()
        self.violations: list[str] = []
        self.gfx = FakeGfx()  # the window that was opened last
        self.api = SystemFunctions()
        self.api.host = self
        self.clock_s = 1000.0
        self.wall_offset_s = 1_700_000_000 - 1000
        self.spent_us = 0.0
        self.slices_ms: list[tuple[str, float]] = []

    # -- tabs ---------------------------------------------------------------------------------
    def open(self, project: Project) -> Project:
        """Open a project in a new tab and make it the active one."""
        if self.projects == [self.active] and not self.active.tracks and not self.active.path:
            self.projects.clear()
        self.projects.append(project)
        self.active = project
        return project

    def close(self, project: Project) -> None:
        project.kill()
        project.alive = False
        self.projects.remove(project)
        if not self.projects:
            self.projects.append(Project())
        if self.active is project:
            self.active = self.projects[-1]

    # -- actions ------------------------------------------------------------------------------
    def register(self, path: Path) -> int:
        identifier = command_id(path)
        if identifier not in self.commands:
            self.commands[identifier] = path
            self.command_ids[50000 + len(self.commands)] = identifier
        return next(c for c, i in self.command_ids.items() if i == identifier)

    def action(self, path: Path) -> None:
        """Run a script from the menu; a running copy of it is dealt with as REAPER does."""
        for script in [s for s in self.running if s.path == path]:
            if not script.options & 1:
                raise StrictError(f"REAPER would ask what to do about the running {path.name}")
            self.end(script)
            if not script.options & 2:
                return
        script = Script(self, path, self.register(path))
        self.running.append(script)
        script.start()
        self.end_if_idle(script)

    def trigger(self, identifier: str) -> None:
        """An action by its named command, as OSC does: ``_RS…``."""
        path = self.commands.get(identifier.removeprefix("_"))
        if path is not None:
            self.action(path)

    # -- time ---------------------------------------------------------------------------------
    def now_s(self) -> float:
        return (time.monotonic() if self.real_time else self.clock_s) + self.spent_us / 1e6

    def wall_s(self, *_: Any) -> int:
        return int(time.time() if self.real_time else self.clock_s + self.wall_offset_s)

    def spend(self, microseconds: float) -> None:
        self.spent_us += microseconds

    def cycle(self) -> None:
        """One turn of REAPER's main loop: every deferred function once."""
        self.on_cycle()
        for script in list(self.running):
            script.run(script.control.run_waiting)
            self.end_if_idle(script)
        self.clock_s += CYCLE_S
        if self.real_time:
            time.sleep(CYCLE_S / 4)

    def run(self, until: Callable[[], bool] | None = None, limit_s: float = 60.0) -> None:
        """Cycles until nothing is deferred any more, or until a condition holds."""
        end_s = self.now_s() + limit_s
        while self.running if until is None else not until():
            assert self.now_s() < end_s, f"still running: {[s.path.name for s in self.running]}"
            self.cycle()

    # -- the life of a script -----------------------------------------------------------------
    @property
    def script(self) -> Script:
        return self.current

    def run_slice(self, script: Script, function: Any) -> None:
        self.current = script
        self.spent_us = 0.0
        function()
        self.spend(script.control.take_ticks() * INSTRUCTIONS_COST_US)
        self.slices_ms.append((script.path.name, self.spent_us / 1000))
        self.clock_s += self.spent_us / 1e6
        self.spent_us = 0.0
        self.check_after_slice()

    def check_after_slice(self) -> None:
        if self.counters["prevent_refresh"]:
            self.violate("PreventUIRefresh was not taken back")
            self.counters["prevent_refresh"] = 0
        if any(p.open_blocks for p in self.projects):
            self.violate("an undo block stayed open")

    def end_if_idle(self, script: Script) -> None:
        if not script.control.is_waiting() and script in self.running:
            self.end(script)

    def end(self, script: Script) -> None:
        self.running.remove(script)
        self.run_slice(script, script.control.run_exit)
        if not self.running and self.loose_sources:
            self.violate("a source was created and neither used nor destroyed")

    def violate(self, text: str) -> None:
        self.violations.append(text)

    def longest_slice_ms(self) -> float:
        return max((ms for _, ms in self.slices_ms), default=0.0)

    def check(self) -> None:
        """At the end of every test: nothing that REAPER would not put up with."""
        assert not self.violations, self.violations
        assert not self.answers, f"the user was not asked: {list(self.answers)}"
        slow = [s for s in self.slices_ms if s[1] > LONGEST_SLICE_MS]
        assert not slow, f"REAPER's window froze: {slow}"

    # -- the user -----------------------------------------------------------------------------
    def answer_box(self, text: str, title: str, kind: int) -> int | str:
        self.boxes.append(Box(text, title, kind))
        if not self.answers:
            if kind == 0:
                return OK
            raise StrictError(f"nobody said what to answer: {text}")
        if kind == 0 and not callable(self.answers[0]):
            return OK
        answer = self.answers.popleft()
        return answer() if callable(answer) else answer
