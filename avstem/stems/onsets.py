"""When tones begin in a stem that was written: for players of whom no notes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from avstem.datatypes import FloatArray

BLOCK_S = 30  # so much of a stem is in memory at once


def onsets_in(stem: Path, start_s: float) -> FloatArray:
    """Media times (onsets,) by librosa's detector; ``start_s`` is that of the first sample."""
    import librosa

    rate_hz = soundfile.info(stem).samplerate
    blocks = soundfile.blocks(stem, BLOCK_S * rate_hz, dtype="float32", always_2d=True)
    found = [
        librosa.onset.onset_detect(y=block.mean(axis=1), sr=rate_hz, units="time") + k * BLOCK_S
        for k, block in enumerate(blocks)
    ]
    return np.concatenate([np.zeros(0), *found]) + start_s
