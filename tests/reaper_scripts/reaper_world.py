"""A REAPER with the scripts, a hand that plays the service by the contract, and one session."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile
from fake_reaper import FakeReaper, Project, load_project
from session_text import RppItem, RppTrack, file_source, midi_source, project_text

SCRIPTS = Path(__file__).resolve().parents[2] / "reaper_scripts" / "Stems"
RATE_HZ = 8000
MEDIA_S = {"take 1.mp4": 60.0, "take 2.mp4": 60.0, "mix.wav": 60.0, "other.wav": 60.0}


class World:
    """One REAPER, its spool, and a hand that plays the service."""

    def __init__(self, reaper: FakeReaper, folder: Path) -> None:
        self.reaper = reaper
        self.folder = folder
        self.spool = reaper.resource_path / "Data" / "avstem"
        self.python = folder / "python"
        self.python.write_text("")
        reaper.on_cycle = self.beat
        self.service: dict[str, object] | None = {"version": 1, "state": "running"}
        self.install()

    def install(self) -> None:
        self.write(self.spool / "install.json", {"version": 1, "python": str(self.python)})
        self.beat()

    def beat(self) -> None:
        """The service's sign of life, as long as there is one."""
        if self.service is not None:
            beat = {"heartbeat_s": self.reaper.wall_s(), "started_s": self.reaper.wall_s()}
            ports = {"udp_port": 9000, "tcp_port": 9001, "reaper_port": 8000, "pid": 7}
            self.write(
                self.spool / "service.json", {"avstem": "0.1.0"} | ports | beat | self.service
            )

    @staticmethod
    def write(path: Path, value: object) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

    def run(self, name: str) -> None:
        """Start an action; what it defers runs with ``reaper.run()`` or ``reaper.cycle()``."""
        self.reaper.action(SCRIPTS / f"avstem_{name}.lua")

    def jobs(self) -> list[Path]:
        folder = self.spool / "jobs"
        return sorted(p.parent for p in folder.glob("*/request.json"))

    def request(self, number: int = -1) -> dict[str, object]:
        """A request, in order of submission."""
        read = [json.loads((p / "request.json").read_text(encoding="utf-8")) for p in self.jobs()]
        return sorted(read, key=lambda r: (r["submitted_s"], r["serial"]))[number]

    def status(self, job: str, state: str, **more: object) -> None:
        fields = {
            "version": 1,
            "job": job,
            "seq": 1,
            "state": state,
            "percent": 0,
            "message": state,
        }
        self.write(self.spool / "jobs" / job / "status.json", fields | more)

    def finish(
        self, request: dict, parts: tuple[str, ...] = ("Violin", "Cello"), **more: object
    ) -> dict:
        """Write stems and ``result.json`` as the service does: each under its item."""
        folder = Path(request["output"]) / request["job"][:4]
        folder.mkdir(parents=True, exist_ok=True)
        sounding = [i for i in request["items"] if i["role"] == "audio"] or request["items"]
        stems = [self.stem(folder, n, part, sounding) for n, part in enumerate(parts)]
        result = {
            "version": 1, "job": request["job"], "family": request["family"],
            "project": request["project"], "items": request["items"],
            "midi": [{k: p[k] for k in ("track_guid", "midi_hash")} for p in request["parts"]],
            "folder_track": "avstem: " + request["name"],
            "take": request["settings"]["conditioning"],
            "mute_original": request["settings"]["mute_original"], "stems": stems,
            "report": "", "folder": str(folder), "warnings": [], "log": "service.log",
        }  # fmt: skip
        result |= more
        self.write(self.spool / "jobs" / request["job"] / "result.json", result)
        self.status(request["job"], "done", percent=100)
        return result

    @staticmethod
    def stem(folder: Path, number: int, part: str, items: list[dict]) -> dict:
        length_s = max(i["source_length_s"] for i in items)
        path = folder / f"{number + 1:02d} {part}.wav"
        soundfile.write(path, np.full(round(length_s * RATE_HZ), 0.1), RATE_HZ, subtype="FLOAT")
        placements = [
            {"item": i["guid"], "position_s": i["position_s"], "length_s": i["length_s"],
             "offset_s": i["offset_s"], "playrate": i["playrate"]}
            for i in items
        ]  # fmt: skip
        colour = ("#56b4e9", "#f0a030")[number % 2]
        return {
            "part": part, "track": part, "player": number, "colour": colour,
            "file": str(path), "length_s": length_s, "placements": placements,
        }  # fmt: skip

    def inserted(self, job: str) -> dict[str, object] | None:
        path = self.spool / "jobs" / job / "inserted.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def open(self, tracks: list[RppTrack], name: str = "Concert.rpp", **more: object) -> Project:
        """Open a project in a new tab; its media lie beside it."""
        path = str(self.folder / name) if name else ""
        for file in MEDIA_S:
            (self.folder / file).touch()
        project = load_project(project_text(tracks, **more), str(self.folder / "any.rpp"), MEDIA_S)
        project.path = path
        return self.reaper.open(project)

    def separate(self, name: str = "Separate selected items") -> dict:
        """Run the action up to the point where the service has the request."""
        self.run(name)
        self.reaper.run(until=lambda: bool(self.jobs()))
        return self.request()

    def texts(self) -> list[str]:
        return [box.text for box in self.reaper.boxes]


NOTES = [(0, 960, 60), (960, 1920, 62), (1920, 2880, 64)]


def video(**more: object) -> RppItem:
    return RppItem(
        **({"name": "Take 1", "source": file_source("VIDEO", "take 1.mp4"), "selected": 1} | more)
    )


def sound(**more: object) -> RppItem:
    return RppItem(
        **({"name": "Mix", "source": file_source("WAVE", "mix.wav"), "selected": 1} | more)
    )


def midi(**more: object) -> RppItem:
    return RppItem(**({"name": "notes", "source": midi_source(NOTES, 3840), "length": 8.0} | more))


def quartet() -> list[RppTrack]:
    """A video item, and two MIDI tracks."""
    return [
        RppTrack("Video", [video()]),
        RppTrack("Violin", [midi()]),
        RppTrack("Cello", [midi()]),
    ]
