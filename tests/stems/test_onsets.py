"""Onsets of a written stem, for players of whom no notes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from avstem.stems import onsets as module
from avstem.stems import onsets_in

RATE_HZ = 22_050


def plucked(onsets_s: list[float], seconds: float) -> np.ndarray:
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    sound = np.zeros((len(times_s), 2))
    for k, onset_s in enumerate(onsets_s):
        t = np.clip(times_s - onset_s, 0.0, None)
        sound[:, 0] += (t > 0) * np.exp(-6.0 * t) * np.sin(2 * np.pi * (220 + 40 * k) * t)
    return sound


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_onsets_are_media_time_from_block_to_block(tmp_path: Path, monkeypatch, suffix) -> None:
    true_s = [0.5, 1.4, 2.1, 3.3, 4.6, 5.2]
    monkeypatch.setattr(module, "BLOCK_S", 3.0)
    stem = tmp_path / f"01 Viola.{suffix}"
    soundfile.write(stem, 0.3 * plucked(true_s, 6.0), RATE_HZ)
    found = onsets_in(stem, -7.0)
    assert found == pytest.approx(np.array(true_s) - 7.0, abs=0.05)


def test_a_tone_that_goes_on_begins_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "BLOCK_S", 3.0)
    times_s = np.arange(10 * RATE_HZ) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 330 * times_s) * (times_s > 0.5)
    stem = tmp_path / "01 Viola.wav"
    soundfile.write(stem, tone, RATE_HZ)
    assert onsets_in(stem, 0.0) == pytest.approx([0.5], abs=0.05)


def test_blocks_change_nothing(tmp_path: Path, monkeypatch) -> None:
    stem = tmp_path / "01 Viola.wav"
    sound = 0.3 * plucked([0.5, 1.4, 2.1, 3.3, 4.6, 5.2], 8.0)
    hiss = 0.003 * np.random.default_rng(3).standard_normal(sound.shape)
    soundfile.write(stem, sound + hiss, RATE_HZ)
    whole = module._strength(stem, RATE_HZ)
    monkeypatch.setattr(module, "BLOCK_S", 3.0)
    np.testing.assert_allclose(module._strength(stem, RATE_HZ), whole, atol=0.02)


def test_silence_begins_nothing(tmp_path: Path) -> None:
    stem = tmp_path / "01 Viola.wav"
    soundfile.write(stem, np.zeros((RATE_HZ, 2)), RATE_HZ)
    assert len(onsets_in(stem, 0.0)) == 0
