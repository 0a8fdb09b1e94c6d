"""Where results lie and what is left there: relative paths, nested folders, sweeping, undoing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from batch_bench import batch_of, content, done, left_over, run, states, until
from test_plan import found, touch
from test_projects import PROJECT, batch, project
from test_run import command

from avstem.batch.commands import _pairs
from avstem.batch.distant import places
from avstem.batch.find import Search
from avstem.batch.insert import undo
from avstem.batch.process import WorkerProcess
from avstem.batch.records import Order
from avstem.batch.run import Session, preview
from avstem.batch.state import Book
from avstem.stems.staging import is_being_written, keep

Make = Callable[..., Path]


def test_paths_are_absolute_whatever_the_working_directory_of_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths, output, _ = places(["in", "."], "out")
    assert paths == (tmp_path / "in", tmp_path)
    assert output == tmp_path / "out"


def test_a_project_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its media are named relative to it."""
    (tmp_path / "take.mp4").write_text("well")
    (tmp_path / "Concert.rpp").write_text(PROJECT.format(file="take.mp4"))
    monkeypatch.chdir(tmp_path)
    paths, output, _ = places(["."], "out")
    (one,) = preview(batch(paths[0], output)).plan.jobs
    assert one.request.video == tmp_path / "take.mp4"


def test_media_that_moved_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(tmp_path, file=r"C:\Rec\take.mp4")
    monkeypatch.chdir(tmp_path)
    moved = _pairs([r"C:\Rec=."])
    (found,) = Search(duration=lambda path: 60.0, moved=moved).find(path, tmp_path / "out")
    assert found.name == "Take 1"


def test_a_folder_inside_that_of_another_recording_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "night1.mp4", "night1.mid", "night1/a.mp4", "night1/a.mid")
    plan = preview(batch_of(tmp_path, tmp_path / "out", name="{project}/{name}/{part}")).plan
    assert [job.folder for job in plan.jobs] == ["night1"]
    (refused,) = plan.refused
    assert refused.reason.message == (
        "Its folder 'night1/a' would lie in the folder of another recording."
    )


def test_a_recording_does_not_lie_among_the_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "pictures.mp4", "pictures.mid")
    plan = preview(batch_of(tmp_path, tmp_path / "out", name="{name}/{part}")).plan
    assert not plan.jobs
    assert "where the batch keeps its own pictures" in plan.refused[0].reason.message


@pytest.mark.parametrize("media", ["Concert/Media", "Audio"])
def test_media_of_a_project_are_no_recordings_of_their_own(tmp_path: Path, media: str) -> None:
    """Wherever they lie, and also where the project has selected another one."""
    there = tmp_path / media
    (tmp_path / "Concert").mkdir()
    touch(there, "take.mp4", "encore.mp4", "spare.mp4", "other.mp4", "other.mid")
    take = PROJECT.format(file=there / "take.mp4")
    encore = PROJECT.format(file=there / "encore.mp4").replace("IGUID {01}", "SEL 1\n IGUID {01}")
    item = encore[encore.index("    <ITEM") : encore.index("\n    >\n")]
    text = take.replace("    <ITEM", f"{item}\n    >\n    <ITEM", 1)
    (tmp_path / "Concert" / "Concert.rpp").write_text(text)
    rows = found(tmp_path, duration=lambda path: 60.0)
    assert set(rows) == {"Take 1", "spare.mp4", "other"}
    assert rows["Take 1"] == "Concert/Concert"


def test_media_of_a_project_that_cannot_be_done_are_its_own(tmp_path: Path) -> None:
    touch(tmp_path, "Media/take.mp4", "Concert.rpp")
    text = PROJECT.format(file="Media/take.mp4").replace("LENGTH 20", "LENGTH 1")
    (tmp_path / "Concert.rpp").write_text(text)
    rows = found(tmp_path, duration=lambda path: 60.0)
    assert set(rows) == {"Concert"}
    assert "at least 2 s are needed" in rows["Concert"]


def test_kept_backups_belong_to_their_project(tmp_path: Path) -> None:
    """REAPER keeps them beside the project or in a folder of their own."""
    touch(tmp_path, "take.mp4", *(f"Backups/Lost-2024-05-0{n}_1930.rpp-bak" for n in (1, 2)))
    touch(tmp_path, "Concert-2024-05-01_193000.rpp-bak", "Backups/Concert-2024-05-01_1930.rpp-bak")
    touch(tmp_path, "Concert 2.rpp-bak")
    (tmp_path / "Concert.rpp").write_text(PROJECT.format(file="take.mp4"))
    rows = found(tmp_path, duration=lambda path: 60.0)
    assert set(rows) == {"Take 1", "Lost-2024-05-02_1930.rpp-bak", "Concert 2.rpp-bak"}


# ----------------------------------------------------------------------- results


