"""What REAPER's user does, told to the panels: solo, mute, level of the stems, and the cursor.

REAPER tells every change of the 64 slots of its bank on its own; here they are put together to
states of stems, and those that changed are handed on. Where it plays it tells many times a second,
of which panels hear some.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from avstem.errors import RequestError
from osc_bridge.mixer import QUIET_S, Mixer, TrackState

LOG = logging.getLogger("osc_bridge")
CURSOR_S = 0.1  # between two words about the cursor: as often as a picture can follow
KEPT = 8  # jobs that are watched: more than there are windows

Tell = Callable[[str, str, TrackState], None]  # job, part, state


class Mirror:
    """Watches the tracks of the jobs that panels look at."""

    def __init__(self, mixer: Mixer, tell: Tell) -> None:
        self._mixer = mixer
        self._tell = tell
        self._watched: dict[str, tuple[str, Mapping[str, str]]] = {}  # folder track, tracks by part
        self._told: dict[str, dict[str, TrackState]] = {}
        self._soon: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    async def watch(self, job: str, folder: str, tracks: Mapping[str, str]) -> None:
        """Tell how the tracks of a job are now, as far as REAPER says, and from now on."""
        self._mixer.news = self._news
        self._watched.pop(job, None)
        self._watched[job] = (folder, tracks)
        for old in list(self._watched)[:-KEPT]:
            del self._watched[old]
        self._told.pop(job, None)
        with suppress(RequestError):  # a REAPER that is closed is no error: nobody ordered anything
            await self._look(job, ask=True)

    def _news(self) -> None:
        if self._watched and self._soon is None:
            # REAPER tells a bank in many packets: wait until they have come.
            self._soon = asyncio.get_running_loop().call_later(QUIET_S, self._begin)

    def _begin(self) -> None:
        self._soon = None
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_at_all())
        else:
            self._news()  # later: an order of somebody has the mixer now

    async def _look_at_all(self) -> None:
        for job in list(self._watched):
            await self._look(job, ask=False)

    async def _look(self, job: str, ask: bool) -> None:
        found = await self._mixer.look(*self._watched[job], ask)
        before = self._told.setdefault(job, {})
        for part, state in found.items():
            if before.get(part) != state:
                before[part] = state
                self._tell(job, part, state)


class Cursor:
    """Where REAPER plays, or where its edit cursor stands, told at most every ``CURSOR_S``."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._newest_s: float | None = None
        self._pause: asyncio.TimerHandle | None = None

    def hear(self, time_s: float) -> None:
        """Take in a project time."""
        self._newest_s = time_s
        if self._pause is None:
            self._go_on()

    def _go_on(self) -> None:
        """Tell the newest, if there is news, and pause; the last one is never lost."""
        self._pause, time_s, self._newest_s = None, self._newest_s, None
        if time_s is not None:
            self._tell(time_s)
            self._pause = asyncio.get_running_loop().call_later(CURSOR_S, self._go_on)
