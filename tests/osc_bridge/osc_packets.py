"""Packets as a careless or hostile neighbour sends them: random, and good ones gone bad."""

from __future__ import annotations

from hypothesis import strategies as st

from osc_bridge.osc import encode
from osc_bridge.protocol import TABLE, Entry

# Quit would do what it says.
ENTRIES = [e for e in TABLE if e.address != "/avstem/quit"]
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=30)
JOB = st.just("01234567-89ab-cdef-0123-456789abcdef")
VALUES = {
    "s": TEXTS | JOB,
    "i": st.integers(-(2**31), 2**31 - 1),
    "f": st.floats(width=32),
}


@st.composite
def _messages(draw: st.DrawFn) -> bytes:
    """A message of the table with some values of its types."""
    entry: Entry = draw(st.sampled_from(ENTRIES))
    address = entry.address.replace("@", draw(st.sampled_from(["1", "64", "x", "999"])))
    kinds = [argument.kind for argument in entry.arguments]
    return encode(address, tuple((kind, draw(VALUES[kind])) for kind in kinds))


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A message with a few bytes changed, or a piece cut out or doubled."""
    packet = bytearray(draw(_messages()))
    for _ in range(draw(st.integers(1, 4))):
        packet[draw(st.integers(0, len(packet) - 1))] = draw(st.integers(0, 255))
    a, b = sorted((draw(st.integers(0, len(packet))), draw(st.integers(0, len(packet)))))
    change = draw(st.sampled_from(["none", "cut", "double"]))
    if change == "cut":
        del packet[a:b]
    elif change == "double":
        packet[a:a] = packet[a:b]
    return bytes(packet)


def _bundle(parts: list[bytes]) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(len(p).to_bytes(4, "big") + p for p in parts)


_ANY = st.binary(max_size=300) | _messages() | _mutated()
_HUGE = st.builds(lambda head, n: head + bytes(n), _mutated(), st.integers(8000, 20000))
PACKETS = _ANY | st.lists(_ANY, max_size=5).map(_bundle) | _HUGE
