"""The table of messages: its page, its checks, and that somebody handles every entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from avstem.errors import RequestError
from osc_bridge.desk import Desk
from osc_bridge.osc import REAPER_PACKET_BYTES, Message, decode
from osc_bridge.protocol import TABLE, Argument, Entry, Value, Way, check, find, message_bytes
from osc_bridge.protocol_page import page

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
UUID = "01234567-89ab-cdef-0123-456789abcdef"


def example(argument: Argument) -> Value:
    if argument.uuid:
        return UUID
    low = argument.bounds[0] if argument.bounds else 0.0
    return {"s": "Flöte", "i": max(1, int(low)), "f": 0.5}[argument.kind]


def arguments(entry: Entry) -> dict[str, Value]:
    return {a.name: example(a) for a in entry.arguments}


def test_the_page_agrees_with_the_table() -> None:
    told = "run: python -m osc_bridge.protocol > docs/protocol.md"
    assert PAGE.read_text(encoding="utf-8") == page(TABLE), told


@pytest.mark.parametrize("entry", TABLE, ids=lambda e: f"{e.way} {e.address}")
def test_every_message_survives_the_way(entry: Entry) -> None:
    slots = ("7",) * entry.address.count("@")
    packet = message_bytes(entry.way, entry.address, *slots, **arguments(entry))
    (message,) = decode(packet)
    call = check(message, entry.way)
    assert (call.entry, call.slots, dict(call.arguments)) == (entry, slots, arguments(entry))
    if entry.way is Way.TO_REAPER:
        assert len(packet) <= REAPER_PACKET_BYTES
        assert all(a.kind in "ifs" for a in entry.arguments)


@pytest.mark.parametrize("entry", [e for e in TABLE if e.arguments], ids=lambda e: e.address)
def test_wrong_arguments_are_named(entry: Entry) -> None:
    slots = ("7",) * entry.address.count("@")
    address = entry.address.replace("@", "7")
    good = list(arguments(entry).values())
    with pytest.raises(RequestError, match=r"takes .* found \d+ arguments"):
        check(Message(address, (*good, 1)), entry.way)
    for place, argument in enumerate(entry.arguments):
        for wrong in (None, True, float("nan"), b"blob", 3 if argument.kind == "s" else "text"):
            values = (*good[:place], wrong, *good[place + 1 :])
            with pytest.raises(RequestError, match=f"{argument.name} is "):
                check(Message(address, values), entry.way)
    assert len(slots) == address.count("7")


def test_bounds_and_ids_are_checked() -> None:
    with pytest.raises(RequestError, match=r"gain_db is -60 to 12, found 12\.5"):
        check(Message("/avstem/player/enhance", (UUID, "Viola", 12.5)), Way.TO_SERVICE)
    with pytest.raises(RequestError, match=r"job is a lower-case uuid, found '\.\./x'"):
        check(Message("/avstem/cancel", ("../x",)), Way.TO_SERVICE)
    with pytest.raises(RequestError, match=r"on is an integer, found 0\.5"):
        check(Message("/avstem/player/solo", (UUID, "Viola", 0.5)), Way.TO_SERVICE)


def test_unknown_addresses_and_foreign_ways() -> None:
    with pytest.raises(RequestError, match="Unknown address '/avstem/helo'"):
        check(Message("/avstem/helo"), Way.TO_SERVICE)
    assert find("/avstem/hello", Way.FROM_REAPER) is None
    assert find("/track//name", Way.FROM_REAPER) is None


def test_every_order_has_a_handler() -> None:
    desk = Desk(None, None, None, None, print)  # type: ignore[arg-type]
    assert desk.addresses == {e.address for e in TABLE if e.way is Way.TO_SERVICE}
