"""A pipeline for the end-to-end test: stems that sum to the mixture to the last bit."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import soundfile

from avstem.datatypes import Score, Stage
from avstem.progress import ProgressEvent
from avstem.request import Request
from avstem.result import PartResult, Result

COLOURS = ("#56b4e9", "#f0a030")


def slow(request: Request, watch: Callable[[ProgressEvent], None]) -> Result:
    """The same after a second of work."""
    for step in range(20):
        watch(ProgressEvent(Stage.ALIGNMENT, step / 20, step / 40))
        time.sleep(0.05)
    return run(request, watch)


def run(request: Request, watch: Callable[[ProgressEvent], None]) -> Result:
    """Every sample of the mixture goes to one of the parts."""
    assert isinstance(request.score, Score)
    assert request.audio is not None
    assert request.span_s is not None
    whole, rate_hz = soundfile.read(request.audio, dtype="float32", always_2d=True)
    first, last = (round(at_s * rate_hz) for at_s in request.span_s)
    mixture = whole[first:last]
    parts = request.score.parts
    owner = np.random.default_rng(1).integers(len(parts), size=mixture.shape)
    request.output.mkdir(parents=True)
    rows = []
    for part in parts:
        watch(ProgressEvent(Stage.SEPARATION, part.index / len(parts), part.index / len(parts)))
        name = f"{part.index + 1:02d} stem.wav"
        stem = np.where(owner == part.index, mixture, np.float32(0))
        soundfile.write(request.output / name, stem, rate_hz, subtype="FLOAT")
        onsets = tuple(float(t) for t in part.notes.onsets_s)
        rows.append(
            PartResult(
                *(part.index, part.name, part.instrument, part.index, 0.9, None, 1.0),
                *(False, "", name, COLOURS[part.index % 2], onsets),
            )
        )
    result = Result(
        *(1, rate_hz, len(mixture), request.audio_offset_s + first / rate_hz),
        *((), tuple(rows), {}, (), {}),
        request.settings(),
    )
    result.write(request.output / "result.json")
    return result
