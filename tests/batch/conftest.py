"""A folder of small recordings, and batches with a runner that takes no time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(autouse=True)
def _runners_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


@pytest.fixture
def recordings(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of recordings: name -> what the video says to the runner."""

    def make(**videos: str) -> Path:
        folder = tmp_path / "in"
        for name, text in videos.items():
            here = folder / name
            here.mkdir(parents=True, exist_ok=True)
            video = here / "video.mp4"
            video.write_text(f"{text} {name}")
            os.utime(video, (1.7e9, 1.7e9))
            (here / "score.mid").write_text(f"score of {name}")
        return folder

    return make
