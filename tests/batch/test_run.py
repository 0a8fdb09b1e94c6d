"""Batches on real processes: done, gone on with, failed one by one, killed at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_bench import batch_of, content, done, left_over, run, states

from avstem.batch import worker
from avstem.batch.process import WorkerProcess
from avstem.batch.records import STATE, Limits, Order
from avstem.batch.run import Session, preview
from avstem.batch.state import Book
from avstem.errors import OutputError, RequestError
from avstem.request import Request

Make = Callable[..., Path]


def test_a_batch_and_the_same_again(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well", c="well"), tmp_path / "out"
    rows, _ = run(batch_of(folder, output))
    assert done(rows) == {"a/video", "b/video", "c/video"}
    assert (output / "a/video/01 Violin.wav").is_file()
    before = content(output)
    again, events = run(batch_of(folder, output))
    assert events == []
    assert done(again) == done(rows)
    assert content(output) == before
    assert not left_over(output)


def test_one_bad_recording_stops_nothing(recordings: Make, tmp_path: Path) -> None:
    folder = recordings(a="well", b="broken", c="crash", d="bug", e="well", f="full disk")
    rows, _ = run(batch_of(folder, tmp_path / "out"), "wild")
    assert done(rows) == {"a/video", "e/video"}
    reasons = {row.folder: row.reason for row in rows if row.reason}
    assert reasons["b/video"].code == "MediaError"
    assert reasons["c/video"].code == "WorkerCrashed"
    assert "signal 9" in reasons["c/video"].message
    assert reasons["d/video"].message == "Unexpected KeyError: 'surprise'"
    assert "no space left" in reasons["f/video"].message
    assert not left_over(tmp_path / "out")


def test_limits_of_time_and_memory(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="hang", b="hungry", c="well"), tmp_path / "out"
    rows, _ = run(batch_of(folder, output, time_s=3.0, memory_mb=400.0), "wild")
    reasons = {row.folder: row.reason for row in rows if row.reason}
    assert reasons["a/video"].code == "TimeLimit"
    assert reasons["b/video"].code == "OutOfMemory"
    assert "400 MB are allowed" in reasons["b/video"].message
    assert done(rows) == {"c/video"}
    assert not left_over(output)


def test_a_job_has_one_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Memory is seen to be too much in the moment in which the job ends: that is too late."""
    looking, ended, told = threading.Event(), threading.Event(), []

    def resident_mb() -> float:
        if threading.current_thread() is threading.main_thread():
            return 1.0
        looking.set()
        ended.wait(10.0)
        return 1000.0

    monkeypatch.setattr(worker, "_resident_mb", resident_mb)
    monkeypatch.setattr(worker.os, "_exit", sys.exit)
    order = Order("job", Request(None, tmp_path), "", None, Limits(memory_mb=100.0))
    before = set(threading.enumerate())
    memory = worker._Memory(order, lambda **message: told.append(message))
    (look,) = set(threading.enumerate()) - before
    assert looking.wait(10.0)
    memory.stop()
    ended.set()
    look.join(10.0)
    assert told == []


