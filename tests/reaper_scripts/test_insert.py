"""From a result to tracks: at the right place, in the right project, once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fake_reaper import CANCEL, NO, YES, Project, describe, load_project
from reaper_world import MEDIA_S, World, midi, quartet, sound, video
from session_text import VIDEO_ITEM, RppItem, RppTrack, file_source, project_text

INSERT = "Insert finished stems"
SKY, AMBER = 0xE9B456 | 0x1000000, 0x30A0F0 | 0x1000000


def stem_rows(project: Project) -> list[dict]:
    return [row for row in describe(project) if row["colour"] in (SKY, AMBER)]


def finished(world: World, project: Project, **more: object) -> dict:
    """A job of this project that is done, its progress window closed before."""
    world.separate()
    for script in list(world.reaper.running):
        world.reaper.end(script)
    return world.finish(world.request(), **more)


def insert(world: World) -> None:
    world.run(INSERT)
    world.reaper.run()


def test_one_folder_of_coloured_tracks_in_one_undo_step(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    insert(world)
    expected = [
        ("Video", 0), ("avstem: Take 1", 1), ("Violin", 0), ("Cello", -1),
        ("Violin", 0), ("Cello", 0),
    ]  # fmt: skip
    rows = describe(project)
    assert [(row["track"], row["depth"]) for row in rows] == expected
    assert [row["colour"] for row in rows] == [0, 0, SKY, AMBER, 0, 0]
    assert rows[2]["items"] == [
        {"at": (10, 20), "loop": False, "mute": False, "takes": [("score", "01 Violin.wav", 0, 1)]}
    ]
    assert [undo.text for undo in project.undo] == ["avstem: insert avstem: Take 1"]
    assert project.tracks[2].ext == {"avstem_job": result["family"], "avstem_player": "Violin"}
    assert world.inserted(result["job"])["state"] == "inserted"
    assert world.reaper.counters["update_arrange"] >= 1
    assert all(t.items[0].takes[0].source.peaks == 100 for t in project.tracks[2:4])


def test_undo_takes_everything_back(world: World) -> None:
    project = world.open(quartet())
    before = describe(project)
    finished(world, project)
    insert(world)
    world.reaper.api.Undo_DoUndo2(project)
    assert describe(project) == before


def test_inserting_twice_changes_nothing(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    insert(world)
    once = describe(project)
    insert(world)
    (world.spool / "jobs" / result["job"] / "inserted.json").unlink()
    insert(world)
    assert describe(project) == once
    assert len(project.undo) == 1
    assert world.inserted(result["job"])["state"] == "inserted"


def test_never_into_the_active_tab(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    other = world.open(quartet(), name="Other.rpp")
    before = describe(other)
    insert(world)
    assert describe(other) == before
    assert not other.undo
    assert world.reaper.active is other
    assert len(stem_rows(project)) == 2


def test_reaper_6_inserts_into_another_tab_too(world: World) -> None:
    world.reaper.hidden = {"InsertTrackInProject", "set_action_options", "PCM_Source_BuildPeaks"}
    project = world.open(quartet())
    finished(world, project)
    other = world.open(quartet(), name="Other.rpp")
    insert(world)
    assert world.reaper.active is other
    assert len(stem_rows(project)) == 2
    assert not stem_rows(other)


def test_project_closed_asks_for_it_once_and_keeps_the_result(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    world.open(quartet(), name="Other.rpp")
    world.reaper.close(project)
    insert(world)
    insert(world)
    assert len(world.reaper.boxes) == 1
    assert "'Concert' is not open" in world.texts()[0]
    assert "Open it and run" in world.texts()[0]
    assert world.inserted(result["job"]) is None
    assert not stem_rows(world.reaper.active)


def test_project_reopened_without_its_id_is_known_by_its_path(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    world.reaper.close(project)
    again = world.open(quartet())
    insert(world)
    assert len(stem_rows(again)) == 2


def test_project_saved_under_another_name_is_asked(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    project.path = str(world.folder / "Concert, neu.rpp")
    world.reaper.answers.append(YES)
    insert(world)
    assert "was 'Concert', it is now 'Concert, neu'" in world.texts()[0]
    assert len(stem_rows(project)) == 2
    assert world.inserted(result["job"])["state"] == "inserted"


def test_a_copy_under_another_name_does_not_take_the_stems(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    copy = world.open(quartet(), name="Copy.rpp")
    copy.ext = dict(project.ext)
    insert(world)
    assert stem_rows(project)
    assert not stem_rows(copy)


def moved(world: World, answer: int, position: float, length: float, offset: float = 0.0) -> list:
    project = world.open(quartet())
    finished(world, project)
    item = project.item("Take 1")
    item.values |= {"D_POSITION": position, "D_LENGTH": length}
    item.takes[0].values["D_STARTOFFS"] = offset
    world.reaper.answers.append(answer)
    insert(world)
    assert "moved or trimmed: it was at 10.000 s" in world.texts()[0]
    return [(row["items"][0]["at"], row["items"][0]["takes"][0][2]) for row in stem_rows(project)]


def test_moved_item_yes_follows_it(world: World) -> None:
    assert moved(world, YES, 15.0, 20.0) == [((15, 20), 0)] * 2


def test_moved_item_no_keeps_the_old_place(world: World) -> None:
    assert moved(world, NO, 15.0, 20.0) == [((10, 20), 0)] * 2


def test_trimmed_item_yes_trims_the_stems(world: World) -> None:
    assert moved(world, YES, 12.0, 5.0, offset=2.0) == [((12, 5), 2)] * 2


def test_moved_item_cancel_leaves_the_result_for_later(world: World) -> None:
    assert moved(world, CANCEL, 15.0, 20.0) == []
    for _ in range(12):  # the doorbell goes on ringing: not asked twice
        world.reaper.clock_s += 3
        insert(world)
    assert len(world.reaper.boxes) == 1
    world.reaper.clock_s += 60
    world.reaper.answers.append(NO)
    insert(world)
    assert len(stem_rows(world.reaper.active)) == 2


@pytest.mark.parametrize(("answer", "state", "stems"), [(YES, "inserted", 2), (NO, "declined", 0)])
def test_edited_midi_is_asked(world: World, answer: int, state: str, stems: int) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    project.track("Cello").items[0].takes[0].source.notes[0].pitch = 48
    world.reaper.answers.append(answer)
    insert(world)
    assert "MIDI of the score was edited" in world.texts()[0]
    assert world.inserted(result["job"])["state"] == state
    assert len(stem_rows(project)) == stems


def test_deleted_item_is_asked_and_the_stems_go_where_it_was(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    item = project.track("Video").items.pop()
    item.alive = False
    world.reaper.answers.append(YES)
    insert(world)
    assert "has been deleted" in world.texts()[0]
    assert [row["items"][0]["at"] for row in stem_rows(project)] == [(10, 20)] * 2


def test_stem_folder_deleted_by_the_user(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    shutil.rmtree(result["folder"])
    before = describe(project)
    insert(world)
    assert "not there any more" in world.texts()[0]
    assert "Separate the item again" in world.texts()[0]
    assert world.inserted(result["job"])["state"] == "declined"
    assert describe(project) == before
    assert not project.undo


def test_a_stem_that_cannot_be_opened_leaves_the_project_alone(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    Path(result["stems"][1]["file"]).write_bytes(b"no sound")
    before = describe(project)
    insert(world)
    assert "cannot open a stem" in world.texts()[0]
    assert describe(project) == before
    assert world.inserted(result["job"]) is None


@pytest.mark.parametrize(
    "call", ["AddTakeToMediaItem", "SetMediaTrackInfo_Value", "InsertTrackInProject"]
)
def test_a_fault_in_the_middle_is_taken_back(world: World, call: str) -> None:
    """The undo block closes, the screen comes back, nothing half-inserted stays."""
    project = world.open(quartet())
    result = finished(world, project)
    before = describe(project)
    calls = iter(range(100))

    def fault() -> None:
        if next(calls) == 1:
            raise RuntimeError("disk on fire")

    world.reaper.faults[call] = fault
    insert(world)
    assert "disk on fire" in world.texts()[0]
    assert describe(project) == before
    assert not project.undo
    assert world.inserted(result["job"]) is None


def rerun(world: World, project: Project, conditioning: str, **changes: float) -> dict:
    project.item("Take 1").values |= changes
    world.run(f"Separate selected items ({conditioning})")
    world.reaper.run(until=lambda: world.request()["settings"]["conditioning"] == conditioning)
    for script in list(world.reaper.running):
        world.reaper.end(script)
    result = world.finish(world.request())
    insert(world)
    return result


def test_the_panel_switches_takes(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    insert(world)
    rerun(world, project, "score+motion")
    assert all(t.items[0].active == 1 for t in project.tracks[2:4])
    (world.spool / "jobs" / result["job"] / "activate").touch()
    insert(world)
    assert all(t.items[0].active == 0 for t in project.tracks[2:4])
    assert project.undo[-1].text == "avstem: take score"
    assert not (world.spool / "jobs" / result["job"] / "activate").exists()


def test_a_rerun_adds_a_take_to_the_same_tracks(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    insert(world)
    tracks = len(project.tracks)
    rerun(world, project, "score+motion")
    assert len(project.tracks) == tracks
    takes = [[take[0] for take in row["items"][0]["takes"]] for row in stem_rows(project)]
    assert takes == [["score", "score+motion"]] * 2
    assert project.track("avstem: Take 1")
    assert all(t.items[0].active == 1 for t in project.tracks[2:4])
    rerun(world, project, "motion")
    names = [take[0] for take in stem_rows(project)[0]["items"][0]["takes"]]
    assert names == ["score", "score+motion", "motion"]


def test_a_rerun_of_a_longer_item_widens_the_stems(world: World) -> None:
    project = world.open(quartet())
    project.item("Take 1").takes[0].values["D_STARTOFFS"] = 6.0
    finished(world, project)
    insert(world)
    project.item("Take 1").takes[0].values["D_STARTOFFS"] = 2.0
    rerun(world, project, "score+motion", D_POSITION=6.0, D_LENGTH=30.0)
    item = stem_rows(project)[0]["items"][0]
    assert item["at"] == (6, 30)
    assert [(take[0], take[2]) for take in item["takes"]] == [("score", 2), ("score+motion", 2)]


def test_a_stem_track_deleted_by_the_user_is_made_again(world: World) -> None:
    project = world.open(quartet())
    finished(world, project)
    insert(world)
    del project.tracks[2]
    rerun(world, project, "score+motion")
    rows = describe(project)
    names = [(row["track"], row["depth"]) for row in rows[1:4]]
    assert sorted(names) == sorted([("avstem: Take 1", 1), ("Cello", 0), ("Violin", -1)])


def test_results_of_two_items_get_a_folder_each(world: World) -> None:
    tracks = quartet()
    tracks[0].items.append(video(name="Take 2", position=40.0, selected=0))
    project = world.open(tracks)
    finished(world, project)
    first, second = project.item("Take 1"), project.item("Take 2")
    first.values["B_UISEL"], second.values["B_UISEL"] = 0.0, 1.0
    world.reaper.run()
    world.run("Separate selected items")
    world.reaper.run(until=lambda: len(world.jobs()) == 2)
    for script in list(world.reaper.running):
        world.reaper.end(script)
    newest = next(r for r in (world.request(0), world.request(1)) if r["name"] == "Take 2")
    world.finish(newest)
    insert(world)
    folders = [row["track"] for row in describe(project) if row["depth"] == 1]
    assert sorted(folders) == ["avstem: Take 1", "avstem: Take 2"]


def test_inside_a_folder_the_stems_stay_inside(world: World) -> None:
    tracks = [
        RppTrack("Concert", folder=(1, 1)),
        RppTrack("Video", [video()], folder=(2, -1)),
        RppTrack("Violin", [midi()]),
    ]
    project = world.open(tracks)
    finished(world, project, parts=("Violin",))
    insert(world)
    rows = [(row["track"], row["depth"]) for row in describe(project)]
    assert rows == [
        ("Concert", 1), ("Video", 0), ("avstem: Take 1", 1), ("Violin", -2), ("Violin", 0),
    ]  # fmt: skip


def test_below_a_folder_that_holds_the_item(world: World) -> None:
    tracks = [
        RppTrack("Video", [video()], folder=(1, 1)),
        RppTrack("Violin", [midi()], folder=(2, -1)),
        RppTrack("Click"),
    ]
    project = world.open(tracks)
    finished(world, project, parts=("Violin",))
    insert(world)
    rows = [(row["track"], row["depth"]) for row in describe(project)]
    assert rows == [
        ("Video", 1), ("Violin", -1), ("avstem: Take 1", 1), ("Violin", -1), ("Click", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("setting", [False, True])
def test_original_is_muted_only_if_the_setting_says_so(world: World, setting: bool) -> None:
    tracks = quartet()
    tracks.insert(1, RppTrack("Mix", [sound()]))
    project = world.open(tracks)
    if setting:
        world.run("Toggle muting of originals")
    finished(world, project)
    insert(world)
    assert project.item("Mix").values["B_MUTE"] == float(setting)
    assert project.item("Take 1").values["B_MUTE"] == 0.0


def test_user_edits_while_files_are_being_opened(world: World) -> None:
    """Deleting the item between two slices neither crashes nor leaves anything open."""
    project = world.open(quartet())
    finished(world, project, parts=tuple("ABCDEFGH"))
    world.run(INSERT)
    item = project.track("Video").items.pop()
    item.alive = False
    world.reaper.run()
    assert len(describe(project)) == 3 + 9


def test_project_closed_while_files_are_being_opened(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project, parts=tuple("ABCDEFGH"))
    world.run(INSERT)
    assert world.reaper.running, "opening eight files takes more than one slice"
    world.reaper.close(project)
    world.reaper.run()
    assert world.inserted(result["job"]) is None


def test_a_second_ring_in_the_middle_changes_nothing(world: World) -> None:
    project = world.open(quartet())
    finished(world, project, parts=tuple("ABCDEFGH"))
    world.run(INSERT)
    assert world.reaper.running
    insert(world)
    assert len(describe(project)) == 3 + 9
    assert len(project.undo) == 1


def test_the_item_guid_is_what_the_placement_names(world: World) -> None:
    project = world.open(quartet())
    result = finished(world, project)
    insert(world)
    assert result["stems"][0]["placements"][0]["item"] == VIDEO_ITEM
    assert project.tracks[2].items[0].ext == {"avstem_item": VIDEO_ITEM}


def test_inserting_tells_the_service_nothing(world: World) -> None:
    """The service rings anew when ``reaper.json`` changes: ringing must not change it."""
    project = world.open(quartet())
    finished(world, project)
    card = world.spool / "reaper.json"
    before = card.stat().st_mtime_ns
    world.reaper.close(project)
    insert(world)
    assert card.stat().st_mtime_ns == before


def test_the_session_is_the_expected_project(world: World) -> None:
    """Compared with the project that REAPER would have written."""
    tracks = [RppTrack("Band", folder=(1, 1)), *quartet()]
    tracks[-1].folder = (2, -1)
    project = world.open(tracks)
    result = finished(world, project)
    insert(world)
    stems = [
        RppTrack(
            stem["track"],
            [RppItem("score", file_source("WAVE", stem["file"]), 10.0, 20.0)],
            colour=colour,
        )
        for stem, colour in zip(result["stems"], (SKY, AMBER), strict=True)
    ]
    stems[-1].folder = (2, -1)
    band, video_track, *score = tracks
    expected = [band, video_track, RppTrack("avstem: Take 1", folder=(1, 1)), *stems, *score]
    text = project_text(expected)
    path = str(world.folder / "expected.rpp")
    assert describe(project) == describe(load_project(text, path, MEDIA_S))


@pytest.mark.parametrize(("parts", "pieces"), [(24, 3), (30, 3), (48, 1)])
def test_a_large_ensemble_on_a_cut_recording_does_not_freeze_reaper(
    world: World, parts: int, pieces: int
) -> None:
    tracks = quartet()
    more = [video(name=f"Take 1 {n}", position=10.0 + 30.0 * n) for n in range(1, pieces)]
    tracks[0].items += more
    project = world.open(tracks)
    finished(world, project, parts=tuple(f"Part {n}" for n in range(parts)))
    insert(world)
    assert len(stem_rows(project)) == parts
    assert all(len(row["items"]) == pieces for row in stem_rows(project))
    assert len(project.undo) == 1
    assert world.reaper.longest_slice_ms() < 50


def test_many_parts_do_not_freeze_reaper(world: World) -> None:
    """The fixture checks that no slice is longer than 50 ms; the undo block has one for itself."""
    project = world.open(quartet())
    finished(world, project, parts=tuple(f"Part {n}" for n in range(64)))
    world.reaper.slices_ms.clear()
    insert(world)
    assert len(stem_rows(project)) == 64
    assert len(project.undo) == 1
