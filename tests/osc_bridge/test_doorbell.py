"""Ringing: three tries, anew for new jobs and for news from REAPER."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from osc_bridge.doorbell import Doorbell, action_id
from osc_bridge.osc import decode
from osc_bridge.spool import Spool


class Door:
    def __init__(self, root: Path) -> None:
        self.spool = Spool(root)
        self.rings: list[str] = []
        self.given_up: list[str] = []
        self.bell = Doorbell(self.spool, self._ring, self.given_up.append)
        self.stamp = 0

    def _ring(self, packet: bytes) -> None:
        (message,) = decode(packet)
        assert message.values == ()
        self.rings.append(message.address)

    def reaper(self, name: str = "_RSab12", beat_s: float = 1000.0, **more: object) -> None:
        told = {"version": 1, "actions": {"insert": name}, "heartbeat_s": beat_s}
        self.write(json.dumps(told | more))

    def write(self, text: str) -> None:
        self.stamp += 1
        self.spool.reaper.write_text(text)
        os.utime(self.spool.reaper, (self.stamp, self.stamp))

    def wait(self, pending: list[str], start_s: float, end_s: float) -> None:
        for tick in range(int((end_s - start_s) * 4)):
            self.bell.attend(pending, start_s + tick / 4)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_three_tries_then_a_word_to_the_user(door: Door) -> None:
    door.reaper()
    door.wait(["a"], 0, 2.9)
    assert door.rings == ["/action/_RSab12"]
    door.wait(["a"], 3, 60)
    assert door.rings == ["/action/_RSab12"] * 3
    assert door.given_up == ["a"]


def test_silence_once_inserted(door: Door) -> None:
    door.reaper()
    door.wait(["a"], 0, 1)
    door.wait([], 1, 60)
    assert len(door.rings) == 1 and door.given_up == []


def test_a_new_job_or_a_new_reaper_rings_again(door: Door) -> None:
    door.reaper()
    door.wait(["a"], 0, 60)
    door.wait(["a", "b"], 60, 61)
    assert len(door.rings) == 4
    door.wait(["a", "b"], 61, 120)
    door.reaper("RSnew")
    door.wait(["a", "b"], 120, 121)
    assert door.rings[6:] == ["/action/_RSnew"]
    assert door.given_up == ["a", "a", "b"]


def test_a_heartbeat_rings_only_after_a_pause(door: Door) -> None:
    door.reaper()
    for tick in range(30):
        door.reaper(beat_s=1000.0 + tick)
        door.wait(["a"], tick, tick + 1)
    assert len(door.rings) == 3
    door.reaper(beat_s=1040.0)
    door.wait(["a"], 40, 41)
    assert len(door.rings) == 4


def test_a_rewritten_file_is_no_news(door: Door) -> None:
    """The window writes it every four seconds; on Windows it is gone for a moment each time."""
    door.reaper()
    door.wait(["a"], 0, 60)
    door.spool.reaper.unlink()
    door.wait(["a"], 60, 61)
    door.reaper(beat_s=1004.0)
    door.wait(["a"], 61, 62)
    door.write('{"version": 1, "act')
    door.wait(["a"], 62, 63)
    door.reaper(beat_s=1008.0, scripts="0.2.0")
    door.wait(["a"], 63, 120)
    assert len(door.rings) == 3 and door.given_up == ["a"]


def test_no_ring_before_reaper_has_said_its_action(door: Door) -> None:
    door.wait(["a"], 0, 10)
    assert door.rings == []
    door.reaper()
    door.wait(["a"], 10, 11)
    assert len(door.rings) == 1


@pytest.mark.parametrize("name", ["", "_RS/1", "_RS 1", 'x"', 7, None])
def test_ids_that_osc_cannot_carry(name: object) -> None:
    assert action_id({"actions": {"insert": name}}) is None
    assert action_id({"actions": []}) is None
    assert action_id({}) is None
