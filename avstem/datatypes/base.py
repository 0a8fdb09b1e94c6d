"""Array types, progress, and the check that every record runs when it is made."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]


def require(condition: bool, message: str) -> None:
    """Raise ValueError with ``message`` unless the condition holds."""
    if not condition:
        raise ValueError(message)


class Stage(StrEnum):
    """The stages of the flow, in order."""

    MEDIA = "media"
    ALIGNMENT = "alignment"
    PLAYERS = "players"
    ASSOCIATION = "association"
    SEPARATION = "separation"
    STEMS = "stems"


# A stage reports the fraction of itself that is done, 0 to 1. The callee may raise Cancelled.
Progress = Callable[[float], None]


def no_progress(fraction: float) -> None:
    """Progress that nobody watches."""
