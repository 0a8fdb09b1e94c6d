"""When tones begin in a stem that was written: for players of whom no notes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from avstem.datatypes import FloatArray

BLOCK_S = 30  # so much of a stem is in memory at once
BEFORE_S = 1  # that a block begins earlier, so that its beginning is no onset


def onsets_in(stem: Path, start_s: float) -> FloatArray:
    """Media times (onsets,) by librosa's detector; ``start_s`` is that of the first sample."""
    import librosa

    rate_hz = soundfile.info(stem).samplerate
    size, overlap = BLOCK_S * rate_hz, BEFORE_S * rate_hz
    blocks = soundfile.blocks(stem, size, overlap, dtype="float32", always_2d=True)
    found = [np.zeros(0)]
    for k, block in enumerate(blocks):
        onsets_s = librosa.onset.onset_detect(y=block.mean(axis=1), sr=rate_hz, units="time")
        new_s = onsets_s[onsets_s >= (BEFORE_S / 2 if k else 0.0)]
        known_s = BLOCK_S - BEFORE_S / 2  # the rest is in the next block, too
        last = len(block) < size
        found.append(new_s[(new_s < known_s) | last] + k * (BLOCK_S - BEFORE_S))
    return np.concatenate(found) + start_s
