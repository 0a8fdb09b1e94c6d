"""Spectrograms of stems: known tones at known places, whatever the file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.errors import MediaError
from avstem.snapshot import spectrogram

ROWS, COLUMNS = 48, 320


def picture(path: Path) -> np.ndarray:
    """Rows from low to high frequency."""
    found = cv2.imdecode(np.frombuffer(spectrogram(path), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found.shape == (ROWS, COLUMNS) and found.dtype == np.uint8
    return found[::-1]


@pytest.mark.parametrize("rate_hz", [8000, 44100, 96000])
@pytest.mark.parametrize("tone_hz", [110.0, 880.0, 3000.0])
def test_a_tone_is_where_it_sounds(tmp_path: Path, rate_hz: int, tone_hz: float) -> None:
    time_s = np.arange(10 * rate_hz) / rate_hz
    sound = 0.5 * np.sin(2 * np.pi * tone_hz * time_s) * (time_s >= 5.0)
    soundfile.write(tmp_path / "a.wav", np.stack([sound, 0 * sound], axis=1), rate_hz)
    shown = picture(tmp_path / "a.wav").astype(int)
    edges_hz = np.geomspace(50.0, min(12000.0, rate_hz / 2), ROWS + 1)
    row = int(np.searchsorted(edges_hz, tone_hz)) - 1
    assert abs(int(shown[:, 200:310].mean(axis=1).argmax()) - row) <= 1
    assert shown[:, :145].max() == 0 and shown[row - 1 : row + 2, 180:].max(axis=0).min() > 200


@pytest.mark.parametrize("samples", [0, 1, 300, 4096, 50000])
def test_silence_and_short_files_are_black_pictures(tmp_path: Path, samples: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((samples, 2)), 44100)
    assert picture(tmp_path / "a.wav").max() == 0


@settings(max_examples=5, deadline=None)
@given(st.floats(1e-4, 1.0))
def test_the_level_does_not_matter(tmp_path_factory: pytest.TempPathFactory, gain: float) -> None:
    folder = tmp_path_factory.mktemp("levels")
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000)
    for name, level in (("a", 1.0), ("b", gain)):
        soundfile.write(folder / f"{name}.wav", level * noise, 8000, "FLOAT")
    shown = picture(folder / "a.wav").astype(int), picture(folder / "b.wav").astype(int)
    assert np.abs(shown[0] - shown[1]).max() <= 1


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"not a sound")
    for name in ("a.wav", "missing.wav"):
        with pytest.raises(MediaError, match=f"{name} cannot be read"):
            spectrogram(tmp_path / name)
