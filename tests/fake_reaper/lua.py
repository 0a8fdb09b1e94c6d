"""One script in a Lua state of its own, as REAPER gives it, under the fake's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fake_reaper.checks import API, StrictError, check_call
from fake_reaper.gfx import FakeGfx
from fake_reaper.model import Handle

if TYPE_CHECKING:
    from fake_reaper.host import FakeReaper

SANDBOX = Path(__file__).with_name("sandbox.lua")
# What a call costs REAPER's window, microseconds; measured functions are dear, the rest is not.
COSTS_US = {
    "PCM_Source_CreateFromFile": 6000, "PCM_Source_BuildPeaks": 8000, "AddRemoveReaScript": 5000,
    "ExecProcess": 15000, "RecursiveCreateDirectory": 500, "file_exists": 50,
    "EnumerateSubdirectories": 20, "InsertTrackInProject": 400, "InsertTrackAtIndex": 400,
    "AddMediaItemToTrack": 60, "Undo_EndBlock2": 5000, "MIDI_GetHash": 200, "UpdateArrange": 300,
    "MIDI_GetNote": 1, "MIDI_GetProjTimeFromPPQPos": 1,
}  # fmt: skip
DEFAULT_COST_US = 2
INSTRUCTIONS_COST_US = 15  # for a thousand


@dataclass
class Script:
    """A running script."""

    host: FakeReaper
    path: Path
    command: int
    options: int = 0
    runtime: Any = None
    control: Any = None
    gfx: FakeGfx = field(default_factory=FakeGfx)  # every script has a window of its own

    def start(self) -> None:
        """Load the file and run it to its end, or to its first wait."""
        self.runtime = self.host.lua.LuaRuntime(
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_filter=_no_attributes,
        )
        globals_ = self.runtime.globals()
        boot = globals_.loadfile(str(SANDBOX))
        self.control = boot(
            self.call, _identity, self.host.wall_s, self._names(),
            self.gfx.get, self.gfx.set,
        )  # fmt: skip
        chunk = globals_.loadfile(str(self.path))
        if isinstance(chunk, tuple):
            raise AssertionError(chunk[1])
        self.run(chunk)

    def run(self, function: Any) -> None:
        self.host.run_slice(self, function)

    def call(self, name: str, ticks: int, *args: Any) -> Any:
        """One call of the API: checked, paid for, done."""
        self.host.spend(ticks * INSTRUCTIONS_COST_US)
        try:
            if name.startswith("gfx."):
                if name == "gfx.init":
                    self.host.gfx = self.gfx
                return self.gfx.call(name[4:], *args)
            check_call(name, args)
            self.host.spend(COSTS_US.get(name, DEFAULT_COST_US))
            fault = self.host.faults.get(name)
            if fault is not None:
                fault()
            return getattr(self.host.api, name)(*args)
        except StrictError as error:
            self.host.violate(str(error))
            raise

    def _names(self) -> Any:
        table = self.runtime.table()
        table["hidden"] = partial(_contains, self.host.hidden)
        table["windows"] = lambda: self.host.system.startswith("Win")
        table["visible"] = _iterate(sorted(set(API) - self.host.hidden))
        return table


def _contains(names: set[str], name: str) -> bool:
    return name in names


def _iterate(names: list[str]) -> Callable[[], Callable[..., str | None]]:
    def start() -> Callable[..., str | None]:
        rest: Iterator[str] = iter(names)
        return lambda *_: next(rest, None)

    return start


def _identity(value: object) -> int:
    return value.number if isinstance(value, Handle) else 0


def _no_attributes(owner: object, name: str, setting: bool) -> str:
    raise AttributeError(f"a pointer has no fields, asked for {name}")
