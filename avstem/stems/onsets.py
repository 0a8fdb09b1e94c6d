"""When tones begin in a stem that was written: for players of whom no notes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from avstem.datatypes import FloatArray

HOP = 512
BLOCK_S, OVERLAP_S = 30.0, 1.0  # so much of a stem is in memory at once, and is read twice


def onsets_in(stem: Path, start_s: float) -> FloatArray:
    """Media times (onsets,) by librosa's detector; ``start_s`` is that of the first sample."""
    import librosa

    rate_hz = soundfile.info(stem).samplerate
    strength = _strength(stem, rate_hz)
    found = librosa.onset.onset_detect(
        onset_envelope=strength, sr=rate_hz, hop_length=HOP, units="time"
    )
    return np.asarray(found) + start_s


def _strength(stem: Path, rate_hz: int) -> FloatArray:
    """How much begins in each frame; from the middle of an overlap on by the later block."""
    import librosa

    frames, overlap = (max(2, round(s * rate_hz / HOP)) for s in (BLOCK_S, OVERLAP_S))
    blocks = soundfile.blocks(stem, frames * HOP, overlap * HOP, dtype="float32", always_2d=True)
    whole = np.zeros(0)
    for k, block in enumerate(blocks):
        new = librosa.onset.onset_strength(y=block.mean(axis=1), sr=rate_hz, hop_length=HOP)
        first = k * (frames - overlap)
        kept = first + overlap // 2 if k else 0
        whole = np.concatenate([whole[:kept], new[kept - first :]])
    return whole
