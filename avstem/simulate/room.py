"""Room: how each player's dry sound reaches the microphones.

A pair of near-coincident cardioids (17 cm apart, 55 degrees to each side, as in ORTF) hears the
direct sound and the early reflections of a shoe-box room as image sources (Allen and Berkley
1979, J. Acoust. Soc. Am. 65:943) and a diffuse tail: exponentially decaying noise, independent
between the microphones. Mono is one cardioid in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.signal import firwin, oaconvolve

from avstem.datatypes import FloatArray
from avstem.simulate.settings import SimulationSettings

_SOUND_M_PER_S = 343.0
_ROOM_M = np.array([11.0, 8.0, 5.0])
_PAIR_M = np.array([5.5, 2.2, 1.9])
_TAPS = 33


@dataclass(frozen=True, eq=False)
class Place:
    """Where a player sits: position in the room, and -1 (left) to 1 (right) as heard."""

    position_m: FloatArray
    pan: float


def places(count: int, settings: SimulationSettings) -> tuple[Place, ...]:
    """Players on an arc before the microphones, left to right."""
    rng = settings.rng("places")
    pans = (np.arange(count) + 0.5) / count * 2.0 - 1.0
    pans = np.clip(pans + rng.uniform(-0.25, 0.25, count) / count, -1, 1)
    found = []
    for pan in pans:
        angle, distance_m = np.deg2rad(52.0) * pan, rng.uniform(2.4, 3.3)
        offset = distance_m * np.array([np.sin(angle), np.cos(angle), 0.0])
        height = np.array([0.0, 0.0, rng.uniform(-0.9, -0.5)])
        found.append(Place(_PAIR_M + offset + height, float(pan)))
    return tuple(found)


def impulse_response(place: Place, index: int, settings: SimulationSettings) -> FloatArray:
    """Response from a place to the microphones, float64 (channels, taps), direct sound at unity.

    The direct sound arrives at tap ``latency(settings)`` less than a millisecond aside: the
    common travel time is taken out, the differences between players and channels remain.
    """
    rate_hz = settings.rate_hz
    decay_s = settings.between(0.25, 0.6)
    angles = np.deg2rad([-55.0, 55.0]) if settings.channels == 2 else np.array([0.0])
    length = round((0.06 + 0.9 * decay_s) * rate_hz)
    response = np.zeros((len(angles), length))
    reach_m = float(np.linalg.norm(place.position_m - _PAIR_M))
    for channel, angle in enumerate(angles):
        side = np.array([np.cos(angle), -np.sin(angle), 0.0]) * 0.0
        microphone = _PAIR_M + side + np.array([0.085 * np.sign(np.sin(angle)), 0.0, 0.0])
        axis = np.array([np.sin(angle), np.cos(angle), 0.0])
        _add_images(response[channel], place, microphone, axis, reach_m, settings)
    tail = _tail(length, len(angles), decay_s, settings.rng("tail", index), rate_hz)
    ratio_db = settings.between(-30.0, -15.0)
    energy = np.sqrt((response**2).sum() / (tail**2).sum())
    return np.asarray(response + tail * energy * 10 ** (ratio_db / 20))


def latency(settings: SimulationSettings) -> int:
    """Taps before the direct sound, so that fractional delays are centred."""
    return _TAPS


def _add_images(
    response: FloatArray,
    place: Place,
    microphone: FloatArray,
    axis: FloatArray,
    reach_m: float,
    settings: SimulationSettings,
) -> None:
    reflection = settings.between(0.05, 0.27)
    for steps in product((-1, 0, 1), repeat=3):
        order = sum(abs(step) for step in steps)
        if order > 2:
            continue
        image = np.where(
            np.array(steps) == 0,
            place.position_m,
            np.where(np.array(steps) < 0, -place.position_m, 2 * _ROOM_M - place.position_m),
        )
        path = image - microphone
        distance_m = float(np.linalg.norm(path))
        cardioid = 0.5 + 0.5 * float(path @ axis) / distance_m
        gain = reflection**order * cardioid * reach_m / distance_m
        delay = (distance_m - reach_m) / _SOUND_M_PER_S * settings.rate_hz + _TAPS
        _add_delayed(response, delay, gain, order)


def _add_delayed(response: FloatArray, delay: float, gain: float, order: int) -> None:
    """Add a fractional delay (windowed sinc); each reflection dulls the sound a little."""
    whole = int(np.floor(delay))
    taps = np.arange(-(_TAPS // 2), _TAPS // 2 + 1)
    kernel = np.sinc(taps - (delay - whole)) * np.hanning(_TAPS + 2)[1:-1]
    if order:
        kernel = np.convolve(kernel, firwin(15, 0.9 - 0.25 * order), mode="same")
    start = whole - _TAPS // 2
    stop = min(start + _TAPS, len(response))
    if start >= 0 and stop > start:
        response[start:stop] += gain * kernel[: stop - start]


def _tail(
    length: int, channels: int, decay_s: float, rng: np.random.Generator, rate_hz: int
) -> FloatArray:
    """Diffuse reverberation that begins softly after 15 ms and loses 60 dB in ``decay_s``."""
    times_s = np.arange(length) / rate_hz
    noise = rng.standard_normal((channels, length))
    dull = oaconvolve(noise, firwin(31, min(0.95, 8000.0 / rate_hz))[None], mode="same", axes=-1)
    rise = np.clip((times_s - 0.015) / 0.02, 0.0, 1.0)
    fall = np.exp(-6.91 * times_s / decay_s)
    mixed = 0.5 * noise * fall**2 + dull * fall
    return np.asarray(mixed * rise)


def in_room(dry: FloatArray, response: FloatArray, settings: SimulationSettings) -> FloatArray:
    """The part as the microphones hear it: float64 (channels, samples), no added delay."""
    wet = oaconvolve(dry[None].astype(np.float64), response, axes=-1)
    start = latency(settings)
    return np.asarray(wet[:, start : start + len(dry)])
