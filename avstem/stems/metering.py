"""What is learned about a stem while it is written, in memory that does not grow."""

from __future__ import annotations

import numpy as np

from avstem.datatypes import FloatArray

PEAK_COLUMNS = 2000
SILENCE_DB = -200.0  # level of digital silence: a number, so that every format can hold it


class Meter:
    """Peaks for drawing and the level of a stem of known length.

    Column k of ``peaks`` covers samples ceil(k * samples / columns) up to the next column.
    """

    def __init__(self, samples: int, channels: int) -> None:
        columns = min(PEAK_COLUMNS, max(samples, 1))
        self.peaks: FloatArray = np.zeros(columns, dtype=np.float32)
        self._first = -(-np.arange(columns + 1) * samples // columns)  # each column's first sample
        self._values = samples * channels
        self._energy = 0.0

    def add(self, start: int, block: FloatArray) -> None:
        """Take in samples from ``start`` on, (channels, samples)."""
        count = block.shape[1]
        if count == 0:
            return
        magnitude = np.abs(block).max(axis=0)
        column = int(np.searchsorted(self._first, start, side="right")) - 1
        last = int(np.searchsorted(self._first, start + count, side="left"))
        begins = np.maximum(self._first[column:last] - start, 0)
        found = np.maximum.reduceat(magnitude, begins)
        self.peaks[column:last] = np.maximum(self.peaks[column:last], found)
        self._energy += float(np.sum(np.square(block, dtype=np.float64)))

    @property
    def peak(self) -> float:
        """Largest magnitude so far; not a number when a sample was not."""
        return float(self.peaks.max())

    @property
    def level_db(self) -> float:
        """RMS over all channels relative to full scale, at least ``SILENCE_DB``."""
        mean = self._energy / max(self._values, 1)
        return float(10.0 * np.log10(mean)) if mean > 1e-20 else SILENCE_DB
