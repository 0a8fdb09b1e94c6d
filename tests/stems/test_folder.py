from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from avstem.errors import Cancelled, OutputError
from avstem.stems import ResultFolder, settle, written_by_avstem
from avstem.stems.staging import keep


def save_result(folder: Path, stems: dict[str, str]) -> None:
    for name, content in stems.items():
        (folder / name).write_text(content)
    (folder / "report.html").write_text("report")
    manifest = {"parts": [{"stem": name} for name in stems]}
    (folder / "result.json").write_text(json.dumps(manifest))


def make_result(output: Path, stems: dict[str, str], *, overwrite: bool = False) -> None:
    with ResultFolder(output, overwrite=overwrite) as folder:
        save_result(folder.path, stems)


def tree(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_a_result_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    output = tmp_path / "deep" / "étude “1”"
    with ResultFolder(output) as folder:
        (folder.path / "a.wav").write_text("a")
        assert not output.exists()
    assert tree(tmp_path) == {"deep/étude “1”/a.wav": "a"}


@pytest.mark.parametrize("error", [Cancelled("stopped"), KeyboardInterrupt(), ValueError("x")])
@pytest.mark.parametrize("existing", [False, True])
def test_an_error_leaves_nothing(tmp_path: Path, error: BaseException, existing: bool) -> None:
    output = tmp_path / "deep" / "out"
    if existing:
        output.mkdir(parents=True)
    with pytest.raises(type(error)), ResultFolder(output) as folder:
        (folder.path / "a.wav").write_text("a")
        raise error
    assert list(tmp_path.rglob("*")) == ([tmp_path / "deep", output] if existing else [])


def test_another_result_is_refused(tmp_path: Path) -> None:
    make_result(tmp_path / "out", {"01 A.wav": "old"})
    with (
        pytest.raises(OutputError, match="out already holds a result.*--overwrite"),
        ResultFolder(tmp_path / "out"),
    ):
        pytest.fail("entered")
    assert tree(tmp_path / "out")["01 A.wav"] == "old"


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("mine")
    (tmp_path / ".hidden").write_text("mine")
    with (
        pytest.raises(OutputError, match=r"not empty: it holds 'photo.jpg' and 1 file\(s\)"),
        ResultFolder(tmp_path),
    ):
        pytest.fail("entered")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with (
        pytest.raises(OutputError, match="Expected a folder, found the file .*out"),
        ResultFolder(tmp_path / "out", overwrite=True),
    ):
        pytest.fail("entered")


def test_a_hidden_file_does_not_make_a_folder_full(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_text("")
    make_result(tmp_path, {"01 A.wav": "a"})
    assert set(tree(tmp_path)) == {".DS_Store", "01 A.wav", "report.html", "result.json"}


def test_overwriting_removes_the_old_result_and_nothing_else(tmp_path: Path) -> None:
    make_result(tmp_path / "out", {"01 A.wav": "old", "02 B.wav": "old"})
    (tmp_path / "out" / "my mix.wav").write_text("mine")
    (tmp_path / "out" / "sub").mkdir()
    (tmp_path / "out" / "sub" / "notes.txt").write_text("mine")
    make_result(tmp_path / "out", {"01 A.wav": "new", "02 C.wav": "new"}, overwrite=True)
    found = tree(tmp_path / "out")
    assert (found.pop("my mix.wav"), found.pop("sub/notes.txt")) == ("mine", "mine")
    assert set(found) == {"01 A.wav", "02 C.wav", "report.html", "result.json"}
    assert found["01 A.wav"] == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_old_result_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    make_result(tmp_path / "out", {"01 A.wav": "old"})
    before = tree(tmp_path)
    with pytest.raises(Cancelled), ResultFolder(tmp_path / "out", overwrite=True) as folder:
        save_result(folder.path, {"01 A.wav": "new"})
        assert tree(tmp_path / "out")["01 A.wav"] == "old"
        raise Cancelled("stopped")
    assert tree(tmp_path) == before


def test_a_file_of_the_user_with_the_name_of_a_stem_is_kept(tmp_path: Path) -> None:
    (tmp_path / "01 A.wav").write_text("mine")
    make_result(tmp_path, {"01 A.wav": "new"}, overwrite=True)
    found = tree(tmp_path)
    assert (found["01 A.wav"], found["01 A (kept 1).wav"]) == ("new", "mine")


def test_a_failed_move_undoes_itself_and_keeps_the_new_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_result(tmp_path / "out", {"01 A.wav": "old"})
    before = tree(tmp_path / "out")
    rename = Path.rename

    def refuse_the_manifest(self: Path, target: Path) -> Path:
        if self.name == "result.json" and self.parent.name.startswith(".avstem"):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_the_manifest)
    with pytest.raises(
        OutputError, match="is complete but cannot be moved.*It is kept in"
    ) as error:
        make_result(tmp_path / "out", {"01 A.wav": "new"}, overwrite=True)
    monkeypatch.undo()
    kept = Path(error.value.hint.removeprefix("It is kept in ").split(";")[0])
    assert (kept / "01 A.wav").read_text() == "new"
    settle(tmp_path, below=True, process=os.getpid())
    assert (kept / "01 A.wav").is_file(), "it stays where people were told"
    after = tree(tmp_path / "out")
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", ["01 A.wav", "report.html", "result.json"])
@pytest.mark.parametrize("moved_into", [".replaced", "out"])
def test_ctrl_c_during_the_move_brings_the_old_result_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, moved_into: str
) -> None:
    make_result(tmp_path / "out", {"01 A.wav": "old"})
    before = tree(tmp_path)
    rename, stopped = Path.rename, []

    def stop_right_after(self: Path, target: Path) -> Path:
        moved = rename(self, target)
        if (self.name, target.parent.name) == (name, moved_into) and not stopped:
            stopped.append(self)
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", stop_right_after)
    with pytest.raises(KeyboardInterrupt):
        make_result(tmp_path / "out", {"01 A.wav": "new"}, overwrite=True)
    monkeypatch.undo()
    assert tree(tmp_path) == before


