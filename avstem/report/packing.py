"""Arrays for the page's script, small enough for half an hour of music."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from avstem.datatypes import Affinity, FloatArray
from avstem.report.data import ReportData
from avstem.report.figures import pooled

CURVE_BYTES = 900_000  # for all players together, before base64 adds a third


def page_data(data: ReportData) -> dict[str, Any]:
    """What the script needs: times, curves (8 bit, base64) and onsets (ms, differences)."""
    affinity = data.association.affinity
    return {
        "duration": round(data.duration_s, 4),
        "start": round(data.start_s, 4),
        "mixtureOffset": round(data.mixture_offset_s, 4),
        "onsets": [_onsets(notes.onsets_s) for notes in data.notes],
        "curves": None if affinity is None else _curves(affinity),
    }


def _onsets(onsets_s: FloatArray) -> list[int]:
    """Differences in milliseconds; their running sum gives the times back to 1 ms."""
    return [int(step) for step in np.diff(np.rint(onsets_s * 1000.0), prepend=0.0)]


def _curves(affinity: Affinity) -> dict[str, Any] | None:
    players, frames = affinity.curves.shape
    if players == 0 or frames < 2:
        return None
    begin, end = float(affinity.times_s[0]), float(affinity.times_s[-1])
    # Frames need not be equally spaced; the page's grid is.
    grid = np.linspace(begin, end, frames)
    columns = min(frames, CURVE_BYTES // players)
    rows = [
        _packed(pooled(np.interp(grid, affinity.times_s, curve), columns))
        for curve in affinity.curves
    ]
    return {"begin": round(begin, 4), "end": round(end, 4), "columns": columns, "rows": rows}


def _packed(curve: FloatArray) -> str:
    """A curve as bytes: its bulk between 0 and 255, rare extremes cut."""
    low, high = np.percentile(curve, (0.1, 99.8))
    codes = np.clip((curve - low) / max(high - low, 1e-9) * 255.0, 0.0, 255.0)
    return base64.b64encode(np.rint(codes).astype(np.uint8).tobytes()).decode()
