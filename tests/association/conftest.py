"""Fixtures of the association tests."""

from __future__ import annotations

import pytest
from moving_ensembles import Ensemble, make_ensemble


@pytest.fixture
def quartet() -> Ensemble:
    return make_ensemble(4)