REPLACE_AND_DIE = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_folder import make_result

left, rename = [{steps}], Path.rename

def die_at_one(self, target):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return rename(self, target)

Path.rename = die_at_one
make_result(Path({output!r}), {{"01 A.wav": "new", "03 C.wav": "new"}}, overwrite=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="asks which processes run")
@pytest.mark.parametrize("steps", range(9))
def test_killed_while_the_result_is_replaced(tmp_path: Path, steps: int) -> None:
    """Whoever comes next brings the move to its end: the new result, and nothing else is lost."""
    output = tmp_path / "out"
    make_result(output, {"01 A.wav": "old", "02 B.wav": "old"})
    (output / "03 C.wav").write_text("mine")
    old = tree(output)
    code = REPLACE_AND_DIE.format(tests=str(Path(__file__).parent), steps=steps, output=str(output))
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    settle(tmp_path, below=True)
    found = {k: v for k, v in tree(output).items() if not k.startswith(".avstem")}
    if steps == 0:  # nothing has moved: the old one stands, the new one waits beside it
        assert found == old
        return
    assert found.pop("03 C (kept 1).wav") == "mine"
    assert set(found) == {"01 A.wav", "03 C.wav", "report.html", "result.json"}
    assert (found["01 A.wav"], found["03 C.wav"]) == ("new", "new")
    assert not list(output.glob(".avstem*"))


@pytest.mark.skipif(os.name != "posix", reason="asks which processes run")
def test_what_the_dead_leave_goes_and_what_was_told_stays(tmp_path: Path) -> None:
    """A whole result that nobody was told of is that of a process killed just before its end."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = ("half", "whole", "told")
    half, whole, told = (tmp_path / "a" / f".avstem-{ended.pid}-{n}" for n in names)
    living, foreign = tmp_path / f".avstem-{os.getpid()}-x", tmp_path / ".avstem-of-others"
    for folder in (half, whole, told, living, foreign):
        folder.mkdir(parents=True)
    save_result(whole, {"01 A.wav": "new"})
    save_result(told, {"01 A.wav": "new"})
    keep(told)
    settle(tmp_path, below=True)
    assert {p.name for p in tmp_path.rglob(".avstem*")} == {told.name, living.name, foreign.name}


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Cannot write to"), ResultFolder(tmp_path / ("x" * 300)):
        pytest.fail("entered")


def test_a_result_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="another result has appeared there"),
        ResultFolder(tmp_path / "out") as folder,
    ):
        save_result(folder.path, {"01 A.wav": "late"})
        make_result(tmp_path / "out", {"01 A.wav": "first"})
    assert tree(tmp_path / "out")["01 A.wav"] == "first"


def test_a_file_above_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="Expected a folder, found the file .*file"),
        ResultFolder(tmp_path / "file" / "out"),
    ):
        pytest.fail("entered")


def test_a_place_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with (
        pytest.raises(OutputError, match="Cannot write to .*out: Permission denied"),
        ResultFolder(tmp_path / "out"),
    ):
        pytest.fail("entered")


@pytest.mark.parametrize("name", ["../precious.wav", "/etc/passwd", "C:\\x.wav", 7, None])
def test_a_manifest_cannot_name_files_outside_its_folder(tmp_path: Path, name: object) -> None:
    (tmp_path / "precious.wav").write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "result.json").write_text(json.dumps({"parts": [{"stem": name}]}))
    assert written_by_avstem(out) == ["result.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"parts": 3}', '{"parts": [1]}', "\xff"])
def test_a_file_that_is_no_manifest_is_nobody_s_result(tmp_path: Path, content: str) -> None:
    (tmp_path / "result.json").write_text(content, encoding="latin-1")
    assert written_by_avstem(tmp_path) == []
