"""What REAPER's user does, as panels hear of it."""

from __future__ import annotations

import asyncio

import pytest

from osc_bridge import mirror as mirror_module
from osc_bridge.mirror import Cursor, Mirror
from osc_bridge.mixer import Mixer, TrackState
from osc_bridge.osc import Message, decode, encode
from osc_bridge.protocol import Way, check

FOLDER, TRACKS = "avstem: one", {"Viola": "Viola", "Cello": "Cello (off-screen)"}
JOB = "01234567-89ab-cdef-0123-456789abcdef"


class Reaper:
    """Tells the slots of its tracks when asked for all, and when somebody presses something."""

    def __init__(self) -> None:
        self.names = ["Viola", FOLDER, "Viola", "Cello (off-screen)"]
        self.mute = [False] * 4
        self.mixer = Mixer(self._receive)

    def _receive(self, _: bytes) -> None:
        for slot in range(4):
            asyncio.get_running_loop().call_soon(self.tell, slot)

    def tell(self, slot: int) -> None:
        values = (("name", "s", self.names[slot]), ("mute", "f", float(self.mute[slot])))
        for what, kind, value in values:
            (message,) = decode(encode(f"/track/{slot + 1}/{what}", ((kind, value),)))
            assert isinstance(message, Message)
            self.mixer.hear(check(message, Way.FROM_REAPER))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    from osc_bridge import mixer as mixer_module

    monkeypatch.setattr(mixer_module, "ANSWER_S", 0.2)
    monkeypatch.setattr(mixer_module, "QUIET_S", 0.02)
    monkeypatch.setattr(mirror_module, "QUIET_S", 0.02)
    monkeypatch.setattr(mirror_module, "CURSOR_S", 0.02)


def test_every_state_is_told_once_and_every_change() -> None:
    told: list[tuple[str, str, TrackState]] = []

    async def main() -> None:
        reaper = Reaper()
        mirror = Mirror(reaper.mixer, lambda *news: told.append(news))
        await mirror.watch(JOB, FOLDER, TRACKS)
        await asyncio.sleep(0.1)
        assert told == [(JOB, part, TrackState(False, 0.0)) for part in TRACKS]
        reaper.mute = [True, False, True, False]
        for slot in (0, 2, 2, 3):  # the first one is no stem; told twice is one change
            reaper.tell(slot)
        await asyncio.sleep(0.1)
        assert told[2:] == [(JOB, "Viola", TrackState(False, 0.0, True))]

    asyncio.run(main())


def test_a_reaper_that_is_closed_is_no_error_and_is_heard_later() -> None:
    told: list[tuple[str, str, TrackState]] = []

    async def main() -> None:
        reaper = Reaper()
        reaper.mixer = Mixer(lambda packet: None)
        mirror = Mirror(reaper.mixer, lambda *news: told.append(news))
        await mirror.watch(JOB, FOLDER, TRACKS)
        assert told == []
        for slot in range(4):
            reaper.tell(slot)
        await asyncio.sleep(0.1)
        assert [part for _, part, _ in told] == list(TRACKS)

    asyncio.run(main())


def test_only_the_last_jobs_are_watched() -> None:
    told: list[str] = []

    async def main() -> None:
        reaper = Reaper()
        mirror = Mirror(reaper.mixer, lambda job, part, state: told.append(job))
        jobs = [str(n) for n in range(mirror_module.KEPT + 3)]
        await asyncio.gather(*(mirror.watch(job, FOLDER, TRACKS) for job in jobs))
        told.clear()
        reaper.mute = [True] * 4
        reaper.tell(2)
        await asyncio.sleep(0.1)
        assert told == jobs[3:]

    asyncio.run(main())


def test_the_cursor_is_told_seldom_and_its_last_place_never_lost() -> None:
    told: list[float] = []

    async def main() -> None:
        cursor = Cursor(told.append)
        for n in range(1000):
            cursor.hear(float(n))
        assert told == [0.0]
        await asyncio.sleep(0.1)
        assert told == [0.0, 999.0]
        cursor.hear(5.0)
        assert told[-1] == 5.0

    asyncio.run(main())
