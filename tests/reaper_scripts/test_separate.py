"""From the selection to a request, and every input that cannot serve."""

from __future__ import annotations

import pytest
from fake_reaper import CANCEL, NO, OK, YES, Project
from reaper_world import World, midi, quartet, sound, video
from session_text import RppTrack, file_source, midi_source, section_source

SEPARATE = "Separate selected items"


def run_to_end(world: World, name: str = SEPARATE) -> None:
    """The action up to its end, or to its progress window."""
    world.run(name)
    world.reaper.run(until=lambda: not world.reaper.running or world.reaper.gfx.is_open)


def refused(world: World, what: str, next_step: str) -> None:
    """One message box that says what, and what next; no job, no undo step, no window."""
    run_to_end(world)
    assert len(world.reaper.boxes) == 1, world.texts()
    assert what in world.texts()[0]
    assert next_step in world.texts()[0]
    assert not world.jobs()
    assert not world.reaper.gfx.opened
    assert not world.reaper.active.undo


def test_selected_video_and_midi_become_a_request(world: World) -> None:
    project = world.open(quartet(), selection="12 20")
    request = world.separate()
    assert request["name"] == "Take 1"
    assert request["project"]["id"] == project.ext["avstem", "id"]
    assert request["project"]["name"] == "Concert"
    assert request["project"]["path"] == str(world.folder / "Concert.rpp")
    assert request["output"] == str(world.folder / "avstem stems")
    assert request["time_selection"] == [12, 20]
    assert request["settings"] == {"conditioning": "score", "mute_original": False}
    assert request["family"] == request["job"]
    item = request["items"][0]
    assert item["file"] == str(world.folder / "take 1.mp4")
    assert [item[k] for k in ("position_s", "length_s", "offset_s", "playrate")] == [10, 20, 0, 1]
    assert (item["role"], item["loop"], item["source_length_s"]) == ("video", False, 60)
    assert [part["name"] for part in request["parts"]] == ["Violin", "Cello"]
    assert request["parts"][0]["notes"] == [
        [10, 10.5, 60, 96], [10.5, 11, 62, 96], [11, 11.5, 64, 96],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "conditioning", ["score", "score+motion", "motion", "pose", "labels", "appearance", "audio"]
)
def test_each_variant_asks_for_its_conditioning(world: World, conditioning: str) -> None:
    world.open(quartet())
    request = world.separate(f"{SEPARATE} ({conditioning})")
    assert request["settings"]["conditioning"] == conditioning
    assert [part["name"] for part in request["parts"]] == ["Violin", "Cello"]


def test_time_selection_elsewhere_is_not_meant(world: World) -> None:
    world.open(quartet(), selection="100 120")
    assert "time_selection" not in world.separate()


def test_sound_item_is_the_mixture(world: World) -> None:
    tracks = quartet()
    tracks.append(RppTrack("Mix", [sound(position=8.0, length=30.0, offset=1.5, rate=1.25)]))
    world.open(tracks)
    items = world.separate()["items"]
    assert [(i["role"], i["position_s"], i["playrate"]) for i in items] == [
        ("audio", 8, 1.25), ("video", 10, 1),
    ]  # fmt: skip


def test_all_items_of_one_video_are_one_job(world: World) -> None:
    """A recording cut into pieces: not the first item only."""
    tracks = quartet()
    tracks[0].items.append(video(name="Take 1b", position=40.0, offset=30.0))
    world.open(tracks)
    request = world.separate()
    assert [i["name"] for i in request["items"]] == ["Take 1", "Take 1b"]
    assert len(world.jobs()) == 1


def test_a_section_is_followed_to_its_file(world: World) -> None:
    tracks = quartet()
    inner = file_source("VIDEO", "take 1.mp4")
    tracks[0].items = [video(source=section_source(inner, 5.0, 30.0), offset=2.0)]
    world.open(tracks)
    item = world.separate()["items"][0]
    assert item["file"] == str(world.folder / "take 1.mp4")
    assert item["section"] == {"start_s": 5, "length_s": 30}
    assert (item["offset_s"], item["source_length_s"]) == (2, 30)


