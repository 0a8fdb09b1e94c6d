"""Inputs and outputs behind URLs: what a disk gives, URLs give too."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_bench import batch_of, content, done, run
from typer.testing import CliRunner

from avstem.batch import remote
from avstem.batch.commands import app
from avstem.errors import MediaError, MissingExtra, OutputError, RequestError

fsspec = pytest.importorskip("fsspec", reason="needs the extra: avstem[remote]")
Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mirrors and desks go into the test's folder."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def call(*arguments: object) -> tuple[int, str]:
    options = ["--runner", "batch_runners:quick", "--jobs", "1", "--json"]
    result = CliRunner().invoke(app, [*map(str, arguments), *options])
    return result.exit_code, result.output


def results(output: Path) -> dict[str, str]:
    return {n: d for n, d in content(output).items() if "result.json" not in n}


def test_from_url_to_url_as_on_a_disk(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="broken", c="well"), tmp_path / "far"
    run(batch_of(folder, tmp_path / "near"))
    code, text = call(folder.as_uri(), "-o", output.as_uri())
    assert code == 1
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[-1] == {"event": "end", "done": 2, "failed": 1}
    assert results(output) == results(tmp_path / "near")
    settings = json.loads((output / "a/video/result.json").read_text())["settings"]
    assert settings["video"] == (folder / "a/video.mp4").as_uri()
    page = (output / "summary.html").read_text()
    assert 'href="a/video/01%20Violin.wav"' in page
    assert (folder / "b").as_uri() in page
    assert not list(output.rglob("*.part"))


def test_again_only_what_changed(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well", b="well"), tmp_path / "far"
    call(folder.as_uri(), "-o", output.as_uri())
    code, text = call(folder.as_uri(), "-o", output.as_uri())
    assert (code, text.count('"skipped"')) == (0, 2)
    recordings(a="another take")
    code, text = call(folder.as_uri(), "-o", output.as_uri())
    assert (code, text.count('"skipped"'), text.count('"done"')) == (0, 1, 2)
    assert b"another take" in (output / "a/video/01 Violin.wav").read_bytes()
    (output / "b/video/result.json").unlink()  # by somebody there: it is made again
    code, text = call(folder.as_uri(), "-o", output.as_uri())
    assert (code, text.count('"planned"')) == (0, 1)


def test_the_state_follows_the_results(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine, without a desk of its own, goes on from the state beside the results."""
    folder, output = recordings(a="well"), tmp_path / "far"
    call(folder.as_uri(), "-o", output.as_uri())
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    code, text = call(folder.as_uri(), "-o", output.as_uri())
    assert (code, text.count('"skipped"')) == (0, 1)


def test_machines_by_turns(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one knows what another has done since, and goes on from there."""
    folder, output = recordings(a="well"), tmp_path / "far"
    homes = ("home", "elsewhere", "home", "elsewhere")
    for home, skipped in zip(homes, (0, 1, 2, 3), strict=True):
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
            monkeypatch.setenv(name, str(tmp_path / home))
        code, text = call(folder.as_uri(), "-o", output.as_uri())
        assert (code, text.count('"skipped"'), text.count('"refused"')) == (0, skipped, 0)
        recordings(**{f"after {skipped}": "well"})


def test_only_the_output_is_far(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "far"
    assert call(folder, "-o", output.as_uri())[0] == 0
    assert (output / "a/video/result.json").is_file()


def test_only_the_inputs_are_far(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "out"
    assert call(folder.as_uri(), "-o", output)[0] == 0
    assert (output / "a/video/result.json").is_file()


def test_a_list_far_away(recordings: Make, tmp_path: Path) -> None:
    folder = recordings(a="well")
    (folder / "l.csv").write_text("name,video,score\nA,a/video.mp4,a/score.mid\nB,gone.mp4,x.mid\n")
    code, text = call((folder / "l.csv").as_uri(), "-o", tmp_path / "out")
    assert code == 1
    assert "gone.mp4 is not there" in text
    assert (tmp_path / "out/A/result.json").is_file()


def test_the_manifest_is_sent_last_and_goes_first(tmp_path: Path) -> None:
    """A store that fails in the middle never shows a manifest beside half a result."""
    memory = fsspec.filesystem("memory")
    result = tmp_path / "result"
    result.mkdir()
    for name in ("a.wav", "result.json", "z.wav"):
        (result / name).write_text(name)
    remote._send(result, "memory://store/x")
    assert sorted(memory.find("/store/x")) == [
        f"/store/x/{n}" for n in ("a.wav", "result.json", "z.wav")
    ]
    (result / "z.wav").chmod(0)
    real, sent = memory.put_file, []

    def put_file(source: str, target: str, **more: object) -> None:
        sent.append(target.rpartition("/")[2])
        if "z.wav" in target:
            raise OSError("no space")
        real(source, target, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(memory), "put_file", lambda _, s, t, **more: put_file(s, t, **more))
        with pytest.raises(OutputError, match="no space"):
            remote._send(result, "memory://store/x")
    assert sent == ["a.wav", "z.wav"]
    assert not memory.exists("/store/x/result.json")


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("nowhere://x/y", RequestError, "nowhere"),
        ("memory://nothing/here", MediaError, "Nothing lies at"),
    ],
)
def test_urls_that_lead_nowhere(
    tmp_path: Path, url: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        remote.mirror(url, tmp_path / "m")


def test_what_is_a_url() -> None:
    assert all(map(remote.is_url, ("s3://bucket/x", "file:///x", "memory://x")))
    assert not any(map(remote.is_url, ("C:\\x", "C://x", "/a/b", "a:b", "rel/x")))


def test_projects_behind_urls_are_not_written(recordings: Make, tmp_path: Path) -> None:
    code, text = call(recordings(a="well").as_uri(), "-o", tmp_path / "out", "--into-projects")
    assert code == 2
    assert "needs projects and stems on a disk" in text


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtra, match="need the package fsspec"):
        remote.mirror("memory://x", tmp_path / "m")
    assert done([]) == set()
