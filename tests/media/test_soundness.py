from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.errors import MediaError
from avstem.media.soundness import FULL_SCALE, RUN, Check


def runs_by_hand(signal: np.ndarray) -> list[tuple[int, int]]:
    """(start, length) of runs at full scale, the slow and plain way."""
    found, start = [], None
    for index, value in enumerate([*(np.abs(signal) >= FULL_SCALE), False]):
        if value and start is None:
            start = index
        elif not value and start is not None:
            if index - start >= RUN:
                found.append((start, index - start))
            start = None
    return found


@given(
    values=st.lists(st.tuples(*2 * [st.sampled_from([0.5, -1.0, 1.0])]), min_size=1),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_runs_are_counted_across_any_blocks(values, cuts):
    sound = np.array(values, np.float32).T
    check = Check(Path("a.wav"), 100, 2)
    for block in np.split(sound, sorted(c for c in cuts if c < sound.shape[1]), axis=1):
        check.add(block)
    found = check.result()
    expected = [run for channel in sound for run in runs_by_hand(channel)]
    assert found.samples == sound.shape[1]
    assert found.peak == np.abs(sound).max()
    assert found.clipped_runs == len(expected)
    assert found.clipped_samples == sum(length for _, length in expected)
    if expected:
        # By channel within a block, so the first found lies within the block of the first.
        assert any(found.first_clip_s == start / 100 for start, _ in expected)
    else:
        assert found.first_clip_s is None


def test_nothing_but_dither_counts_as_silence():
    check = Check(Path("a.wav"), 48000, 1)
    check.add(np.full((1, 100), 3e-5, np.float32))
    with pytest.raises(MediaError, match="silent .peak -90 dBFS"):
        check.result()
