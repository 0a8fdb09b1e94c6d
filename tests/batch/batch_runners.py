"""Stand-ins for ``avstem.pipeline.run``: quick, each with one misfortune by the video's text."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from avstem.datatypes import Score, Stage
from avstem.errors import MediaError, OutputError
from avstem.progress import ProgressEvent
from avstem.request import Request
from avstem.result import PartResult, Result
from avstem.stems import ResultFolder

RATE_HZ = 8000
STEPS = 5
Watch = Callable[[ProgressEvent], None]


def quick(request: Request, watch: Watch, pause_s: float = 0.0) -> Result:
    """A result made of the content of the inputs, through the real result folder."""
    source = request.video or request.audio
    assert source is not None
    text = source.read_text(encoding="utf-8", errors="replace")
    if "broken" in text:
        raise MediaError("The video is broken.", "Bring another one.")
    with ResultFolder(request.output, overwrite=request.overwrite) as folder:
        for step in range(STEPS):
            watch(ProgressEvent(Stage.SEPARATION, step / STEPS, step / STEPS))
            (folder.path / "half.part").write_bytes(b"half")
            time.sleep(pause_s)
        (folder.path / "half.part").unlink()
        if "full disk" in text:
            error = OSError(errno.ENOSPC, "No space left on device")
            raise OutputError("Cannot write: no space left on device.") from error
        result = _result(request, folder.path, text)
    note(request, "done")
    return result


def alike(request: Request, watch: Watch) -> Result:
    """Two stems of the same sound, to a score that was lost half way."""
    result = quick(request, watch)
    sound = np.sin(np.arange(4 * RATE_HZ) / 10.0)
    for part in result.parts:
        soundfile.write(request.output / str(part.stem), sound, RATE_HZ)
    alignment = {"confidence": 0.8, "confidence_per_s": [0.9, 0.9, 0.1, 0.2]}
    replace(result, alignment=alignment).write(request.output / "result.json")
    return result


def slow(request: Request, watch: Watch) -> Result:
    """Half a second of work, or what the test asks for."""
    return quick(request, watch, pause_s=float(os.environ.get("AVSTEM_TEST_PAUSE_S", "0.1")))


def wild(request: Request, watch: Watch) -> Result:
    """Crash, hang or eat memory, as the video says."""
    assert request.video is not None
    text = request.video.read_text(encoding="utf-8", errors="replace")
    watch(ProgressEvent(Stage.MEDIA, 0.0, 0.0))
    if "crash" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hang" in text:
        (request.output.parent / f".avstem-{os.getpid()}-left").mkdir(parents=True)
        time.sleep(600)
    if "hungry" in text:
        food = []
        while True:
            food.append(b"x" * 20_000_000)
            time.sleep(0.05)
    if "bug" in text:
        raise KeyError("surprise")
    return quick(request, watch)


def scratching(request: Request, watch: Watch) -> Result:
    """Write a temporary file, as the pipeline does."""
    with tempfile.TemporaryDirectory(prefix="avstem-") as folder:
        (Path(folder) / "sound").write_bytes(b"samples")
        return quick(request, watch)


def environment(request: Request, watch: Watch) -> Result:
    """Leave what the process was told about memory and threads beside the video."""
    assert request.video is not None
    told = [
        os.environ.get(name, "nothing") for name in ("MALLOC_TRIM_THRESHOLD_", "OMP_NUM_THREADS")
    ]
    request.video.with_suffix(".told").write_text(" ".join(told))
    return quick(request, watch)


def elsewhere(request: Request, watch: Watch) -> Result:
    """A worker for whom the output folder is another one."""
    return quick(replace(request, output=request.output.parent / "elsewhere"), watch)


def die_replacing(request: Request, watch: Watch) -> Result:
    """End the worker and its batch when the old result is away and the new one is not there."""
    rename = Path.rename

    def then_die(source: Path, target: Path) -> Path:
        moved = rename(source, target)
        if source.name.endswith(".wav") and target.parent == request.output:
            for process in (os.getppid(), os.getpid()):
                os.kill(process, signal.SIGKILL)
        return moved

    Path.rename = then_die  # type: ignore[method-assign,assignment]
    return quick(request, watch)


def die_once(request: Request, watch: Watch) -> Result:
    """Kill the Dask worker under the first job that finds no mark; later attempts succeed."""
    assert request.video is not None
    mark = request.video.with_suffix(".tried")
    if "deadly" in request.video.read_text(errors="replace") and not mark.exists():
        mark.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(5)
    return slow(request, watch)


def note(request: Request, what: str) -> None:
    """One line per finished run, so that a test can count them."""
    log = os.environ.get("AVSTEM_TEST_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{what} {request.output.name}\n")


def _result(request: Request, folder: Path, text: str) -> Result:
    names = ["Violin", "Cello"]
    if isinstance(request.score, Score):
        names = [part.name for part in request.score.parts]
    confidence = 0.3 if "unsure" in text else 0.95
    parts = []
    for index, name in enumerate(names):
        stem = f"{index + 1:02d} {name}.wav"
        (folder / stem).write_bytes(b"RIFF" + text.encode(errors="replace") + name.encode())
        fields = (index, name, "", index, confidence, None, 1.0, "unsure" in text, "", stem)
        parts.append(PartResult(*fields, "#56b4e9", (0.0,)))
    (folder / "report.html").write_text("<p>report</p>")
    settings = request.settings() | {"made": str(request.made)}
    players: tuple = ()
    result = Result(
        1, RATE_HZ, 60 * RATE_HZ, 0.0, players, tuple(parts), {}, (), {}, settings
    )  # fmt: skip
    result.write(folder / "result.json")
    return result
