"""Records of the stems stage."""

from __future__ import annotations

from dataclasses import dataclass

from avstem.datatypes.base import FloatArray


@dataclass(frozen=True, eq=False)
class Stem:
    """One written stem."""

    part: int
    name: str  # "Violin 1"
    path: str  # relative to the result folder, "/" as separator: "01 Violin 1.wav"
    colour: str  # "#rrggbb", the same in report, panel and tracks
    peaks: FloatArray  # (columns,) largest magnitude in each stretch of the stem, for drawing
    level_db: float  # RMS relative to full scale
