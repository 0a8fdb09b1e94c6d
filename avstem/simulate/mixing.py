"""Mixing: dry parts to stems as heard, levels, and files whose sum is the mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import wavfile

from avstem.datatypes import FloatArray
from avstem.simulate.perform import Performance
from avstem.simulate.room import impulse_response, in_room, places
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.sound import dry_sound

_PEAK_DB = -3.0
_LOUDNESS_DB = -26.0


def part_gains_db(performance: Performance, settings: SimulationSettings) -> FloatArray:
    """Balance of the parts: the instrument's usual loudness and up to 3 dB of chance."""
    chance = settings.rng("balance").uniform(-3.0, 3.0, len(performance.parts))
    return np.array([p.instrument.level_db for p in performance.parts]) + chance


def render_stems(
    performance: Performance,
    seats: tuple[int, ...],
    settings: SimulationSettings,
    scratch: Path,
) -> list[FloatArray]:
    """One float32 (channels, samples) stem per part; together they peak at -3 dB full scale."""
    gains_db = part_gains_db(performance, settings)
    where = places(len(performance.parts), settings)
    stems = []
    for index, part in enumerate(performance.parts):
        dry = dry_sound(part, performance.duration_s, settings, scratch)
        response = impulse_response(where[seats[index]], index, settings)
        wet = in_room(dry, response, settings)
        stems.append(wet * 10 ** ((_LOUDNESS_DB + gains_db[index]) / 20) / _active_level(wet))
    peak = float(np.abs(np.sum(stems, axis=0)).max())
    gain = min(10 ** (_PEAK_DB / 20) / peak, 4.0)
    return [(gain * stem).astype(np.float32) for stem in stems]


def _active_level(stem: FloatArray) -> float:
    """RMS of the louder half of a stem's 50 ms stretches, so that rests do not count."""
    power = (stem**2).mean(axis=0)
    size = max(1, len(power) // max(1, len(power) // 2400))
    blocks = power[: len(power) // size * size].reshape(-1, size).mean(axis=1)
    loud = np.sort(blocks)[len(blocks) // 2 :]
    return float(np.sqrt(loud.mean()) + 1e-9)


def write_sound(path: Path, sound: FloatArray, rate_hz: int) -> None:
    """A float WAV file; the sound is (channels, samples)."""
    # Not by libsndfile, whose float files hold the time of writing.
    wavfile.write(path, rate_hz, np.ascontiguousarray(sound.T, np.float32))
