"""Stand-ins for ``avstem.pipeline.run`` that provoke what a real one does only by chance."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from avstem.datatypes import Part, Score, Stage
from avstem.progress import ProgressEvent
from avstem.request import Request
from avstem.result import PartResult, Result

RATE_HZ = 8000
Watch = Callable[[ProgressEvent], None]


def quick(request: Request, watch: Watch, steps: int = 3, pause_s: float = 0.0) -> Result:
    """Write a result as the pipeline does: into a staging folder that is renamed at the end."""
    staging = request.output.parent / f".avstem-{os.getpid()}-{os.urandom(4).hex()}"
    staging.mkdir(parents=True)
    try:
        for step in range(steps):
            watch(ProgressEvent(Stage.SEPARATION, step / steps, step / steps))
            (staging / f"{step}.part").write_bytes(b"half")
            time.sleep(pause_s)
        for piece in staging.glob("*.part"):
            piece.unlink()
        result = _result(request, staging)
        staging.rename(request.output)
    except BaseException:
        for piece in staging.glob("*"):
            piece.unlink()
        staging.rmdir()
        raise
    watch(ProgressEvent(Stage.STEMS, 1.0, 1.0))
    return result


def slow(request: Request, watch: Watch) -> Result:
    """Two seconds of work."""
    return quick(request, watch, steps=100, pause_s=0.02)


def crash(request: Request, watch: Watch) -> Result:
    """Die of a segmentation fault, unless the job's name says otherwise."""
    watch(ProgressEvent(Stage.MEDIA, 0.0, 0.0))
    if "well" in request.output.name:
        return quick(request, watch)
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError("still alive")


def starve(request: Request, watch: Watch) -> Result:
    """End as a process that the kernel kills for want of memory."""
    watch(ProgressEvent(Stage.MEDIA, 0.0, 0.0))
    if "well" in request.output.name:
        return quick(request, watch)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def hang(request: Request, watch: Watch) -> Result:
    """Stop moving after the first step."""
    watch(ProgressEvent(Stage.MEDIA, 0.0, 0.0))
    if "well" in request.output.name:
        return quick(request, watch)
    (request.output.parent / f".avstem-{os.getpid()}-left").mkdir(parents=True)
    while True:
        time.sleep(60)


def bug(request: Request, watch: Watch) -> Result:
    """Fail as no one foresaw."""
    print("this goes to the log, not into the pipe")
    raise KeyError("surprise")


def shares(request: Request, watch: Watch) -> Result:
    """The real pipeline with a separation that takes no time, whatever the conditioning."""
    import stand_in

    from avstem import pipeline

    stand_in.install()
    return pipeline.run(request, watch)


def _parts(request: Request) -> tuple[Part, ...]:
    from avstem.datatypes import NO_NOTES

    if isinstance(request.score, Score):
        return request.score.parts
    count = request.players if isinstance(request.players, int) else 2
    return tuple(Part(k, f"Player {k}", "", NO_NOTES) for k in range(count))


def _result(request: Request, folder: Path) -> Result:
    parts = []
    for part in _parts(request):
        stem = f"{part.index + 1:02d} {part.index}.wav"
        (folder / stem).write_bytes(b"RIFF")
        onsets = tuple(float(t) for t in part.notes.onsets_s)
        parts.append(
            PartResult(
                *(part.index, part.name, part.instrument, part.index, 0.9, None, 1.0),
                *(False, "", stem, "#56b4e9", onsets),
            )
        )
    result = Result(1, RATE_HZ, 10 * RATE_HZ, 0.0, (), tuple(parts), {}, (), {}, request.settings())
    result.write(folder / "result.json")
    return result
