"""What the report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import (
    Absent,
    Activity,
    Alignment,
    Association,
    MotionClusters,
    Notes,
    Part,
    Players,
    Stem,
)


def _nobody_looked() -> Absent:
    return Absent("nobody looked for it")


@dataclass(frozen=True, eq=False)
class ReportData:
    """One job as the report shows it.

    title : what the recording is called, such as the video's name.
    rate_hz, channels, samples, start_s : the mixture, as in ``Mixture``.
    parts, notes : what there is a stem of, and each part's notes as performed.
    stems : one per part in that order; empty when nothing was separated.
    picture : (rows, columns, 3) RGB, any size with the proportions of the source picture.
    mixture_link : where the page finds the mixture's sound, relative to the page or a file URL;
        None leaves its play button out. ``mixture_offset_s`` is the time in that file under the
        first sample of the stems.
    activity_players, activity_parts : who plays when, by movement and by the aligned score.
    clusters : cells that move alike, where the separation leaned on them.
    sounding : of each player, the cluster that carries the sound, or None; () where nobody looked.
    settings, timings_s : shown as they are; seconds by stage.
    """

    title: str
    parts: tuple[Part, ...]
    notes: tuple[Notes, ...]
    players: Players | Absent
    alignment: Alignment | Absent
    association: Association
    stems: tuple[Stem, ...]
    rate_hz: int
    channels: int
    samples: int
    start_s: float = 0.0
    picture: NDArray[np.uint8] | None = None
    mixture_link: str | None = None
    mixture_offset_s: float = 0.0
    activity_players: Activity | Absent = field(default_factory=_nobody_looked)
    activity_parts: Activity | Absent = field(default_factory=_nobody_looked)
    clusters: MotionClusters | Absent = field(default_factory=_nobody_looked)
    sounding: tuple[int | None, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    timings_s: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Length of the mixture."""
        return self.samples / self.rate_hz
