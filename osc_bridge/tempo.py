"""The tempo map of a project: seconds to quarter notes and back, with steps and linear ramps."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

_STEP = 1  # shape of a point whose tempo holds until the next one; 0 is a linear ramp
_SHORTEST_S = 1e-9  # of a ramp; points closer than that are a step


@dataclass(frozen=True)
class TempoPoint:
    """From ``time_s`` on; with ``ramp`` the tempo moves linearly in time to the next point's."""

    time_s: float
    bpm: float
    ramp: bool


@dataclass(frozen=True)
class TempoMap:
    """At least one point, in order of time; before the first its tempo holds."""

    points: tuple[TempoPoint, ...]

    @cached_property
    def _starts(self) -> list[float]:
        """Quarter notes at each point."""
        total = [self.points[0].time_s * self.points[0].bpm / 60.0]
        for index, (point, after) in enumerate(zip(self.points, self.points[1:], strict=False)):
            length_s = after.time_s - point.time_s
            slope = self._slope(index)
            total.append(total[-1] + length_s * (point.bpm + slope * length_s / 2) / 60.0)
        return total

    @cached_property
    def _times(self) -> list[float]:
        return [point.time_s for point in self.points]

    def to_quarters(self, time_s: float) -> float:
        """Quarter notes since the project's start."""
        index = max(bisect_right(self._times, time_s) - 1, 0)
        point = self.points[index]
        inside_s = time_s - point.time_s
        slope = self._slope(index) if inside_s > 0 else 0.0
        return self._starts[index] + inside_s * (point.bpm + slope * inside_s / 2) / 60.0

    def to_seconds(self, quarters: float) -> float:
        """The inverse of ``to_quarters``."""
        index = max(bisect_right(self._starts, quarters) - 1, 0)
        point = self.points[index]
        inside = (quarters - self._starts[index]) * 60.0
        slope = self._slope(index) if inside > 0 else 0.0
        # slope/2 t^2 + bpm t = inside, solved without the difference of near-equal numbers.
        root = math.sqrt(max(point.bpm**2 + 2.0 * slope * inside, 0.0))
        return point.time_s + 2.0 * inside / (point.bpm + root)

    def _slope(self, index: int) -> float:
        """Beats per minute that the tempo gains per second after a point."""
        if not self.points[index].ramp or index == len(self.points) - 1:
            return 0.0
        point, after = self.points[index], self.points[index + 1]
        length_s = after.time_s - point.time_s
        return (after.bpm - point.bpm) / length_s if length_s > _SHORTEST_S else 0.0


def tempo_point(time_s: float, bpm: float, shape: float) -> TempoPoint:
    """A row ``PT seconds bpm shape`` of a project file."""
    return TempoPoint(time_s, bpm, ramp=shape != _STEP)
