"""Gestures: everything about a player that moves, one value per picture.

What the music decides (bow, fingers, vibrato, breath before an entry) is mixed with what it does
not (sway, nods, fidgeting while idle, shifting in the seat). Lengths are in head heights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, IntArray
from avstem.simulate.bowing import Bowing, bow_of
from avstem.simulate.perform import Performance, PerformedPart
from avstem.simulate.settings import SimulationSettings

_FINGERS = 4


@dataclass(frozen=True, eq=False)
class Gestures:
    """One player's movement; arrays of shape (frames,), fingers (4, frames).

    lean : rotation of the upper body about the seat, radians. shift, lift : of the body, to the
    right and up. nod, turn : of the head. raise_ : of the instrument. hand : left hand along the
    neck, 0 at the nut to 1. fingers : 0 up to 1 pressed. vibrato : -1 to 1. idle : 0 playing to
    1 resting.
    """

    bow: Bowing | None
    lean: FloatArray
    shift: FloatArray
    lift: FloatArray
    nod: FloatArray
    turn: FloatArray
    raise_: FloatArray
    hand: FloatArray
    fingers: FloatArray
    vibrato: FloatArray
    idle: FloatArray


def gestures_of(
    part: PerformedPart,
    performance: Performance,
    times_s: FloatArray,
    settings: SimulationSettings,
) -> Gestures:
    """How the player of a part moves at the media times ``times_s``."""
    rng = settings.rng("gestures", part.part.index)
    bow = bow_of(part, times_s, rng) if part.instrument.bowed else None
    idle = _idle(part, times_s)
    breath = _breath(part, times_s)
    accents = _accents(part, times_s, rng)
    much = settings.between(0.2, 1.8) * rng.uniform(0.6, 1.4)
    beat = _beat(performance, times_s, rng) * settings.between(0.0, 0.02) * rng.uniform(0, 1)
    pull = 0.0 if bow is None else 0.03 * (bow.position - 0.5)
    seat, held = settings.fidgets * idle * _fidgets(part, times_s, settings)
    return Gestures(
        bow=bow,
        lean=0.055 * much * _sway(times_s, rng) + beat + pull - 0.02 * accents + 0.05 * seat,
        shift=0.05 * much * _sway(times_s, rng) + 0.15 * seat,
        lift=0.05 * breath + 0.03 * much * _sway(times_s, rng) - 0.03 * accents,
        nod=0.08 * much * _sway(times_s, rng) + 0.12 * breath + 2.0 * beat + 0.05 * accents,
        turn=0.12 * much * _sway(times_s, rng) + 0.25 * _glances(times_s, rng),
        raise_=0.06 * much * _sway(times_s, rng) + 0.08 * breath + 0.04 * accents + 0.25 * held,
        hand=_hand(part, times_s),
        fingers=_fingers(part, times_s, rng),
        vibrato=_vibrato(part, times_s),
        idle=idle,
    )


def _sway(times_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Slow irregular movement between 0.15 and 0.6 Hz, standard deviation about 0.6."""
    total = np.zeros(len(times_s))
    for _ in range(3):
        rate_hz, phase = rng.uniform(0.15, 0.6), rng.uniform(0, 2 * np.pi)
        wander = 0.8 * np.sin(2 * np.pi * rng.uniform(0.02, 0.07) * times_s + phase)
        total += 0.5 * np.sin(2 * np.pi * rate_hz * times_s + phase + wander)
    return total


