"""The commands: plan, exit codes, JSON lines, the summary page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from avstem.batch.commands import app

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
