"""The command line as a user meets it: a real process, its output, exit code and leavings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from make_duo import write_score
from typer.testing import CliRunner

from avstem.cli import app

AVSTEM = [sys.executable, "-m", "avstem.cli"]


def avstem(*arguments: object, **more) -> subprocess.CompletedProcess[str]:
    command = [*AVSTEM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **more)


def tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.fixture
def score(duo: Path) -> Path:
    return duo / "score.mid"


def write_sound(path: Path, samples: np.ndarray, rate_hz: int = 44100) -> Path:
    soundfile.write(path, samples, rate_hz, subtype="FLOAT")
    return path


def noise(seconds: float = 6.0) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal((int(44100 * seconds), 2))


BAD_INPUT = {
    "a missing video": (3, "absent.mp4", lambda d, s, t: [t / "absent.mp4", "--score", s]),
    "sound instead of a video": (3, "--audio-only", lambda d, s, t: [d / "mix.wav", "--score", s]),
    "no video and no sound": (2, "A video was expected", lambda d, s, t: ["--score", s]),
    "a video and --audio-only": (
        2,
        "without a picture",
        lambda d, s, t: [d / "video.mp4", "--audio-only", "--score", s],
    ),
    "a damaged video": (
        3,
        "damaged.mp4",
        lambda d, s, t: [damaged(d / "video.mp4", t), "--score", s],
    ),
    "an empty file": (3, "empty", lambda d, s, t: [written(t / "empty.mp4", b""), "--score", s]),
    "silence": (
        3,
        "silent",
        lambda d, s, t: sound_only(write_sound(t / "s.wav", 0 * noise()), s),
    ),
    "not a number": (
        3,
        "(?i)not.*number|NaN",
        lambda d, s, t: sound_only(write_sound(t / "n.wav", with_nan(noise())), s),
    ),
    "no samples": (
        3,
        "(?i)no samples|empty|zero",
        lambda d, s, t: sound_only(write_sound(t / "z.wav", noise(0.0)), s),
    ),
    "a missing score": (
        4,
        "absent.mid",
        lambda d, s, t: [d / "video.mp4", "--score", t / "absent.mid"],
    ),
    "a score without notes": (
        4,
        "(?i)no.*notes",
        lambda d, s, t: [d / "video.mp4", "--score", write_score(t / "e.mid", {"A": (0, [])})],
    ),
    "a score of noise": (
        5,
        r"\d",
        lambda d, s, t: sound_only(write_sound(t / "noise.wav", noise()), s),
    ),
    "a box outside": (
        2,
        "320",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--boxes", "0,0,900,900"],
    ),
    "an unknown part": (
        2,
        "(?i)flute.*Violin",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--assign", "Flute=0"],
    ),
    "an unknown method": (
        2,
        "score_nmf",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--method", "x"],
    ),
    "an unknown effect": (
        2,
        "(?i)Fuzzer",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--fx", fx(t, "Fuzzer")],
    ),
    "an unknown stream": (
        3,
        "(?i)stream",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--audio-stream", "5"],
    ),
}


def sound_only(path: Path, score: Path) -> list[object]:
    return ["--audio-only", "--audio", path, "--score", score]


def damaged(video: Path, folder: Path) -> Path:
    return written(folder / "damaged.mp4", video.read_bytes()[:20_000])


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def with_nan(samples: np.ndarray) -> np.ndarray:
    samples[1000, 1] = np.nan
    return samples


def fx(folder: Path, effect: str) -> Path:
    text = f'[all]\nchain = [{{effect = "{effect}"}}]\n'
    return written(folder / "fx.toml", text.encode())


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input(case: str, duo: Path, score: Path, motion_cache: Path, tmp_path: Path) -> None:
    """One clear error, its exit code, and nothing half-written."""
    code, message, arguments = BAD_INPUT[case]
    inputs, results = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    results.mkdir()
    given = [*arguments(duo, score, inputs), "-o", results / "stems", "--cache", motion_cache]
    done = CliRunner().invoke(app, ["separate", *map(str, given), "--json"])
    assert done.exit_code == code, done.output
    error = json.loads(done.stdout.splitlines()[-1])
    assert error["event"] == "error"
    assert re.search(message, f"{error['message']} {error['hint']}", re.DOTALL), error
    assert tree(results) == []


def test_a_job_in_a_real_process(
    duo: Path, score: Path, motion_cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Ünder 'quoted' & spaced"
    folder.mkdir()
    video = written(folder / "vidéo 1.mp4", (duo / "video.mp4").read_bytes())
    output = folder / "stems"
    job = ("separate", video, "--score", score, "-o", output, "--cache", motion_cache)
    done = avstem(*job, "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["event"] == "result"
    assert lines[-1]["result"] == json.loads((output / "result.json").read_text())
    assert {line["event"] for line in lines[:-1]} == {"progress"}
    again = avstem(*job)
    assert again.returncode == 6
    assert "--overwrite" in again.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing(duo: Path, score: Path, tmp_path: Path, how: signal.Signals) -> None:
    scratch, results = tmp_path / "tmp", tmp_path / "out"
    scratch.mkdir()
    results.mkdir()
    command = [*AVSTEM, "separate", str(duo / "video.mp4"), "--score", str(score), "--json"]
    command += ["-o", str(results / "stems"), "--cache", str(tmp_path / "cache")]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line).get("stage") == "players":
                process.send_signal(how)
                break
        last = process.stdout.read().splitlines()[-1]
        assert process.wait(timeout=60) == 130
    assert json.loads(last)["code"] == "Cancelled"
    assert tree(results) == []
    assert tree(scratch) == []


def test_help_is_quick_to_read() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    for command in ("separate", "associate", "simulate", "demo"):
        assert command in done.output
