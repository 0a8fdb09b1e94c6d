"""The command line as a user meets it: a real process, its output, exit code and leavings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pretty_midi
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
    "a video without sound": (
        3,
        "no audio stream.*--audio",
        lambda d, s, t: [silent_film(d / "video.mp4", t), "--score", s],
    ),
    "a sound file that is cut short": (
        3,
        "cut short",
        lambda d, s, t: sound_only(written(t / "c.wav", (d / "mix.wav").read_bytes()[:90_000]), s),
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
    "a score of drums": (
        4,
        r"only 1 drum track\(s\)",
        lambda d, s, t: [d / "video.mp4", "--score", drum_score(t / "drums.mid")],
    ),
    "a score in another key": (
        5,
        r"confidence 0\.\d\d.*needed 0\.\d\d",
        lambda d, s, t: sound_only(d / "mix.wav", other_score(t / "other.mid")),
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
    "an unknown plugin": (
        2,
        "(?i)no file .*Absent.vst3",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--fx", fx(t, "Absent.vst3", "vst3")],
    ),
    "a conditioning that is not there": (
        2,
        "Conditioning 'pose' is not available",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--conditioning", "pose"],
    ),
    "no score": (
        2,
        "there is no score.*--score.*--conditioning motion",
        lambda d, s, t: [d / "video.mp4"],
    ),
    "an assignment without a picture": (
        2,
        "no players in a picture",
        lambda d, s, t: [*sound_only(d / "mix.wav", s), "--assign", "Violin=0"],
    ),
    "an offset without a sound file": (
        2,
        "there is no --audio",
        lambda d, s, t: [d / "video.mp4", "--score", s, "--audio-offset", "1"],
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


def silent_film(video: Path, folder: Path) -> Path:
    """The picture of a video alone."""
    with av.open(str(video)) as source, av.open(str(folder / "film.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return folder / "film.mp4"


def drum_score(path: Path) -> Path:
    midi = pretty_midi.PrettyMIDI()
    drums = pretty_midi.Instrument(0, is_drum=True, name="Drums")
    drums.notes = [pretty_midi.Note(80, 38, t, t + 0.2) for t in range(8)]
    midi.instruments.append(drums)
    midi.write(str(path))
    return path


def other_score(path: Path) -> Path:
    """Another piece: chromatic, in even notes."""
    notes = [(0.5 * k, 0.5 * k + 0.4, 55 + (5 * k) % 12 + k % 3) for k in range(24)]
    return write_score(path, {"Violin": (40, notes)})


def with_nan(samples: np.ndarray) -> np.ndarray:
    samples[1000, 1] = np.nan
    return samples


def fx(folder: Path, effect: str, kind: str = "effect") -> Path:
    text = f'[all]\nchain = [{{{kind} = "{effect}"}}]\n'
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
    assert re.match(r"(--|[A-Z]).*\.$", error["message"], re.DOTALL), "a message is a sentence"
    assert tree(results) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes names that are no text")
@pytest.mark.parametrize("stem_format", ["wav24", "flac"])
def test_names_that_are_no_text(duo: Path, score: Path, tmp_path: Path, stem_format: str) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    mix = written(folder / "mix.wav", (duo / "mix.wav").read_bytes())
    job = [*sound_only(mix, score), "-o", folder / "stems", "--format", stem_format]
    done = CliRunner().invoke(app, ["separate", *map(str, job), "--json"])
    assert done.exit_code == 0, done.output
    assert (folder / "stems" / "result.json").read_text("utf-8")
    assert "mix.wav" in (folder / "stems" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("place", ["a file/stems", "a file", "x" * 300, "taken"])
def test_places_that_cannot_hold_a_result(duo: Path, score: Path, tmp_path: Path, place) -> None:
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("mine")
    before = tree(tmp_path)
    job = ["separate", *sound_only(duo / "mix.wav", score), "-o", tmp_path / place]
    done = CliRunner().invoke(app, [*map(str, job)])
    assert done.exit_code == 6, done.output
    assert "OutputError" in done.stderr and "Choose a" in done.stderr
    assert tree(tmp_path) == before


FULL_DISK = {
    "decoded sound": lambda d: [d / "video.mp4"],
    "the motion of video.mp4": lambda d: [d / "video.mp4", "--audio", d / "mix.wav"],
    "01 Violin.wav": lambda d: ["--audio-only", "--audio", d / "mix.wav"],
}


@pytest.mark.parametrize("what", FULL_DISK)
def test_a_full_disk_is_told_and_leaves_nothing(
    what: str, duo: Path, score: Path, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    job = [*FULL_DISK[what](duo), "--score", score, "-o", tmp_path / "o" / "stems"]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))  # larger files fail
    try:
        job += ["--cache", tmp_path / "cache", "--json"]
        done = CliRunner().invoke(app, ["separate", *map(str, job)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert done.exit_code == 6, done.output
    error = json.loads(done.stdout.splitlines()[-1])
    assert re.match(f"Cannot write .*{what}", error["message"]), error
    assert "Make room" in error["hint"]
    assert set(tree(tmp_path)) <= {"cache"}


def test_odd_material_is_separated_and_told(duo: Path, tmp_path: Path) -> None:
    """Clipping, overlapping notes on a wind, two parts alike: kept, warned; names with brackets."""
    sound, rate_hz = soundfile.read(duo / "mix.wav")
    write_sound(tmp_path / "loud.wav", np.clip(20 * sound, -1, 1), rate_hz)
    notes = pretty_midi.PrettyMIDI(str(duo / "score.mid")).instruments
    upper, lower = ([(n.start, n.end, n.pitch) for n in part.notes] for part in notes)
    long = [(on, off + 0.4, pitch) for on, off, pitch in upper]
    parts = {"Flute [/1]": (73, long), "Oboe [b]": (68, upper), "Cello": (42, lower)}
    job = sound_only(tmp_path / "loud.wav", write_score(tmp_path / "odd.mid", parts))
    output = tmp_path / "stems [1]"
    done = CliRunner().invoke(app, ["separate", *map(str, job), "-o", str(output)])
    assert done.exit_code == 0, done.output
    result = json.loads((output / "result.json").read_text(encoding="utf-8"))
    told = "\n".join(result["warnings"])
    assert "The mixture clips" in told
    assert "Part Flute [/1]:" in told and "all are kept" in told
    assert "the score cannot tell them apart" in told
    assert "Oboe [b]" in done.stdout and "Flute [/1]" in done.stdout
    assert len(result["parts"][0]["onsets_s"]) == len(upper)
    stems = [soundfile.read(output / part["stem"])[0] for part in result["parts"]]
    assert np.abs(sum(stems) - soundfile.read(tmp_path / "loud.wav")[0]).max() < 1e-6


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


def test_simulate_makes_a_recording(score: Path, tmp_path: Path) -> None:
    asked = ["--seed", "4", "--seconds", "5", "--size", "none", "--synth", "additive"]
    job = ["simulate", str(score), "-o", str(tmp_path / "made"), "--parts", "Cello", *asked]
    done = CliRunner().invoke(app, job)
    assert done.exit_code == 0, done.output
    assert f"Simulated recording: {tmp_path / 'made'}" in done.stdout
    truth = json.loads((tmp_path / "made" / "truth.json").read_text(encoding="utf-8"))
    assert [part["name"] for part in truth["parts"]] == ["Cello"]
    assert CliRunner().invoke(app, job).exit_code == 6
    assert CliRunner().invoke(app, [*job, "--overwrite"]).exit_code == 0


def test_help_is_quick_to_read() -> None:
    done = CliRunner().invoke(app, ["--help"])
    assert done.exit_code == 0
    for command in ("separate", "associate", "simulate", "demo"):
        assert command in done.output
