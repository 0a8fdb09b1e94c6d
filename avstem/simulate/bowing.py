"""Bowing: where the bow is at each picture, from the strokes of a part.

The bow turns at the strokes' starts, its speed is continuous and zero at the turns, louder and
shorter strokes are faster, and the bow never leaves its hair: when little is left, strokes get
shorter. During rests the bow stops, lifts and is carried back for the next entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.perform import PerformedPart

_RAMP_S = 0.11  # acceleration time of an unhurried bow change
_FROG, _TIP = 0.06, 0.94
_RETAKE_S = 0.45  # rests longer than this let the bow be lifted and carried back


@dataclass(frozen=True, eq=False)
class Bowing:
    """The bow at each picture; arrays of shape (frames,).

    position : 0 at the frog to 1 at the tip, the part of the bow that touches the string.
    lift : 0 on the string to 1 in the air.
    string : which string, 0 the lowest to 3, with smooth crossings.
    """

    position: FloatArray
    lift: FloatArray
    string: FloatArray


def bow_of(part: PerformedPart, times_s: FloatArray, rng: np.random.Generator) -> Bowing:
    """The bow of a string player at media times ``times_s``."""
    plan = _plan(part, rng)
    starts_s, ends_s = part.strokes.starts_s, part.strokes.ends_s
    position = np.full(len(times_s), plan[0][0])
    lift = np.zeros(len(times_s))
    for k, (begin, end) in enumerate(plan):
        inside = _between(times_s, starts_s[k], ends_s[k])
        u = (times_s[inside] - starts_s[k]) / (ends_s[k] - starts_s[k])
        position[inside] = begin + (end - begin) * _stroke_shape(u, ends_s[k] - starts_s[k])
        last = k + 1 == len(plan)
        rest = _between(times_s, ends_s[k], np.inf if last else starts_s[k + 1])
        rest_s = 1.5 if last else starts_s[k + 1] - ends_s[k]
        goal = 0.5 if last else plan[k + 1][0]
        v = np.clip((times_s[rest] - ends_s[k]) / max(rest_s, 1e-3), 0.0, 1.0)
        position[rest] = end + (goal - end) * _smoothstep(v)
        if rest_s > _RETAKE_S:
            lift[rest] = np.sin(np.pi * v) ** 2
    return Bowing(position, lift, _strings(part, times_s))


def _between(times_s: FloatArray, start_s: float, end_s: float) -> slice:
    return slice(*np.searchsorted(times_s, [start_s, end_s]))


def _smoothstep(u: FloatArray) -> FloatArray:
    return u * u * (3.0 - 2.0 * u)


def _stroke_shape(u: FloatArray, length_s: float) -> FloatArray:
    """Way covered at u = 0 to 1 of a stroke: smooth acceleration, even speed, smooth stop."""
    ramp = float(np.clip(_RAMP_S / length_s, 0.06, 0.5))
    way = np.where(u < ramp, u - ramp / np.pi * np.sin(np.pi * u / ramp), 0.0) / 2
    w = 1.0 - u
    rest = np.where(w < ramp, w - ramp / np.pi * np.sin(np.pi * w / ramp), 0.0) / 2
    middle = u - ramp / 2
    total = 1.0 - ramp
    shape = np.where(u < ramp, way, np.where(w < ramp, total - rest, middle))
    return np.asarray(shape / total)


def _plan(part: PerformedPart, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Begin and end of every stroke on the bow."""
    strokes = part.strokes
    economy = rng.uniform(0.75, 1.2)  # some players use much bow, some little
    plan: list[tuple[float, float]] = []
    here = 0.3
    for k in range(len(strokes.starts_s)):
        length_s = strokes.ends_s[k] - strokes.starts_s[k]
        rest_s = strokes.starts_s[k] - strokes.ends_s[k - 1] if k else 1.0
        down = strokes.directions[k] > 0
        if rest_s > _RETAKE_S:
            here = rng.uniform(0.08, 0.4) if down else rng.uniform(0.6, 0.92)
        speed = economy * (0.25 + 0.75 * strokes.loudness[k]) * np.exp(0.15 * rng.standard_normal())
        way = 0.62 * (1.0 - np.exp(-speed * length_s / 0.62 * 1.1)) + 0.015
        room = _TIP - here if down else here - _FROG
        way = max(min(way, 0.9 * room), 0.025)
        there = float(np.clip(here + (way if down else -way), 0.01, 0.99))
        plan.append((here, there))
        here = there
    return plan


def _strings(part: PerformedPart, times_s: FloatArray) -> FloatArray:
    """The string at each time: the highest open string below the pitch, crossed in 60 ms."""
    opens = np.array(part.instrument.strings)
    string = np.clip(np.searchsorted(opens, part.notes.pitches, side="right") - 1, 0, 3)
    onsets_s, first = np.unique(part.notes.onsets_s, return_index=True)
    played = string[first].astype(float)
    index = np.clip(np.searchsorted(onsets_s, times_s + 0.03, side="right") - 1, 0, None)
    before = np.clip(index - 1, 0, None)
    u = np.clip((times_s + 0.03 - onsets_s[index]) / 0.06, 0.0, 1.0)
    return np.asarray(played[before] + (played[index] - played[before]) * _smoothstep(u))
