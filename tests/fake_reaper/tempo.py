"""A tempo map: project seconds to quarter notes and back, with steps and linear ramps."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class TempoMap:
    """points : rows (seconds, bpm, ramp to the next point), in order, the first at 0."""

    points: list[tuple[float, float, bool]] = field(default_factory=lambda: [(0.0, 120.0, False)])

    def to_quarters(self, time_s: float) -> float:
        total = 0.0
        for n, (start, _, _) in enumerate(self.points):
            last = n == len(self.points) - 1
            stop = time_s if last else min(time_s, self.points[n + 1][0])
            if stop > start or n == 0:
                total += self._quarters_within(n, stop - start)
        return total

    def to_seconds(self, quarters: float) -> float:
        """By bisection: the map rises, and a ramp's inverse needs no formula of its own."""
        low, high = -1e4, 1e6
        for _ in range(200):
            middle = (low + high) / 2
            if self.to_quarters(middle) < quarters:
                low = middle
            else:
                high = middle
        return high

    def _quarters_within(self, n: int, seconds: float) -> float:
        start, bpm, ramp = self.points[n]
        if not ramp or n == len(self.points) - 1:
            return seconds * bpm / 60
        stop, next_bpm, _ = self.points[n + 1]
        slope = (next_bpm - bpm) / (stop - start)
        return seconds * (bpm + slope * seconds / 2) / 60
