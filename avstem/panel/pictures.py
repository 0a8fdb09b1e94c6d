"""Frames of the video and spectrograms of the stems; the half of the presenter on pictures.

The service makes them one at a time. A frame that is on its way is answered before the next is
asked for, so that scrubbing asks only for where the cursor has come to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avstem.panel.editing import Editing, Send
from avstem.panel.model import Showing

_STEP_PX, _WIDEST_PX = 320, 1920


@dataclass(frozen=True)
class Frame:
    """A picture that the service made."""

    time_s: float
    file: Path


class Pictures(Editing):
    """What is drawn, and the time that is looked at."""

    def __init__(self, spool: Path, send: Send, changed: Callable[[str], None]) -> None:
        super().__init__(send, changed)
        self.spool = spool
        self.showing: Showing | None = None
        self.frame: Frame | None = None
        self.frame_problem = ""
        self.thumbnails: dict[str, Path] = {}  # by part
        self.duration_s = 0.0
        self.time_s = 0.0
        self._width_px = 640
        self._asked: tuple[str, float] | None = None  # the frame that is on its way
        self._unmade: list[str] = []  # parts whose spectrogram is still to come; the first is asked

    # ------------------------------------------------------------------ frames

    def seek(self, time_s: float) -> None:
        """Go to a media time."""
        self.time_s = min(max(time_s, 0.0), self.duration_s or time_s)
        self._changed("time")
        self._ask_frame()

    def resized(self, width_px: int) -> None:
        """The picture may now be that wide, in device pixels."""
        # A few sizes only, so that a window being dragged does not ask for hundreds of pictures.
        width_px = min(max(-(-width_px // _STEP_PX) * _STEP_PX, _STEP_PX), _WIDEST_PX)
        if width_px > self._width_px:
            self._width_px = width_px
            self._ask_frame()

    def _ask_frame(self) -> None:
        silent = self.showing is not None and not self.showing.has_video
        if self.connected and self.job and self._asked is None and not silent:
            self._asked = (self.job, self.time_s)
            self._send("/avstem/frame", job=self.job, time_s=self.time_s, width_px=self._width_px)

    def _on_frame_file(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self.size_px = (said["source_width_px"], said["source_height_px"])
            if self.showing is None:
                self.duration_s = said["duration_s"]
            self.frame_problem = ""
            self.frame = Frame(float(said["time_s"]), self._file(said))
            self._changed("frame")
        self._answered(said)

    def _on_frame_failed(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self._no_picture(said["message"])
        self._answered(said)

    def _answered(self, said: Mapping[str, Any]) -> None:
        """One frame at a time; ask for the newest time if it moved meanwhile."""
        if self._asked is None or said["job"] != self._asked[0]:
            return
        time_s, self._asked = self._asked[1], None
        if abs(time_s - self.time_s) > 1e-3:
            self._ask_frame()

    def _no_picture(self, why: str) -> None:
        self.frame, self.frame_problem = None, why
        self._changed("frame")

    def _file(self, said: Mapping[str, Any]) -> Path:
        return self.spool / "jobs" / self.job / str(said["file"])

    # ------------------------------------------------------------------ spectrograms

    def _ask_thumbnails(self) -> None:
        """Ask for what is still missing, one after the other."""
        self._unmade = [r.part for r in self.rows if r.file and r.part not in self.thumbnails]
        self._ask_thumbnail()

    def _ask_thumbnail(self) -> None:
        if self.connected and self._unmade:
            self._send("/avstem/thumbnail", job=self.job, part=self._unmade[0])

    def _on_thumbnail_file(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job:
            self.thumbnails[said["part"]] = self._file(said)
            self._changed("thumbnails")
        self._on_thumbnail_failed(said)

    def _on_thumbnail_failed(self, said: Mapping[str, Any]) -> None:
        if said["job"] == self.job and self._unmade[:1] == [said["part"]]:
            del self._unmade[0]
            self._ask_thumbnail()
