"""Small clips with known truth, written through PyAV (no ffmpeg program needed).

Each frame shows its number in binary as bars in its upper half over a plain lower half, so that
a decoded frame tells which one it is and which way up it stands. Sounds are given as samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition

BITS = 8
WIDTH_PX, HEIGHT_PX = 128, 96


def picture(number: int, width: int = WIDTH_PX, height: int = HEIGHT_PX) -> np.ndarray:
    """Luma (height, width) of frame ``number``: most significant bit left."""
    luma = np.full((height, width), 128, np.uint8)
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        luma[: height // 2, left:right] = 220 if number >> (BITS - 1 - bit) & 1 else 30
    return luma


def number_of(luma: np.ndarray) -> int:
    """Which frame this is; -1 if it does not stand upright."""
    height, width = luma.shape[:2]
    middle = luma.reshape(height, width, -1).mean(axis=2)
    if np.abs(middle[round(height * 0.75)] - 128).max() > 40:
        return -1
    row = middle[height // 4]
    bits = [row[int((bit + 0.5) * width / BITS)] > 128 for bit in range(BITS)]
    return sum(int(bit) << (BITS - 1 - place) for place, bit in enumerate(bits))


@dataclass(frozen=True, eq=False)
class Sound:
    """An audio stream: samples (channels, samples) in -1 to 1, first one at ``start_s``."""

    samples: np.ndarray
    rate_hz: int = 48000
    start_s: float = 0.0
    codec: str = "pcm_f32le"
    language: str | None = None
    gap: tuple[float, float] | None = None  # (time, length): stamps jump here


def click(at_s: float, length_s: float, rate_hz: int = 48000, channels: int = 1) -> np.ndarray:
    """Silence with one short burst that begins at ``at_s``."""
    samples = np.zeros((channels, round(length_s * rate_hz)), np.float32)
    start = round(at_s * rate_hz)
    samples[:, start : start + rate_hz // 200] = 0.8
    return samples


def write_clip(
    path: Path,
    times_s: Sequence[float] = (),
    *,
    sounds: Sequence[Sound] = (),
    size: tuple[int, int] = (WIDTH_PX, HEIGHT_PX),
    rotation: int = 0,
    aspect: Fraction | None = None,
    pixels: str = "yuv420p",
    codec: str = "libx264",
    pictures: Sequence[np.ndarray] | None = None,
    cover: bool = False,
) -> Path:
    """Write frames shown at ``times_s`` (numbered from 0) and sounds.

    size : of the stored picture. rotation : degrees counterclockwise that a player must turn it.
    cover : whether to add a cover picture, as music shops do.
    """
    with av.open(str(path), "w") as container:
        video = _video_stream(container, size, rotation, aspect, pixels, codec) if times_s else None
        audio = [_audio_stream(container, sound) for sound in sounds]
        jacket = _cover_stream(container) if cover else None
        if video is not None:
            shown = pictures or [_stored(n, size, rotation) for n in range(len(times_s))]
            for time_s, luma in zip(times_s, shown, strict=True):
                container.mux(video.encode(_frame(luma, pixels, time_s)))
            container.mux(video.encode(None))
        for stream, sound in zip(audio, sounds, strict=True):
            _write_sound(container, stream, sound)
        if cover:
            _write_cover(container, jacket)
    return path


def _stored(number: int, size: tuple[int, int], rotation: int) -> np.ndarray:
    turns = rotation // 90 % 4
    width, height = size[::-1] if turns % 2 else size
    return np.rot90(picture(number, width, height), -turns)


CLOCK = Fraction(1, 90000)


def _video_stream(container, size, rotation, aspect, pixels, codec):
    stream = container.add_stream(codec, rate=30)
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    stream.codec_context.time_base = CLOCK
    stream.time_base = CLOCK
    stream.codec_context.gop_size = 10
    if codec == "libx264":
        stream.options = {"preset": "ultrafast", "crf": "12", "bf": "2"}
    if aspect is not None:
        stream.codec_context.sample_aspect_ratio = aspect
    if rotation:
        stream.set_display_rotation(rotation)
    return stream


def _frame(luma: np.ndarray, pixels: str, time_s: float) -> av.VideoFrame:
    gray = av.VideoFrame.from_ndarray(np.ascontiguousarray(luma), format="gray8")
    frame = gray.reformat(format=pixels)
    frame.pts, frame.time_base = round(time_s / CLOCK), CLOCK
    return frame


def _audio_stream(container, sound: Sound):
    layout = {1: "mono", 2: "stereo", 4: "quad", 6: "5.1"}[len(sound.samples)]
    stream = container.add_stream(sound.codec, rate=sound.rate_hz, layout=layout)
    if sound.language:
        stream.metadata["language"] = sound.language
    return stream


def _write_sound(container, stream, sound: Sound) -> None:
    layout = stream.codec_context.layout.name
    resampler = av.AudioResampler(stream.codec_context.format, layout, sound.rate_hz)
    offset, step = round(sound.start_s * sound.rate_hz), 1024
    for start in range(0, sound.samples.shape[1], step):
        block = np.ascontiguousarray(sound.samples[:, start : start + step], np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        jump = 0
        if sound.gap is not None and start >= round(sound.gap[0] * sound.rate_hz):
            jump = round(sound.gap[1] * sound.rate_hz)
        frame.sample_rate = sound.rate_hz
        frame.time_base, frame.pts = Fraction(1, sound.rate_hz), offset + start + jump
        for converted in resampler.resample(frame):
            container.mux(stream.encode(converted))
    container.mux(stream.encode(None))


def _cover_stream(container):
    stream = container.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuvj420p"
    stream.disposition = Disposition.attached_pic
    return stream


def _write_cover(container, stream) -> None:
    gray = av.VideoFrame.from_ndarray(picture(77), format="gray8")
    frame = gray.reformat(format="yuvj420p")
    frame.pts = 0
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
