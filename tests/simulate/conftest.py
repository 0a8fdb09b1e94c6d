"""A small simulated duo, made without FluidSynth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_scores import SMALL, duo_score

from avstem.simulate import simulate


@pytest.fixture(scope="session")
def duo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a simulated duo."""
    return simulate(duo_score(), tmp_path_factory.mktemp("simulated") / "duo", seed=3, **SMALL)


@pytest.fixture(scope="session")
def truth(duo: Path) -> dict[str, Any]:
    """The duo's truth."""
    return json.loads((duo / "truth.json").read_text(encoding="utf-8"))
