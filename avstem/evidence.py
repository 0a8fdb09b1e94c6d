"""What speaks for a matching, small enough to keep: the scores and a movement curve per player.

Stored as ``evidence.json`` in the result folder; docs/result.md describes it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avstem.datatypes import Affinity, FloatArray
from avstem.errors import OutputError

VERSION = 1
_STEP = 0.01  # of a standardised curve: finer than any screen
_LIMIT = 32767


@dataclass(frozen=True, eq=False)
class Evidence:
    """The evidence of one job.

    method : of the association.
    scores : (parts, players), larger is better.
    curves : (players, times) standardised movement, at ``start_s + n / rate_hz`` media time.
    """

    method: str
    scores: FloatArray
    curves: FloatArray
    start_s: float
    rate_hz: float

    @classmethod
    def of(cls, affinity: Affinity) -> Evidence:
        """The part of an affinity that is kept."""
        times_s = affinity.times_s
        span_s = float(times_s[-1] - times_s[0]) if len(times_s) > 1 else 0.0
        rate_hz = (len(times_s) - 1) / span_s if span_s > 0 else 1.0
        start_s = float(times_s[0]) if len(times_s) else 0.0
        return cls(affinity.method, affinity.scores, affinity.curves, start_s, rate_hz)

    def write(self, path: Path) -> None:
        """Write as JSON; OutputError if that cannot be."""
        scaled = np.clip(np.round(self.curves / _STEP), -_LIMIT, _LIMIT).astype("<i2")
        data = {
            "version": VERSION,
            "method": self.method,
            "scores": np.round(self.scores, 4).tolist(),
            "start_s": self.start_s,
            "rate_hz": self.rate_hz,
            "step": _STEP,
            "curves": [base64.b64encode(row.tobytes()).decode() for row in scaled],
        }
        try:
            path.write_text(json.dumps(data) + "\n", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"Cannot write {path}: {error.strerror}.") from error

    @classmethod
    def read(cls, path: Path) -> Evidence:
        """Read what ``write`` wrote; OutputError when it is of another version or damaged."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["version"] != VERSION:
                raise ValueError(f"version {data['version']}, expected {VERSION}")
            rows = [np.frombuffer(base64.b64decode(row), "<i2") for row in data["curves"]]
            curves = np.array(rows, dtype=np.float32) * np.float32(data["step"])
            scores = np.array(data["scores"], dtype=float)
            return cls(data["method"], scores, curves, data["start_s"], data["rate_hz"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"{path} holds no evidence that can be shown: {error}.", "Run the job again."
            ) from error
