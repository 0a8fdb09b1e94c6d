"""The process that makes pictures: JSON lines in and out, until its input ends.

In: ``folder`` and id of a ``job``; for a frame ``time_s`` and ``width_px``, for a spectrogram the
file of the ``stem``. Out: ``file`` below the folder, for a frame also what there is to know of the
video; or ``message`` and ``hint``.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from avstem.errors import AvstemError, MediaError
from osc_bridge.records import parse_request
from osc_bridge.spool import Unreadable, read_json

KEPT = 48  # frames per job: enough to scrub back and forth
_FRAMES = "frames"
_THUMBNAILS = "thumbnails"


def main() -> None:
    """Answer until the service goes away."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes to the log
    for line in sys.stdin:
        channel.write(json.dumps(answer(json.loads(line))) + "\n")
        channel.flush()


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """One picture."""
    folder = Path(order["folder"])
    try:
        if "stem" in order:
            return {"file": _thumbnail(folder, Path(order["stem"]))}
        return _frame(folder, order["job"], order["time_s"], order["width_px"])
    except AvstemError as error:
        return {"message": error.message, "hint": error.hint}
    except (Unreadable, OSError, ValueError) as error:
        return {"message": f"The picture could not be made: {error}.", "hint": "See the log."}


def _thumbnail(folder: Path, stem: Path) -> str:
    """A stem never changes, so its picture is made once; its name tells a stem made anew."""
    about = stem.stat()
    name = f"{_THUMBNAILS}/{stem.stem[:60]}-{about.st_size}-{about.st_mtime_ns}.png"
    target = folder / name
    if not target.is_file():
        spectrogram = import_module("avstem.snapshot").spectrogram
        _write(target, spectrogram(stem))
    return name


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(exist_ok=True)
    partial = target.with_suffix(".tmp")
    partial.write_bytes(data)
    partial.replace(target)


def _frame(folder: Path, job: str, time_s: float, width_px: int) -> dict[str, Any]:
    show = import_module("avstem.snapshot")
    video = _video(folder, job)
    name = f"{_FRAMES}/{round(time_s * 1000)}-{width_px}.jpg"
    target = folder / name
    if not target.is_file():
        _write(target, show.jpeg(video, time_s, width_px))
        _forget(target.parent)
    return {
        "file": name,
        "source_width_px": video.width_px,
        "source_height_px": video.height_px,
        "duration_s": video.duration_s,
    }


@lru_cache(maxsize=4)
def _video(folder: Path, job: str) -> Any:
    from osc_bridge.session import open_session

    path = open_session(parse_request(read_json(folder / "request.json") or {}, job)).video
    if path is None:
        raise MediaError("This job has no video.", "Select the video item too, then run it again.")
    return import_module("avstem.snapshot").open_picture(path)


def _forget(folder: Path) -> None:
    """Keep only the newest frames."""
    with suppress(OSError):
        files = sorted(folder.glob("*.jpg"), key=lambda p: p.stat().st_mtime_ns)
        for old in files[:-KEPT]:
            old.unlink()


if __name__ == "__main__":
    main()
