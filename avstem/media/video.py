"""The picture of a recording: frames with their true presentation times, upright, streamed.

Conventions
-----------
- Media time 0 is the first presented frame; ``epoch_s`` is its time on the container's clock,
  on which the sound of the same file is stamped too.
- Times come from pts x time base. A frame that does not come later than the one before it is
  dropped, so times strictly increase even where stamps repeat or step back.
- Upright means after the rotation flag (display matrix) that phones write, in quarter turns.
- Pixels that are not square are stretched in width before the turn, so sizes are those of the
  picture as a player shows it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from avstem.datatypes import Frame
from avstem.errors import MediaError
from avstem.media.container import decode, moving_pictures, open_container

THREADS = 2  # fewer where OMP_NUM_THREADS, the limit of all other libraries, asks for it

# Skipping the deblocking of frames that no other frame refers to saves 7 % of the decoding and
# changes the scaled picture by less than 0.1 of 255 (it cannot spread to other frames).
_DECODER = {"skip_loop_filter": "noref"}


@dataclass(frozen=True)
class VideoFile:
    """A video on disk, see ``avstem.datatypes.Video``.

    width_px, height_px : the upright picture with square pixels.
    duration_s : as the header says, for progress only; frames likewise.
    epoch_s : container time of media time 0.
    quarter_turns : turns counterclockwise that bring a decoded frame upright, 0 to 3.
    """

    path: Path
    stream: int
    width_px: int
    height_px: int
    duration_s: float
    frames: int
    epoch_s: float
    quarter_turns: int

    def luma(self, width_px: int, height_px: int) -> Iterator[Frame]:
        """All frames as luma of shape (height_px, width_px), 8 bit full range.

        Areas are averaged when scaling down, so fine texture does not flicker.

        Raises
        ------
        MediaError
            At the end, if the file turned out to be damaged or cut short.
        """
        scale = _Scaler(width_px, height_px, "gray8", self.quarter_turns)
        with open_container(self.path) as container:
            for time_s, frame in self._timed(container):
                yield Frame(time_s, scale(frame))

    def picture_at(self, time_s: float, width_px: int | None = None) -> Frame:
        """The frame presented at ``time_s`` as RGB (rows, columns, 3).

        Before the first frame the first one, after the last the last one. ``width_px`` scales
        it, keeping its proportions.
        """
        width = width_px or self.width_px
        height = max(1, round(width * self.height_px / self.width_px))
        time_s = max(time_s, 0.0)
        found_s, frame = self._presented(time_s)
        return Frame(found_s, _Scaler(width, height, "rgb24", self.quarter_turns)(frame))

    def _presented(self, time_s: float) -> tuple[float, Any]:
        """Last frame that starts at or before ``time_s``.

        A seek may land behind the target (damaged index) or find nothing (beyond the end, where
        some files have no key frame): then search from ever earlier, at last from the beginning.
        """
        for earlier_s in (0.0, 10.0, 60.0):
            found = self._search(time_s, from_s=min(time_s, self.duration_s) - earlier_s)
            if found is not None:
                return found
        found = self._search(time_s, from_s=None)
        if found is None:
            raise MediaError(f"No picture can be decoded from {self.path}.", "Export it again.")
        return found

    def _search(self, time_s: float, from_s: float | None) -> tuple[float, Any] | None:
        # Half a millisecond of grace: a time computed from this frame's own may be rounded down.
        last_s, found = time_s + 0.0005, None
        with open_container(self.path) as container:
            stream = container.streams[self.stream]
            if from_s is not None:
                _seek(container, stream, self.epoch_s + from_s)
            try:
                with closing(self._timed(container)) as frames:
                    for frame_s, frame in frames:
                        if frame_s > last_s:
                            break
                        found = (frame_s, frame)
            except MediaError:
                if from_s is None and found is None:
                    raise
        return found

    def _timed(self, container: Any) -> Generator[tuple[float, Any], None, None]:
        """Frames with their media times, strictly increasing."""
        stream = _threaded(container.streams[self.stream])
        step_s = 1.0 / float(stream.average_rate or 25)
        previous_s = -np.inf
        for frame in decode(container, stream, self.path):
            time_s = _time_s(frame, previous_s, step_s, self.epoch_s)
            if time_s > previous_s:
                previous_s = time_s
                yield time_s, frame


def open_video(path: Path) -> VideoFile:
    """Open a video: sizes, rotation and the time of its first frame.

    Raises
    ------
    MediaError
        If there is no such file, it is empty or damaged, or holds no moving picture (a cover
        picture of a sound file is none).
    """
    path = Path(path)
    with open_container(path) as container:
        stream = _moving_picture(container, path)
        with closing(decode(container, _threaded(stream), path)) as frames:
            first = list(islice(frames, 2))
        if len(first) < 2:
            raise MediaError(
                f"Expected a video, found a single picture in {path}.", "Name the video file."
            )
        frame, duration_s = first[0], _duration_s(container, stream)
        turns = round(frame.rotation / 90) % 4
        width, height = _upright(frame, stream, turns)
        return VideoFile(
            path=path,
            stream=stream.index,
            width_px=width,
            height_px=height,
            duration_s=duration_s,
            frames=stream.frames or round(duration_s * float(stream.average_rate or 25)),
            epoch_s=_time_s(frame, -np.inf, 0.0, 0.0),
            quarter_turns=turns,
        )


def _moving_picture(container: Any, path: Path) -> Any:
    streams = container.streams
    moving = moving_pictures(container)
    if not moving:
        cover = " (only a cover picture)" if streams.video else ""
        sound = "sound" if streams.audio else "no sound either"
        raise MediaError(
            f"Expected a video, found no moving picture{cover} in {path}, but {sound}.",
            "For a recording without a picture use --audio-only.",
        )
    default = [s for s in moving if s.disposition & Disposition.default]
    return (default or moving)[0]


def _threaded(stream: Any) -> Any:
    if not stream.codec_context.is_open:
        stream.codec_context.options = _DECODER
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = min(THREADS, _allowed())
    return stream


def _allowed() -> int:
    text = os.environ.get("OMP_NUM_THREADS", "")
    return int(text) if text.isdecimal() and text != "0" else THREADS


def _time_s(frame: Any, previous_s: float, step_s: float, epoch_s: float) -> float:
    stamp = frame.pts if frame.pts is not None else frame.dts
    if stamp is not None:
        return float(stamp * frame.time_base) - epoch_s
    # Bare codec streams (.h264) carry no stamps at all: the nominal rate is all there is.
    return previous_s + step_s if np.isfinite(previous_s) else 0.0


def _seek(container: Any, stream: Any, time_s: float) -> None:
    try:
        container.seek(round(time_s / stream.time_base), stream=stream, backward=True)
    except av.error.FFmpegError:
        return  # not seekable: decoding starts where the container stands, at the beginning


def _duration_s(container: Any, stream: Any) -> float:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float((container.duration or 0) / av.time_base)


def _upright(frame: Any, stream: Any, turns: int) -> tuple[int, int]:
    stretch = float(stream.sample_aspect_ratio or 1)
    width, height = max(1, round(frame.width * stretch)), frame.height
    return (height, width) if turns % 2 else (width, height)


class _Scaler:
    """Decoded frames to upright arrays of one size; keeps its scaling tables between frames."""

    def __init__(self, width_px: int, height_px: int, form: str, turns: int) -> None:
        # The turn comes last, when there is least to turn.
        self._size = (height_px, width_px) if turns % 2 else (width_px, height_px)
        self._form, self._turns = form, turns
        self._reformatter = VideoReformatter()

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        width, height = self._size
        scaled = self._reformatter.reformat(
            frame, width, height, self._form, interpolation=Interpolation.AREA, threads=1
        )
        return np.ascontiguousarray(np.rot90(scaled.to_ndarray(), self._turns))
