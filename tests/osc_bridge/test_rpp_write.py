"""Stems into project files: exact bytes, backups, refusals, and the way back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.errors import MediaError, OutputError, RequestError
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_write import insert_stems, remove_stems, with_stems, without_stems

FAMILY = "00000000-0000-4000-8000-0000000000f1"
PLAIN = '<REAPER_PROJECT 0.1 "7.22/linux" 1\n  <TRACK {0A}\n    NAME a\n  >\n>\n'
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


def delivery(parts: list[str], take: str = "score", family: str = FAMILY) -> dict[str, Any]:
    placement = {"item": "{1}", "position_s": 1.25, "length_s": 9, "offset_s": 0.5, "playrate": 1}
    stems = [
        {"part": p, "track": p, "colour": "#56b4e9", "file": f"/x/{p}.wav",
         "placements": [placement, placement]}
        for p in parts
    ]  # fmt: skip
    return {"family": family, "folder_track": f"avstem: {take}", "take": take, "stems": stems}


@st.composite
def projects(draw: st.DrawFn) -> bytes:
    """Text that could be a project of any version: blanks, quotes, other bytes, both line ends."""
    line = st.one_of(
        st.just(b""),
        NAMES.map(lambda text: b'NAME "' + text.replace('"', "").encode() + b'"'),
        st.binary(max_size=8).map(lambda raw: b"|" + raw.replace(b"\n", b"").replace(b"\r", b"")),
        st.just(b"<NOTES 0 2\n    |> no end < here\n  >"),
        st.just(b"<ITEM\n      POSITION 1\n      <SOURCE WAVE\n        FILE a.wav\n      >\n    >"),
    )
    tracks = draw(st.lists(st.lists(line, max_size=4), max_size=4))
    body = b"".join(
        b"  <TRACK {%d}\n" % n + b"".join(b"    " + text + b"\n" for text in lines) + b"  >\n"
        for n, lines in enumerate(tracks)
    )
    head = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    tail = draw(st.sampled_from([b"", b"\n", b"\n\n"]))
    data = head + b'<REAPER_PROJECT 0.1 "5.99/x64" 1\n' + body + b">" + tail
    return data.replace(b"\n", b"\r\n") if draw(st.booleans()) else data


@given(projects(), st.lists(NAMES, min_size=1, max_size=3), NAMES)
def test_read_write_back_remove_gives_the_original_bytes(
    data: bytes, parts: list[str], take: str
) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    written = with_stems(text, delivery(parts, take))
    assert without_stems(written, FAMILY).encode("utf-8", errors="surrogateescape") == data
    before, after = parse_rpp(text), parse_rpp(written)
    assert len(list(after.blocks("TRACK"))) == len(list(before.blocks("TRACK"))) + 1 + len(parts)
    names = [b.text("NAME") for b in after.blocks("TRACK")][-len(parts) :]
    if all(part.isprintable() and "`" not in part for part in parts):
        assert names == parts
    # Every other byte where it was: what was put in is one piece.
    added = len(written) - len(text)
    assert any(written[:n] + written[n + added :] == text for n in range(len(text) + 1))


@given(projects())
def test_line_ends_stay_of_one_kind(data: bytes) -> None:
    text = data.decode("utf-8", errors="surrogateescape")
    written = with_stems(text, delivery(["a"])).encode("utf-8", errors="surrogateescape")
    alone = written.replace(b"\r\n", b"")
    assert (b"\n" in alone) == (b"\r\n" not in data and b"\n" in data)


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN)
    assert insert_stems(path, delivery(["Violin"]))
    once = path.read_bytes()
    assert not insert_stems(path, delivery(["Violin"]))
    assert path.read_bytes() == once


def test_backup_and_way_back(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN)
    path.chmod(0o640)
    insert_stems(path, delivery(["Violin"]))
    insert_stems(path, delivery(["Viola"], family=FAMILY[:-1] + "2"))
    assert (tmp_path / "a.rpp-before-avstem").read_text() == PLAIN
    assert "Violin" in (tmp_path / "a 2.rpp-before-avstem").read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert remove_stems(path, FAMILY)
    assert remove_stems(path, FAMILY[:-1] + "2")
    assert path.read_text() == PLAIN
    assert not remove_stems(path, FAMILY)
    assert len(list(tmp_path.iterdir())) == 3, "no temporary file is left"


def test_after_the_user_went_on_working() -> None:
    """Only the tagged tracks go, wherever they are by then."""
    text = with_stems(PLAIN, delivery(["Violin"]))
    later = text.removesuffix(">\n") + "  <TRACK {0B}\n    NAME b\n  >\n>\n"
    assert without_stems(later, FAMILY) == PLAIN.removesuffix(">\n") + (
        "  <TRACK {0B}\n    NAME b\n  >\n>\n"
    )


def test_stems_that_are_received_from_stay() -> None:
    text = with_stems(PLAIN, delivery(["Violin"]))
    later = text.removesuffix(">\n") + "  <TRACK {0B}\n    AUXRECV 2 0 1\n    NAME b\n  >\n>\n"
    with pytest.raises(RequestError, match="'b' receives sound from the stems"):
        without_stems(later, FAMILY)


def test_receives_from_behind_the_stems_count_anew() -> None:
    """As if the stems had never been there, also where REAPER has counted them meanwhile."""
    text = with_stems(PLAIN, delivery(["Violin"]))
    more = "  <TRACK {{0B}}\n    NAME b\n  >\n  <TRACK {{0C}}\n    AUXRECV {} 0 1\n  >\n>\n"
    later = text.removesuffix(">\n") + more.format(3)
    assert without_stems(later, FAMILY) == PLAIN.removesuffix(">\n") + more.format(1)


def beat(spool: Path, age_s: float = 0.0, **more: object) -> None:
    (spool / "reaper.json").write_text(json.dumps({"heartbeat_s": time.time() - age_s} | more))


def test_refused_while_reaper_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN)
    beat(tmp_path)
    with pytest.raises(RequestError, match=r"REAPER has the project 'a.rpp' open"):
        insert_stems(path, delivery(["Violin"]), tmp_path)
    beat(tmp_path, projects=[str(path)])
    with pytest.raises(RequestError, match="open"):
        insert_stems(path, delivery(["Violin"]), tmp_path)
    assert path.read_text() == PLAIN
    beat(tmp_path, projects=[str(tmp_path / "other.rpp")])
    assert insert_stems(path, delivery(["Violin"]), tmp_path)
    beat(tmp_path, age_s=60.0)
    assert remove_stems(path, FAMILY, tmp_path)


def test_a_broken_project_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN[:-2])
    with pytest.raises(MediaError, match="ends inside the block"):
        insert_stems(path, delivery(["Violin"]))
    assert path.read_text() == PLAIN[:-2]
    with pytest.raises(OutputError, match="Cannot read"):
        insert_stems(tmp_path / "none.rpp", delivery(["Violin"]))
