"""What a simulation may be asked for, checked when it is made."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from avstem.errors import RequestError


def _require(condition: bool, message: str, hint: str) -> None:
    if not condition:
        raise RequestError(message, hint)


@dataclass(frozen=True)
class SimulationSettings:
    """Everything that decides a simulation besides the score; the same settings, the same bytes.

    difficulty : 0 (clean picture, dry sound, even tempo) to 1 (much sway, slurs, noise, room).
    seconds : length of the video; None performs the whole score.
    start_s : score time at which the performance begins.
    size : picture width and height in pixels, even numbers; None leaves the picture out.
    channels : 2 (a stereo pair in a room) or 1.
    synth : "fluidsynth" (sampled instruments) or "additive" (built in, for tests).
    sound_font : file of the sampled instruments; None searches the usual places.
    cuts : how many times the camera cuts: wide and closer shots take turns, every second closer one
        being from the side. Not everybody is in a closer shot.
    pans : how many times the camera pans, from a place nearer to the stage.
    hidden : how many players somebody else stands before for half of the piece.
    fidgets : how much players who rest for long move all the same: 0 sit still but for sway and
        glances; 1 settle on the seat and shift the instrument every few seconds.
    """

    seed: int = 0
    difficulty: float = 0.5
    seconds: float | None = None
    start_s: float = 0.0
    size: tuple[int, int] | None = (640, 360)
    frame_rate_hz: float = 30.0
    rate_hz: int = 48000
    channels: int = 2
    synth: str = "fluidsynth"
    sound_font: str | None = None
    cuts: int = 0
    pans: int = 0
    hidden: int = 0
    fidgets: float = 0.0

    def __post_init__(self) -> None:
        _require(self.seed >= 0, f"A seed is 0 or more, found {self.seed}.", "Use --seed 0.")
        _require(
            0.0 <= self.difficulty <= 1.0,
            f"Difficulty lies between 0 and 1, found {self.difficulty}.",
            "0.5 is the difficulty of the benchmark.",
        )
        _require(
            self.seconds is None or self.seconds >= 4.0,
            f"A simulation lasts at least 4 seconds, found {self.seconds}.",
            "Ask for more seconds, or leave them out for the whole score.",
        )
        _require(
            self.channels in (1, 2),
            f"The mix has 1 or 2 channels, found {self.channels}.",
            "Choose mono or stereo.",
        )
        _require(
            self.synth in ("fluidsynth", "additive"),
            f"The synth is fluidsynth or additive, found {self.synth!r}.",
            "fluidsynth plays sampled instruments; additive needs nothing installed.",
        )
        _require(
            8000 <= self.rate_hz <= 192000,
            f"The sample rate lies between 8000 and 192000 Hz, found {self.rate_hz}.",
            "48000 is usual for video.",
        )
        self._check_picture()

    def _check_picture(self) -> None:
        _require(
            5.0 <= self.frame_rate_hz <= 120.0,
            f"The frame rate lies between 5 and 120 Hz, found {self.frame_rate_hz}.",
            "25 and 30 are usual.",
        )
        _require(
            0.0 <= self.fidgets <= 1.0,
            f"Fidgets lie between 0 and 1, found {self.fidgets}.",
            "1 is a restless player.",
        )
        for name in ("cuts", "pans", "hidden"):
            count = getattr(self, name)
            _require(
                count >= 0,
                f"{name.capitalize()} are counted from 0, found {count}.",
                "Use 0 for none.",
            )
        if self.size is None:
            return
        width, height = self.size
        _require(
            width >= 160 and height >= 90 and width % 2 == 0 and height % 2 == 0,
            f"The picture needs even sides of at least 160 x 90 pixels, found {width} x {height}.",
            "640 x 360, 1280 x 720 and 1920 x 1080 are usual.",
        )

    @property
    def frame_rate(self) -> Fraction:
        """The frame rate as a fraction; 29.97 and 23.976 mean 30000/1001 and 24000/1001."""
        broadcast = Fraction(round(self.frame_rate_hz * 1.001) * 1000, 1001)
        if abs(float(broadcast) - self.frame_rate_hz) < 0.005:
            return broadcast
        return Fraction(self.frame_rate_hz).limit_denominator(1000)

    def rng(self, *purpose: str | int) -> np.random.Generator:
        """A random generator of its own for each purpose, so that one choice moves no other."""
        words = [zlib.crc32(str(word).encode()) for word in purpose]
        return np.random.default_rng([self.seed, *words])

    def between(self, easy: float, hard: float) -> float:
        """A value that goes from ``easy`` at difficulty 0 to ``hard`` at difficulty 1."""
        return easy + (hard - easy) * self.difficulty