def test_sections_inside_sections_add_up(world: World) -> None:
    tracks = quartet()
    inner = section_source(file_source("VIDEO", "take 1.mp4"), 5.0, 40.0)
    tracks[0].items = [video(source=section_source(inner, 3.0, 25.0))]
    world.open(tracks)
    assert world.separate()["items"][0]["section"] == {"start_s": 8, "length_s": 25}


def test_a_rerun_belongs_to_the_family_of_the_first(world: World) -> None:
    world.open(quartet())
    first = world.separate()
    run_to_end(world, f"{SEPARATE} (motion)")
    second = world.request()
    assert second["job"] != first["job"]
    assert second["family"] == first["job"]
    assert second["serial"] > first["serial"]


def test_non_ascii_everywhere(world: World) -> None:
    name = "Größe „Σ“ 'x' & 你好 😀"
    tracks = quartet()
    (world.folder / f"{name}.mp4").touch()
    tracks[0].items = [video(name=name, source=file_source("VIDEO", f"{name}.mp4"))]
    tracks[1].name = name
    project = world.open(tracks, name=f"{name}.rpp")
    item = project.item(name)
    item.takes[0].source.length = 60.0
    request = world.separate()
    assert request["name"] == name
    assert request["items"][0]["file"] == str(world.folder / f"{name}.mp4")
    assert request["parts"][0]["name"] == name
    assert request["project"]["name"] == name


# -- bad input -----------------------------------------------------------------------------------


def test_nothing_selected(world: World) -> None:
    project = world.open(quartet())
    project.item("Take 1").values["B_UISEL"] = 0
    refused(world, "Nothing is selected", "Select the video item")


def test_only_midi_selected(world: World) -> None:
    project = world.open(quartet())
    project.item("Take 1").values["B_UISEL"] = 0
    project.item("notes").values["B_UISEL"] = 1
    refused(world, "Only MIDI is selected", "Select the video item")


@pytest.mark.parametrize(("answer", "jobs"), [(OK, 1), (CANCEL, 0)])
def test_only_audio_selected(world: World, answer: int, jobs: int) -> None:
    tracks = quartet()
    tracks[0].items = [sound()]
    world.open(tracks)
    world.reaper.answers.append(answer)
    run_to_end(world)
    assert "Only sound is selected" in world.texts()[0]
    assert "Go on?" in world.texts()[0]
    assert len(world.jobs()) == jobs
    if jobs:
        assert [i["role"] for i in world.request()["items"]] == ["audio"]


@pytest.mark.parametrize(
    ("answer", "conditioning"), [(YES, "motion"), (NO, "audio"), (CANCEL, None)]
)
def test_no_midi_anywhere_offers_what_needs_none(
    world: World, answer: int, conditioning: str | None
) -> None:
    world.open(quartet()[:1])
    world.reaper.answers.append(answer)
    run_to_end(world)
    assert "There is no MIDI in this project" in world.texts()[0]
    assert "import the score as MIDI" in world.texts()[0]
    assert len(world.reaper.boxes) == 1
    found = [world.request()["settings"]["conditioning"]] if world.jobs() else [None]
    assert found == [conditioning]


def test_no_midi_and_no_video_offers_the_sound_alone(world: World) -> None:
    world.open([RppTrack("Mix", [sound()])])
    world.reaper.answers += [OK, "4"]
    run_to_end(world)
    assert "by sound alone" in world.texts()[0]
    assert world.texts()[1:] == ["How many players sound?"]
    settings = world.request()["settings"]
    assert (settings["conditioning"], settings["players"]) == ("audio", 4)


@pytest.mark.parametrize(("answers", "boxes"), [([CANCEL], 1), (["two"], 2), (["0"], 2)])
def test_a_number_of_players_that_is_none(world: World, answers: list, boxes: int) -> None:
    world.open([RppTrack("Mix", [sound()])])
    world.reaper.answers += [OK, *answers]
    run_to_end(world)
    assert not world.jobs()
    assert len(world.texts()) == 1 + boxes
    assert boxes == 1 or f"from 1 was expected, found '{answers[0]}'" in world.texts()[-1]


