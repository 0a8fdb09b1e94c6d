"""Projects through a batch: stems made, put into the file, taken out again."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from batch_bench import batch_of, run, states

from avstem.batch.find import ScoreFrom, Search
from avstem.batch.insert import undo
from avstem.batch.records import Refused
from avstem.batch.state import Book

PROJECT = """<REAPER_PROJECT 0.1 "7.2" 1
  TEMPO 120 4 4
  <TRACK {{0A}}
    NAME Video
    <ITEM
      POSITION 1
      LENGTH 20
      LOOP 0
      IGUID {{01}}
      NAME "Take 1"
      <SOURCE VIDEO
        FILE "{file}"
      >
    >
  >
  <TRACK {{0B}}
    NAME Violin
    <ITEM
      POSITION 1
      LENGTH 20
      IGUID {{02}}
      <SOURCE MIDI
        HASDATA 1 960 QN
        E 0 90 3c 60
        E 960 80 3c 00
        E 9600 b0 7b 00
      >
    >
  >
>
"""

BY_REAPER = """  <TRACK {0C}
    NAME "avstem: Take 1"
    ISBUS 1 1
    <EXT
      avstem_job 00000000-0000-4000-8000-0000000000f1
    >
  >
  <TRACK {0D}
    NAME Violin
    ISBUS 2 -1
    <EXT
      avstem_job 00000000-0000-4000-8000-0000000000f1
      avstem_player Violin
    >
    <ITEM
      POSITION 1
      LENGTH 20
      IGUID {03}
      <EXTI
        avstem_item {01}
      >
      NAME score
      <SOURCE WAVE
        FILE violin.wav
      >
      <EXT
        avstem_job 00000000-0000-4000-8000-0000000000f2
      >
    >
  >
  <EXTSTATE
    <AVSTEM
      FAMILY{01} 00000000-0000-4000-8000-0000000000f1
    >
  >
>
"""


def project(folder: Path, name: str = "Concert", file: str = "take.mp4") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "take.mp4").write_text("well")
    path = folder / f"{name}.rpp"
    path.write_text(PROJECT.format(file=file))
    return path


def batch(folder: Path, output: Path, **more: Any) -> Any:
    return batch_of(folder, output, duration=lambda path: 60.0, **more)


def test_into_the_project_and_out_again(tmp_path: Path) -> None:
    path, output = project(tmp_path / "in"), tmp_path / "out"
    original = path.read_bytes()
    rows, _ = run(batch(path.parent, output, into_projects=True))
    assert states(rows) == {"Concert/Take 1": "done"}
    assert rows[0].inserted
    written = path.read_text()
    assert 'NAME "avstem: Take 1"' in written
    assert str(output / "Concert/Take 1/01 Violin.wav") in written
    again, events = run(batch(path.parent, output, into_projects=True))
    assert (events, again[0].inserted, path.read_text()) == ([], True, written)
    with Book(output) as book:
        assert [reason for _, reason in undo(book, None)] == [None]
        assert not list(undo(book, None))
    assert path.read_bytes() == original


def test_stems_that_reaper_inserted_stay_when_the_batchs_go(tmp_path: Path) -> None:
    """The family that its script began is gone on with; the batch's takes come and go alone."""
    path, output = project(tmp_path / "in"), tmp_path / "out"
    path.write_text(path.read_text().removesuffix(">\n") + BY_REAPER)
    original = path.read_text()
    rows, _ = run(batch(path.parent, output, into_projects=True))
    assert rows[0].inserted
    assert path.read_text().count("<TRACK") == original.count("<TRACK")
    assert str(output / "Concert/Take 1/01 Violin.wav") in path.read_text()
    with Book(output) as book:
        assert [reason for _, reason in undo(book, None)] == [None]
    assert path.read_text() == original


def test_projects_are_left_alone_unless_asked(tmp_path: Path) -> None:
    path = project(tmp_path / "in")
    original = path.read_bytes()
    rows, _ = run(batch(path.parent, tmp_path / "out"))
    assert path.read_bytes() == original
    assert not rows[0].inserted
    rows, events = run(batch(path.parent, tmp_path / "out", into_projects=True))
    assert rows[0].inserted, "asked for later: no need to separate again"
    assert events == []