def _beat(performance: Performance, times_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Rocking with the beat, which all players share: each in its own phase and metre."""
    beats = performance.timemap.to_score(times_s) / performance.beat_s
    metre = float(rng.choice([1.0, 2.0, 4.0]))
    swing = np.sin(2 * np.pi * (beats / metre + rng.uniform()))
    return np.asarray(swing * np.clip(0.5 + _sway(times_s, rng), 0.0, 1.0))


def _glances(times_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Looking to a neighbour or the music now and then: smooth steps."""
    looks = np.zeros(len(times_s))
    now_s, last_s = float(times_s[0]), float(times_s[-1])
    while now_s < last_s:
        looks[np.searchsorted(times_s, now_s) :] = rng.uniform(-1, 1)
        now_s += rng.uniform(1.5, 6.0)
    return _smooth(looks, times_s, 0.15)


def _fidgets(part: PerformedPart, times_s: FloatArray, settings: SimulationSettings) -> FloatArray:
    """(2, times) -1 to 1: settling on the seat, and handling the instrument, now and then."""
    rng = settings.rng("fidgets", part.part.index)
    found = np.zeros((2, len(times_s)))
    now_s, last_s = float(times_s[0]), float(times_s[-1])
    while now_s < last_s:
        length_s = rng.uniform(0.4, 1.6)
        u = np.clip((times_s - now_s) / length_s, 0.0, 1.0)
        there_and_back = (
            rng.choice([-1, 1]) * np.sin(np.pi * u) * np.sin(np.pi * u * rng.uniform(1, 3))
        )
        found[rng.integers(2)] += rng.uniform(0.3, 1.0) * there_and_back
        now_s += length_s + rng.uniform(0.5, 6.0)
    return np.clip(found, -1.0, 1.0)


def _smooth(values: FloatArray, times_s: FloatArray, sigma_s: float) -> FloatArray:
    rate_hz = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    return np.asarray(gaussian_filter1d(values, sigma_s * rate_hz, mode="nearest"))


def _entries(part: PerformedPart, rest_s: float) -> FloatArray:
    """Onsets that follow a rest of at least ``rest_s``, the first included."""
    onsets_s, offsets_s = part.notes.onsets_s, np.maximum.accumulate(part.notes.offsets_s)
    after = np.concatenate([[np.inf], onsets_s[1:] - offsets_s[:-1]])
    return np.asarray(onsets_s[after > rest_s])


def _breath(part: PerformedPart, times_s: FloatArray) -> FloatArray:
    """The lift before an entry: up for 0.45 s, down into the onset."""
    total = np.zeros(len(times_s))
    for onset_s in _entries(part, 0.35):
        u = (times_s - onset_s + 0.5) / 0.6
        total += np.where((u > 0) & (u < 1), np.sin(np.pi * np.clip(u, 0, 1)) ** 2, 0.0)
    return np.clip(total, 0.0, 1.0)


def _accents(part: PerformedPart, times_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Small jolts of the body at some strokes, the louder the likelier."""
    total = np.zeros(len(times_s))
    strokes = part.strokes
    for k in np.flatnonzero(rng.random(len(strokes.starts_s)) < 0.5 * strokes.loudness):
        t = times_s - strokes.starts_s[k]
        near = slice(*np.searchsorted(t, [0.0, 0.5]))
        total[near] += rng.uniform(0.3, 1.0) * (t[near] / 0.08) * np.exp(1 - t[near] / 0.08)
    return np.clip(total, 0.0, 1.5)


def _idle(part: PerformedPart, times_s: FloatArray) -> FloatArray:
    """1 where the player rests for more than 2.5 s, with 0.7 s to lower and to raise."""
    idle = np.zeros(len(times_s))
    edges_s = np.concatenate([part.notes.offsets_s, [times_s[-1] + 3.0]])
    starts_s = np.concatenate([[times_s[0] - 3.0], np.maximum.accumulate(part.notes.offsets_s)])
    stops_s = np.concatenate([part.notes.onsets_s, edges_s[-1:]])
    for start_s, stop_s in zip(starts_s, stops_s, strict=True):
        if stop_s - start_s > 2.5:
            down = np.clip((times_s - start_s - 0.3) / 0.7, 0.0, 1.0)
            up = np.clip((stop_s - 0.4 - times_s) / 0.7, 0.0, 1.0)
            now = np.minimum(down, up)
            idle = np.maximum(idle, now * now * (3 - 2 * now))
    return idle


def _note_at(
    part: PerformedPart, times_s: FloatArray, early_s: float
) -> tuple[IntArray, FloatArray]:
    """Index of the note under the fingers at each time, and the time since its onset."""
    index = np.searchsorted(part.notes.onsets_s, times_s + early_s, side="right") - 1
    index = np.clip(index, 0, len(part.notes) - 1)
    return index, times_s + early_s - part.notes.onsets_s[index]


def _hand(part: PerformedPart, times_s: FloatArray) -> FloatArray:
    """Left hand along the neck: position by pitch, slid to within 80 ms before the note."""
    if not part.instrument.bowed:
        return np.zeros(len(times_s))
    opens = np.array(part.instrument.strings)
    string = np.clip(np.searchsorted(opens, part.notes.pitches, side="right") - 1, 0, 3)
    above = part.notes.pitches - opens[string]
    place = np.clip((above - 5) / 20.0, 0.0, 1.0)  # first position reaches a fourth
    index, _ = _note_at(part, times_s, 0.05)
    return _smooth(place[index], times_s, 0.04)


def _fingers(part: PerformedPart, times_s: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Which fingers are down for each pitch; the pattern of a pitch is always the same."""
    patterns = rng.integers(0, 2, (128, _FINGERS)).astype(float)
    if part.instrument.bowed:
        patterns = np.eye(_FINGERS)[np.arange(128) // 2 % _FINGERS]
    index, _ = _note_at(part, times_s, 0.03)
    down = patterns[part.notes.pitches[index]].T
    return np.stack([_smooth(finger, times_s, 0.02) for finger in down])


def _vibrato(part: PerformedPart, times_s: FloatArray) -> FloatArray:
    """Rocking of the left hand, as heard in the pitch."""
    index, since_s = _note_at(part, times_s, 0.0)
    sounding = times_s < part.notes.offsets_s[index]
    depth = np.clip(part.vibrato_cents[index] / 25.0, 0.0, 1.0)
    depth = depth * np.clip((since_s - 0.12) / 0.25, 0.0, 1.0) * sounding
    return np.asarray(depth * np.sin(2 * np.pi * part.vibrato_hz[index] * since_s))