@pytest.mark.parametrize("conditioning", ["motion", "score+motion"])
def test_movement_without_a_picture(world: World, conditioning: str) -> None:
    world.open([RppTrack("Mix", [sound()]), *quartet()[1:]])
    world.run(f"{SEPARATE} ({conditioning})")
    world.reaper.run()
    assert "No video is selected" in world.texts()[0]
    assert "for score or for audio" in world.texts()[0]
    assert not world.jobs()


def test_by_movement_midi_is_welcome_but_not_needed(world: World) -> None:
    world.open(quartet()[:1])
    assert world.separate(f"{SEPARATE} (motion)")["parts"] == []
    silent = quartet()
    for track in silent[1:]:
        track.muted = 1
    world.open(silent)
    world.run(f"{SEPARATE} (motion)")
    world.reaper.run(until=lambda: len(world.jobs()) == 2)
    assert world.request()["parts"] == []


def test_media_that_is_missing(world: World) -> None:
    world.open(quartet())
    (world.folder / "take 1.mp4").unlink()
    refused(world, "is missing", "Bring the file back")
    assert "take 1.mp4" in world.texts()[0]


def test_media_that_is_offline(world: World) -> None:
    tracks = quartet()
    tracks[0].items = [video(source=file_source("_OFFLINE_VIDEO", "take 1.mp4"))]
    world.open(tracks)
    refused(world, "is offline", "Set it online")


def test_unsaved_project_can_be_saved_on_the_spot(world: World) -> None:
    world.open(quartet(), name="")
    world.reaper.save_as = str(world.folder / "Now.rpp")
    world.reaper.answers.append(YES)
    run_to_end(world)
    assert "has not been saved yet" in world.texts()[0]
    assert world.request()["output"] == str(world.folder / "avstem stems")


@pytest.mark.parametrize("answer", [NO, YES])
def test_unsaved_project_left_unsaved(world: World, answer: int) -> None:
    """Answering no, or leaving the file dialog with Cancel."""
    world.open(quartet(), name="")
    world.reaper.answers.append(answer)
    refused(world, "has not been saved yet", "Save it now?")


def test_stretch_markers(world: World) -> None:
    tracks = quartet()
    tracks[0].items[0].extra = "      SM 0 0 + 5 6\n"
    world.open(tracks)
    refused(world, "has stretch markers", "Remove them")


def test_reversed_video(world: World) -> None:
    tracks = quartet()
    inner = file_source("VIDEO", "take 1.mp4")
    tracks[0].items = [video(source=section_source(inner, 0.0, 60.0, mode=2))]
    world.open(tracks)
    refused(world, "is reversed", "Undo the reversal")


@pytest.mark.parametrize(("answer", "jobs"), [(OK, 1), (CANCEL, 0)])
def test_looped_item(world: World, answer: int, jobs: int) -> None:
    tracks = quartet()
    tracks[0].items = [video(loop=1, length=70.0)]
    world.open(tracks)
    world.reaper.answers.append(answer)
    run_to_end(world)
    assert "starts over" in world.texts()[0]
    assert len(world.jobs()) == jobs
    if jobs:
        assert world.request()["items"][0]["loop"] is True


def test_loop_switched_on_but_not_reached_is_no_question(world: World) -> None:
    tracks = quartet()
    tracks[0].items = [video(loop=1, length=20.0)]
    world.open(tracks)
    world.separate()
    assert not world.reaper.boxes


@pytest.mark.parametrize(("answer", "jobs"), [(OK, 2), (CANCEL, 0)])
def test_two_videos(world: World, answer: int, jobs: int) -> None:
    tracks = quartet()
    tracks[0].items.append(
        video(name="Take 2", position=50.0, source=file_source("VIDEO", "take 2.mp4"))
    )
    tracks[1].items.append(midi(position=50.0))
    world.open(tracks)
    world.reaper.answers.append(answer)
    run_to_end(world)
    assert "2 videos are selected: 'Take 1', 'Take 2'" in world.texts()[0]
    assert len(world.jobs()) == jobs
    if jobs:
        first, second = world.request(0), world.request(1)
        assert [p["name"] for p in first["parts"]] == ["Violin", "Cello"]
        assert [p["name"] for p in second["parts"]] == ["Violin"]
        assert second["parts"][0]["notes"][0][0] == 50
        assert first["serial"] < second["serial"]


