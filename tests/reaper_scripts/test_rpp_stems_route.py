"""Stems that come through the project file and stems that come through REAPER look the same."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from fake_reaper import Project
from fake_reaper.loading import load_project
from fake_reaper.model import describe, tags
from reaper_world import MEDIA_S, World, quartet, sound
from rpp_cases import by_file
from session_text import RppTrack, project_text

from osc_bridge.records import JobRequest, Settings
from osc_bridge.rpp_session import job_requests, open_project
from osc_bridge.rpp_stems import with_stems


def in_a_folder() -> list[RppTrack]:
    tracks = quartet()
    strings, bass = RppTrack("Strings", folder=(1, 1)), RppTrack("Bass", folder=(2, -1))
    return [strings, *tracks, bass, RppTrack("after")]


def a_folder_as_source() -> list[RppTrack]:
    tracks = quartet()
    tracks[0].folder, tracks[2].folder = (1, 1), (2, -1)
    return [*tracks, RppTrack("after")]


def with_a_mix() -> list[RppTrack]:
    return [*quartet(), RppTrack("Mix", [sound()]), RppTrack("after")]


def picture_last() -> list[RppTrack]:
    return [*quartet()[1:], quartet()[0]]


PLACES = [quartet, picture_last, in_a_folder, a_folder_as_source, with_a_mix]


def finished(world: World, tracks: list[RppTrack]) -> tuple[Project, dict]:
    """A project with the stems of its recording, inserted by the scripts, and the result."""
    project = world.open(tracks)
    result = world.finish(world.separate())
    inserted(world, result)
    return project, result


def inserted(world: World, result: dict) -> None:
    world.run("Insert finished stems")
    world.reaper.run(until=lambda: not world.reaper.running or bool(world.inserted(result["job"])))


@pytest.mark.parametrize("tracks", PLACES)
def test_stems_look_as_the_scripts_leave_them(
    world: World, tracks: Callable[[], list[RppTrack]]
) -> None:
    """Names, colours, folders, places among the tracks, positions, takes."""
    project, result = finished(world, tracks())
    text = with_stems(project_text(tracks()), result)
    ours = load_project(text, str(world.folder / "Concert.rpp"), MEDIA_S)
    assert describe(ours) == describe(project)
    assert tags(ours) == tags(project)


MOVED = [{}, {"position_s": 8.0, "length_s": 25.0}, {"position_s": 12.5, "length_s": 5.0}]


@pytest.mark.parametrize("moved", MOVED)
def test_a_later_result_becomes_a_take_as_in_the_scripts(
    world: World, moved: dict[str, float]
) -> None:
    project, first = finished(world, quartet())
    request = world.request() | {"job": str(uuid.uuid4())}
    (world.spool / "jobs" / request["job"]).mkdir()
    again = world.finish(request, take="score+motion")
    for stem in again["stems"]:
        old = Path(stem["file"])
        new = old.with_name(f"new {old.name}")
        new.write_bytes(old.read_bytes())
        stem["file"] = str(new)
        stem["placements"] = [place | moved for place in stem["placements"]]
    world.write(world.spool / "jobs" / request["job"] / "result.json", again)
    inserted(world, again)
    text = with_stems(with_stems(project_text(quartet()), first), again)
    assert with_stems(text, again) == text, "a second time changes nothing"
    ours = load_project(text, str(world.folder / "Concert.rpp"), MEDIA_S)
    assert describe(ours) == describe(project)
    assert tags(ours) == tags(project)
    assert [t.items[0].active for t in ours.tracks[2:4]] == [1, 1]


def test_results_of_both_ways_become_takes_of_each_other(world: World) -> None:
    """REAPER opens what a batch wrote, and finds the family there; its takes outlive the undo."""
    for file in MEDIA_S:
        (world.folder / file).touch()
    (request,) = by_file(world, quartet())
    made = world.finish(written(request), take="by batch")
    path = world.folder / "Concert.rpp"
    text = with_stems(path.read_text(encoding="utf-8"), made)
    project = world.reaper.open(load_project(text, str(path), MEDIA_S))
    theirs = world.separate()
    assert theirs["family"] == request.family
    inserted(world, world.finish(theirs))
    takes = [[take.name for take in t.items[0].takes] for t in project.tracks[2:4]]
    assert takes == [["by batch", "score"]] * 2
    path.write_text(text, encoding="utf-8")
    (again,) = job_requests(open_project(path), Settings(), lambda file: MEDIA_S[file.name])
    assert again.family == request.family


def test_the_family_that_reaper_began_is_gone_on_with(world: World) -> None:
    project, result = finished(world, quartet())
    ((key, family),) = ((k, v) for (_, k), v in project.ext.items() if k.startswith("family"))
    assert family == result["family"]
    state = f"  <EXTSTATE\n    <AVSTEM\n      {key.upper()} {family}\n    >\n  >\n>\n"
    path = world.folder / "Concert.rpp"
    path.write_text(project_text(quartet()).removesuffix(">\n") + state, encoding="utf-8")
    (request,) = job_requests(open_project(path), Settings(), lambda file: MEDIA_S[file.name])
    assert request.family == family != request.job


def written(request: JobRequest) -> dict:
    """As the service is asked, for the hand that plays it."""
    return asdict(request) | {"settings": asdict(request.settings)}
