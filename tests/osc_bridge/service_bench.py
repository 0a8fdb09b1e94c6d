"""A real service as a process, with real sockets and a spool of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pretty_midi
from pythonosc.udp_client import DispatchClient

PATIENCE_S = 30.0  # of a waiting test; a busy machine is no failure
HERE = Path(__file__).parent


def wait_for(condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """The first true value of a condition; fails when patience ends."""
    end_s = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)
    return found


def read(path: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return None


class Client(DispatchClient):
    """OSC over UDP that keeps what it hears."""

    def ask(self, address: str, *values: Any, timeout_s: float = 5.0) -> list[Any]:
        self.send_message(address, list(values))
        return self.hear(timeout_s)

    def hear(self, timeout_s: float = 5.0) -> list[Any]:
        from pythonosc.osc_message import OscMessage

        message = OscMessage(self.receive(timeout_s))
        return [message.address, *message.params]


class Bench:
    """A spool, requests for it, and the service."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "spööl"
        self.output = root / "out"
        self.media = root / "Aufnahme ü.mp4"
        self.media.write_bytes(b"not looked at")
        self.process: subprocess.Popen[str] | None = None
        self._launched: list[subprocess.Popen[str]] = []

    def launch(self, runner: str = "quick", *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "osc_bridge", "--spool", str(self.spool)]
        command += ["--udp-port", "0", "--tcp-port", "0", "--reaper-port", "9"]
        command += ["--runner", runner if ":" in runner else f"runners:{runner}", *options]
        runners = os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent / "panel")])
        environment = os.environ | {"PYTHONPATH": runners, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self._launched.append(process)
        return process

    def start(self, runner: str = "quick", *options: str) -> subprocess.Popen[str]:
        """Start and wait for the heartbeat."""
        self.process = self.launch(runner, *options)
        pid = self.process.pid
        wait_for(lambda: (self.card() or {}).get("pid") == pid and self.card()["state"])
        assert self.card()["state"] == "running", self.card()
        return self.process

    def card(self) -> dict[str, Any] | None:
        return read(self.spool / "service.json")

    def client(self) -> Client:
        return Client("127.0.0.1", self.card()["udp_port"])

    def stop(self) -> None:
        """Stop every service that was started here."""
        for process in self._launched:
            process.terminate()
        for process in self._launched:
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()
        self._launched.clear()

    def request(self, **changes: Any) -> dict[str, Any]:
        """A good request; changes replace its fields."""
        item = {
            "guid": "{A}",
            "role": "video",
            "name": "take",
            "file": str(self.media),
            "position_s": 1.5,
            "length_s": 10.0,
            "offset_s": 0.0,
            "playrate": 1.0,
            "loop": False,
            "source_length_s": 10.0,
            "later": "an unknown field",
        }
        part = {"name": "Viola", "instrument": "", "track_guid": "{T}", "midi_hash": "h"}
        request = {
            "version": 1,
            "job": str(uuid.uuid4()),
            "submitted_s": time.time(),
            "name": "Quartett „Lerche“ & more",
            "output": str(self.output),
            "project": {"id": str(uuid.uuid4()), "name": "p", "path": "/p.rpp"},
            "items": [item],
            "parts": [part | {"notes": [[2.0, 3.0, 60, 90], [3.0, 4.0, 62, 90]]}],
            "settings": {},
        }
        return request | changes

    def submit(self, **changes: Any) -> str:
        request = self.request(**changes)
        self.put(request["job"], json.dumps(request))
        return str(request["job"])

    def put(self, job: str, text: str) -> None:
        folder = self.spool / "jobs" / job
        folder.mkdir(parents=True)
        (folder / "request.json.tmp").write_text(text, encoding="utf-8")
        (folder / "request.json.tmp").rename(folder / "request.json")

    def status(self, job: str) -> dict[str, Any]:
        return read(self.spool / "jobs" / job / "status.json") or {"state": None}

    def wait(self, job: str, *states: str, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until a job is in one of the states (ended, if none is named)."""
        wanted = states or ("done", "failed", "cancelled")
        wait_for(lambda: self.status(job)["state"] in wanted, patience_s)
        return self.status(job)

    def leftovers(self) -> list[str]:
        """Whatever nobody should find once no job runs."""
        found = [*self.spool.rglob("*.tmp"), *self.spool.rglob("scratch")]
        return [str(p) for p in [*found, *self.output.rglob(".avstem-*")]]


def session_parts(recording: Path, start_s: float = 1.5) -> list[dict[str, Any]]:
    """The score of a simulated recording as MIDI tracks of a session, from a project time on."""
    return [
        {
            "name": track.name,
            "instrument": "",
            "program": int(track.program),
            "track_guid": f"{{{track.name}}}",
            "midi_hash": "h",
            "notes": [
                [start_s + n.start, start_s + n.end, int(n.pitch), int(n.velocity)]
                for n in track.notes
            ],
        }
        for track in pretty_midi.PrettyMIDI(str(recording / "score.mid")).instruments
    ]
