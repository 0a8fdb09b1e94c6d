"""Small projects and deliveries for the tests of project files."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import strategies as st

JOB = str(uuid.uuid5(uuid.NAMESPACE_URL, "a batch's"))
PLAIN = '<REAPER_PROJECT 0.1 "7.22/linux" 1\n  <TRACK {0A}\n    NAME a\n  >\n>\n'
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


def delivery(
    parts: list[str], take: str = "score", family: str = JOB, job: str = JOB, item: str = "{1}"
) -> dict[str, Any]:
    """Stems of one item of the picture, each at two places."""
    first = {"item": item, "position_s": 1.25, "length_s": 9, "offset_s": 0.5, "playrate": 1}
    stems = [
        {"part": p, "track": p, "colour": "#56b4e9", "file": f"/x/{take}/{p}.wav",
         "placements": [first, first | {"position_s": 20}]}
        for p in parts
    ]  # fmt: skip
    return {
        "family": family, "job": job, "folder_track": f"avstem: {take}", "take": take,
        "items": [{"guid": item, "role": "video"}], "stems": stems,
    }  # fmt: skip


@st.composite
def projects(draw: st.DrawFn) -> bytes:
    """Text that could be a project of any version: folders, receives, items, both line ends.

    The item {1}, the source of a delivery, is on one of its tracks, or on none.
    """
    count = draw(st.integers(0, 5))
    source = draw(st.integers(-1, 5))
    tracks = b"".join(
        b"  <TRACK {%d}\n%s  >\n" % (n, draw(_tracks(count, n == source))) for n in range(count)
    )
    head = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    state = draw(st.sampled_from([b"", _STATE % b"", _STATE % b"    <avstem\n      id x\n    >\n"]))
    tail = draw(st.sampled_from([b"", b"\n", b"\n\n"]))
    body = tracks + state if draw(st.booleans()) else state + tracks
    data = head + b'<REAPER_PROJECT 0.1 "5.99/x64" 1\n' + body + b">" + tail
    return data.replace(b"\n", b"\r\n") if draw(st.booleans()) else data


_STATE = b"  <EXTSTATE\n    <OTHER\n      key `a 'b' \"c\"`\n    >\n%s  >\n"


@st.composite
def _tracks(draw: st.DrawFn, count: int, is_source: bool) -> bytes:
    """The lines of a track; folders need not add up, as in projects that were edited by hand."""
    line = st.one_of(
        st.just(b""),
        NAMES.map(lambda text: b'NAME "' + text.replace('"', "").encode() + b'"'),
        st.binary(max_size=8).map(lambda raw: b"|" + raw.replace(b"\n", b"").replace(b"\r", b"")),
        st.just(b"<NOTES 0 2\n    |> no end < here\n  >"),
        st.integers(0, count - 1).map(lambda number: b"AUXRECV %d 0 1" % number),
        st.just(_ITEM % b"{2}"),
    )
    lines = draw(st.lists(line, max_size=3))
    lines += draw(st.sampled_from([[], [b"ISBUS 0 0"], [b"ISBUS 1 1"], [b"ISBUS 2 -1"],
                                   [b"ISBUS 2 -2"]]))  # fmt: skip
    lines += [_ITEM % b"{1}"] * is_source
    return b"".join(b"    " + text + b"\n" for text in lines)


_ITEM = (
    b"<ITEM\n      POSITION 1\n      IGUID %s\n      <SOURCE WAVE\n        FILE a\n      >\n    >"
)
