"""When a recording is silent, so that nobody can be playing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import FloatArray, Mixture

SILENT_DB = -50.0  # below the loud steps: less than the tail of a room a second after the music
_LOUD_QUANTILE = 0.9


def silent_steps(mixture: Mixture, start_s: float, step_s: float, steps: int) -> NDArray[np.bool_]:
    """(steps,) whether each step of media time from ``start_s`` is silent; outside the sound not.

    A mixture that is silent throughout is silent nowhere: it has no loud steps to compare with.
    """
    power = np.array(
        [_power(mixture, start_s + k * step_s, step_s) for k in range(steps)], dtype=float
    )
    heard = np.isfinite(power)
    loud = np.quantile(power[heard], _LOUD_QUANTILE) if heard.any() else 0.0
    return np.asarray(heard & (power < loud * 10 ** (SILENT_DB / 10)))


def _power(mixture: Mixture, from_s: float, length_s: float) -> float:
    """Mean square of a stretch, NaN where it is not wholly within the sound."""
    first = round((from_s - mixture.start_s) * mixture.rate_hz)
    count = round(length_s * mixture.rate_hz)
    if first < 0 or first + count > mixture.samples:
        return float("nan")
    sound: FloatArray = mixture.read(first, count)
    return float(np.mean(np.square(sound, dtype=np.float64)))
