"""Performance: from score notes to notes as an ensemble would play them.

Conventions: score time is what the file says; media time is what the microphone hears. One
ensemble clock (global tempo, rubato, a last ritardando) carries everybody; each player strays
from it by a slow drift and by a jitter of each note. Asynchrony within good quartets has a
standard deviation of 10 to 20 ms (Wing et al. 2014, J. R. Soc. Interface 11:20131125).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from avstem.datatypes import FloatArray, IntArray, Notes, Part, Score, TimeMap
from avstem.errors import ScoreError
from avstem.simulate.instruments import Instrument
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.strokes import Phrasing, Strokes, phrase_part, strokes_of

_GRID_S = 0.05


@dataclass(frozen=True, eq=False)
class PerformedPart:
    """One part as played.

    notes : media time, velocities as played; same notes in the same order as ``part.notes``.
    cents : (notes,) intonation error.
    vibrato_cents, vibrato_hz : (notes,) depth (half the range) and rate.
    strokes : bow strokes, or tongued groups of a wind, in media time.
    """

    part: Part
    instrument: Instrument
    notes: Notes
    cents: FloatArray
    vibrato_cents: FloatArray
    vibrato_hz: FloatArray
    phrasing: Phrasing
    strokes: Strokes


@dataclass(frozen=True, eq=False)
class Performance:
    """The ensemble: its parts in score order, its clock and its length in media time."""

    parts: tuple[PerformedPart, ...]
    timemap: TimeMap
    duration_s: float
    beat_s: float  # score seconds of a beat, guessed from the notes


def _smooth_noise(rng: np.random.Generator, count: int, sigma: float) -> FloatArray:
    """Unit-variance noise whose bandwidth falls with ``sigma`` (in grid steps)."""
    pad = int(4 * sigma) + 1
    noise = gaussian_filter1d(rng.standard_normal(count + 2 * pad), sigma)[pad:-pad]
    # Variance of white noise after a Gaussian of this width.
    return np.asarray(noise * np.sqrt(2.0 * np.sqrt(np.pi) * sigma))


def ensemble_clock(
    length_s: float, settings: SimulationSettings, silence_s: float = np.inf
) -> TimeMap:
    """The common clock for ``length_s`` seconds of score: tempo and rubato after some silence.

    At most ``silence_s`` of silence goes before. Without its last ritardando, see `_slow_down`.
    """
    rng = settings.rng("clock")
    score_s = np.arange(0.0, length_s + 2 * _GRID_S, _GRID_S)
    factor = np.exp(rng.uniform(-1, 1) * settings.between(0.02, 0.28))
    depth = settings.between(0.01, 0.11)
    start_s = min(rng.uniform(0.8, settings.between(1.0, 2.2)), silence_s)
    rubato = 0.7 * _smooth_noise(rng, len(score_s), 2.5 / _GRID_S)
    rubato += 0.7 * _smooth_noise(rng, len(score_s), 0.7 / _GRID_S)
    slowness = np.exp(depth * np.clip(rubato, -2.5, 2.5)) / factor
    media_s = start_s + np.concatenate([[0.0], np.cumsum(slowness[:-1]) * _GRID_S])
    return TimeMap(score_s, media_s)


def _slow_down(clock: TimeMap, end_s: float, settings: SimulationSettings) -> TimeMap:
    """The clock up to score time ``end_s``, with a ritardando over its last 2.5 s."""
    keep = clock.score_s <= end_s + 2 * _GRID_S
    score_s = clock.score_s[keep]
    near = np.clip(1.0 - (end_s - score_s[:-1]) / 2.5, 0.0, 1.0)
    steps_s = np.diff(clock.media_s[keep]) * (1.0 + settings.between(0.05, 0.4) * near**2)
    media_s = clock.media_s[0] + np.concatenate([[0.0], np.cumsum(steps_s)])
    return TimeMap(score_s, media_s)


def cut_score(score: Score, settings: SimulationSettings) -> tuple[Score, TimeMap, float]:
    """The excerpt asked for (its first note at score time 0 or later), its clock and its length.

    Raises
    ------
    ScoreError
        A part has no note in the excerpt.
    """
    silence_s = np.inf if settings.seconds is None else 0.2 * settings.seconds
    after_s = min(settings.rng("after").uniform(1.2, 2.2), silence_s)
    length_s = score.duration_s - settings.start_s
    clock = ensemble_clock(length_s, settings, silence_s)
    if settings.seconds is not None:
        reach_s = clock.to_score(np.array([settings.seconds - after_s]))
        length_s = min(length_s, float(reach_s[0]))
    end_s = settings.start_s + length_s
    parts = tuple(_cut_part(part, settings.start_s, end_s) for part in score.parts)
    clock = _slow_down(clock, length_s, settings)
    duration_s = float(clock.to_media(np.array([length_s]))[0]) + after_s
    return Score(parts, score.warnings), clock, settings.seconds or duration_s


def _cut_part(part: Part, start_s: float, end_s: float) -> Part:
    notes = part.notes
    keep = (notes.onsets_s >= start_s) & (notes.onsets_s < end_s - 0.1)
    if not keep.any():
        raise ScoreError(
            f"Part {part.name!r} has no note between {start_s:.1f} and {end_s:.1f} s.",
            "Choose a longer excerpt, another start or fewer parts.",
        )
    cut = Notes(
        notes.onsets_s[keep] - start_s,
        np.minimum(notes.offsets_s[keep], end_s) - start_s,
        notes.pitches[keep],
        notes.velocities[keep],
    )
    return Part(part.index, part.name, part.instrument, cut)


def guess_beat_s(score: Score) -> float:
    """A beat between 0.45 and 0.9 s that divides or multiplies the usual note distance."""
    steps = np.concatenate([np.diff(np.unique(p.notes.onsets_s)) for p in score.parts])
    steps = steps[steps > 0.08]
    beat = float(np.median(steps)) if len(steps) else 0.5
    while beat < 0.45:
        beat *= 2.0
    while beat > 0.9:
        beat /= 2.0
    return beat


def perform(
    score: Score, instruments: tuple[Instrument, ...], settings: SimulationSettings
) -> tuple[Score, Performance]:
    """The excerpt of the score, and how it is played."""
    excerpt, clock, duration_s = cut_score(score, settings)
    beat_s = guess_beat_s(excerpt)
    parts = tuple(
        _perform_part(part, instrument, clock, beat_s, settings)
        for part, instrument in zip(excerpt.parts, instruments, strict=True)
    )
    return excerpt, Performance(parts, clock, duration_s, beat_s)


def _perform_part(
    part: Part,
    instrument: Instrument,
    clock: TimeMap,
    beat_s: float,
    settings: SimulationSettings,
) -> PerformedPart:
    rng = settings.rng("part", part.index)
    onsets_s = _played_onsets(part.notes, clock, rng, settings)
    phrasing = phrase_part(part.notes, onsets_s, beat_s, instrument, rng, settings)
    offsets_s = _played_offsets(part.notes, onsets_s, clock, phrasing)
    velocities = _played_velocities(part.notes, phrasing, rng, settings)
    notes = Notes(onsets_s, offsets_s, part.notes.pitches, velocities)
    long_enough = np.clip((offsets_s - onsets_s - 0.2) / 0.4, 0.0, 1.0)
    depth = rng.uniform(14, 28) * np.exp(0.2 * rng.standard_normal(len(notes)))
    rate = rng.uniform(5.0, 6.3) + 0.2 * rng.standard_normal(len(notes))
    return PerformedPart(
        part,
        instrument,
        notes,
        cents=settings.between(2.0, 9.0) * rng.standard_normal(len(notes)),
        vibrato_cents=long_enough * depth * (1.0 if instrument.bowed else 0.45),
        vibrato_hz=rate,
        phrasing=phrasing,
        strokes=strokes_of(notes, phrasing, rng, settings),
    )


def _played_onsets(
    notes: Notes, clock: TimeMap, rng: np.random.Generator, settings: SimulationSettings
) -> FloatArray:
    """Onsets in media time: clock, slow drift of the player, jitter of each chord or note."""
    ideal_s = clock.to_media(notes.onsets_s)
    together, group = np.unique(np.round(notes.onsets_s, 3), return_inverse=True)
    drift = np.interp(
        together, clock.score_s, _smooth_noise(rng, len(clock.score_s), 1.5 / _GRID_S)
    )
    stray_s = settings.between(0.003, 0.015) * drift
    stray_s += settings.between(0.003, 0.013) * np.clip(rng.standard_normal(len(together)), -3, 3)
    played_s = clock.to_media(together) + stray_s
    # Fast notes keep their order: never nearer than half of their distance in the clock.
    gaps_s = np.diff(clock.to_media(together))
    played_s[1:] = np.maximum(played_s[1:], played_s[:-1] + 0.5 * gaps_s)
    played_s = np.maximum.accumulate(np.maximum(played_s, ideal_s.min() - 0.05))
    return np.asarray(played_s[group])


def _played_offsets(
    notes: Notes, onsets_s: FloatArray, clock: TimeMap, phrasing: Phrasing
) -> FloatArray:
    """Offsets in media time: notated length times articulation; slurred notes touch the next."""
    length_s = clock.to_media(notes.offsets_s) - clock.to_media(notes.onsets_s)
    offsets_s = onsets_s + length_s * phrasing.share
    later = np.unique(onsets_s)
    index = np.searchsorted(later, onsets_s, side="right")
    next_s = np.append(later, np.inf)[index]
    legato = phrasing.joins_next
    offsets_s = np.where(legato, next_s + 0.02, np.minimum(offsets_s, next_s - 0.005))
    return np.maximum(offsets_s, onsets_s + 0.04)


def _played_velocities(
    notes: Notes, phrasing: Phrasing, rng: np.random.Generator, settings: SimulationSettings
) -> IntArray:
    """Dynamics: the file's velocities bent by phrases, strokes and chance."""
    steps = settings.between(2.0, 13.0)
    arch = _smooth_noise(rng, int(notes.onsets_s[-1] / _GRID_S) + 2, 3.0 / _GRID_S)
    phrase = np.interp(notes.onsets_s, np.arange(len(arch)) * _GRID_S, arch)
    accent = np.where(phrasing.starts, 2.0, -4.0)
    base = np.clip(notes.velocities.astype(float), 50, 100)
    velocity = base + steps * phrase + accent + 3.0 * rng.standard_normal(len(notes))
    return np.clip(np.round(velocity), 25, 120).astype(int)
