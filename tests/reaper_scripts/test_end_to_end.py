"""The real scripts, the real service as a process, a control surface: from menu to mixer."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_reaper import FakeReaper, Item, Project, describe, load_project
from fake_reaper.surface import OscSurface
from pythonosc.udp_client import DispatchClient
from reaper_world import SCRIPTS, midi, video
from session_text import RppItem, RppTrack, file_source, project_text

lua54 = pytest.importorskip("lupa.lua54", reason="lupa is not installed")

HERE = Path(__file__).resolve().parent
RATE_HZ = 8000
SKY, AMBER = 0xE9B456 | 0x1000000, 0x30A0F0 | 0x1000000
MIX_S = 30.0


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Studio:
    """REAPER with its surface; the service is started by the scripts, as at a user's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        resources = folder / "REAPER ü & Co"
        self.spool = resources / "Data" / "avstem"
        self.spool.mkdir(parents=True)
        (self.spool / "install.json").write_text(json.dumps({"python": sys.executable}))
        self.reaper = FakeReaper(resources, lua54, real_time=True)
        self.service_port, reaper_port = free_port(), free_port()
        pattern = SCRIPTS.parent / "avstem.ReaperOSC"
        self.surface = OscSurface(self.reaper, pattern, reaper_port, self.service_port)
        self.reaper.on_cycle = self.surface.poll
        self.reaper.on_process = self.start
        self.process: subprocess.Popen[bytes] | None = None
        self.runner = "run"

    def start(self, command: str) -> None:
        ports = ["--udp-port", str(self.service_port), "--tcp-port", "0"]
        ports += ["--reaper-port", str(self.surface.port), "--runner", f"halves:{self.runner}"]
        environment = os.environ | {"PYTHONPATH": str(HERE), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [*shlex.split(command), *ports], env=environment, stderr=subprocess.DEVNULL
        )

    def open(self) -> Project:
        """A video item, and the mix as two pieces at another offset."""
        (self.folder / "take 1.mp4").write_bytes(b"not looked at")
        noise = np.random.default_rng(0).normal(0, 0.1, (round(MIX_S * RATE_HZ), 2))
        soundfile.write(self.folder / "mix.wav", noise, RATE_HZ, subtype="FLOAT")
        wave = file_source("WAVE", "mix.wav")
        tracks = [
            RppTrack("Video", [video(rate=1.25)]),
            RppTrack(
                "Mix",
                [
                    RppItem("Mix", wave, 9.5, 8.25, offset=1.125, rate=1.25, selected=1),
                    RppItem("Mix", wave, 20.0, 4.5, offset=14.25, rate=1.25, selected=1),
                ],
            ),
            RppTrack("Violin", [midi()]),
            RppTrack("Cello", [midi()]),
        ]
        path = self.folder / "Größe.rpp"
        path.write_text(project_text(tracks), encoding="utf-8")
        text = path.read_text(encoding="utf-8")
        return self.reaper.open(load_project(text, str(path), {"take 1.mp4": 60.0}))

    def run(self, name: str) -> None:
        self.reaper.action(SCRIPTS / f"avstem_{name}.lua")

    def job(self) -> Path:
        return next((self.spool / "jobs").iterdir())

    def kill(self) -> None:
        """``kill -9``, and the ten seconds after which a heartbeat counts as silent."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)
        card = json.loads((self.spool / "service.json").read_text(encoding="utf-8"))
        card["heartbeat_s"] -= 11
        (self.spool / "service.json").write_text(json.dumps(card), encoding="utf-8")

    def state(self) -> tuple[str, float]:
        """State and percent of the job."""
        try:
            status = json.loads((self.job() / "status.json").read_text(encoding="utf-8"))
        except (OSError, StopIteration):
            return "", 0.0
        return status["state"], status["percent"]

    def close(self) -> None:
        self.surface.close()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path)
    yield made
    made.close()
    made.reaper.check()


def rendered(item: Item) -> np.ndarray:
    """The samples of the source that an item plays, in order, at the source's own rate."""
    take = item.takes[item.active]
    assert take.source is not None
    sound, rate_hz = soundfile.read(take.source.file, always_2d=True)
    start = take.values["D_STARTOFFS"] * rate_hz
    length = item.values["D_LENGTH"] * take.values["D_PLAYRATE"] * rate_hz
    assert start == pytest.approx(round(start), abs=1e-6)
    return sound[round(start) : round(start + length)]


