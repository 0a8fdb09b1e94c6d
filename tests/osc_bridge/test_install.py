"""Installing into REAPER and taking it out again."""

from __future__ import annotations

import json
import shutil
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from avstem.errors import OutputError, RequestError
from osc_bridge import install as install_module
from osc_bridge import reaper_config as config
from osc_bridge.install import (
    HEARTBEAT_S,
    app,
    install,
    plan_install,
    plan_uninstall,
    uninstall,
)

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path("/opt/avstem/bin/python")
INI = (
    b"[REAPER]\r\nlastproject=C:\\x.rpp\r\ncsurf_cnt=1\r\ncsurf_0=HUI 0 0 5 0\r\nlang=\r\n"
    b"[recent]\r\nrecent01=y.rpp\r\n"
)
KB = b'KEY 1 65 40001 0\nSCR 4 0 RSabc "Custom: other.lua" "other.lua"\n'


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    folder = tmp_path / "REAPER mit Leerzeichen ü"
    (folder / "OSC").mkdir(parents=True)
    (folder / "OSC" / "Default.ReaperOSC").write_bytes(b"# default")
    (folder / "reaper.ini").write_bytes(INI)
    (folder / "reaper-kb.ini").write_bytes(KB)
    return folder


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None
        for p in folder.rglob("*")
    }


def test_everything_is_put_in_place(resources: Path) -> None:
    install(resources, plan_install(resources, PYTHON))
    ini = (resources / "reaper.ini").read_bytes()
    assert b'csurf_1=OSC "avstem" 3 8000 "127.0.0.1" 9000 1024 10 "avstem"\r\n' in ini
    assert b"csurf_cnt=2\r\n" in ini
    assert b"csurf_0=HUI 0 0 5 0\r\n" in ini
    stems = resources / "Scripts" / "avstem" / "Stems"
    assert (stems / "avstem_Separate selected items.lua").exists()
    assert (stems / "lib" / "json.lua").exists()
    assert (resources / "OSC" / "avstem.ReaperOSC").exists()
    kb = (resources / "reaper-kb.ini").read_bytes()
    assert kb.startswith(KB)
    assert b'"avstem/Stems/avstem_Insert finished stems.lua"' in kb
    assert b"lib/" not in kb
    facts = json.loads((resources / "Data/avstem/install.json").read_text(encoding="utf-8"))
    assert facts == {
        "version": 1, "python": str(PYTHON), "udp_port": 9000, "reaper_port": 8000,
    }  # fmt: skip


def test_uninstall_restores_every_byte(resources: Path) -> None:
    before = tree(resources)
    install(resources, plan_install(resources, PYTHON))
    assert tree(resources) != before
    uninstall(resources, plan_uninstall(resources))
    assert tree(resources) == before


def test_uninstall_without_configuration_files_leaves_none(tmp_path: Path) -> None:
    install(tmp_path, plan_install(tmp_path, PYTHON))
    uninstall(tmp_path, plan_uninstall(tmp_path))
    assert tree(tmp_path) == {}


def test_a_second_install_changes_nothing(resources: Path) -> None:
    install(resources, plan_install(resources, PYTHON))
    once = tree(resources)
    assert plan_install(resources, PYTHON) == []
    install(resources, plan_install(resources, PYTHON))
    assert tree(resources) == once


def test_another_port_replaces_the_surface_and_uninstall_still_restores(resources: Path) -> None:
    before = tree(resources)
    install(resources, plan_install(resources, PYTHON))
    install(resources, plan_install(resources, PYTHON, reaper_port=8100))
    ini = (resources / "reaper.ini").read_bytes()
    assert ini.count(b"avstem") == 2
    assert b" 8100 " in ini
    uninstall(resources, plan_uninstall(resources))
    assert tree(resources) == before


@pytest.mark.parametrize("reinstall", [False, True])
def test_what_reaper_wrote_since_is_kept(resources: Path, reinstall: bool) -> None:
    install(resources, plan_install(resources, PYTHON))
    for name in ("reaper.ini", "reaper-kb.ini"):
        path = resources / name
        path.write_bytes(path.read_bytes() + b"written later\n")
    if reinstall:
        install(resources, plan_install(resources, PYTHON, reaper_port=8100))
    uninstall(resources, plan_uninstall(resources))
    ini, kb = (resources / "reaper.ini").read_bytes(), (resources / "reaper-kb.ini").read_bytes()
    assert b"written later" in ini
    assert b"avstem" not in ini
    assert b"csurf_cnt=1" in ini
    assert b"written later" in kb
    assert b"avstem" not in kb
    assert b"other.lua" in kb


