"""The way through REAPER and the way through the project file give the same request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fake_reaper import Project
from fake_reaper.loading import load_project
from fake_reaper.model import describe
from reaper_world import MEDIA_S, NOTES, World, midi, quartet, sound, video
from session_text import RppTrack, file_source, midi_source, project_text, section_source

from avstem.errors import ScoreError
from osc_bridge.records import JobRequest, Settings, parse_request
from osc_bridge.rpp_session import job_requests, open_project
from osc_bridge.rpp_write import with_stems, without_stems

RAMP = "  <TEMPOENVEX\n    PT 0 120 0\n    PT 12 60 0\n    PT 20 90 1\n    PT 24 150 1\n  >\n"
POOL = "{00000000-0000-4000-8000-000000000301}"


def plain_tracks() -> list[RppTrack]:
    return quartet()


def cut_and_mixed() -> list[RppTrack]:
    tracks = quartet()
    inner = file_source("VIDEO", "take 1.mp4")
    section = section_source(inner, 5.0, 30.0)
    tracks[0].items = [video(source=section, offset=2.0), video(name="b", position=41.0)]
    tracks.append(RppTrack("Mix", [sound(position=8.0, length=30.5, offset=1.5, rate=1.25)]))
    return tracks


def midi_of_all_kinds() -> list[RppTrack]:
    tracks = quartet()
    pooled = midi_source(NOTES, 3840, pool=POOL)
    empty = midi_source([], 3840, pool=POOL)
    tracks[1].items = [
        midi(source=pooled, position=9.5, length=4.0, loop=1),
        midi(source=empty, position=14.25, length=3.0, rate=1.5, offset=0.5),
        midi(position=18.0, muted=1),
    ]
    muted = midi_source(NOTES, 3840).replace("E 0 90 3c 60", "Em 0 90 3c 60", 1)
    tracks[2].items = [midi(source=muted, length=9.0, loop=1, rate=0.8, offset=0.7)]
    tracks.append(RppTrack("silent", [midi()], muted=1))
    tracks.append(RppTrack("", [midi(position=60.0)]))
    tracks.append(RppTrack("", [midi(position=11.0)]))
    return tracks


def two_videos() -> list[RppTrack]:
    tracks = quartet()
    other = file_source("VIDEO", "take 2.mp4")
    tracks[0].items.append(video(name="Take 2", position=50.0, source=other))
    tracks[1].items.append(midi(position=51.0))
    return tracks


def selected_midi() -> list[RppTrack]:
    tracks = quartet()
    tracks[2].items[0].selected = 1
    return tracks


def midi_with_a_tempo_of_its_own() -> list[RppTrack]:
    tracks = quartet()
    own = midi_source(NOTES, 3840).replace("HASDATA", "IGNTEMPO 1 76.5 4 4\n        HASDATA")
    tracks[1].items = [midi(source=own, offset=0.4, rate=1.25)]
    return tracks


CASES = {
    "own tempo": (midi_with_a_tempo_of_its_own, {}),
    "own tempo under ramps": (midi_with_a_tempo_of_its_own, {"tempo": RAMP}),
    "plain": (plain_tracks, {}),
    "selection": (plain_tracks, {"selection": "12 20"}),
    "selection elsewhere": (plain_tracks, {"selection": "100 120"}),
    "sections, cuts, mix": (cut_and_mixed, {}),
    "midi of all kinds": (midi_of_all_kinds, {}),
    "midi under ramps": (midi_of_all_kinds, {"tempo": RAMP}),
    "two videos": (two_videos, {}),
    "selected midi": (selected_midi, {}),
}


def by_file(
    world: World, tracks: list[RppTrack], conditioning: str = "score", **more: str
) -> tuple[JobRequest, ...]:
    path = world.folder / "Concert.rpp"
    path.write_text(project_text(tracks, **more), encoding="utf-8")
    settings = Settings(conditioning)
    return job_requests(open_project(path), settings, lambda file: MEDIA_S[file.name])


def by_reaper(world: World) -> list[JobRequest]:
    from fake_reaper import OK

    world.reaper.answers.extend([OK] * 3)
    world.run("Batch export open projects")
    world.reaper.run(until=lambda: world.reaper.gfx.is_open)
    world.reaper.answers.clear()
    requests = [world.request(n) for n in range(len(world.jobs()))]
    return [parse_request(data, data["job"]) for data in requests]


def comparable(request: JobRequest) -> JobRequest:
    """Without what differs by nature: ids, times, and REAPER's own hash of the MIDI."""
    parts = tuple(replace(part, midi_hash="", notes=()) for part in request.parts)
    project = replace(request.project, id="")
    return replace(
        request, job="", family="", submitted_s=0.0, serial=0, project=project, parts=parts
    )


