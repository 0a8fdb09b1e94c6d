"""Stems in the text of a project: exact bytes, folders, receives, takes, and the way back."""

from __future__ import annotations

import uuid
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpp_texts import JOB, NAMES, PLAIN, delivery, projects

from avstem.errors import RequestError
from osc_bridge.rpp import Block, parse_rpp
from osc_bridge.rpp_edit import quoted
from osc_bridge.rpp_stems import with_stems, without_stems
from osc_bridge.rpp_takes import takes_of

OTHER = str(uuid.UUID(int=1, version=4))  # drawn at random, as REAPER's scripts do


def text_of(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogateescape")


def tracks_of(text: str) -> list[Block]:
    return list(parse_rpp(text).blocks("TRACK"))


def names_of(text: str) -> list[str]:
    return [block.text("NAME") for block in tracks_of(text)]


def levels_of(text: str) -> dict[str, int]:
    """How many folders lie around each track, by its GUID; after the last under ""."""
    blocks = tracks_of(text)
    depths = [int(block.number("ISBUS", 0.0, 1)) for block in blocks]
    guids = [*(block.arguments[0] for block in blocks), ""]
    return dict(zip(guids, accumulate(depths, initial=0), strict=True))


def received_by(text: str) -> dict[str, list[str]]:
    """GUIDs of the tracks that each track receives sound from."""
    blocks = tracks_of(text)
    guids = [block.arguments[0] for block in blocks]
    return {
        guid: [guids[int(row.number(1))] for row in block.rows("AUXRECV")]
        for guid, block in zip(guids, blocks, strict=True)
    }


PARTS = st.lists(NAMES.filter(str.strip), min_size=1, max_size=3, unique_by=quoted)


@given(projects(), PARTS, NAMES)
def test_read_write_back_remove_gives_the_original_bytes(
    data: bytes, parts: list[str], take: str
) -> None:
    text = text_of(data)
    written = with_stems(text, delivery(parts, take))
    assert without_stems(written, JOB).encode("utf-8", errors="surrogateescape") == data
    assert len(tracks_of(written)) == len(tracks_of(text)) + 1 + len(parts)
    left = iter(written.split("\n"))
    assert all(line in left for line in text.split("\n")), "every line stays, in its order"
    assert with_stems(written, delivery(parts, take)) == written, "a second time changes nothing"
    unchanged = {g: n for g, n in levels_of(written).items() if g in levels_of(text)}
    assert unchanged == levels_of(text)
    after = received_by(written)
    assert {g: after[g] for g in received_by(text)} == received_by(text)


@given(projects(), st.integers(0, 2))
def test_parts_that_come_later_and_go_with_the_rest(data: bytes, known: int) -> None:
    """In the middle of the folder, whatever receives sound from behind it."""
    text, parts = text_of(data), ["a", "b", "c"]
    del parts[known]
    first = with_stems(text, delivery(parts))
    written = with_stems(first, delivery(["a", "b", "c"]))
    later = received_by(written)
    assert {g: later[g] for g in received_by(first)} == received_by(first)
    unchanged = {g: n for g, n in levels_of(written).items() if g in levels_of(first)}
    assert unchanged == levels_of(first)
    assert without_stems(written, JOB) == text


@given(projects())
def test_a_track_that_the_user_put_last_into_the_folder(data: bytes) -> None:
    """REAPER gives it the end of the folder; when the stems go, it and all others stay right."""
    text = text_of(data)
    written = with_stems(text, delivery(["x y z"]))
    stem = next(block for block in tracks_of(written) if block.text("NAME") == "x y z")
    lines = written.split("\n")
    end = "\r" if lines[stem.first_line].endswith("\r") else ""
    row = stem.row("ISBUS").line
    own = ["  <TRACK {U}", lines[row].rstrip("\r"), "  >"]
    lines[row] = "    ISBUS 0 0" + end
    lines[stem.last_line + 1 : stem.last_line + 1] = [line + end for line in own]
    back = without_stems("\n".join(lines), JOB)
    levels = levels_of(back)
    del levels["{U}"]
    assert levels == levels_of(text)


@given(projects())
def test_line_ends_stay_of_one_kind(data: bytes) -> None:
    written = with_stems(text_of(data), delivery(["a"])).encode("utf-8", errors="surrogateescape")
    alone = written.replace(b"\r\n", b"")
    assert (b"\n" in alone) == (b"\r\n" not in data and b"\n" in data)


def test_the_outer_folder_ends_where_it_did() -> None:
    folder = "  <TRACK {0B}\n    NAME outer\n    ISBUS 1 1\n  >\n"
    inner = "  <TRACK {0C}\n    NAME in\n    ISBUS 0 0\n    <ITEM\n      IGUID {1}\n    >\n  >\n"
    last = "  <TRACK {0D}\n    NAME last\n    ISBUS 2 -1\n  >\n"
    project = PLAIN.removesuffix(">\n") + folder + inner + last + ">\n"
    text = with_stems(project, delivery(["Violin"]))
    assert names_of(text) == ["a", "outer", "in", "avstem: score", "Violin", "last"]
    own = "  <TRACK {{0E}}\n    NAME mine\n    ISBUS {}\n  >\n"
    stem = tracks_of(text)[4]
    lines = text.splitlines(keepends=True)
    lines[stem.row("ISBUS").line] = "    ISBUS 0 0\n"
    lines.insert(stem.last_line + 1, own.format("2 -1"))
    assert without_stems("".join(lines), JOB) == project.replace(last, own.format("0 0") + last)


def test_what_the_user_did_to_stem_tracks_stays_when_a_part_is_new() -> None:
    """As in REAPER: only what is missing is added; volume, effects and earlier takes stay."""
    text = with_stems(PLAIN, delivery(["Violin", "Viola"]))
    mixed = text.replace('    NAME "Violin"\n', '    NAME "Violin"\n    VOLPAN 0.5 0 -1 -1 1\n')
    assert mixed != text
    later = with_stems(mixed, delivery(["Violin", "Bratsche"], take="motion"))
    assert names_of(later) == ["a", "avstem: score", "Violin", "Bratsche", "Viola"]
    assert "VOLPAN 0.5" in later
    assert levels_of(later)[""] == 0
    violin, viola = tracks_of(later)[2], tracks_of(later)[4]
    assert [len(takes_of(item)) for item in violin.blocks("ITEM")] == [2, 2]
    assert [len(takes_of(item)) for item in viola.blocks("ITEM")] == [1, 1]


def test_takes_bear_their_job_as_in_reaper() -> None:
    text = with_stems(with_stems(PLAIN, delivery(["Violin"])), delivery(["Violin"], take="motion"))
    items = [item for track in tracks_of(text) for item in track.blocks("ITEM")]
    assert [[take.job for take in takes_of(item)] for item in items] == [[JOB, JOB]] * 2
    assert all(item.block("EXTI") for item in items), "REAPER keeps an item's own tags there"


def test_the_family_is_kept_where_the_scripts_look_for_it() -> None:
    text = with_stems(PLAIN, delivery(["Violin"]))
    assert f"  <EXTSTATE\n    <AVSTEM\n      FAMILY{{1}} {JOB}\n    >\n  >\n>\n" in text


def reaper_take(text: str, name: str = "reaper") -> str:
    """The project with a further take of REAPER's scripts on its first stem item, saved there."""
    item = next(i for track in tracks_of(text) for i in track.blocks("ITEM"))
    lines = text.splitlines(keepends=True)
    new = f"      TAKE SEL\n      NAME {name}\n      TAKEVOLPAN 0 1 -1\n      <SOURCE WAVE\n"
    new += f"        FILE r.wav\n      >\n      <EXT\n        avstem_job {OTHER}\n      >\n"
    lines.insert(item.last_line, new)
    return "".join(lines)


def test_takes_that_reaper_made_on_the_same_tracks_stay() -> None:
    """The batch's first take goes, the next one becomes the item's first."""
    text = reaper_take(with_stems(PLAIN, delivery(["Violin", "Viola"])))
    text = text.replace("      SOFFS 0.5\n", "      VOLPAN 0.7 0 1 -1\n      SOFFS 0.5\n", 1)
    back = without_stems(text, JOB)
    assert names_of(back) == ["a", "avstem: score", "Violin"]
    assert levels_of(back)[""] == 0
    (item,) = tracks_of(back)[2].blocks("ITEM")
    (take,) = takes_of(item)
    assert (take.row("NAME").values[1], take.job) == ("reaper", OTHER)
    assert take.row("VOLPAN").values == ("VOLPAN", "0.7", "0", "1", "-1")
    assert item.number("POSITION") == 1.25
    assert f"FAMILY{{1}} {JOB}" in back, "what is left belongs to it"
    assert without_stems(back, JOB) == back


def test_a_batchs_take_on_reapers_tracks_goes_alone() -> None:
    made = with_stems(PLAIN, delivery(["Violin"], family=OTHER, job=OTHER))
    text = with_stems(made, delivery(["Violin", "Viola"], family=OTHER, take="motion"))
    assert names_of(text) == ["a", "avstem: score", "Violin", "Viola"]
    assert without_stems(text, JOB) == made, "found by the job, whatever the family"


def test_the_take_before_is_heard_again() -> None:
    made = reaper_take(with_stems(PLAIN, delivery(["Violin"], family=OTHER, job=OTHER)))
    text = with_stems(made, delivery(["Violin"], family=OTHER, take="motion"))
    assert text.count("TAKE SEL") == 2
    assert without_stems(text, JOB) == made


def test_after_the_user_went_on_working() -> None:
    """Only the tagged tracks go, wherever they are by then."""
    text = with_stems(PLAIN, delivery(["Violin"]))
    later = text.removesuffix(">\n") + "  <TRACK {0B}\n    NAME b\n  >\n>\n"
    assert without_stems(later, JOB) == PLAIN.removesuffix(">\n") + (
        "  <TRACK {0B}\n    NAME b\n  >\n>\n"
    )


def test_stems_that_are_received_from_stay() -> None:
    text = with_stems(PLAIN, delivery(["Violin"]))
    later = text.removesuffix(">\n") + "  <TRACK {0B}\n    AUXRECV 2 0 1\n    NAME b\n  >\n>\n"
    with pytest.raises(RequestError, match="'b' receives sound from the stems"):
        without_stems(later, JOB)


def test_receives_from_behind_the_stems_count_anew() -> None:
    """As if the stems had never been there, also where REAPER has counted them meanwhile."""
    text = with_stems(PLAIN, delivery(["Violin"]))
    more = "  <TRACK {{0B}}\n    NAME b\n  >\n  <TRACK {{0C}}\n    AUXRECV {} 0 1\n  >\n>\n"
    later = text.removesuffix(">\n") + more.format(3)
    assert without_stems(later, JOB) == PLAIN.removesuffix(">\n") + more.format(1)
