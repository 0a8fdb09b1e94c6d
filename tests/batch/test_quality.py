"""Signs of quality on stems whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.batch.quality import StemQuality, estimate, read_quality, write_quality

RATE_HZ = 8000


def stems(folder: Path, *sounds: np.ndarray, subtype: str = "FLOAT") -> list[dict]:
    """Files of (channels, samples) sounds, and their rows of a manifest."""
    parts = []
    for index, sound in enumerate(sounds):
        name = f"{index}.wav"
        soundfile.write(folder / name, sound.T, RATE_HZ, subtype=subtype)
        parts.append({"index": index, "stem": name})
    return parts


def noise(seed: int, seconds: float = 20.0, channels: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return 0.1 * random.standard_normal((channels, round(seconds * RATE_HZ)))


@pytest.mark.parametrize("leak", [0.0, 0.2, 0.5])
def test_leakage_shows_as_likeness(tmp_path: Path, leak: float) -> None:
    """Two independent sounds, each with a share of the other: 2 l / (1 + l^2)."""
    one, two = noise(1), noise(2)
    parts = stems(tmp_path, one + leak * two, 0.1 * (two + leak * one), noise(3))
    found = estimate(tmp_path, parts)
    expected = 2 * leak / (1 + leak**2)
    assert found[0].shared == pytest.approx(expected, abs=0.02)
    if leak:
        assert (found[0].with_part, found[1].with_part) == (1, 0)
    assert found[2].shared < 0.02


def test_silent_and_clipped_stems(tmp_path: Path) -> None:
    loud = np.clip(12 * noise(1), -1.0, 1.0)
    parts = stems(tmp_path, loud, np.zeros_like(loud), 1e-5 * noise(2), subtype="PCM_24")
    found = estimate(tmp_path, parts)
    assert [one.silent for one in found] == [False, True, True]
    assert found[0].clipped == int((np.abs(loud) >= 1.0 - 2.0**-15).sum())
    assert found[1].clipped == found[2].clipped == 0
    assert found[1].shared == 0.0


@settings(max_examples=20)
@given(gain_db=st.floats(-30, 0), channels=st.integers(1, 3))
def test_level_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, gain_db: float, channels: int
) -> None:
    folder = tmp_path_factory.mktemp("q")
    sound = noise(4, 1.0, channels)
    sound *= 10 ** (gain_db / 20) / np.sqrt(np.mean(sound**2))
    (found,) = estimate(folder, stems(folder, sound))
    assert found.level_db == pytest.approx(gain_db, abs=0.06)
    assert found.with_part is None


def test_written_and_read(tmp_path: Path) -> None:
    parts = stems(tmp_path, noise(1), noise(2))
    (tmp_path / "result.json").write_text(json.dumps({"parts": [*parts, {"stem": None}]}))
    target = tmp_path / "pictures" / "x.json"
    write_quality(tmp_path, target)
    assert set(read_quality(target)) == {0, 1}
    assert isinstance(read_quality(target)[0], StemQuality)
    target.write_text("{")
    assert read_quality(target) == {}
    assert read_quality(tmp_path / "none.json") == {}
