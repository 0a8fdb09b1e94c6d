"""The stems' tracks in REAPER's mixer, by name, over REAPER's own OSC addresses.

REAPER tells names and values of the 64 slots of the bank only when they change; action 41743
makes it tell all of them. Tracks are found anew for every order, for they may have moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from avstem.errors import RequestError
from osc_bridge.protocol import Call, Way, message_bytes

TELL_ALL = "41743"
BANK = 64
ANSWER_S = 1.5  # within which REAPER begins to answer
QUIET_S = 0.12  # silence after which it has told all
CUT_BYTES = 500  # REAPER cuts names at 512 bytes
SAME_DB = 0.05


@dataclass
class Slot:
    """What REAPER has told of one slot of the bank."""

    name: str = ""
    solo: bool = False
    mute: bool = False
    gain_db: float = 0.0


@dataclass(frozen=True)
class TrackState:
    """A stem's track as REAPER tells it."""

    solo: bool
    gain_db: float
    mute: bool = False


class Mixer:
    """Solo and level of stem tracks; ``send`` takes a packet to REAPER."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._slots: dict[int, Slot] = {}
        self._heard = asyncio.Event()
        self._turn = asyncio.Lock()  # one order at a time: feedback does not say whose it is
        self.news: Callable[[], None] = lambda: None  # called whenever REAPER tells something

    def hear(self, call: Call) -> None:
        """Take feedback of REAPER in."""
        number = call.slots[0]
        if not number.isdecimal() or not 1 <= int(number) <= BANK:
            return
        slot = self._slots.setdefault(int(number), Slot())
        match call.entry.address.rpartition("@/")[2]:
            case "name":
                slot.name = str(call.arguments["name"])
            case "solo":
                slot.solo = bool(call.arguments["on"])
            case "mute":
                slot.mute = bool(call.arguments["on"])
            case "volume/db":
                slot.gain_db = float(call.arguments["gain_db"] or 0.0)
        self._heard.set()
        self.news()

    async def look(
        self, folder: str, tracks: Mapping[str, str], ask: bool
    ) -> dict[str, TrackState]:
        """What REAPER has told of a job's ``tracks`` (by part), of those that it has.

        ask : have REAPER tell everything first; RequestError when it does not answer.
        """
        async with self._turn:
            if ask:
                await self._ask_all()
            found = {part: self._search(folder, track) for part, track in tracks.items()}
            return {p: _state(self._slots[n]) for p, n in found.items() if n is not None}

    def act(self, action: str) -> None:
        """Have REAPER run an action; it does not say whether it did."""
        self._send(message_bytes(Way.TO_REAPER, "/action/@", action))

    async def solo(self, folder: str, tracks: Sequence[str], track: str, on: bool) -> TrackState:
        """Solo ``track`` of a job's ``tracks`` and release the others; or release it.

        Raises RequestError when REAPER does not answer, or has no such track.
        """
        async with self._turn:
            await self._ask_all()
            number = self._find(folder, track)
            for other in tracks if on else ():
                found = self._search(folder, other)
                if found not in (None, number) and self._slots[found].solo:
                    self._set_solo(found, False)
            self._set_solo(number, on)
            return await self._settled(number, lambda slot: slot.solo == on)

    async def mute(self, folder: str, track: str, on: bool) -> TrackState:
        """Mute a track or let it sound. Raises RequestError as ``solo`` does."""
        async with self._turn:
            await self._ask_all()
            number = self._find(folder, track)
            self._send(message_bytes(Way.TO_REAPER, "/track/@/mute", str(number), on=int(on)))
            return await self._settled(number, lambda slot: slot.mute == on)

    async def enhance(self, folder: str, track: str, gain_db: float) -> TrackState:
        """Set a track's level. Raises RequestError as ``solo`` does."""
        async with self._turn:
            await self._ask_all()
            number = self._find(folder, track)
            slot, address = str(number), "/track/@/volume/db"
            self._send(message_bytes(Way.TO_REAPER, address, slot, gain_db=gain_db))
            return await self._settled(number, lambda s: abs(s.gain_db - gain_db) < SAME_DB)

    def _set_solo(self, number: int, on: bool) -> None:
        self._send(message_bytes(Way.TO_REAPER, "/track/@/solo", str(number), on=int(on)))

    async def _ask_all(self) -> None:
        """Have REAPER tell everything, and wait until it has."""
        self._slots.clear()
        self._heard.clear()
        self._send(message_bytes(Way.TO_REAPER, "/action/@", TELL_ALL))
        if not await self._hears(ANSWER_S):
            raise RequestError(
                "REAPER does not answer over OSC.",
                "Check the control surface 'avstem' in Preferences > Control/OSC/web, or run the "
                "action avstem_Setup check.",
            )
        while await self._hears(QUIET_S):
            pass

    async def _hears(self, wait_s: float) -> bool:
        self._heard.clear()
        try:
            await asyncio.wait_for(self._heard.wait(), wait_s)
        except TimeoutError:
            return False
        return True

    async def _settled(self, number: int, good: Callable[[Slot], bool]) -> TrackState:
        """Read back what REAPER made of an order; it says nothing where nothing changed."""
        while not good(self._slots[number]) and await self._hears(ANSWER_S):
            pass
        slot = self._slots[number]
        if not good(slot):
            raise RequestError(
                f"REAPER did not change the track {slot.name!r}.",
                "Check that the control surface 'avstem' receives, and that no dialog is open.",
            )
        return _state(slot)

    def _find(self, folder: str, track: str) -> int:
        found = self._search(folder, track)
        if found is None:
            raise RequestError(
                f"Expected a track {track!r} below {folder!r} among the first {BANK} tracks, "
                "found none.",
                "Insert the stems, undo the renaming of their tracks, or move them further up.",
            )
        return found

    def _search(self, folder: str, track: str) -> int | None:
        """First slot named ``track`` after the one named ``folder``."""
        inside = False
        for number in sorted(self._slots):
            name = self._slots[number].name
            if inside and _same(name, track):
                return number
            inside = inside or _same(name, folder)
        return None


def _state(slot: Slot) -> TrackState:
    return TrackState(slot.solo, slot.gain_db, slot.mute)


def _same(told: str, name: str) -> bool:
    """Whether a name told by REAPER, which may be cut inside a character, is ``name``."""
    if told == name:
        return True
    kept = told.rstrip("\ufffd")
    return len(told.encode()) >= CUT_BYTES and name.startswith(kept)
