"""The commands: plan, exit codes, JSON lines, the summary page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from avstem.batch.commands import app
from avstem.batch.records import STATE
from avstem.batch.state import Book

Make = Callable[..., Path]


def call(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    return result.exit_code, result.output


def test_dry_run_then_run_then_nothing_to_do(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(good="well", bad="broken", shaky="unsure <b>"), tmp_path / "out"
    (folder / "alone").mkdir()
    (folder / "alone" / "x.mid").touch()
    options = ["-o", output, "--runner", "batch_runners:quick", "--jobs", "1"]
    code, text = call(folder, *options, "--dry-run")
    assert code == 0
    assert "refuse x.mid: No video lies beside the score x.mid." in text
    assert "good/video" in text
    assert not output.exists()
    code, text = call("run", folder, *options, "--json")
    assert code == 1
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert lines[-1] == {"event": "end", "done": 2, "failed": 1, "refused": 1}
    assert {line["event"] for line in lines} >= {"planned", "refused", "started", "done", "failed"}
    page = (output / "summary.html").read_text()
    order = [page.index(name) for name in ("The video is broken", "Uncertain who plays")]
    assert max(order) < page.index("<b>good/video</b>")
    assert 'href="good/video/01%20Violin.wav"' in page
    code, text = call(folder, *options, "--only", "good*")
    assert "done already" in text
    (folder / "alone" / "x.mid").unlink()
    (folder / "bad" / "video.mp4").write_text("mended now")
    assert call(folder, *options)[0] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--name", "{nothing}/{part}"], "which is unknown in the folder"),
        (["--score-from", "tape"], "--score-from is auto, rpp, file or none"),
        (["--map", "nonsense"], "--map is PREFIX=FOLDER"),
        (["--players", "none"], "--players takes a number"),
    ],
)
def test_mistakes_are_told_before_anything_runs(
    recordings: Make, tmp_path: Path, options: list[str], words: str
) -> None:
    code, text = call(recordings(a="well"), "-o", tmp_path / "out", "--json", *options)
    assert code == 2
    assert words in json.loads(text)["message"]
    assert not (tmp_path / "out").exists()


def test_undo_where_no_batch_was(tmp_path: Path) -> None:
    code, text = call("undo", tmp_path, "--json")
    assert code == 2
    assert "No batch has worked" in text


def events(text: str, kind: str) -> list[dict]:
    found = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    return [line for line in found if line["event"] == kind]


def test_locked_by_another_batch(recordings: Make, tmp_path: Path) -> None:
    """Every recording is a row with the reason; the code tells."""
    folder, output = recordings(a="well", b="well"), tmp_path / "out"
    with Book(output):
        code, text = call(folder, "-o", output, "--json")
    assert code == 2
    rows = events(text, "refused")
    assert [row["name"] for row in rows] == ["video", "video"]
    assert all("Another batch works in" in row["message"] for row in rows)
    assert len(events(text, "error")) == 1


def test_a_state_that_cannot_be_written(recordings: Make, tmp_path: Path) -> None:
    output = tmp_path / "out"
    (output / STATE).mkdir(parents=True)
    code, text = call(recordings(a="well"), "-o", output, "--json")
    assert code == 6
    assert "unable to open database file" in events(text, "refused")[0]["message"]


def test_an_unreachable_scheduler(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs wait with the reason, and run the next time without being asked for again."""
    pytest.importorskip("distributed", reason="needs the extra: avstem[dask]")
    monkeypatch.setattr("avstem.batch.cluster.CONNECT_S", 0.5)
    folder, output = recordings(a="well", b="well"), tmp_path / "out"
    code, text = call(folder, "-o", output, "--json", "--dask", "tcp://127.0.0.1:1")
    assert code == 2
    rows = events(text, "waiting")
    assert [row["folder"] for row in rows] == ["a/video", "b/video"]
    assert all("No Dask scheduler answers" in row["message"] for row in rows)
    assert (output / "summary.html").read_text().count("No Dask scheduler answers") == 2
    assert call(folder, "-o", output, "--runner", "batch_runners:quick", "--jobs", "1")[0] == 0
    assert "No Dask" not in (output / "summary.html").read_text()


def test_a_summary_that_cannot_be_written(recordings: Make, tmp_path: Path) -> None:
    """The results stand, the batch says what is missing."""
    output = tmp_path / "out"
    (output / "summary.html").mkdir(parents=True)
    code, text = call(
        recordings(a="well"), "-o", output, "--json", "--runner", "batch_runners:quick"
    )
    assert code == 1
    assert events(text, "end") == [{"event": "end", "done": 1}]
    assert "summary.html" in events(text, "note")[0]["message"]


def test_quality_on_the_page(recordings: Make, tmp_path: Path) -> None:
    output = tmp_path / "out"
    call(recordings(a="well"), "-o", output, "--runner", "batch_runners:alike", "--jobs", "1")
    page = (output / "summary.html").read_text()
    assert "Violin and Cello: stems 100% alike, hardly told apart" in page
    assert "The score was hardly followed in 50% of the time" in page
    assert "1 needs a look" in page
