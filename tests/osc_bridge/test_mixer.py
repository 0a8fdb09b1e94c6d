"""Solo and level of stem tracks, against a control surface that keeps REAPER's rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from avstem.errors import RequestError
from osc_bridge import mixer as mixer_module
from osc_bridge.mixer import Mixer, TrackState
from osc_bridge.osc import Message, decode, encode
from osc_bridge.protocol import Way, check

BANK = 64


@dataclass
class Track:
    name: str
    solo: bool = False
    gain_db: float = 0.0


class Surface:
    """Tells on change only, everything on action 41743, and fills the bank up to its end."""

    def __init__(self, *tracks: Track, deaf: bool = False) -> None:
        self.tracks = list(tracks)
        self.deaf = deaf
        self.mixer = Mixer(self.receive)
        self.orders: list[str] = []

    def receive(self, packet: bytes) -> None:
        (message,) = decode(packet)
        assert isinstance(message, Message)
        self.orders.append(message.address)
        if not self.deaf:
            asyncio.get_running_loop().call_later(0.01, self._obey, message)

    def _obey(self, message: Message) -> None:
        if message.address == "/action/41743":
            for slot in range(1, BANK + 1):
                self._tell(slot)
            return
        _, _, number, what = message.address.split("/", 3)
        track = self.tracks[int(number) - 1]
        before = (track.solo, track.gain_db)
        if what == "solo":
            track.solo = bool(message.values[0])
        else:
            track.gain_db = float(message.values[0])  # type: ignore[arg-type]
        if (track.solo, track.gain_db) != before:
            self._tell(int(number))

    def _tell(self, slot: int) -> None:
        there = slot <= len(self.tracks)
        track = self.tracks[slot - 1] if there else Track(f"Track {slot}")
        name = track.name.encode()[:511].decode(errors="replace")
        for what, kind, value in (
            ("name", "s", name),
            ("solo", "f", float(track.solo)),
            ("volume/db", "f", track.gain_db),
        ):
            (message,) = decode(encode(f"/track/{slot}/{what}", ((kind, value),)))
            self.mixer.hear(check(message, Way.FROM_REAPER))


def session(**changes: bool) -> Surface:
    return Surface(
        *(Track("Viola"), Track("avstem: one"), Track("Violin"), Track("Viola")),
        *(Track("avstem: two"), Track("Violin", solo=True), Track("Viola (off-screen)")),
        **changes,
    )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixer_module, "ANSWER_S", 0.3)
    monkeypatch.setattr(mixer_module, "QUIET_S", 0.05)


def play(surface: Surface, order: Callable[[Mixer], Awaitable[TrackState]]) -> TrackState:
    async def main() -> TrackState:
        surface.mixer = Mixer(surface.receive)
        return await order(surface.mixer)

    return asyncio.run(main())


def test_the_stem_below_its_own_folder_is_soloed() -> None:
    surface = session()
    names = ["Violin", "Viola"]
    told = play(surface, lambda m: m.solo("avstem: one", names, "Viola", True))
    assert told == TrackState(True, 0.0)
    assert [t.solo for t in surface.tracks] == [False, False, False, True, False, True, False]


def test_the_jobs_other_stems_are_released() -> None:
    surface = session()
    names = ["Violin", "Viola (off-screen)"]
    play(surface, lambda m: m.solo("avstem: two", names, "Viola (off-screen)", True))
    assert [t.solo for t in surface.tracks][5:] == [False, True]
    told = play(surface, lambda m: m.solo("avstem: two", names, "Viola (off-screen)", False))
    assert told.solo is False and not any(t.solo for t in surface.tracks)


def test_what_is_so_already_needs_no_feedback() -> None:
    told = play(session(), lambda m: m.solo("avstem: two", ["Violin"], "Violin", True))
    assert told.solo is True


def test_enhance_is_read_back_in_db() -> None:
    surface = session()
    told = play(surface, lambda m: m.enhance("avstem: two", "Violin", 4.5))
    assert told.gain_db == pytest.approx(4.5)
    assert [t.gain_db for t in surface.tracks] == pytest.approx([0, 0, 0, 0, 0, 4.5, 0])


def test_a_name_that_reaper_cut_is_still_found() -> None:
    name = "ü" * 400
    surface = Surface(Track("avstem: one"), Track(name))
    assert play(surface, lambda m: m.enhance("avstem: one", name, 1.0)).gain_db == 1.0


def test_a_track_that_is_not_there_is_named() -> None:
    with pytest.raises(RequestError, match="Expected a track 'Oboe' below 'avstem: one'"):
        play(session(), lambda m: m.enhance("avstem: one", "Oboe", 1.0))


def test_a_deaf_reaper_is_told() -> None:
    with pytest.raises(RequestError, match="REAPER does not answer over OSC"):
        play(session(deaf=True), lambda m: m.enhance("avstem: one", "Viola", 1.0))
