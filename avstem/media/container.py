"""Media containers through PyAV: opening, and decoding that survives small damage.

Shared by ``video`` and ``audio``. A player shows a file with a few broken packets, so this does
too; what is cut short or broken through and through is refused, with what was found.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition

from avstem.errors import MediaError

BAD_SHARE = 0.05  # of a stream's packets; beyond, the file counts as damaged
TRUNCATED_S = 1.0  # what may be missing at the end before a file counts as cut short
TRUNCATED_SHARE = 0.02  # the same as a share of the duration that the header promises

# Formats whose header states the true duration; others estimate it from size and bit rate.
_TRUE_DURATION = ("mov", "matroska")


def require_file(path: Path) -> None:
    """Refuse what is no file or holds nothing.

    Raises
    ------
    MediaError
        If ``path`` does not exist, is no file, or is empty.
    """
    if not path.exists():
        raise MediaError(f"There is no file {path}.", "Check the name and the folder.")
    if not path.is_file():
        raise MediaError(f"Expected a media file, found a folder: {path}.", "Name one file.")
    if path.stat().st_size == 0:
        raise MediaError(f"The file {path} is empty (0 bytes).", "Copy or export it again.")


def open_container(path: Path) -> InputContainer:
    """Open a media file for reading; use as a context manager.

    Raises
    ------
    MediaError
        If there is no such file, it is empty, or it is no media file that FFmpeg knows.
    """
    require_file(path)
    try:
        # The prefix keeps FFmpeg from reading "Take: one.mp4" as a network protocol; bytes that
        # are no text in tags must not hinder reading picture and sound.
        return av.open(f"file:{path}", metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(
            f"The file {path} cannot be read as video or sound: {_reason(error)}.",
            "It may be cut short, damaged or of another kind: try it in a media player.",
        ) from error


def moving_pictures(container: InputContainer) -> list[Any]:
    """The video streams, without cover pictures."""
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def decode(container: InputContainer, stream: Any, path: Path) -> Generator[Any, None, None]:
    """Frames of ``stream`` in order of presentation, skipping packets that cannot be decoded.

    Raises
    ------
    MediaError
        At the end, if no frame came, too many packets were broken (``BAD_SHARE``), or the file
        stops well before the duration that its header promises.
    """
    good, bad, reached_s, whole_s = 0, 0, 0.0, 0.0
    for packet in _packets(container, path):
        whole_s = max(whole_s, _end_s(packet))
        if packet.stream.index != stream.index:
            continue
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            bad += 1
            continue
        reached_s = max(reached_s, _end_s(packet))
        for frame in frames:
            good, bad = good + (not frame.is_corrupt), bad + bool(frame.is_corrupt)
            yield frame
    _refuse_damage(path, stream.type, good, bad)
    if container.format.name.startswith(_TRUE_DURATION):
        _refuse_truncation(path, "content", _promised_s(container, av.time_base), whole_s)
        promised_s = _promised_s(stream, 1 / stream.time_base)
        _refuse_truncation(path, f"{stream.type} stream", promised_s, reached_s)


def _packets(container: InputContainer, path: Path) -> Iterator[Any]:
    # All streams are read, since only all of them together show how far the file really goes.
    try:
        yield from container.demux()
    except av.error.FFmpegError as error:
        raise MediaError(
            f"The file {path} is damaged: {_reason(error)}.", "Copy or export it again."
        ) from error


def _end_s(packet: Any) -> float:
    stamp = packet.pts if packet.pts is not None else packet.dts
    if stamp is None or packet.time_base is None:
        return 0.0
    return float((stamp + (packet.duration or 0)) * packet.time_base)


def _refuse_damage(path: Path, kind: str, good: int, bad: int) -> None:
    if good == 0:
        found = f"all {bad} packets are broken" if bad else "it is empty"
        raise MediaError(
            f"Nothing could be decoded from the {kind} stream of {path}: {found}.",
            "The file is damaged or cut short: copy or export it again.",
        )
    if bad > BAD_SHARE * (good + bad):
        raise MediaError(
            f"The {kind} stream of {path} is damaged: {bad} of {good + bad} packets are broken.",
            "Copy or export the file again.",
        )


def _promised_s(timed: Any, units_per_s: Any) -> float:
    """End of a container or stream by its header; 0 where the header does not say."""
    return float(((timed.start_time or 0) + (timed.duration or 0)) / units_per_s)


def _refuse_truncation(path: Path, what: str, promised_s: float, found_s: float) -> None:
    if promised_s - found_s > max(TRUNCATED_S, TRUNCATED_SHARE * promised_s):
        raise MediaError(
            f"The {what} of {path} is cut short: it promises {promised_s:.1f} s "
            f"but ends at {found_s:.1f} s.",
            "Copy or export it again.",
        )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".").lower()
