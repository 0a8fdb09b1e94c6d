"""Small pictures for front ends that draw but decode nothing: frames of a video, spectrograms."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import soundfile

from avstem.datatypes import FloatArray, Video
from avstem.errors import MediaError
from avstem.media.video import open_video

_QUALITY = 85
_COLUMNS, _ROWS = 320, 48
_WINDOW = 4096  # samples: tells the partials of a low string apart
_LOOKS = 3  # windows per column
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 12000.0
_RANGE_DB = 54.0  # below the loudest point: less is black


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


def spectrogram(path: Path) -> bytes:
    """A sound file as a grey PNG, 320 x 48: time to the right, log frequency upwards.

    Only a few windows per column are read, so that an hour costs what a minute does. MediaError
    if the file cannot be read.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            power = np.stack([_column(sound, k) for k in range(_COLUMNS)], axis=1)
    except (OSError, RuntimeError) as error:  # libsndfile's error is a RuntimeError
        raise MediaError(
            f"The stem {path} cannot be read: {str(error).rstrip('.')}.", "Run the job again."
        ) from error
    level_db = 10.0 * np.log10(np.maximum(power, 1e-12))
    loudest_db = max(float(level_db.max()), -50.0)  # silence stays black
    grey = 255.0 * np.clip(1.0 + (level_db - loudest_db) / _RANGE_DB, 0.0, 1.0)
    return bytes(cv2.imencode(".png", grey[::-1].astype(np.uint8))[1])


def _column(sound: soundfile.SoundFile, column: int) -> FloatArray:
    """(rows,) highest power per band of log frequency, in the column's stretch of time."""
    places = (column + (np.arange(_LOOKS) + 0.5) / _LOOKS) / _COLUMNS * sound.frames
    return np.max([_bands(sound, int(place) - _WINDOW // 2) for place in places], axis=0)


def _bands(sound: soundfile.SoundFile, start: int) -> FloatArray:
    sound.seek(min(max(start, 0), max(sound.frames - _WINDOW, 0)))
    samples = sound.read(_WINDOW, dtype="float32", always_2d=True)
    windowed = samples * np.hanning(len(samples))[:, None]
    power = np.mean(np.abs(np.fft.rfft(windowed, _WINDOW, axis=0)) ** 2, axis=1)
    edges_hz = np.geomspace(_LOWEST_HZ, min(_HIGHEST_HZ, sound.samplerate / 2), _ROWS + 1)
    bins = np.round(edges_hz * _WINDOW / sound.samplerate).astype(int)
    return np.array(
        [power[low : max(high, low + 1)].max() for low, high in zip(bins, bins[1:], strict=False)]
    )
