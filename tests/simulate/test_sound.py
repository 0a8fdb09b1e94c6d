"""Sound: notes sound when the truth says so, and rooms add no delay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from small_scores import make_part

from avstem.datatypes import Score
from avstem.simulate.instruments import INSTRUMENTS
from avstem.simulate.perform import perform
from avstem.simulate.room import impulse_response, in_room, places
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.sound import dry_sound


def _level(sound: np.ndarray, rate_hz: int, start_s: float, stop_s: float) -> float:
    part = sound[int(start_s * rate_hz) : int(stop_s * rate_hz)]
    return float(np.sqrt((part**2).mean()) + 1e-12)


def test_sound_begins_at_the_first_onset(duo: Path, truth: dict[str, Any]) -> None:
    for part in truth["parts"]:
        stem, rate_hz = soundfile.read(duo / part["stem"])
        first_s = part["notes"]["onsets_s"][0]
        before = _level(stem, rate_hz, 0.0, first_s - 0.01)
        after = _level(stem, rate_hz, first_s + 0.02, first_s + 0.1)
        assert after > 100 * before


def test_the_spectrum_changes_at_the_onsets(duo: Path, truth: dict[str, Any]) -> None:
    """The pitch of the truth is strong after its onset and was weaker before."""
    part = truth["parts"][0]
    stem, rate_hz = soundfile.read(duo / part["stem"])
    mono, size = stem.mean(axis=1), int(0.08 * rate_hz)
    window = np.hanning(size)
    stronger = []
    for onset_s, pitch in zip(part["notes"]["onsets_s"], part["notes"]["pitches"], strict=True):
        hz = 440 * 2 ** ((pitch - 69) / 12)
        tone = window * np.exp(-2j * np.pi * hz * np.arange(size) / rate_hz)
        at = round(onset_s * rate_hz)
        after = abs(tone @ mono[at + size // 4 : at + size // 4 + size])
        stronger.append(after > 2 * abs(tone @ mono[at - size : at]))
    assert np.mean(stronger) > 0.9


@pytest.mark.fluidsynth
def test_fluidsynth_sounds_at_the_written_time(fluidsynth: str, tmp_path: Path) -> None:
    """A wood block, which speaks at once, within 8 ms of each onset."""
    block = replace(INSTRUMENTS["Violin"], program=115)
    part = make_part(0, "Block", [0.41, 0.55, 0.47, 0.61, 0.5] * 4, [76] * 20)
    settings = SimulationSettings(difficulty=0.2)
    performance = perform(Score((part,)), (block,), settings)[1]
    dry = np.abs(dry_sound(performance.parts[0], performance.duration_s, settings, tmp_path))
    late_ms = []
    for onset_s in performance.parts[0].notes.onsets_s:
        at = round((onset_s - 0.03) * settings.rate_hz)
        near = dry[at : at + round(0.09 * settings.rate_hz)]
        late_ms.append(1000 * np.argmax(near > 0.1 * near.max()) / settings.rate_hz - 30.0)
    assert abs(np.median(late_ms)) < 6.0
    assert np.percentile(np.abs(late_ms), 90) < 8.0


@pytest.mark.parametrize("channels", [1, 2])
def test_the_room_adds_no_delay(channels: int) -> None:
    settings = SimulationSettings(channels=channels, rate_hz=48000)
    dry = np.zeros(9600)
    dry[2000] = 1.0
    for index, place in enumerate(places(4, settings)):
        wet = in_room(dry, impulse_response(place, index, settings), settings)
        assert wet.shape == (channels, 9600)
        for heard in wet:
            assert abs(int(np.argmax(np.abs(heard))) - 2000) < 24  # half a millisecond


def test_who_sits_left_is_louder_at_the_left() -> None:
    settings = SimulationSettings()
    left, right = places(2, settings)
    dry = np.random.default_rng(0).standard_normal(24000)
    for place, side in ((left, 0), (right, 1)):
        wet = in_room(dry, impulse_response(place, 0, settings), settings)
        level = (wet**2).sum(axis=1)
        assert level[side] > 1.5 * level[1 - side]
