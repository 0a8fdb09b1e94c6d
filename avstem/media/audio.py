"""The mixture: read in blocks at its own rate and channel count, never resampled.

Plain sound files (WAV, FLAC, AIFF, ...) are read where they lie, bit by bit as float32. Sound
inside containers (video, m4a, mp3, ...) cannot be sought to the exact sample, so it is decoded
once to a float file in the scratch folder; gaps in its time stamps become silence, so that
sample n always lies at ``start_s + n / rate_hz``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf

from avstem.datatypes import FloatArray
from avstem.errors import MediaError, OutputError
from avstem.media.container import decode, moving_pictures, open_container, require_file
from avstem.media.soundness import Check, Soundness

BLOCK = 1 << 16  # samples per channel held at a time
GAP_S = 0.010  # stamps may be off by this much; one lost packet is longer

# Formats that libsndfile seeks exactly; MP3, Ogg and the like go through the container path,
# where encoder delay is taken off.
_PLAIN = {"WAV", "WAVEX", "RF64", "W64", "AIFF", "FLAC", "CAF", "AU"}


@dataclass(frozen=True)
class MixtureFile:
    """A mixture on disk, see ``avstem.datatypes.Mixture``.

    path : the file that samples are read from (the decoded one for containers).
    source : the file that the user named.
    soundness : what the pass over all samples found.
    warnings : sentences for the user, from ``soundness``.
    """

    path: Path
    source: Path
    rate_hz: int
    channels: int
    samples: int
    start_s: float
    soundness: Soundness

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about this sound."""
        return self.soundness.warnings

    def read(self, start: int, count: int) -> FloatArray:
        """Samples [start, start + count) as float32 (channels, count); zeros outside."""
        block = np.zeros((self.channels, max(count, 0)), np.float32)
        first, last = max(start, 0), min(start + count, self.samples)
        if first < last:
            # Opened anew each time: no state, so blocks may be read from several threads.
            with sf.SoundFile(_name(self.path)) as file:
                file.seek(first)
                found = file.read(last - first, dtype="float32", always_2d=True)
            block[:, first - start : first - start + len(found)] = found.T
        return block


def open_mixture(
    path: Path, *, epoch_s: float = 0.0, stream: int | None = None, scratch: Path
) -> MixtureFile:
    """Open a sound file, or the sound of a video.

    epoch_s : container time of media time 0 (``Video.epoch_s`` for the sound of a video; minus
        the media time of the first sample for a sound file of its own).
    stream : which audio stream of a container, from 0; None for its default one.
    scratch : an existing folder for decoded sound; the caller removes it.

    Raises
    ------
    MediaError
        If the file is missing, empty, damaged or cut short; if it has no sound, or not the
        stream asked for; if the sound is silent or holds values that are no numbers.
    OutputError
        If the scratch folder cannot hold the decoded sound.
    """
    path = Path(path)
    require_file(path)
    if stream in (None, 0) and _is_plain(path):
        _refuse_short_chunk(path)
        return _open_plain(path, epoch_s)
    return _open_contained(path, epoch_s, stream, scratch)


# --------------------------------------------------------------------------- plain sound files


def _name(path: Path) -> Path | bytes:
    """What libsndfile opens: outside Windows a name is bytes and need not be text."""
    return path if os.name == "nt" else os.fsencode(path)


def _is_plain(path: Path) -> bool:
    try:
        return sf.info(_name(path)).format in _PLAIN
    except sf.LibsndfileError:
        return False


def _open_plain(path: Path, epoch_s: float) -> MixtureFile:
    with sf.SoundFile(_name(path)) as file:
        check = Check(path, file.samplerate, file.channels)
        for block in _blocks(file, path):
            check.add(block)
        found = check.result()
        return MixtureFile(
            path, path, file.samplerate, file.channels, found.samples, 0.0 - epoch_s, found
        )


def _blocks(file: sf.SoundFile, path: Path) -> Iterator[FloatArray]:
    done = 0
    try:
        while done < file.frames:
            block = file.read(min(BLOCK, file.frames - done), dtype="float32", always_2d=True)
            if len(block) == 0:
                break
            done += len(block)
            yield block.T
    except sf.LibsndfileError as error:
        raise _cut_short(path, file.frames, done, file.samplerate) from error
    if done < file.frames:
        raise _cut_short(path, file.frames, done, file.samplerate)


def _cut_short(path: Path, expected: int, found: int, rate_hz: int) -> MediaError:
    return MediaError(
        f"The sound file {path} is damaged or cut short: expected {expected / rate_hz:.2f} s, "
        f"could read {found / rate_hz:.2f} s.",
        "Copy or export it again.",
    )


def _refuse_short_chunk(path: Path) -> None:
    """libsndfile reads what is left of a WAV or AIFF without a word, so look at the header."""
    with path.open("rb") as file:
        head = file.read(8)
    order = {b"RIFF": "little", b"FORM": "big"}.get(head[:4])
    if order is None:
        return
    promised = int.from_bytes(head[4:], order) + 8  # type: ignore[arg-type]
    found = path.stat().st_size
    # Programs that stream to a pipe leave the size at its largest value: no promise.
    if found < promised < 0x7FFFF000:
        raise MediaError(
            f"The sound file {path} is cut short: its header promises {promised} bytes, "
            f"found {found}.",
            "Copy or export it again.",
        )