def test_what_is_done_elsewhere_is_not_done(recordings: Make, tmp_path: Path) -> None:
    """A worker that sees the output folder under another path says that it has done the job."""
    rows, _ = run(batch_of(recordings(a="well"), tmp_path / "out"), "elsewhere")
    assert states(rows) == {"a/video": "failed"}
    assert rows[0].reason is not None
    assert "there is no result in" in rows[0].reason.message


def staging(folder: Path, process: int) -> Path:
    made = folder / f".avstem-{process}-0badf00d"
    made.mkdir(parents=True)
    (made / "half.wav").write_bytes(b"half")
    return made


def dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_lives_and_what_was_told_is_not_swept(recordings: Make, tmp_path: Path) -> None:
    """Another program may write below the output; a whole result may be kept there."""
    folder, output = recordings(a="well"), tmp_path / "out"
    run(batch_of(folder, output))
    mine, dead = staging(output, os.getpid()), staging(output, dead_process())
    kept = staging(output / "a", dead_process())
    shutil.copytree(output / "a/video", kept, dirs_exist_ok=True)
    keep(kept)
    with Session(batch_of(folder, output)):
        pass
    assert mine.is_dir()
    assert kept.is_dir()
    assert not dead.exists()


def test_who_writes_is_in_the_name(tmp_path: Path) -> None:
    assert is_being_written(staging(tmp_path, os.getpid()))
    assert not is_being_written(staging(tmp_path, dead_process()))
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert ended.stdout is not None
    ended.stdout.read()  # to its end; nobody has asked how the process ended
    name = staging(tmp_path, ended.pid)
    assert until(lambda: not is_being_written(name), 5.0)
    ended.wait()


@pytest.mark.skipif(os.name != "posix", reason="kills processes")
def test_killed_while_a_result_is_replaced(recordings: Make, tmp_path: Path) -> None:
    """Batch and worker die between two moves; the next batch ends what they began."""
    folder, output = recordings(a="well"), tmp_path / "out"
    run(batch_of(folder, output))
    recordings(a="better")
    run(batch_of(folder, tmp_path / "undisturbed"))
    died = subprocess.run(
        command(folder, output, "die_replacing"), capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert not (output / "a/video/result.json").exists()
    rows, _ = run(batch_of(folder, output))
    assert done(rows) == {"a/video"}
    assert content(output) == content(tmp_path / "undisturbed")
    assert not left_over(output)


def test_what_is_to_be_replaced_is_remembered(recordings: Make, tmp_path: Path) -> None:
    """Also by the batch after next, where an attempt left nothing that tells how far it came."""
    folder, output = recordings(a="well"), tmp_path / "out"
    run(batch_of(folder, output))
    recordings(a="better")
    with Session(batch_of(folder, output)) as session:
        session.book.start(session.outlook.chosen[0].id)
    (output / "a/video/result.json").unlink()
    with Session(batch_of(folder, output)):
        pass
    rows, _ = run(batch_of(folder, output))
    assert done(rows) == {"a/video"}
    assert (output / "a/video/01 Violin.wav").read_bytes().startswith(b"RIFFbetter")


def test_an_attempt_that_only_took_the_old_result_away_is_made_again(
    recordings: Make, tmp_path: Path
) -> None:
    """As when a cluster gives the job of a lost worker to another one."""
    (job,) = preview(batch_of(recordings(a="well"), tmp_path / "out")).chosen
    order = Order(job.id, job.request, "digest of the old one", None)
    worker = WorkerProcess("batch_runners:quick")
    try:
        outcome = worker.run(order, lambda *_: None)
    finally:
        worker.stop()
    assert outcome.reason is None
    assert (job.request.output / "result.json").is_file()


def test_files_of_the_user_are_not_replaced(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "out"
    (output / "a/video").mkdir(parents=True)
    (output / "a/video/notes.txt").write_text("mine")
    for _ in range(2):
        rows, _ = run(batch_of(folder, output, retry_failed=True))
        assert rows[0].reason is not None
        assert "is not empty: it holds 'notes.txt'" in rows[0].reason.message
    assert content(output).keys() == {"a/video/notes.txt"}


# ----------------------------------------------------------------------- undo


def test_undo_remembers_projects_whose_recordings_are_other_jobs_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "take.mp4").write_text("well")
    path, output = tmp_path / "in" / "Concert.rpp", tmp_path / "out"
    path.write_text(PROJECT.format(file="take.mp4"))
    original = path.read_bytes()
    run(batch(path.parent, output, into_projects=True))
    assert path.read_bytes() != original
    (path.parent / "take.mp4").write_text("well, anew")
    run(replace(batch(path.parent, output), into_projects=False))
    with Book(output) as book:
        assert [reason for _, reason in undo(book, None)] == [None]
        assert book.projects() == []
    assert path.read_bytes() == original