@pytest.mark.parametrize("case", CASES)
def test_both_ways_give_the_same_request(world: World, case: str) -> None:
    tracks, more = CASES[case]
    world.open(tracks(), **more)
    ours, theirs = by_file(world, tracks(), **more), by_reaper(world)
    assert [comparable(r) for r in ours] == [comparable(r) for r in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for part, same in zip(mine.parts, other.parts, strict=True):
            assert [row[2:] for row in part.notes] == [row[2:] for row in same.notes]
            for row, twin in zip(part.notes, same.notes, strict=True):
                assert row[:2] == pytest.approx(twin[:2], abs=1e-9)
    assert any(part.notes for request in ours for part in request.parts)


@pytest.mark.parametrize("conditioning", ["motion", "audio", "score+motion"])
@pytest.mark.parametrize("score", ["there", "muted", "absent"])
def test_both_ways_agree_where_no_score_is_needed(
    world: World, conditioning: str, score: str
) -> None:
    tracks = quartet() if score != "absent" else quartet()[:1]
    for track in tracks[1:]:
        track.muted = int(score == "muted")
    world.open(tracks)
    if conditioning == "score+motion" and score != "there":
        with pytest.raises(ScoreError, match="All MIDI is muted|no MIDI in the project"):
            by_file(world, tracks, conditioning)
        return
    theirs = world.separate(f"Separate selected items ({conditioning})")
    (ours,) = by_file(world, tracks, conditioning)
    assert comparable(ours) == comparable(parse_request(theirs, theirs["job"]))
    assert [part.name for part in ours.parts] == ["Violin", "Cello"] * (score == "there")


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
    for mine, other in zip(ours.tracks, project.tracks, strict=True):
        if "P_EXT:avstem_job" in other.ext:
            told = {k.removeprefix("P_EXT:"): v for k, v in other.ext.items()}
            assert tags(text, mine.name) == told


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
    ours = load_project(text, str(world.folder / "Concert.rpp"), MEDIA_S)
    assert describe(ours) == describe(project)
    assert [t.items[0].active for t in ours.tracks[2:4]] == [1, 1]
    assert with_stems(text, again) == text, "a second time changes nothing"
    assert without_stems(text, first["family"]) == project_text(quartet())


def tags(text: str, track: str) -> dict[str, str]:
    from osc_bridge.rpp import parse_rpp

    blocks = [b for b in parse_rpp(text).blocks("TRACK") if b.text("NAME") == track]
    extension = blocks[-1].block("EXT")
    return {row.name: row.values[1] for row in extension.rows()} if extension else {}


def test_a_project_that_only_moved(tmp_path: Path) -> None:
    """The folder of the media told anew, as for projects of another system."""
    (tmp_path / "take 1.mp4").touch()
    tracks = quartet()
    tracks[0].items = [video(source=file_source("VIDEO", r"D:\Rec\take 1.mp4"))]
    path = tmp_path / "Concert.rpp"
    path.write_text(project_text(tracks), encoding="utf-8")
    moved = (("d:/rec", str(tmp_path)),)
    request = job_requests(open_project(path, moved), Settings(), lambda file: 60.0)[0]
    assert request.items[0].file == str(tmp_path / "take 1.mp4")


def test_reaper_tells_which_projects_are_open(world: World) -> None:
    """So that a batch keeps its hands off them."""
    import json

    world.open(quartet())
    world.separate()
    told = json.loads((world.spool / "reaper.json").read_text(encoding="utf-8"))
    assert str(world.folder / "Concert.rpp") in told["projects"]
