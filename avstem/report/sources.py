"""What the page shows of the recording itself: a frame, and where its sound lies."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import Video

PICTURE_PX = 1280


def link(file: Path | None, folder: Path) -> str | None:
    """How a page in ``folder`` finds ``file``: relative where possible, so that both can move."""
    if file is None:
        return None
    try:
        relative = Path(os.path.relpath(file.resolve(), folder.resolve()))
        return quote(os.fsencode(relative.as_posix()))
    except ValueError:  # on another drive
        return file.resolve().as_uri()


def picture_of(video: Video | None, time_s: float | None = None) -> NDArray[np.uint8] | None:
    """A frame at that time; by default from the middle, where nobody tunes or bows."""
    if video is None:
        return None
    width_px = min(PICTURE_PX, video.width_px)
    when_s = video.duration_s / 2 if time_s is None else time_s
    return video.picture_at(when_s, width_px).picture
