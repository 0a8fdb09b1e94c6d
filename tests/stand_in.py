"""A separation method for tests: fixed shares of the mixture; it remembers what it was given."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from avstem import separation
from avstem.datatypes import (
    Condition,
    Conditions,
    Mixture,
    Progress,
    SourceBlock,
    no_progress,
)

CONDITIONINGS = (
    *(separation.SCORE, separation.MOTION, separation.AUDIO),
    separation.SCORE | separation.MOTION,
)


@dataclass
class Shares:
    """Source k is k + 1 parts of the mixture."""

    needs: frozenset[Condition] = frozenset()
    given: list[Conditions] = field(default_factory=list)

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        self.given.append(conditions)
        weights = np.arange(1.0, conditions.count + 1)
        weights /= weights.sum()
        sound = mixture.read(0, mixture.samples)
        progress(1.0)
        yield SourceBlock(0, (weights[:, None, None] * sound).astype(np.float32))


def install(put=dict.__setitem__) -> Shares:
    """Make shares the method of every conditioning; ``put`` (a table, key, value) can undo it."""
    method, module = Shares(), ModuleType("stand_in_method")
    module.method = lambda: method  # type: ignore[attr-defined]
    put(sys.modules, "avstem.separation.stand_in", module)
    put(separation.METHODS, "stand_in", separation.Method("stand_in", frozenset()))
    for conditioning in CONDITIONINGS:
        put(separation.DEFAULTS, conditioning, "stand_in")
    return method
