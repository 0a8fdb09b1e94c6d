"""Fixtures of the alignment tests."""

from __future__ import annotations

import pytest
from alignment_fakes import Performance, performance, random_score


@pytest.fixture(scope="session")
def duo() -> Performance:
    return performance(random_score(1))
