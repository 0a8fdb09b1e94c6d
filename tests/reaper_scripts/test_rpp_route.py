"""The way through REAPER and the way through the project file give the same request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from reaper_world import MEDIA_S, World, quartet, video
from rpp_cases import CASES, by_file, midi_files, write_midi
from session_text import file_source, project_text

from avstem.errors import ScoreError
from osc_bridge.records import JobRequest, Settings, parse_request
from osc_bridge.rpp_session import job_requests, open_project


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
    write_midi(world.folder / "violin.mid")
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


def test_midi_files_that_cannot_be_read_say_so(world: World) -> None:
    for file in MEDIA_S:
        (world.folder / file).touch()
    with pytest.raises(ScoreError, match=r"MIDI file is missing: .*violin.mid"):
        by_file(world, midi_files())
    (world.folder / "violin.mid").write_bytes(b"MThd")
    with pytest.raises(ScoreError, match=r"violin.mid cannot be read"):
        by_file(world, midi_files())


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
