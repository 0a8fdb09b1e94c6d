"""Single frames of a video as JPEG, for front ends that draw a picture but decode none."""

from __future__ import annotations

from pathlib import Path

import cv2

from avstem.datatypes import Video
from avstem.errors import MediaError
from avstem.media.video import open_video

_QUALITY = 85


def open_picture(path: Path) -> Video:
    """The video; MediaError if there is no picture in it."""
    return open_video(path)


def jpeg(video: Video, time_s: float, width_px: int) -> bytes:
    """The frame presented at ``time_s``, at most ``width_px`` wide; MediaError if damaged."""
    picture = video.picture_at(time_s, min(width_px, video.width_px)).picture
    good, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not good:
        raise MediaError(f"The frame at {time_s:.2f} s could not be encoded.", "Try another time.")
    return bytes(data)
