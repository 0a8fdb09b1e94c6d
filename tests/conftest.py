"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

try:
    import PyQt5.QtWidgets  # noqa: F401
    import pytestqt  # noqa: F401
except ImportError:  # the panel's tests are skipped and say why
    pytest_plugins: tuple[str, ...] = ()
else:
    pytest_plugins = ("pytestqt.plugin",)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the real recordings; skips where they are absent."""
    folder = Path(os.environ.get("AVSTEM_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real recordings are absent: no folder {folder.name} (set AVSTEM_DATA)")
    return folder


@pytest.fixture(scope="session")
def fluidsynth() -> str:
    """Path of the fluidsynth program; skips where it is absent."""
    found = shutil.which("fluidsynth")
    if found is None:
        pytest.skip("fluidsynth is not installed (make system)")
    return found


@pytest.fixture(scope="session")
def duo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a simulated duo: video.mp4, mix.wav, score.mid, stems, truth.json."""
    from make_duo import make_duo

    return make_duo(tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="session")
def motion_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One motion cache for all tests, so that a video is looked at once."""
    return tmp_path_factory.mktemp("cache")