def test_a_worker_sweeps_only_after_the_dead(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporary files of a living one stay, also of those that work for other batches."""
    scratch = tmp_path / "scratch"
    (scratch / "avstem-batch-dead").mkdir(parents=True)
    (scratch / "avstem-batch-dead" / "alive").touch()
    monkeypatch.setenv("TMPDIR", str(scratch))
    first = WorkerProcess("batch_runners:scratching")
    folder = recordings(a="well", b="well")
    jobs = preview(batch_of(folder, tmp_path / "out")).chosen
    one, two = (Order(job.id, job.request, "", None) for job in jobs)
    try:
        assert first.run(one, lambda *_: None).reason is None
        run(batch_of(recordings(c="well"), tmp_path / "other", only=("c/*",)))
        assert first.run(two, lambda *_: None).reason is None
    finally:
        first.stop()
    assert not list(scratch.iterdir())


def test_failed_ones_wait_to_be_asked_for(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="broken", b="well"), tmp_path / "out"
    run(batch_of(folder, output))
    _, events = run(batch_of(folder, output))
    assert events == []
    choice = preview(batch_of(folder, output)).choices[0]
    assert choice.why.startswith("failed before (--retry-failed): The video is broken.")
    rows, events = run(batch_of(folder, output, retry_failed=True))
    assert {event.id for event in events} == {rows[0].id}
    recordings(a="mended now")  # another content is another job: no need to ask
    rows, _ = run(batch_of(folder, output))
    assert done(rows) == {"a/video", "b/video"}
    assert len(rows) == 2


def test_only_and_limit(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well", c="well"), tmp_path / "out"
    rows, _ = run(batch_of(folder, output, only=("b/*", "c/*"), limit=1))
    assert states(rows) == {"a/video": "queued", "b/video": "done", "c/video": "queued"}
    choices = preview(batch_of(folder, output, only=("b/*", "c/*"), limit=0)).choices
    assert [c.why for c in choices] == ["not named by --only", "done already", "beyond --limit 0"]


def test_preview_writes_nothing(recordings: Make, tmp_path: Path) -> None:
    outlook = preview(batch_of(recordings(a="well"), tmp_path / "out"))
    assert [job.folder for job in outlook.chosen] == ["a/video"]
    assert not (tmp_path / "out").exists()


def test_a_result_that_is_gone_is_made_again(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well"), tmp_path / "out"
    run(batch_of(folder, output))
    before = content(output)
    (output / "a/video/result.json").unlink()
    rows, _ = run(batch_of(folder, output))
    assert "is not empty" in rows[0].reason.message
    rows, events = run(batch_of(folder, output, overwrite=True, retry_failed=True))
    assert {event.id for event in events} == {rows[0].id}
    assert before.items() <= content(output).items(), "stems that lay there are kept beside"


def test_other_settings_replace_the_result(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "out"
    first, _ = run(batch_of(folder, output))
    recordings(a="another take")
    second, _ = run(batch_of(folder, output))
    assert first[0].id != second[0].id
    assert len(second) == 1
    assert b"another take" in (output / "a/video/01 Violin.wav").read_bytes()


def test_results_of_others_stay(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well"), tmp_path / "out"
    (output / "a/video").mkdir(parents=True)
    (output / "a/video/result.json").write_text("{}")
    rows, _ = run(batch_of(folder, output))
    assert states(rows) == {"b/video": "done", "video": "refused"}
    assert "did not make" in rows[1].reason.message
    assert (output / "a/video/result.json").read_text() == "{}"
    rows, _ = run(batch_of(folder, output, overwrite=True))
    assert done(rows) == {"a/video", "b/video"}


def test_unwritable_folder_in_the_middle(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well"), tmp_path / "out"
    output.mkdir()
    (output / "a").write_text("a file where a folder should be")
    rows, _ = run(batch_of(folder, output))
    assert states(rows) == {"a/video": "failed", "b/video": "done"}
    assert rows[0].reason.code == "OutputError"


def test_two_batches_in_one_folder(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "out"
    with (
        Session(batch_of(folder, output)),
        pytest.raises(RequestError, match="Another batch works in"),
        Book(output),
    ):
        pass
    assert done(run(batch_of(folder, output))[0]) == {"a/video"}


def test_a_state_file_that_is_none(recordings: Make, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / STATE).write_bytes(b"this is no database at all, not even nearly" * 100)
    with pytest.raises(RequestError, match="damaged or no file of a batch"):
        run(batch_of(recordings(a="well"), output))
    (output / STATE).unlink()
    sqlite3.connect(output / STATE).execute("pragma user_version = 99").connection.commit()
    with pytest.raises(RequestError, match="is of version 99"):
        run(batch_of(recordings(a="well"), output))


def test_output_that_is_a_file(recordings: Make, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises((OutputError, RequestError), match="out"):
        run(batch_of(recordings(a="well"), tmp_path / "out"))


def command(folder: Path, output: Path, runner: str) -> list[str]:
    options = ["--jobs", "2", "--json", "--runner", f"batch_runners:{runner}"]
    return [sys.executable, "-m", "avstem.cli", "batch", str(folder), "-o", str(output), *options]


def alive(text: str) -> list[str]:
    """Command lines of processes that work for this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks at processes in /proc")
def test_killed_at_random_moments_and_gone_on(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results as of an undisturbed batch, none made twice, no process and no file left over."""
    texts = {f"r{n}": "well" for n in range(6)}
    folder, output = recordings(**texts), tmp_path / "out"
    run(batch_of(folder, tmp_path / "undisturbed"))
    log = tmp_path / "log"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("AVSTEM_TEST_LOG", str(log))
    monkeypatch.setenv("TMPDIR", str(scratch))
    chance = random.Random(5)
    for _ in range(10):
        process = subprocess.Popen(command(folder, output, "slow"), stdout=subprocess.DEVNULL)
        try:
            process.wait(0.3 + 1.3 * chance.random())
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    until_s = time.monotonic() + 10.0
    while alive(str(log)) and time.monotonic() < until_s:
        time.sleep(0.05)
    assert not alive(str(log)), "workers outlive their batch"
    done_now = subprocess.run(command(folder, output, "slow"), capture_output=True, check=False)
    assert done_now.returncode == 0, done_now.stderr
    assert json.loads(done_now.stdout.splitlines()[-1]) == {"event": "end", "done": 6}
    assert content(output) == content(tmp_path / "undisturbed")
    assert not left_over(output)
    assert not list(scratch.iterdir()), "temporary files outlive their batch"
    lines = log.read_text().splitlines()
    assert len(lines) <= 6, "a recording was made twice"
