"""A stretch of a mixture reads as the whole does there, and as silence outside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from avstem.errors import RequestError
from avstem.media.audio import MixtureFile, open_mixture
from avstem.media.excerpt import excerpt

RATE_HZ = 1000


@pytest.fixture
def whole(tmp_path: Path) -> MixtureFile:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * RATE_HZ, 2))
    soundfile.write(tmp_path / "whole.wav", noise, RATE_HZ, subtype="FLOAT")
    return open_mixture(tmp_path / "whole.wav", epoch_s=-3.0, scratch=tmp_path)


def test_samples_and_clock_are_those_of_the_whole(whole: MixtureFile) -> None:
    cut = excerpt(whole, 2.0, 5.0)
    assert (cut.samples, cut.channels, cut.rate_hz) == (3 * RATE_HZ, 2, RATE_HZ)
    assert cut.start_s == 3.0 + 2.0
    np.testing.assert_array_equal(cut.read(100, 50), whole.read(2 * RATE_HZ + 100, 50))
    assert cut.read(0, 0).shape == (2, 0)


def test_silence_outside(whole: MixtureFile) -> None:
    block = excerpt(whole, 2.0, 5.0).read(-10, 3 * RATE_HZ + 20)
    assert not block[:, :10].any() and not block[:, -10:].any()
    np.testing.assert_array_equal(block[:, 10:-10], whole.read(2 * RATE_HZ, 3 * RATE_HZ))


def test_a_span_that_reaches_beyond_the_sound_ends_with_it(whole: MixtureFile) -> None:
    cut = excerpt(whole, -4.0, 99.0)
    assert (cut.first, cut.samples, cut.start_s) == (0, whole.samples, whole.start_s)


def test_a_span_without_sound_is_refused(whole: MixtureFile) -> None:
    with pytest.raises(RequestError, match=r"from 11 s to 12 s, found 10 s") as caught:
        excerpt(whole, 11.0, 12.0)
    assert caught.value.hint