def test_two_sounds_under_one_video(world: World) -> None:
    tracks = quartet()
    tracks.append(
        RppTrack("A", [sound(), sound(name="B", source=file_source("WAVE", "other.wav"))])
    )
    world.open(tracks)
    refused(world, "Two sounds lie under 'Take 1'", "Select the one that is the mix")


def test_item_shorter_than_two_seconds(world: World) -> None:
    tracks = quartet()
    tracks[0].items = [video(length=1.5)]
    world.open(tracks)
    refused(world, "is 1.50 s long", "Select a longer item")


def test_empty_item(world: World) -> None:
    project = world.open(quartet())
    project.item("Take 1").takes.clear()
    refused(world, "has no take", "Select the item that plays the video")


def test_item_that_plays_no_file(world: World) -> None:
    tracks = quartet()
    tracks[0].items = [video(source="      <SOURCE VIDEOEFFECT\n      >\n")]
    world.open(tracks)
    refused(world, "neither video nor sound", "Select a media item that plays a file")


def test_service_of_another_version(world: World) -> None:
    world.open(quartet())
    world.service = {"version": 2, "avstem": "9.0", "state": "running"}
    world.beat()
    refused(world, "speaks version 2", "Update both")
    assert not (world.spool / "jobs").exists(), "not even for a moment a job of another version"


def test_spool_that_cannot_be_written(world: World) -> None:
    world.open(quartet())
    spool = world.spool
    blocker = spool / "jobs"
    blocker.write_text("a file where a folder should be")
    (spool / "write-test.tmp").mkdir()
    refused_text = "cannot write into its folder"
    run_to_end(world)
    assert refused_text in world.texts()[0]
    assert str(spool) in world.texts()[0]
    assert len(world.reaper.boxes) == 1
    (spool / "write-test.tmp").rmdir()


def test_disk_full_while_the_request_is_written(world: World) -> None:
    world.open(quartet())
    (world.spool / "jobs").write_text("not a folder")
    run_to_end(world)
    assert "request cannot be written" in world.texts()[0]
    assert not list(world.spool.rglob("request.json*"))


# -- MIDI ------------------------------------------------------------------------------------------


def notes_of(world: World, tracks: list[RppTrack], **more: object) -> list[list[float]]:
    world.open(tracks, **more)
    return world.separate()["parts"][0]["notes"]


def one_part(**changes: object) -> list[RppTrack]:
    return [RppTrack("Video", [video()]), RppTrack("Violin", [midi(**changes)])]


def onsets(rows: list[list[float]]) -> list[float]:
    return [round(row[0], 6) for row in rows]


def test_midi_loops_are_unrolled(world: World) -> None:
    rows = notes_of(world, one_part(loop=1, length=5.0))
    assert onsets(rows) == [10, 10.5, 11, 12, 12.5, 13, 14, 14.5]


def test_midi_loop_that_starts_in_the_middle(world: World) -> None:
    rows = notes_of(world, one_part(loop=1, length=3.0, offset=0.75))
    assert onsets(rows) == [10, 10.25, 11.25, 11.75, 12.25]


def test_midi_is_clipped_to_its_item(world: World) -> None:
    rows = notes_of(world, one_part(length=0.7))
    assert rows == [[10, 10.5, 60, 96], [10.5, 10.7, 62, 96]]


def test_midi_play_rate(world: World) -> None:
    assert onsets(notes_of(world, one_part(rate=2.0, loop=1, length=1.5))) == [
        10, 10.25, 10.5, 11, 11.25,
    ]  # fmt: skip


