"""Projects that both ways must read alike, and the way through their files."""

from __future__ import annotations

from pathlib import Path

import mido
from reaper_world import MEDIA_S, NOTES, World, midi, quartet, sound, video
from session_text import RppTrack, file_source, midi_source, project_text, section_source

from osc_bridge.records import JobRequest, Settings
from osc_bridge.rpp_session import job_requests, open_project

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


def midi_with_text_and_sysex() -> list[RppTrack]:
    """Time passes until text, notation and sysex too, and until their muted and chosen kinds."""
    tracks = quartet()
    block = '<{} {} 0 0 0 1 "la la"\n          /wFsYSBsYQ==\n        >\n        '
    source = midi_source(NOTES, 3840)
    source = source.replace("E 960 80 3c 00", block.format("x", 480) + "E 480 80 3c 00")
    source = source.replace("E 0 90 3c 60", block.format("X", 240) + "e 0 90 3c 60")
    source = source.replace("E 960 80 3e 00", block.format("Xm", 960) + "E 0 80 3e 00")
    assert source.count("/wFsYSBsYQ==") == 3
    tracks[1].items = [midi(source=source, loop=1)]
    return tracks


def midi_files() -> list[RppTrack]:
    """MIDI that the project refers to: both its tracks play in one item."""
    tracks = quartet()
    file = '      <SOURCE MIDI\n        FILE "violin.mid"\n      >\n'
    own = file.replace("FILE", "IGNTEMPO 1 90 4 4\n        FILE")
    tracks[1].items = [midi(source=file, length=9.0, loop=1, offset=0.25)]
    tracks[2].items = [midi(source=own, rate=1.5)]
    return tracks


def lanes() -> list[RppTrack]:
    """Of two takes of the picture and two of the score only the lanes that play count."""
    tracks = quartet()
    other = file_source("VIDEO", "take 2.mp4")
    tracks[0] = RppTrack(
        "Video",
        [video(lane="0 0.5 2", selected=0), video(lane="0.5 0.5 2", selected=0, source=other)],
        lanes="FREEMODE 2\n    LANESOLO 2 0 0 0\n    ITEMLANES 2",
    )
    wrong = midi_source([(0, 960, 40)], 3840)
    tracks[1].items = [midi(lane="0.333 0.333 2"), midi(lane="0.667 0.333 2", source=wrong)]
    tracks[1].lanes = "FREEMODE 2\n    LANESOLO 4294967291 4294967295\n    ITEMLANES 3"
    tracks[2].items = [midi(lane="0.5 0.5 2")]
    tracks[2].lanes = "FREEMODE 2\n    ITEMLANES 2"
    tracks.append(RppTrack("was lanes", [midi()], lanes="LANESOLO 4294967294 4294967295"))
    return tracks


CASES = {
    "midi with text and sysex": (midi_with_text_and_sysex, {}),
    "midi files": (midi_files, {"tempo": RAMP}),
    "lanes": (lanes, {}),
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


def write_midi(path: Path) -> None:
    tune = mido.MidiTrack([
        mido.MetaMessage("set_tempo", tempo=400_000),
        mido.Message("program_change", program=40),
        mido.Message("note_on", note=60, velocity=90, time=120),
        mido.Message("sysex", data=[1, 2], time=60),
        mido.Message("note_off", note=60, time=60),
        mido.MetaMessage("end_of_track", time=480),
    ])  # fmt: skip
    upper = mido.MidiTrack([
        mido.Message("note_on", note=72, velocity=80, channel=1, time=200),
        mido.Message("note_on", note=72, velocity=0, channel=1, time=400),
    ])  # fmt: skip
    mido.MidiFile(type=1, ticks_per_beat=240, tracks=[tune, upper]).save(path)


def by_file(
    world: World, tracks: list[RppTrack], conditioning: str = "score", **more: str
) -> tuple[JobRequest, ...]:
    path = world.folder / "Concert.rpp"
    path.write_text(project_text(tracks, **more), encoding="utf-8")
    settings = Settings(conditioning)
    return job_requests(open_project(path), settings, lambda file: MEDIA_S[file.name])
