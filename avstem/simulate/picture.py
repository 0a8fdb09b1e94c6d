"""Picture: the players on their stage, filmed: camera, noise, H.264."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import soundfile

from avstem.datatypes import FloatArray, Progress, no_progress
from avstem.simulate.camera import Camera, camera_of
from avstem.simulate.figures import Figure
from avstem.simulate.gestures import gestures_of
from avstem.simulate.perform import Performance
from avstem.simulate.screens import Screen, screens_of
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.skeleton import pose_of
from avstem.simulate.sprites import Picture
from avstem.simulate.stage import MARGIN, hall, seats_of, stand_sprite
from avstem.simulate.wardrobe import dress


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is filmed: figures left to right, what hides them, the hall, the camera."""

    figures: tuple[Figure, ...]
    screens: tuple[Screen, ...]
    hall: Picture
    camera: Camera
    times_s: FloatArray  # (frames,)


def make_scene(
    performance: Performance, order: tuple[int, ...], settings: SimulationSettings
) -> Scene:
    """Seat the players, ``order[player]`` being the part of each from left to right."""
    frames = int(np.ceil(performance.duration_s * settings.frame_rate))
    times_s = np.arange(frames) / float(settings.frame_rate)
    parts = [performance.parts[part] for part in order]
    seats = seats_of(tuple(part.instrument for part in parts), settings)
    figures = []
    for part, seat in zip(parts, seats, strict=True):
        rng = settings.rng("looks", part.part.index)
        gestures = gestures_of(part, performance, times_s, settings)
        contrast = settings.between(0.4, 0.16)
        with_stand = rng.random() < settings.between(0.3, 0.95)
        aside = rng.uniform(-0.7, 0.7) * seat.head_px
        figures.append(
            Figure(
                part.instrument,
                seat,
                dress(part.instrument, seat.head_px, contrast, rng),
                pose_of(gestures, part.instrument, seat.yaw),
                gestures.lean,
                gestures.turn,
                stand_sprite(seat.head_px, rng) if with_stand else None,
                (seat.x_px + aside, seat.y_px + rng.uniform(2.2, 2.6) * seat.head_px),
            )
        )
    camera = camera_of(times_s, performance.duration_s, settings)
    screens = screens_of([figure.box() for figure in figures], performance.duration_s, settings)
    return Scene(tuple(figures), screens, hall(settings), camera, times_s)


def draw_frames(scene: Scene, settings: SimulationSettings) -> Iterator[Picture]:
    """All pictures as the camera's sensor sees them, I420: (1.5 rows, columns) uint8."""
    assert settings.size is not None
    width, height = settings.size
    rng = settings.rng("noise")
    noise = _NoiseBank(width, height, settings.between(0.8, 4.5), rng)
    margin = round(MARGIN * width)
    for frame in range(len(scene.times_s)):
        view = scene.camera.at(frame)
        matrix = np.array(
            [
                [view.zoom, 0.0, view.x_px - margin * view.zoom],
                [0.0, view.zoom, view.y_px - margin * view.zoom],
            ]
        )
        picture: Picture = np.asarray(cv2.warpAffine(scene.hall, matrix, (width, height)), np.uint8)
        for figure in scene.figures:
            figure.draw(picture, frame, view)
        for screen in scene.screens:
            screen.draw(picture, scene.times_s[frame], view)
        if view.turn:
            turned = view.seen_from(width, height)
            picture = np.asarray(cv2.warpPerspective(picture, turned, (width, height)), np.uint8)
        planes: Picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
        noise.add(planes[:height])
        yield planes


class _NoiseBank:
    """Sensor noise: crops of one large noise picture at random places, brighter and darker."""

    def __init__(self, width: int, height: int, sigma: float, rng: np.random.Generator) -> None:
        field = sigma * rng.standard_normal((height + 97, width + 131))
        self.brighter = np.clip(np.round(field), 0, 255).astype(np.uint8)
        self.darker = np.clip(np.round(-field), 0, 255).astype(np.uint8)
        self.rng = rng

    def add(self, luma: Picture) -> None:
        rows, columns = luma.shape
        y, x = int(self.rng.integers(97)), int(self.rng.integers(131))
        crop = (slice(y, y + rows), slice(x, x + columns))
        cv2.add(luma, self.brighter[crop], dst=luma)
        cv2.subtract(luma, self.darker[crop], dst=luma)


def film(
    scene: Scene,
    mix: Path,
    path: Path,
    settings: SimulationSettings,
    progress: Progress = no_progress,
) -> None:
    """Encode the scene with the mix as its sound: H.264 and AAC in MP4."""
    assert settings.size is not None
    with av.open(str(path), "w") as container:
        rate: Fraction = settings.frame_rate
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height = settings.size
        video.pix_fmt = "yuv420p"
        video.thread_count = 1
        # The same pictures give the same bytes, whatever the processor and its other work.
        video.options = {"preset": "veryfast", "crf": "24", "x264-params": "cpu-independent=1"}
        sound = container.add_stream("aac", rate=_aac_rate(settings.rate_hz))
        sound.bit_rate = 192_000
        sound.layout = "stereo" if settings.channels == 2 else "mono"
        with soundfile.SoundFile(mix) as source:
            for number, planes in enumerate(draw_frames(scene, settings)):
                frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
                frame.pts, frame.time_base = number, 1 / rate
                container.mux(video.encode(frame))
                until = round((number + 1) / rate * settings.rate_hz)
                _encode_sound(container, sound, source, until)
                progress((number + 1) / len(scene.times_s))
            container.mux(video.encode())
            _encode_sound(container, sound, source, source.frames)
            container.mux(sound.encode())


def _aac_rate(rate_hz: int) -> int:
    return min(
        (48000, 44100, 96000, 88200, 32000, 24000, 22050, 16000), key=lambda r: abs(r - rate_hz)
    )


def _encode_sound(container, stream, source: soundfile.SoundFile, until: int) -> None:  # type: ignore[no-untyped-def]
    """Encode samples up to ``until``, so that sound and picture lie interleaved in the file."""
    start = source.tell()
    if until <= start:
        return
    block = source.read(until - start, dtype="float32", always_2d=True)
    if not len(block):
        return
    layout = "stereo" if block.shape[1] == 2 else "mono"
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout=layout)
    frame.sample_rate, frame.pts = source.samplerate, start
    frame.time_base = Fraction(1, source.samplerate)
    container.mux(stream.encode(frame))
