"""The world of the script tests, on both of REAPER's Lua versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_reaper import FakeReaper
from reaper_world import World


@pytest.fixture(params=["lua54", "lua53"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """On both of REAPER's Lua versions; every rule of the fake is checked at the end."""
    lua = pytest.importorskip(f"lupa.{request.param}", reason="lupa is not installed")
    resource = tmp_path / "REAPER Ünïcode 'é'"
    resource.mkdir()
    made = World(FakeReaper(resource, lua), tmp_path)
    yield made
    made.reaper.check()
