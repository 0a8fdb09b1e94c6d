"""A synthetic ensemble with known onsets, and a mixture that lies in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray, Notes, Part, Score

RATE_HZ = 16000


@dataclass(frozen=True, eq=False)
class ArrayMixture:
    """Sound in memory, behind the protocol of ``Mixture``."""

    sound: FloatArray  # (channels, samples)
    rate_hz: int = RATE_HZ
    start_s: float = 0.0

    @property
    def channels(self) -> int:
        return self.sound.shape[0]

    @property
    def samples(self) -> int:
        return self.sound.shape[1]

    def read(self, start: int, count: int) -> FloatArray:
        out = np.zeros((self.channels, count), np.float32)
        first, last = max(0, start), min(self.samples, start + count)
        if last > first:
            out[:, first - start : last - start] = self.sound[:, first:last]
        return out


@dataclass(frozen=True, eq=False)
class Performance:
    mixture: ArrayMixture
    score: Score
    truth: tuple[Notes, ...]


def make_notes(onsets_s, offsets_s, pitches) -> Notes:
    pitches = np.asarray(pitches, int)
    return Notes(
        np.asarray(onsets_s, float),
        np.asarray(offsets_s, float),
        pitches,
        np.full(len(pitches), 80),
    )


def random_score(seed: int, parts: int = 2, notes: int = 40) -> Score:
    """Parts that jump about a scale in steps of a quarter, a half and a whole second."""
    rng = np.random.default_rng(seed)
    scale = np.array([p for p in range(128) if p % 12 in (0, 2, 4, 5, 7, 9, 11)])
    found = []
    for index in range(parts):
        degrees = 41 - 7 * index + rng.integers(-5, 6, notes)
        durations = rng.choice([0.25, 0.5, 0.5, 1.0], notes)
        onsets = np.concatenate([[0.0], np.cumsum(durations)[:-1]])
        line = make_notes(onsets, onsets + 0.9 * durations, scale[degrees])
        found.append(Part(index, f"Part {index + 1}", "", line))
    return Score(tuple(found))


def perform(
    score: Score, *, tempo: float = 1.0, lead_s: float = 1.0, rubato: float = 0.1, seed: int = 0
) -> tuple[Notes, ...]:
    """Media times: ``tempo`` times slower, a slow wave of tempo, 8 ms of jitter."""
    rng = np.random.default_rng(seed)
    grid_s = np.arange(0, score.duration_s + 1, 0.05)
    slowness = tempo * np.exp(rubato * np.sin(2 * np.pi * grid_s / 9.0))
    media_s = lead_s + np.concatenate([[0], np.cumsum(slowness)[:-1] * 0.05])
    played = []
    for part in score.parts:
        onsets = np.interp(part.notes.onsets_s, grid_s, media_s)
        onsets = np.maximum.accumulate(onsets + 0.008 * rng.standard_normal(len(onsets)))
        offsets = np.maximum(np.interp(part.notes.offsets_s, grid_s, media_s), onsets + 0.05)
        played.append(make_notes(onsets, offsets, part.notes.pitches))
    return tuple(played)


def sound_of(played: tuple[Notes, ...], seconds: float) -> FloatArray:
    """Eight harmonics a note with 20 ms attack and 60 ms release, and a little noise."""
    rng = np.random.default_rng(0)
    out = 1e-4 * rng.standard_normal(round(seconds * RATE_HZ))
    for notes in played:
        for onset, offset, pitch in zip(
            notes.onsets_s, notes.offsets_s, notes.pitches, strict=True
        ):
            first, last = round(onset * RATE_HZ), min(len(out), round((offset + 0.06) * RATE_HZ))
            times = np.arange(first, last) / RATE_HZ - onset
            envelope = np.clip(times / 0.02, 0, 1) * np.clip(
                (offset + 0.06 - onset - times) / 0.06, 0, 1
            )
            hz = 440.0 * 2 ** ((pitch - 69) / 12)
            for h in range(1, 9):
                if h * hz < RATE_HZ / 2:
                    out[first:last] += 0.1 * 0.7**h * envelope * np.sin(2 * np.pi * h * hz * times)
    return out[None].astype(np.float32)


def performance(score: Score, *, tail_s: float = 1.5, start_s: float = 0.0, **how) -> Performance:
    played = perform(score, **how)
    seconds = max(float(n.offsets_s.max()) for n in played) + tail_s
    mixture = ArrayMixture(sound_of(played, seconds), start_s=start_s)
    return Performance(mixture, score, played)


def onset_errors(found, truth) -> FloatArray:
    pairs = zip(found, truth, strict=True)
    return np.concatenate([f.onsets_s - t.onsets_s for f, t in pairs])
