"""Seconds and memory of whole jobs: a 1080p30 quartet of one minute, and the same many times over.

``python -m benchmarks.speed 1 30`` measures jobs of 1 and of 30 minutes by the score;
``--conditioning motion`` those without one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pretty_midi
import soundfile

from benchmarks import pieces, tables
from benchmarks.page import ROOT

QUARTET = pieces.PIECES[11]  # two violins, viola, cello: Haydn, op. 1 no. 1
MINUTE_S = 60.0


@dataclass(frozen=True)
class Cost:
    """What one job took: wall seconds, processor seconds, peak memory of its process."""

    minutes: int
    wall_s: float
    cpu_s: float
    peak_gb: float


def table(work: Path, minutes: list[int], conditionings: Sequence[str] = ("score",)) -> str:
    """The heading and a row per conditioning and length."""
    rows = []
    for conditioning, cost in ((c, measure(work, n, c)) for c in conditionings for n in minutes):
        length_s = cost.minutes * MINUTE_S
        rows.append(
            [
                f"{cost.minutes} min, {conditioning}",
                f"{cost.wall_s:.0f}",
                f"{cost.wall_s / length_s:.2f}",
                f"{cost.cpu_s / length_s:.2f}",
                f"{cost.peak_gb:.2f}",
            ]
        )
    heading = ["recording", "seconds", "x real time", "processor x real time", "peak GB"]
    return "## Whole job, 1080p30 quartet\n\n" + tables.markdown(heading, rows)


def measure(work: Path, minutes: int, conditioning: str = "score") -> Cost:
    """Run ``avstem separate`` as a process of its own on a recording of that length."""
    folder = recording(work, minutes)
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        command = [sys.executable, "-m", "avstem.cli", "separate", str(folder / "video.mp4")]
        command += ["--audio", str(folder / "mix.wav"), "--conditioning", conditioning]
        if "score" in conditioning:
            command += ["--score", str(folder / "score.mid")]
        else:
            command += ["--players", str(len(QUARTET.ensemble))]
        command += ["-o", f"{scratch}/out", "--cache", f"{scratch}/cache", "--json"]
        started = time.perf_counter()
        with Path(os.devnull).open("w") as nowhere:
            pid = os.posix_spawn(
                sys.executable,
                command,
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
            )
        _, status, used = os.wait4(pid, 0)
        wall_s = time.perf_counter() - started
    if status:
        raise RuntimeError(f"the job failed with exit code {os.waitstatus_to_exitcode(status)}")
    return Cost(minutes, wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)


def recording(work: Path, minutes: int) -> Path:
    """One simulated minute at 1920x1080, repeated without decoding its picture."""
    minute = pieces.make_piece(QUARTET, work / "1080p", seconds=MINUTE_S, size=(1920, 1080))
    if minutes == 1:
        return minute
    folder = work / "1080p" / f"{minutes}_minutes"
    if not (folder / "score.mid").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _repeat_picture(minute / "video.mp4", folder / "video.mp4", minutes)
        _repeat_sound(minute / "mix.wav", folder / "mix.wav", minutes)
        _repeat_score(minute / "score.mid", folder / "score.mid", minutes)
    return folder


def _repeat_picture(source: Path, target: Path, times: int) -> None:
    with av.open(str(target), "w") as out:
        stream = None
        for n in range(times):
            with av.open(str(source)) as inside:
                video = inside.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                shift = round(n * MINUTE_S / video.time_base)
                for packet in inside.demux(video):
                    if packet.dts is not None:
                        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                        packet.stream = stream
                        out.mux(packet)


def _repeat_sound(source: Path, target: Path, times: int) -> None:
    samples, rate_hz = soundfile.read(source, dtype="float32", always_2d=True)
    minute = np.zeros((round(MINUTE_S * rate_hz), samples.shape[1]), np.float32)
    minute[: len(samples)] = samples[: len(minute)]
    with soundfile.SoundFile(target, "w", rate_hz, samples.shape[1], "FLOAT") as file:
        for _ in range(times):
            file.write(minute)


def _repeat_score(source: Path, target: Path, times: int) -> None:
    score = pretty_midi.PrettyMIDI(str(source))
    period_s = score.get_end_time() + 1.0
    for instrument in score.instruments:
        once = list(instrument.notes)
        instrument.notes = [
            pretty_midi.Note(n.velocity, n.pitch, n.start + k * period_s, n.end + k * period_s)
            for k in range(times)
            for n in once
        ]
    score.write(str(target))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=int, nargs="*", default=[1, 30])
    parser.add_argument("--conditioning", nargs="*", default=["score"])
    asked = parser.parse_args()
    print(table(ROOT / "build" / "bench", asked.minutes, asked.conditioning))
