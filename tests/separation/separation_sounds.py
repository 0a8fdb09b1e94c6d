"""Synthetic mixtures with known sources."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import Conditions, FloatArray, Mixture, Notes
from avstem.separation import separator


@dataclass(frozen=True, eq=False)
class Sound:
    """A mixture in memory."""

    samples_: FloatArray  # (channels, samples)
    rate_hz: int = 16000
    start_s: float = 0.0

    @property
    def channels(self) -> int:
        return len(self.samples_)

    @property
    def samples(self) -> int:
        return self.samples_.shape[1]

    def read(self, start: int, count: int) -> FloatArray:
        found = np.zeros((self.channels, count), np.float32)
        low, high = max(start, 0), min(start + count, self.samples)
        if low < high:
            found[:, low - start : high - start] = self.samples_[:, low:high]
        return found


def notes(*triples: tuple[float, float, int]) -> Notes:
    """Notes of (onset_s, offset_s, pitch)."""
    ordered = sorted(triples)
    return Notes(
        np.array([t[0] for t in ordered]),
        np.array([t[1] for t in ordered]),
        np.array([t[2] for t in ordered], dtype=int),
        np.full(len(ordered), 80),
    )


def play(part: Notes, samples: int, rate_hz: int = 16000, slope: float = 1.0) -> FloatArray:
    """(samples,) harmonic tones with amplitudes 1/h^slope and soft ends."""
    time_s = np.arange(samples) / rate_hz
    sound = np.zeros(samples)
    for on_s, off_s, pitch in zip(part.onsets_s, part.offsets_s, part.pitches, strict=True):
        f0_hz = 440.0 * 2 ** ((pitch - 69) / 12)
        envelope = np.clip((time_s - on_s) / 0.02, 0, 1) * np.clip((off_s - time_s) / 0.02, 0, 1)
        for h in range(1, 12):
            if h * f0_hz < 0.45 * rate_hz:
                sound += envelope * np.sin(2 * np.pi * h * f0_hz * time_s + h) / h**slope
    return (0.1 * sound).astype(np.float32)


def separate(mixture: Mixture, parts: tuple[Notes, ...], method: str = "default") -> FloatArray:
    """(parts, channels, samples), with the contract of the blocks checked."""
    blocks = list(separator(method)(mixture, Conditions(notes=parts)))
    return joined(blocks, mixture)


def joined(blocks: list, mixture: Mixture) -> FloatArray:
    """All blocks behind each other, which must leave no gap."""
    position = 0
    for block in blocks:
        assert block.start == position
        assert block.sources.dtype == np.float32
        position += block.sources.shape[2]
    assert position == mixture.samples
    return np.concatenate([block.sources for block in blocks], axis=2)


def sdr_db(truth: FloatArray, estimate: FloatArray) -> float:
    return float(10 * np.log10((truth**2).sum() / ((truth - estimate) ** 2).sum()))
