"""Project files changed as a whole: backups, refusals, and the way back."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path

import pytest
from rpp_texts import JOB, PLAIN, delivery

from avstem.errors import MediaError, OutputError, RequestError
from osc_bridge.rpp_write import insert_stems, remove_stems

SECOND = str(uuid.uuid5(uuid.NAMESPACE_URL, "another of the batch"))


def test_backup_and_way_back(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN)
    path.chmod(0o640)
    insert_stems(path, delivery(["Violin"]))
    insert_stems(path, delivery(["Viola"], family=SECOND, job=SECOND, item="{2}"))
    assert (tmp_path / "a.rpp-before-avstem").read_text() == PLAIN
    assert "Violin" in (tmp_path / "a.rpp-before-avstem-2").read_text()
    assert path.stat().st_mode & 0o777 == 0o640
    assert remove_stems(path, JOB)
    assert remove_stems(path, SECOND)
    assert path.read_text() == PLAIN
    assert not remove_stems(path, JOB)
    assert len(list(tmp_path.iterdir())) == 3, "no temporary file is left"


def test_backups_of_projects_with_numbers_in_their_names_keep_apart(tmp_path: Path) -> None:
    first, second = tmp_path / "a.rpp", tmp_path / "a 2.rpp"
    first.write_text(PLAIN)
    second.write_text(PLAIN.replace("NAME a", "NAME b"))
    original = second.read_bytes()
    insert_stems(first, delivery(["Violin"]))
    insert_stems(first, delivery(["Violin"], take="motion"))
    insert_stems(second, delivery(["Violin"]))
    assert (tmp_path / "a 2.rpp-before-avstem").read_bytes() == original
    assert (tmp_path / "a.rpp-before-avstem").read_text() == PLAIN


def beat(spool: Path, age_s: float = 0.0, **more: object) -> None:
    (spool / "reaper.json").write_text(json.dumps({"heartbeat_s": time.time() - age_s} | more))


def test_refused_while_reaper_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN)
    beat(tmp_path)
    with pytest.raises(RequestError, match=r"REAPER has the project 'a.rpp' open"):
        insert_stems(path, delivery(["Violin"]), tmp_path)
    beat(tmp_path, projects=[str(path)])
    with pytest.raises(RequestError, match="open"):
        insert_stems(path, delivery(["Violin"]), tmp_path)
    assert path.read_text() == PLAIN
    beat(tmp_path, projects=[str(tmp_path / "other.rpp")])
    assert insert_stems(path, delivery(["Violin"]), tmp_path)
    beat(tmp_path, age_s=60.0)
    assert remove_stems(path, JOB, tmp_path)


def test_a_broken_project_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.rpp"
    path.write_text(PLAIN[:-2])
    with pytest.raises(MediaError, match="ends inside the block"):
        insert_stems(path, delivery(["Violin"]))
    assert path.read_text() == PLAIN[:-2]
    with pytest.raises(OutputError, match="Cannot read"):
        insert_stems(tmp_path / "none.rpp", delivery(["Violin"]))
