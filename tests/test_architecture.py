"""Rules of the house that no linter knows: layering, import cost, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAGES = (
    "media",
    "alignment",
    "players",
    "activity",
    "association",
    "separation",
    "stems",
    "report",
)
SHARED = {"colours", "datatypes", "errors", "request", "progress"}
MODULES = sorted((ROOT / "avstem").rglob("*.py")) + sorted((ROOT / "osc_bridge").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names of everything a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def stage_of(path: Path) -> str | None:
    inside = path.relative_to(ROOT).with_suffix("").parts
    return inside[1] if inside[0] == "avstem" and inside[1] in STAGES else None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_stages_do_not_import_each_other(path: Path) -> None:
    stage = stage_of(path)
    if stage is None:
        return
    for name in imported(path):
        package, _, rest = name.partition(".")
        if package == "avstem":
            used = rest.split(".")[0]
            assert used in SHARED | {stage}, f"{path.name} of stage {stage} imports avstem.{used}"


def test_front_ends_import_no_stage() -> None:
    front_ends = [ROOT / "avstem" / name for name in ("cli.py", "show.py", "request.py")]
    front_ends += sorted((ROOT / "osc_bridge").rglob("*.py"))
    for path in front_ends:
        for name in imported(path):
            used = name.split(".")[1] if name.startswith("avstem.") else ""
            assert used not in set(STAGES) - {"stems"}, f"{path.name} imports {name}"


def test_the_panel_is_a_client() -> None:
    """It knows records and messages; it opens no media and runs no stage."""
    allowed = SHARED | {"panel", "result", "evidence"}
    for path in sorted((ROOT / "avstem" / "panel").rglob("*.py")):
        for name in imported(path):
            package, _, rest = name.partition(".")
            used = rest.split(".")[0]
            assert package != "avstem" or used in allowed, f"{path.name} imports {name}"
            assert package not in {"cv2", "torch", "mediapipe", "av"}, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 320, "split the module: one idea each"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            documentation = ast.get_docstring(node)
            lines -= len(documentation.splitlines()) if documentation else 0
            assert lines <= 60, f"{node.name} has {lines} lines"


def test_importing_is_cheap() -> None:
    """The package, its records and the command line load neither torch nor cv2 nor Qt."""
    code = (
        "import sys, avstem, avstem.datatypes, avstem.request, avstem.result, avstem.cli;"
        "heavy = {'torch', 'cv2', 'PyQt5', 'librosa', 'av', 'pedalboard'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_error_classes_are_few_and_their_exit_codes_differ() -> None:
    from avstem import errors

    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    assert len(classes) <= 8
    assert len({c.exit_code for c in classes}) == len(classes)
