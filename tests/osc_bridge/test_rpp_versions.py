"""One session as REAPER 5, 6 and 7 write it: read alike, written into and left as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rpp_texts import JOB, delivery

from osc_bridge.records import JobRequest, Settings
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_session import job_requests, open_project
from osc_bridge.rpp_stems import with_stems, without_stems

PROJECTS = sorted((Path(__file__).parent / "projects").glob("reaper_*.rpp"))
VIDEO = "{00000000-0000-0000-0000-0000000000B1}"


def request_of(project: Path, folder: Path) -> JobRequest:
    path = folder / "Concert.rpp"
    path.write_bytes(project.read_bytes())
    (folder / "take.mp4").touch()
    (request,) = job_requests(open_project(path), Settings(), lambda file: 60.0)
    return request


def test_all_versions_give_the_same_request(tmp_path: Path) -> None:
    first, *others = (request_of(project, tmp_path) for project in PROJECTS)
    assert len(others) == 2
    assert all(other == first for other in others)
    (item,) = first.items
    assert (item.position_s, item.offset_s, item.playrate) == (1.0, 2.5, 1.25)
    (part,) = first.parts
    # The ramp falls from 120 to 60 in 12 s: t s after its start it has played 2 t - t^2 / 24
    # quarter notes. The item begins 1 s in; its first note is on after half a quarter note, off
    # after one and a half, text in between or not.
    first_quarter = 2 - 1 / 24
    expected = [first_quarter + at for at in (0.5, 1.5)]
    on_s, off_s, pitch, velocity = part.notes[0]
    assert [2 * t - t**2 / 24 for t in (on_s, off_s)] == pytest.approx(expected)
    assert (pitch, velocity) == (60, 96)
    assert {row[2] for row in part.notes} == {60, 62}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_stems_come_and_go(project: Path, newline: str) -> None:
    text = project.read_text(encoding="utf-8").replace("\n", newline)
    written = with_stems(text, delivery(["Violin", "Viola"], item=VIDEO))
    names = [block.text("NAME") for block in parse_rpp(written).blocks("TRACK")]
    stems = ["avstem: score", "Violin", "Viola"]
    assert names == ["Sound and picture", "Video", *stems, "Violin"]
    again = with_stems(written, delivery(["Violin", "Cello", "Viola"], item=VIDEO, take="again"))
    assert without_stems(again, JOB) == text


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
def test_the_family_is_found_again(project: Path, tmp_path: Path) -> None:
    text = with_stems(project.read_text(encoding="utf-8"), delivery(["Violin"], item=VIDEO))
    saved = tmp_path / "saved.rpp"
    saved.write_text(text, encoding="utf-8")
    plain, request = request_of(project, tmp_path), request_of(saved, tmp_path)
    assert request.family == JOB != plain.family
    assert replace(request, family=plain.family) == plain
