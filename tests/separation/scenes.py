"""Small scenes with known truth: players of sawtooth-like tones, each at a place of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray, Notes

RATE_HZ = 16_000
# delay of the second channel in seconds, its level in dB
PLACES = ((2.5e-4, -6.0), (-2.5e-4, 6.0), (0.0, 0.0))


@dataclass(frozen=True, eq=False)
class Sound:
    """Sound in memory, read as a mixture."""

    x: FloatArray  # (channels, samples)
    rate_hz: int = RATE_HZ
    start_s: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        return len(self.x)

    @property
    def samples(self) -> int:
        return self.x.shape[1]

    def read(self, start: int, count: int) -> FloatArray:
        found = np.zeros((self.channels, count), np.float32)
        low, high = max(start, 0), min(start + count, self.samples)
        if low < high:
            found[:, low - start : high - start] = self.x[:, low:high]
        return found


@dataclass(frozen=True, eq=False)
class Scene:
    """images : (players, channels, samples); notes : what each plays."""

    images: FloatArray
    notes: tuple[Notes, ...]

    @property
    def sound(self) -> Sound:
        return Sound(self.images.sum(0))


def scene(players: int, *, seconds: float = 6.0, seed: int = 0, channels: int = 2) -> Scene:
    """Players with notes of their own registers, lengths and places."""
    rng = np.random.default_rng(seed)
    images, notes = [], []
    for player in range(players):
        played = _notes(rng, 50 + 9 * player, seconds)
        dry = _tones(played, round(seconds * RATE_HZ), 0.6 + 0.1 * player)
        images.append(_placed(dry, *PLACES[player])[:channels])
        notes.append(played)
    noise = 1e-4 * rng.standard_normal((players, channels, images[0].shape[1]))
    return Scene((np.stack(images) + noise).astype(np.float32), tuple(notes))


def _notes(rng: np.random.Generator, lowest: int, seconds: float) -> Notes:
    edges = np.cumsum(rng.uniform(0.3, 0.8, 40))
    edges = edges[edges < seconds - 0.2]
    pitches = lowest + np.cumsum(rng.choice([-4, -3, 2, 3, 5], len(edges) - 1)) % 12
    return Notes(edges[:-1], edges[1:] - 0.02, pitches, np.full(len(pitches), 80))


def _tones(notes: Notes, samples: int, decay: float) -> FloatArray:
    out = np.zeros(samples)
    time_s = np.arange(samples) / RATE_HZ
    for on_s, off_s, pitch in zip(notes.onsets_s, notes.offsets_s, notes.pitches, strict=True):
        here = (time_s >= on_s) & (time_s < off_s)
        hz = 440.0 * 2.0 ** ((pitch - 69) / 12)
        t = time_s[here] - on_s
        edge = np.clip(np.minimum(t, off_s - on_s - t) / 0.02, 0.0, 1.0)
        orders = [h for h in range(1, 16) if h * hz < 0.45 * RATE_HZ]
        tone = sum(decay ** (h - 1) * np.sin(2 * np.pi * hz * h * t + h * h) for h in orders)
        out[here] += 0.1 * edge * tone
    return out


def _placed(dry: FloatArray, delay_s: float, level_db: float) -> FloatArray:
    hz = np.fft.rfftfreq(len(dry), 1 / RATE_HZ)
    turned = np.fft.rfft(dry) * np.exp(-2j * np.pi * hz * delay_s) * 10 ** (level_db / 20)
    return np.stack([dry, np.fft.irfft(turned, len(dry))])


def si_sdr_db(truth: FloatArray, estimate: FloatArray) -> float:
    """Scale-invariant signal to distortion ratio of all channels together."""
    t, e = truth.ravel().astype(float), estimate.ravel().astype(float)
    target = (e @ t) / (t @ t) * t
    return float(10 * np.log10((target @ target) / ((e - target) @ (e - target))))
