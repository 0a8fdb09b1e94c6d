"""The scripts as texts: calls, headers, index, style, pattern file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import reapack
from fake_reaper.checks import API
from hypothesis import given
from hypothesis import strategies as st

from avstem.datatypes import Condition
from osc_bridge.install import _actions, _own_files

lua53 = pytest.importorskip("lupa.lua53", reason="lupa is not installed")
lua54 = pytest.importorskip("lupa.lua54", reason="lupa is not installed")

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "reaper_scripts"
ALL = sorted(SCRIPTS.rglob("*.lua"))
ACTIONS = [p for p in ALL if p.parent.name != "lib"]
LIBRARY = [p for p in ALL if p.parent.name == "lib"]
CODE = {path: path.read_text(encoding="utf-8") for path in ALL}


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_every_call_is_in_reapers_table(path: Path) -> None:
    """That the arguments fit is checked whenever the fake runs a call."""
    unknown = set(re.findall(r"(?<![/\w])reaper\.(\w+)", CODE[path])) - set(API)
    assert not unknown, f"not in api.json: {unknown}"


def test_the_table_has_no_more_than_is_used() -> None:
    used = set(re.findall(r"(?<![/\w])reaper\.(\w+)", "\n".join(CODE.values())))
    assert set(API) == used


def test_functions_of_later_versions_are_asked_for_first() -> None:
    """Everything that REAPER 6.17 does not have stands behind a test for it."""
    late = {"InsertTrackInProject", "PCM_Source_BuildPeaks", "set_action_options"}
    for name in late:
        files = [p for p in ALL if f"reaper.{name}(" in CODE[p]]
        assert files
        for path in files:
            assert re.search(rf"if (not )?reaper\.{name} then", CODE[path]), path.name


def test_nothing_blocks_or_sends() -> None:
    for path in ALL:
        for forbidden in (
            "os.execute",
            "io.popen",
            "OscLocalMessageToHost",
            "localhost",
            "while true do\n  end",
        ):
            assert forbidden not in CODE[path], f"{path.name}: {forbidden}"


def test_scripts_are_small() -> None:
    assert all(text.count("\n") <= 250 for text in CODE.values())
    assert all(CODE[p].count("\n") <= 25 for p in ACTIONS)


def test_there_is_a_variant_for_each_conditioning() -> None:
    names = {p.stem for p in ACTIONS}
    for condition in Condition:
        assert f"avstem_Separate selected items ({condition})" in names


def test_every_library_is_required_by_someone() -> None:
    required = set(re.findall(r'require\("(\w+)"\)', "\n".join(CODE.values())))
    assert required == {p.stem for p in LIBRARY}


def test_index_and_headers_agree() -> None:
    """When this fails: python tests/reaper_scripts/reapack.py."""
    text = (SCRIPTS / "index.xml").read_text(encoding="utf-8")
    assert text == reapack.index()
    sources = [node.attrib["file"] for node in ElementTree.fromstring(text).iter("source")]
    shipped = [p.relative_to(SCRIPTS / "Stems").as_posix() for p in ALL]
    assert sorted(sources) == sorted(shipped)


def test_headers_are_complete() -> None:
    packages = reapack.packages()
    assert len(packages) == 1, "two packages may not own the same lib files"
    for tag in ("description", "author", "version", "changelog", "about", "provides"):
        assert reapack.header(packages[0])[tag]
    for path in ACTIONS:
        assert (path in packages) != ("noindex" in reapack.header(path)), path.name


def test_versions_agree() -> None:
    version = re.search(r'scripts = "([\d.]+)"', CODE[SCRIPTS / "Stems/lib/version.lua"])
    assert version
    assert version[1] == reapack.header(reapack.packages()[0])["version"]


def test_the_installer_registers_every_action() -> None:
    names = [name for name, _ in _own_files({})]
    assert sorted(Path(a).name for a in _actions(names)) == sorted(p.name for p in ACTIONS)


def test_pattern_file_is_what_the_contract_says() -> None:
    pattern = (SCRIPTS / "avstem.ReaperOSC").read_text(encoding="utf-8").splitlines()
    contract = (ROOT / "docs" / "spool.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(TRACK_NAME.*?)```", contract, re.S)
    assert block
    assert set(block[1].splitlines()) <= set(pattern)
    assert "DEVICE_TRACK_COUNT 64" in pattern
    assert all(line.isascii() and len(line) < 120 for line in pattern)


def test_every_failure_of_the_list_has_its_tests() -> None:
    """README.md beside this file names no test that is gone."""
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 16
    for row in rows:
        names = re.findall(r"`(test_\w+)`", row)
        assert names, row
        gone = [name for name in names if f"def {name}(" not in tests]
        assert not gone, gone


def test_the_manual_says_what_a_stem_is() -> None:
    manual = " ".join((ROOT / "docs" / "reaper.md").read_text(encoding="utf-8").split())
    assert "A stem has the sample rate and the channels of the sound it was made from" in manual
    assert "mono or stereo; nothing is resampled or normalised" in manual


def test_luacheck_is_content() -> None:
    if shutil.which("luacheck") is None:
        pytest.skip("luacheck is not installed (make system)")
    run = subprocess.run(
        ["luacheck", "-q", "--no-color", "reaper_scripts"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


# -- JSON ----------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, min_size=1) | st.dictionaries(TEXTS, inner, min_size=1),
    max_leaves=15,
)


def lua_json(module: Any) -> Any:
    runtime = module.LuaRuntime(unpack_returned_tuples=True)
    return runtime, runtime.execute(CODE[SCRIPTS / "Stems/lib/json.lua"])


ENGINES = {name: lua_json(module) for name, module in (("5.3", lua53), ("5.4", lua54))}


@pytest.mark.parametrize("engine", ENGINES)
@given(VALUES)
def test_json_goes_through_lua_unchanged(engine: str, value: Any) -> None:
    _, module = ENGINES[engine]
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert json.loads(module.encode(module.decode(text))) == value


@pytest.mark.parametrize("engine", ENGINES)
@given(st.binary(max_size=12))
def test_json_is_utf8_whatever_comes(engine: str, raw: bytes) -> None:
    """A file name of an old encoding must not make a request unreadable."""
    runtime, module = ENGINES[engine]
    digits = "".join(f"\\{byte:03d}" for byte in raw)
    inside = runtime.eval(f'function(encode) return encode("{digits}") end')
    json.loads(inside(module.encode))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["", "{", '{"a"}', "[1,]", '"x', "nul", "[1 2]", "1x", '"\\u12"'])
def test_broken_json_says_what_was_expected_where(engine: str, text: str) -> None:
    runtime, module = ENGINES[engine]
    ok, message = runtime.eval("function(f, x) return pcall(f, x) end")(module.decode, text)
    assert not ok
    assert re.match(r"JSON: expected .+ at byte \d+ of \d+", message)


@pytest.mark.parametrize("engine", ENGINES)
def test_json_refuses_what_it_cannot_say(engine: str) -> None:
    runtime, module = ENGINES[engine]
    attempt = runtime.eval("function(f, x) return pcall(f, x) end")
    for value in ("1/0", "-1/0", "0/0", "print"):
        ok, message = attempt(module.encode, runtime.eval(value))
        assert not ok
        assert "JSON has no" in message
    assert module.encode(module.array()) == "[]"