# --------------------------------------------------------------------------- containers


def _open_contained(path: Path, epoch_s: float, stream: int | None, scratch: Path) -> MixtureFile:
    with open_container(path) as container:
        chosen = _choose(container, path, stream)
        frames = decode(container, chosen, path)
        first = next(frames)  # decode raises if there is none
        writer = _Writer(path, first, (container.duration or 0) / av.time_base)
        decoded = _new_file(scratch)
        # W64 has no 4 GB limit: an hour of six channels at 96 kHz has 8 GB.
        rate_hz, channels = writer.rate_hz, writer.channels
        try:
            with sf.SoundFile(decoded, "w", rate_hz, channels, "FLOAT", format="W64") as file:
                writer.write(file, first)
                for frame in frames:
                    writer.write(file, frame)
        except sf.LibsndfileError as error:
            raise OutputError(
                f"Cannot write the decoded sound of {path} to the temporary folder {scratch}: "
                f"{error.error_string}",
                "Make room there, or name another folder with the variable TMPDIR.",
            ) from error
        # Sound alone begins at 0: there, the first stamp only tells of the encoder's delay, which
        # is taken off already (MP3 begins at 0.023 s).
        begin_s = writer.first_s if moving_pictures(container) else 0.0
    found = writer.check.result()
    return MixtureFile(decoded, path, rate_hz, channels, found.samples, begin_s - epoch_s, found)


def _new_file(scratch: Path) -> Path:
    with tempfile.NamedTemporaryFile(dir=scratch, suffix=".w64", delete=False) as file:
        return Path(file.name)


def _choose(container: Any, path: Path, stream: int | None) -> Any:
    streams = container.streams.audio
    if not streams:
        raise MediaError(
            f"Expected sound, found no audio stream in {path}.",
            "Name the recording's sound file with --audio.",
        )
    if stream is None:
        return container.streams.best("audio") or streams[0]
    if not 0 <= stream < len(streams):
        raise MediaError(
            f"There is no audio stream {stream} in {path}; it has {_listing(streams)}.",
            "Choose one of these with --audio-stream.",
        )
    return streams[stream]


def _listing(streams: Any) -> str:
    return "; ".join(
        f"{index}: {s.codec_context.name}, {s.codec_context.layout.nb_channels} channels, "
        f"{s.codec_context.sample_rate} Hz, {s.metadata.get('language', 'no language')}"
        for index, s in enumerate(streams)
    )


class _Writer:
    """Puts decoded frames at the sample that their time stamp says."""

    def __init__(self, path: Path, first: Any, duration_s: float) -> None:
        self.rate_hz, self.channels = first.sample_rate, first.layout.nb_channels
        self.first_s = float((first.pts or 0) * first.time_base)
        self.check = Check(path, self.rate_hz, self.channels)
        self._path, self._end_s, self._written = path, self.first_s + duration_s, 0

    def write(self, file: sf.SoundFile, frame: Any) -> None:
        self._refuse_change(frame)
        block = _as_float(frame, self.channels)
        shift = self._shift(frame)
        if shift < 0:
            block = block[:, -shift:]  # stamped before the end of what is there: told twice
        for start in range(0, shift, BLOCK):
            self._append(file, np.zeros((self.channels, min(BLOCK, shift - start)), np.float32))
        self._append(file, block)

    def _append(self, file: sf.SoundFile, block: FloatArray) -> None:
        self.check.add(block)
        file.write(block.T)
        self._written += block.shape[-1]

    def _shift(self, frame: Any) -> int:
        """Samples of silence to put before the frame; negative: samples to take off its head."""
        if frame.pts is None:
            return 0
        time_s = float(frame.pts * frame.time_base)
        shift = round((time_s - self.first_s) * self.rate_hz) - self._written
        # A stamp beyond the whole file's end is damage; hours of silence would follow from it.
        if abs(shift) <= GAP_S * self.rate_hz or time_s > self._end_s + 60.0:
            return 0
        return shift

    def _refuse_change(self, frame: Any) -> None:
        found = (frame.sample_rate, frame.layout.nb_channels)
        if found != (self.rate_hz, self.channels):
            raise MediaError(
                f"The sound of {self._path} changes from {self.rate_hz} Hz, {self.channels} "
                f"channels to {found[0]} Hz, {found[1]} channels at "
                f"{self._written / self.rate_hz:.2f} s.",
                "Convert it to one sample rate and channel count first.",
            )


def _as_float(frame: Any, channels: int) -> FloatArray:
    """Any sample format to float32 (channels, samples)."""
    samples: np.ndarray = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    if samples.dtype.kind == "f":
        return np.asarray(samples, np.float32)
    if samples.dtype.kind == "u":
        return np.asarray((samples - 128.0) / 128.0, np.float32)
    return np.asarray(samples / float(-np.iinfo(samples.dtype).min), np.float32)
