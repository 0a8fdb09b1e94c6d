"""Where results lie and what is left there: relative paths, nested folders, sweeping, undoing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from batch_bench import batch_of, content, done, run, states
from test_plan import found, touch
from test_projects import PROJECT, batch

from avstem.batch.distant import places
from avstem.batch.insert import undo
from avstem.batch.records import Reason, State
from avstem.batch.run import Session, preview
from avstem.batch.state import Book
from avstem.stems.folder import is_being_written

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
    (tmp_path / "Concert.rpp").write_text(PROJECT.format(file="take.mp4", version="7.2"))
    monkeypatch.chdir(tmp_path)
    paths, output, _ = places(["."], "out")
    (one,) = preview(batch(paths[0], output)).plan.jobs
    assert one.request.video == tmp_path / "take.mp4"


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


def test_media_of_a_project_are_no_recordings_of_their_own(tmp_path: Path) -> None:
    media = tmp_path / "Concert" / "Media"
    media.mkdir(parents=True)
    (media / "take.mp4").write_text("well")
    (media / "spare.mp4").write_text("well")
    text = PROJECT.format(file="Media/take.mp4", version="7.2")
    (media.parent / "Concert.rpp").write_text(text)
    rows = found(tmp_path, duration=lambda path: 60.0)
    assert set(rows) == {"Take 1", "spare.mp4"}
    assert rows["Take 1"] == "Concert/Concert"


def test_kept_backups_belong_to_their_project(tmp_path: Path) -> None:
    (tmp_path / "take.mp4").write_text("well")
    (tmp_path / "Concert.rpp").write_text(PROJECT.format(file="take.mp4", version="7.2"))
    touch(tmp_path, "Concert-2024-05-01_193000.rpp-bak", "Lost-2024-05-01_193000.rpp-bak")
    rows = found(tmp_path, duration=lambda path: 60.0)
    assert set(rows) == {"Take 1", "Lost-2024-05-01_193000.rpp-bak"}


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
    folder, output = recordings(a="broken", b="well"), tmp_path / "out"
    run(batch_of(folder, output))
    mine, dead, kept = staging(output, os.getpid()), staging(output, dead_process()), None
    kept = staging(output / "a", dead_process())
    with Book(output) as book:
        (row,) = (row for row in book.rows() if row.state is State.FAILED)
        book.end(_outcome(row.id, f"It is kept in {kept}; close the programs."))
    with Session(batch_of(folder, output)):
        pass
    assert mine.is_dir()
    assert kept.is_dir()
    assert not dead.exists()


def _outcome(job: str, hint: str) -> object:
    from avstem.batch.records import Outcome

    return Outcome(job, Reason("OutputError", "It cannot be moved.", hint))


def test_who_writes_is_in_the_name(tmp_path: Path) -> None:
    assert is_being_written(staging(tmp_path, os.getpid()))
    assert not is_being_written(staging(tmp_path, dead_process()))
    assert not is_being_written(tmp_path / ".avstem-preview-1")


def test_killed_while_a_result_is_replaced(recordings: Make, tmp_path: Path) -> None:
    """The manifest is away, old and new stems are mixed: the batch's own folder, made anew."""
    folder, output = recordings(a="well"), tmp_path / "out"
    run(batch_of(folder, output))
    (folder / "a" / "video.mp4").write_text("better a")
    again = batch_of(folder, output)
    with Session(again) as session:
        session.book.start(session.outlook.chosen[0].id)
    (output / "a/video/result.json").unlink()
    rows, _ = run(again)
    assert done(rows) == {"a/video"}
    assert (output / "a/video/01 Violin.wav").read_bytes().startswith(b"RIFFbetter")


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
    path.write_text(PROJECT.format(file="take.mp4", version="7.2"))
    original = path.read_bytes()
    run(batch(path.parent, output, into_projects=True))
    assert path.read_bytes() != original
    (path.parent / "take.mp4").write_text("well, anew")
    run(replace(batch(path.parent, output), into_projects=False))
    with Book(output) as book:
        assert [reason for _, reason in undo(book, None)] == [None]
        assert book.projects() == []
    assert path.read_bytes() == original