def test_a_script_that_is_no_longer_shipped_goes(resources: Path) -> None:
    install(resources, plan_install(resources, PYTHON))
    manifest = resources / "Data/avstem/install-manifest.json"
    old = resources / "Scripts/avstem/Stems/avstem_Old.lua"
    old.write_bytes(b"old")
    data = json.loads(manifest.read_text())
    data["files"]["Scripts/avstem/Stems/avstem_Old.lua"] = {"before": None, "after": None}
    manifest.write_text(json.dumps(data))
    install(resources, plan_install(resources, PYTHON))
    assert not old.exists()


def test_refused_while_reaper_runs(resources: Path) -> None:
    beat = resources / "Data/avstem/reaper.json"
    beat.parent.mkdir(parents=True)
    beat.write_text(json.dumps({"heartbeat_s": time.time()}))
    with pytest.raises(RequestError, match=r"REAPER is running.*Quit REAPER"):
        plan_install(resources, PYTHON)
    beat.write_text(json.dumps({"heartbeat_s": time.time() - HEARTBEAT_S - 1}))
    assert plan_install(resources, PYTHON)


def test_scripts_that_pip_installed_are_found(
    resources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside a checkout; every file of ``reaper_scripts`` that is installed is packaged."""
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for folder, patterns in packaged["tool"]["setuptools"]["data-files"].items():
        (tmp_path / folder).mkdir(parents=True)
        for path in (p for pattern in patterns for p in ROOT.glob(pattern)):
            shutil.copy(path, tmp_path / folder)
    expected = plan_install(resources, PYTHON)
    monkeypatch.setattr(install_module, "CHECKOUT", tmp_path / "absent")
    monkeypatch.setattr(install_module.sysconfig, "get_path", lambda name: str(tmp_path))
    assert plan_install(resources, PYTHON) == expected


def test_scripts_that_are_nowhere(resources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install_module, "CHECKOUT", resources / "absent")
    monkeypatch.setattr(install_module, "INSTALLED", "absent")
    with pytest.raises(
        OutputError, match=r"scripts were expected in .*absent.*found none"
    ) as caught:
        plan_install(resources, PYTHON)
    assert "Install avstem again with pip" in caught.value.hint


def test_refused_without_a_resource_path(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no folder .*Start REAPER once"):
        plan_install(tmp_path / "absent", PYTHON)
    with pytest.raises(RequestError, match="is not installed"):
        plan_uninstall(tmp_path)


def test_dry_run_writes_nothing_and_tells_all(resources: Path) -> None:
    before = tree(resources)
    run = CliRunner().invoke(app, ["install", "--resource-path", str(resources), "--dry-run"])
    assert run.exit_code == 0
    assert f"would change {resources / 'reaper.ini'}" in run.output
    assert tree(resources) == before
    run = CliRunner().invoke(app, ["install", "--resource-path", str(resources)])
    assert run.exit_code == 0
    run = CliRunner().invoke(app, ["uninstall", "--resource-path", str(resources)])
    assert run.exit_code == 0
    assert tree(resources) == before


def test_errors_of_the_command_say_what_to_do(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["uninstall", "--resource-path", str(tmp_path)])
    assert run.exit_code == 2
    assert "is not installed" in run.output


ROWS = st.sampled_from(
    [b"lang=", b"csurf_0=HUI 0 0 5 0", b"[other]", b"x=\xff\xfe", b"", b"csurf=1"]
)


@given(st.lists(ROWS), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.sampled_from([b"k=1"])))
def test_adding_and_removing_lines_gives_the_file_back(
    rows: list[bytes], newline: bytes, section: list[bytes]
) -> None:
    surfaces = [row for row in rows if row.startswith(b"csurf_0")][:1]
    others = [row for row in rows if not row.startswith(b"csurf_0")]
    body = [b"[REAPER]", b"csurf_cnt=%d" % len(surfaces), *surfaces, *section, *others]
    ini = newline.join(body) + newline
    line = config.surface_line(8000, 9000)
    added = config.add_surface(ini, line)
    assert config.add_surface(added, line) == added
    removed = config.remove_surface(added)
    assert sorted(removed.split(newline)) == sorted(ini.split(newline))
    assert config.remove_surface(ini) == ini
