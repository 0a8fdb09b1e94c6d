"""What REAPER finds out about a media file when it opens it."""

from __future__ import annotations

from pathlib import Path

import soundfile

KINDS = {".wav": "WAVE", ".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS", ".mp4": "VIDEO"}


def media_length(path: Path) -> float | None:
    """Seconds, or None for what is no sound file."""
    try:
        info = soundfile.info(str(path))
    except (RuntimeError, OSError):
        return None
    return info.frames / info.samplerate


def media_kind(path: Path) -> str:
    return KINDS.get(path.suffix.lower(), "WAVE")