def test_from_the_menu_to_stems_that_null_against_the_source(studio: Studio) -> None:
    project = studio.open()
    studio.run("Separate selected items")
    studio.reaper.run(limit_s=60)
    assert not studio.reaper.boxes
    rows = describe(project)
    assert [(row["track"], row["depth"], row["colour"]) for row in rows] == [
        ("Video", 0, 0), ("Mix", 0, 0), ("avstem: Take 1", 1, 0), ("Violin", 0, SKY),
        ("Cello", -1, AMBER), ("Violin", 0, 0), ("Cello", 0, 0),
    ]  # fmt: skip
    assert [undo.text for undo in project.undo] == ["avstem: insert avstem: Take 1"]
    originals = project.tracks[1].items
    for number, original in enumerate(originals):
        stems = [track.items[number] for track in project.tracks[3:5]]
        for stem in stems:
            assert stem.values["D_POSITION"] == original.values["D_POSITION"]
            assert stem.values["D_LENGTH"] == original.values["D_LENGTH"]
            assert stem.takes[0].values["D_PLAYRATE"] == original.takes[0].values["D_PLAYRATE"]
        difference = sum(rendered(stem) for stem in stems) - rendered(original)
        assert np.abs(difference).max() == 0.0
    answer = json.loads((studio.job() / "inserted.json").read_text(encoding="utf-8"))
    assert answer["state"] == "inserted"


def test_the_doorbell_brings_the_stems_when_the_window_is_closed(studio: Studio) -> None:
    project = studio.open()
    studio.run("Separate selected items")
    studio.reaper.run(until=lambda: studio.reaper.gfx.is_open)
    studio.reaper.gfx.is_open = False
    studio.reaper.run(until=lambda: bool(project.undo), limit_s=60)
    studio.reaper.run()
    assert any(name.startswith("_RS") for name in studio.surface.triggered)
    assert len(describe(project)) == 7


def test_clicking_a_player_steers_its_track_and_reads_back(studio: Studio) -> None:
    project = studio.open()
    studio.run("Separate selected items")
    studio.reaper.run(limit_s=60)
    client = DispatchClient("127.0.0.1", studio.service_port)
    client.send_message("/avstem/player/solo", [studio.job().name, "Cello", 1])
    cello, violin = project.tracks[4], project.tracks[3]
    studio.reaper.run(until=lambda: bool(cello.values["I_SOLO"]), limit_s=20)
    assert not violin.values["I_SOLO"]
    assert not project.tracks[6].values["I_SOLO"], "the MIDI track of the same name stays"
    client.send_message("/avstem/player/enhance", [studio.job().name, "Violin", 6.0])
    studio.reaper.run(until=lambda: violin.values["D_VOL"] > 1.5, limit_s=20)
    assert violin.values["D_VOL"] == pytest.approx(10 ** (6 / 20), rel=1e-5)
    assert not studio.surface.dropped


MOMENTS = {
    "submitted": lambda state, percent: bool(state),
    "starting": lambda state, percent: state == "running",
    "at work": lambda state, percent: percent > 20,
    "done": lambda state, percent: state == "done",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_of_the_service_with_the_scripts_attached(studio: Studio, moment: str) -> None:
    """All or nothing is inserted at any time, and in the end the stems are there once."""
    studio.runner = "slow"
    project = studio.open()
    before = describe(project)
    studio.run("Separate selected items")
    reached = MOMENTS[moment]
    studio.reaper.run(
        until=lambda: studio.reaper.gfx.opened and reached(*studio.state()), limit_s=30
    )
    assert len(describe(project)) in (len(before), len(before) + 3)
    studio.kill()
    studio.reaper.run(limit_s=60)
    assert not studio.reaper.boxes
    assert [undo.text for undo in project.undo] == ["avstem: insert avstem: Take 1"]
    assert len(describe(project)) == len(before) + 3
    left = {p.name for p in studio.job().iterdir()}
    assert left == {"request.json", "status.json", "result.json", "inserted.json"}
    assert not [*studio.spool.rglob("*.tmp"), *studio.folder.rglob(".avstem-*")]
