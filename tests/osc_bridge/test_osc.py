"""Packets in and out: agreement with python-osc, and nothing that arrives raises."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from osc_bridge.osc import MAX_PACKET_BYTES, TEXT_BYTES, Message, Unreadable, decode, encode

texts = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40)
integers = st.integers(-(2**31), 2**31 - 1)
floats = st.floats(width=32, allow_nan=False)


@given(st.lists(st.one_of(texts, integers, floats), max_size=6))
def test_messages_survive_the_way_and_agree_with_python_osc(values: list[object]) -> None:
    kinds = ["s" if isinstance(v, str) else "i" if isinstance(v, int) else "f" for v in values]
    packet = encode("/a/b", tuple(zip(kinds, values, strict=True)))
    assert decode(packet) == [Message("/a/b", tuple(values))]
    assert list(OscMessage(packet)) == values


@given(st.binary(max_size=200), st.sampled_from([b"", b"/", b"#bundle\0", b"/a\0\0,s\0\0"]))
def test_rubbish_never_raises(rubbish: bytes, head: bytes) -> None:
    for found in decode(head + rubbish):
        assert isinstance(found, Message | Unreadable)


def test_a_name_cut_inside_a_character_loses_neither_itself_nor_its_bundle() -> None:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for name in ("Viola", "Flöte"):
        message = OscMessageBuilder("/track/1/name")
        message.add_arg(name)
        bundle.add_content(message.build())
    packet = bundle.build().dgram.replace("Flöte\0".encode(), b"Fl\xc3\0\0\0\0")
    found = decode(packet)
    assert found == [
        Message("/track/1/name", ("Viola",)),
        Message("/track/1/name", ("Fl\ufffd",)),
    ]


def test_bundles_within_bundles_end_somewhere() -> None:
    packet = b"/a\0\0,\0\0\0"
    for _ in range(200):
        packet = b"#bundle\0" + bytes(8) + struct.pack(">i", len(packet)) + packet
    assert decode(packet[:MAX_PACKET_BYTES])[-1].why.startswith("expected at most 4 bundles")


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "expected an address"),
        (b"hello", "expected an address or a bundle"),
        (b"/" + bytes(MAX_PACKET_BYTES), "expected a packet of at most 8192 bytes, found 8193"),
        (b"/a\0\0,X\0\0", "arguments of unknown types 'X'"),
        (b"/a\0\0,i\0\0\0", "no OSC message"),
        (b"/never ends", "no OSC message"),
        (b"#bundle\0" + bytes(8) + b"\0\0\0\x7f/a\0\0", "promises 127 bytes, found 4"),
        (b"#bundle\0" + bytes(8) + b"\0\0", "ends within a length"),
    ],
)
def test_what_cannot_be_read_says_why(packet: bytes, why: str) -> None:
    (found,) = decode(packet)
    assert isinstance(found, Unreadable) and why in found.why


def test_long_texts_are_cut_between_characters() -> None:
    (found,) = decode(encode("/a", (("s", "ü" * 1000),)))
    text = str(found.values[0])
    assert text.endswith("…") and set(text[:-1]) == {"ü"}
    assert TEXT_BYTES - 4 <= len(text.encode()) <= TEXT_BYTES