def test_midi_under_tempo_changes(world: World) -> None:
    """120 bpm, a step to 60 at 10.5 s, and a ramp of bpm up to 120 between 11.5 and 13.5 s."""
    points = ("0 120 1", "10.5 60 1", "11.5 60 0", "13.5 120 1")
    tempo = "<TEMPOENVEX\n" + "".join(f"PT {point}\n" for point in points) + ">\n"
    rows = notes_of(world, one_part(), tempo=tempo)
    quarter_of_ramp = 2 * (-1 + 2**0.5)  # 60 t + 15 t^2 / 60 quarters after t seconds: t for one
    assert onsets(rows) == [10, 10.5, 11.5]
    assert rows[2][1] == pytest.approx(11.5 + quarter_of_ramp, abs=1e-6)


def test_pooled_midi_has_the_notes_of_its_sibling(world: World) -> None:
    pool = "{11111111-2222-4333-8444-555555555555}"
    tracks = [
        RppTrack("Video", [video()]),
        RppTrack("Violin", [midi(source=midi_source([], 3840, pool, "MIDIPOOL"))]),
        RppTrack("Original", [midi(source=midi_source([(0, 480, 70)], 3840, pool))]),
    ]
    world.open(tracks)
    parts = world.separate()["parts"]
    assert parts[0]["notes"] == parts[1]["notes"] == [[10, 10.25, 70, 96]]


def test_muted_notes_items_and_tracks_are_skipped(world: World) -> None:
    tracks = [
        RppTrack("Video", [video()]),
        RppTrack("Violin", [midi(), midi(position=20.0, muted=1)]),
        RppTrack("Cello", [midi()], muted=1),
    ]
    project = world.open(tracks)
    project.item("notes").takes[0].source.notes[1].muted = True
    parts = world.separate()["parts"]
    assert [p["name"] for p in parts] == ["Violin"]
    assert onsets(parts[0]["notes"]) == [10, 11]


def test_all_midi_muted(world: World) -> None:
    tracks = quartet()
    tracks[1].muted = tracks[2].muted = 1
    world.open(tracks)
    refused(world, "All MIDI is muted", "Unmute")


def test_midi_without_any_note(world: World) -> None:
    world.open([RppTrack("Video", [video()]), RppTrack("V", [midi(source=midi_source([], 960))])])
    refused(world, "holds no note that sounds", "Unmute the notes")


def test_selected_midi_items_narrow_the_score(world: World) -> None:
    tracks = quartet()
    tracks[2].items[0].selected = 1
    world.open(tracks)
    assert [p["name"] for p in world.separate()["parts"]] == ["Cello"]


def test_selected_tracks_narrow_the_score(world: World) -> None:
    tracks = quartet()
    tracks[1].selected = 1
    world.open(tracks)
    assert [p["name"] for p in world.separate()["parts"]] == ["Violin"]


def test_general_midi_program_is_told(world: World) -> None:
    project = world.open(quartet())
    project.item("notes").takes[0].source.controls = [(0, 0xB0, 0, 7, 100), (0, 0xC0, 0, 40, 0)]
    assert world.separate()["parts"][0]["program"] == 40


def many_notes(count: int) -> list[tuple[int, int, int]]:
    return [(n * 120, n * 120 + 100, 40 + n % 40) for n in range(count)]


def big_session(world: World, count: int) -> Project:
    source = midi_source(many_notes(count), count * 120)
    tracks = [RppTrack("Video", [video(length=50.0)])]
    tracks += [RppTrack(name, [midi(source=source, length=1e4)]) for name in "ABCD"]
    return world.open(tracks)


def test_a_long_score_is_read_without_freezing_reaper(world: World) -> None:
    """The fixture checks that no slice is longer than 50 ms; this one needs many of them."""
    big_session(world, 2000)
    request = world.separate()
    assert [len(p["notes"]) for p in request["parts"]] == [2000] * 4
    assert len(world.reaper.slices_ms) > 3


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("cycles", [0, 1])
def test_session_changed_while_it_is_read(world: World, closes: bool, cycles: int) -> None:
    project = big_session(world, 2000)
    world.run(SEPARATE)
    for _ in range(cycles):
        world.reaper.cycle()
    assert not world.jobs()
    if closes:
        world.reaper.close(project)
    else:
        project.item("notes").takes[0].source.notes.pop()
    world.reaper.run()
    assert "changed while it was being read" in world.texts()[0]
    assert not world.jobs()
