"""Fixtures of the bridge's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from service_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A spool and a service that is stopped at the end."""
    made = Bench(tmp_path)
    yield made
    made.stop()
