"""The whole way with the real pipeline: a simulated duo in a session, stems under their source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from service_bench import Bench, session_parts

POSITION_S = 7.25  # of the mixture's item in the project
OFFSET_S = 3.5  # into its file
FIRST_S = 1.0  # of the file that is separated: whole seconds, two of handle


VIDEO_S = POSITION_S - OFFSET_S


def test_stems_of_a_session_null_against_their_source(bench: Bench, duo: Path) -> None:
    bench.start("avstem.pipeline:run")
    job = bench.submit(name="Duo ü", items=_items(duo), parts=session_parts(duo, VIDEO_S))
    status = bench.wait(job, "done", "failed", patience_s=200.0)
    assert status["error"] is None
    assert status["stage"] == "stems"
    result = json.loads((bench.spool / "jobs" / job / "result.json").read_text("utf-8"))
    assert [stem["part"] for stem in result["stems"]] == ["Violin", "Cello"]
    assert Path(result["report"]).is_file()
    mixture, rate_hz = sf.read(duo / "mix.wav", always_2d=True)
    heard = mixture[round(FIRST_S * rate_hz) :]
    stems = [sf.read(stem["file"], always_2d=True) for stem in result["stems"]]
    assert all(rate == rate_hz and stem.shape == heard.shape for stem, rate in stems)
    assert np.max(np.abs(heard - sum(stem for stem, _ in stems))) < 1e-6
    for stem in result["stems"]:
        (placed,) = stem["placements"]
        assert placed["item"] == "{MIX}"
        assert placed["position_s"] == POSITION_S
        assert placed["offset_s"] == OFFSET_S - FIRST_S
    assert bench.leftovers() == []
    assert result["device"] in ("cpu", "cuda")  # never a silent fall-back
    assert f"{job}: separated on {result['device']}" in _text(bench, "worker.log")


def _result(bench: Bench, job: str) -> dict[str, Any]:
    status = bench.wait(job, "done", "failed", patience_s=200.0)
    assert status["error"] is None
    return json.loads((bench.spool / "jobs" / job / "result.json").read_text("utf-8"))


def test_reruns_from_the_score_to_movement_and_back(bench: Bench, duo: Path) -> None:
    """The same parts on the same tracks, whichever conditioning; sound alone has its own."""
    bench.start("shares")
    job = bench.submit(name="Duo", items=_items(duo), parts=session_parts(duo, VIDEO_S))
    first, client = _result(bench, job), bench.client()
    tracks = [(stem["track"], stem["player"], stem["colour"]) for stem in first["stems"]]
    last = job
    for conditioning in ("motion", "score+motion", "score"):
        _, last, _ = client.ask("/avstem/rerun", last, f'{{"conditioning": "{conditioning}"}}')
        again = _result(bench, last)
        assert (again["take"], again["family"]) == (conditioning, job)
        assert [(s["track"], s["player"], s["colour"]) for s in again["stems"]] == tracks
    _, last, _ = client.ask("/avstem/rerun", job, '{"conditioning": "audio", "players": 3}')
    alone = _result(bench, last)
    assert [stem["track"] for stem in alone["stems"]] == ["Source 1", "Source 2", "Source 3"]


def test_a_session_without_midi_is_separated_by_movement(bench: Bench, duo: Path) -> None:
    bench.start("shares")
    settings = {"conditioning": "motion", "players": 2}
    job = bench.submit(name="Duo", items=_items(duo), parts=[], settings=settings)
    result = _result(bench, job)
    assert [stem["track"] for stem in result["stems"]] == ["Player 0", "Player 1"]
    assert [stem["player"] for stem in result["stems"]] == [0, 1]
    assert result["midi"] == []
    _, new, _ = bench.client().ask("/avstem/rerun", job, '{"conditioning": "score"}')
    failed = bench.wait(new, "failed", patience_s=200.0)["error"]
    assert "holds no MIDI notes" in failed["message"]
    assert "by the players' movements" in failed["hint"]


def _text(bench: Bench, log: str) -> str:
    return (bench.spool / "log" / log).read_text("utf-8")


def _items(duo: Path) -> list[dict[str, Any]]:
    """The picture, and the mixture as an item of its own, cut in later."""
    plain = {"length_s": 8.0, "playrate": 1.0, "loop": False, "source_length_s": 12.0}
    video = {"guid": "{VIDEO}", "role": "video", "name": "v", "file": str(duo / "video.mp4")}
    sound = {"guid": "{MIX}", "role": "audio", "name": "m", "file": str(duo / "mix.wav")}
    return [
        plain | video | {"position_s": VIDEO_S, "offset_s": 0.0},
        plain | sound | {"position_s": POSITION_S, "offset_s": OFFSET_S},
    ]