def test_an_open_project_waits(tmp_path: Path) -> None:
    path, spool = project(tmp_path / "in"), tmp_path / "spool"
    original = path.read_bytes()
    spool.mkdir()
    (spool / "reaper.json").write_text(json.dumps({"heartbeat_s": time.time() + 100}))
    rows, _ = run(batch(path.parent, tmp_path / "out", into_projects=True, spool=spool))
    assert (str(rows[0].state), rows[0].inserted) == ("done", False)
    assert "open" in rows[0].reason.message
    assert path.read_bytes() == original
    (spool / "reaper.json").unlink()
    rows, _ = run(batch(path.parent, tmp_path / "out", into_projects=True, spool=spool))
    assert rows[0].inserted
    assert rows[0].reason is None


def test_a_truncated_project_is_one_row(tmp_path: Path) -> None:
    bad = project(tmp_path / "in", "Bad")
    bad.write_text(bad.read_text()[:200])
    project(tmp_path / "in", "Good")
    rows, _ = run(batch(bad.parent, tmp_path / "out"))
    assert states(rows) == {"Good/Take 1": "done", "Bad": "refused"}
    assert "ends inside the block" in rows[1].reason.message


@pytest.mark.parametrize(
    ("sound", "broken"), [("LENGTH 20", "LENGTH nan"), ("E 960", "E x"), ("TEMPO 120", "TEMPO 0")]
)
def test_a_damaged_number_is_one_row(tmp_path: Path, sound: str, broken: str) -> None:
    bad = project(tmp_path / "in", "Bad")
    bad.write_text(bad.read_text().replace(sound, broken))
    project(tmp_path / "in", "Good")
    rows, _ = run(batch(bad.parent, tmp_path / "out"))
    assert states(rows) == {"Good/Take 1": "done", "Bad": "refused"}
    assert re.match(r"Line \d+ of the project is damaged", rows[1].reason.message)
    assert ".rpp-bak" in rows[1].reason.hint


@pytest.mark.parametrize("version", [5, 6, 7])
def test_projects_of_reaper_5_to_7(tmp_path: Path, version: int) -> None:
    projects = Path(__file__).parents[1] / "osc_bridge" / "projects"
    path = project(tmp_path)
    path.write_bytes((projects / f"reaper_{version}.rpp").read_bytes())
    found = list(Search(duration=lambda path: 60.0).find(path, tmp_path / "out"))
    assert [(one.name, type(one).__name__) for one in found] == [("Take 1", "Recording")]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("gone.mp4", "is missing"),
        (r"C:\Recordings\take.mp4", r"is missing: C:\Recordings"),
        ("sub/../gone.mp4", "is missing"),
    ],
)
def test_media_that_are_missing(tmp_path: Path, file: str, words: str) -> None:
    path = project(tmp_path, file=file)
    (found,) = Search(duration=lambda path: 60.0).find(path, tmp_path / "out")
    assert isinstance(found, Refused)
    assert words in found.reason.message


def test_windows_paths_on_this_system(tmp_path: Path) -> None:
    path = project(tmp_path / "a", file="media\\take.mp4")
    (tmp_path / "a/media").mkdir()
    (tmp_path / "a/media/take.mp4").touch()
    (found,) = Search(duration=lambda path: 60.0).find(path, tmp_path / "out")
    assert found.name == "Take 1"
    path = project(tmp_path / "b", file=r"C:\Rec\take.mp4")
    search = Search(duration=lambda path: 60.0, moved=(("C:\\Rec", str(tmp_path / "b")),))
    (found,) = search.find(path, tmp_path / "out")
    assert found.name == "Take 1"


def test_backups_are_no_projects(tmp_path: Path) -> None:
    path = project(tmp_path)
    backup = path.with_suffix(".rpp-bak")
    backup.write_bytes(path.read_bytes())
    search = Search(ScoreFrom.RPP, duration=lambda path: 60.0)
    assert [one.name for one in search.find(tmp_path, tmp_path / "out")] == ["Take 1"]
    path.unlink()
    (found,) = search.find(tmp_path, tmp_path / "out")
    assert isinstance(found, Refused)
    assert "is a backup that REAPER made" in found.reason.message
    (found,) = search.find(backup, tmp_path / "out")
    assert isinstance(found, Refused)
