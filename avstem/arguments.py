"""What people type on the command line, as the values of a request."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from avstem.datatypes import Box, Condition, conditioning_name
from avstem.errors import RequestError
from avstem.separation import DEFAULTS


def parse_conditioning(text: str) -> frozenset[Condition]:
    """``"score+motion"`` as a set of conditions."""
    try:
        return frozenset(Condition(name) for name in text.split("+"))
    except ValueError:
        known = ", ".join(conditioning_name(one) for one in DEFAULTS)
        raise RequestError(f"Unknown conditioning {text!r}.", f"Choose one of: {known}.") from None


def parse_players(text: str | None) -> int | Literal["auto"] | None:
    """``"4"`` or ``"auto"``; None when not given."""
    if text is None:
        return None
    if text == "auto":
        return "auto"
    if not text.isdecimal() or int(text) < 1:
        raise RequestError(
            f"--players takes a number from 1 or auto, found {text!r}.", "Example: --players 4"
        )
    return int(text)


def parse_list(text: str | None) -> list[str] | None:
    """``"Violin 1, Viola"`` as a list of names; None when not given."""
    return None if text is None else [name.strip() for name in text.split(",")]


def parse_size(text: str) -> tuple[int, int] | None:
    """``"640x360"`` as (width, height) in pixels; ``"none"`` for no picture."""
    if text == "none":
        return None
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise RequestError(f"--size is WIDTHxHEIGHT or none, found {text!r}.", "Example: 640x360")
    return int(width), int(height)


def parse_boxes(texts: list[str]) -> tuple[Box, ...]:
    """Each text one or more ``x0,y0,x1,y1`` in source pixels, separated by blanks."""
    boxes = []
    for text in " ".join(texts).split():
        try:
            x0, y0, x1, y1 = (float(number) for number in text.split(","))
            boxes.append(Box(x0, y0, x1, y1))
        except ValueError:
            raise RequestError(
                f"A box is x0,y0,x1,y1 in pixels with x1 > x0 and y1 > y0, found {text!r}.",
                "Example: --boxes 40,80,300,460",
            ) from None
    return tuple(boxes)


def parse_assignments(texts: list[str]) -> tuple[tuple[str, int | None], ...]:
    """``"Violin 1=2"`` gives ("Violin 1", 2); ``"Viola=off"`` gives ("Viola", None)."""
    pairs: list[tuple[str, int | None]] = []
    for text in texts:
        name, _, player = text.rpartition("=")
        if not name or not (player == "off" or player.isdecimal()):
            raise RequestError(
                f"An assignment is PART=PLAYER, found {text!r}.",
                'Examples: --assign "Violin 1=2" --assign "Viola=off"; players count from 0, '
                "left to right.",
            )
        pairs.append((name.strip(), None if player == "off" else int(player)))
    return tuple(pairs)


def parse_offset(offset_s: float, audio: Path | None) -> float:
    """Where the sound file starts; an offset without one is refused."""
    if not math.isfinite(offset_s):
        raise RequestError(
            f"--audio-offset takes seconds, found {offset_s}.", "Example: --audio-offset 1.25"
        )
    if offset_s and audio is None:
        raise RequestError(
            "--audio-offset says where the file of --audio starts, but there is no --audio.",
            "Name the sound file, or leave the offset out.",
        )
    return offset_s


def picture(video: Path | None, audio_only: bool) -> Path | None:
    """The video of a job, None for one without a picture; both or neither is refused."""
    if audio_only and video is not None:
        raise RequestError(
            f"--audio-only works without a picture, found the video {video}.",
            "Give the sound with --audio and leave the video out.",
        )
    if not audio_only and video is None:
        raise RequestError(
            "A video was expected, found none.",
            "Name one, or use --audio-only with --audio to work from sound alone.",
        )
    return video
