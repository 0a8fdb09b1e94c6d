"""Broadcast Wave files, written from the first sample to the last without going back.

The number of samples is known before the first one comes, so the header is final when it is
written: ``bext`` stands before the samples, where every reader looks for it, and a file that
would not fit into the 32-bit sizes of RIFF is an RF64 file from its first byte. The public
interface of libsndfile's Python binding offers neither.

Formats: EBU Tech 3285 (BWF, ``bext`` version 1), EBU Tech 3306 (RF64), EBU R 98 (coding history).
"""

from __future__ import annotations

import struct
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import numpy as np

from avstem.datatypes import FloatArray
from avstem.stems.folder import output_errors

RIFF_LIMIT_BYTES = 2**32 - 1  # the largest size that a RIFF chunk can state
FULL_SCALE_24 = 2**23

_PCM, _FLOAT = 1, 3
_UNKNOWN = 0xFFFFFFFF  # in RF64: the true size stands in the ds64 chunk


@dataclass(frozen=True)
class WavLayout:
    """Shape of a file: ``bits`` is 24 (integer) or 32 (float)."""

    rate_hz: int
    channels: int
    samples: int  # per channel
    bits: int

    @property
    def data_bytes(self) -> int:
        """Size of the samples."""
        return self.samples * self.channels * self.bits // 8


@dataclass(frozen=True)
class Origin:
    """What the ``bext`` chunk says.

    time_reference : sample of the media timeline under the first sample; never negative there.
    """

    description: str
    time_reference: int
    made: datetime
    software: str = "avstem"


class WavWriter:
    """A file being written; the caller gives exactly ``layout.samples`` samples in order."""

    def __init__(self, path: Path, layout: WavLayout, origin: Origin) -> None:
        self._layout = layout
        self._left = layout.samples
        self._path = path
        with output_errors(path):
            self._file = path.open("xb")
            self._file.write(header(layout, origin))

    def write(self, block: FloatArray) -> None:
        """Append samples, (channels, samples), full scale 1; OutputError if the disk refuses."""
        channels, count = block.shape
        if channels != self._layout.channels or count > self._left:
            raise ValueError(f"a block of {block.shape} does not fit: {self._left} samples left")
        self._left -= count
        with output_errors(self._path):
            self._file.write(encode(block, self._layout.bits))

    def __enter__(self) -> WavWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(OSError):  # the first error counts
                self._file.close()
            return
        if self._left:
            raise ValueError(f"{self._left} samples were promised and not written")
        with output_errors(self._path), self._file:
            self._file.write(b"\0" * (self._layout.data_bytes % 2))  # chunks have even sizes


def encode(block: FloatArray, bits: int) -> bytes:
    """Interleaved little-endian samples of (channels, samples); 24 bit rounds and clips."""
    if bits == 32:
        return np.ascontiguousarray(block.T, dtype="<f4").tobytes()
    codes = np.ascontiguousarray(to_24_bit(block).T, dtype="<i4")
    return codes.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def to_24_bit(block: FloatArray) -> np.ndarray:
    """Codes of 24-bit samples as int32, same shape; full scale 1 is ``FULL_SCALE_24``."""
    codes = np.rint(np.asarray(block, dtype=np.float64) * FULL_SCALE_24)
    return np.clip(codes, -FULL_SCALE_24, FULL_SCALE_24 - 1).astype(np.int32)


def header(layout: WavLayout, origin: Origin) -> bytes:
    """All bytes before the first sample."""
    chunks = _chunk(b"bext", _bext(layout, origin)) + _chunk(b"fmt ", _format(layout))
    if layout.bits == 32:
        chunks += _chunk(b"fact", struct.pack("<I", min(layout.samples, _UNKNOWN)))
    padded = layout.data_bytes + layout.data_bytes % 2
    size = 4 + len(chunks) + 8 + padded
    if size <= RIFF_LIMIT_BYTES:
        head = struct.pack("<4sI4s", b"RIFF", size, b"WAVE")
        return head + chunks + struct.pack("<4sI", b"data", layout.data_bytes)
    sizes = struct.pack("<QQQI", size + 36, layout.data_bytes, layout.samples, 0)
    head = struct.pack("<4sI4s", b"RF64", _UNKNOWN, b"WAVE") + _chunk(b"ds64", sizes)
    return head + chunks + struct.pack("<4sI", b"data", _UNKNOWN)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def _format(layout: WavLayout) -> bytes:
    frame_bytes = layout.channels * layout.bits // 8
    content = struct.pack(
        "<HHIIHH",
        _FLOAT if layout.bits == 32 else _PCM,
        layout.channels,
        layout.rate_hz,
        min(layout.rate_hz * frame_bytes, _UNKNOWN),
        frame_bytes,
        layout.bits,
    )
    return content + struct.pack("<H", 0) if layout.bits == 32 else content


def _bext(layout: WavLayout, origin: Origin) -> bytes:
    fixed = struct.pack(
        "<256s32s32s10s8sQH64s190s",
        _ascii(origin.description, 255),
        _ascii(origin.software, 31),
        b"",
        f"{origin.made:%Y-%m-%d}".encode(),
        f"{origin.made:%H:%M:%S}".encode(),
        origin.time_reference,
        1,  # version
        b"",  # no UMID
        b"",  # reserved
    )
    modes = {1: ",M=mono", 2: ",M=stereo"}
    history = f"A=PCM,F={layout.rate_hz},W={layout.bits}{modes.get(layout.channels, '')}"
    kind = "float" if layout.bits == 32 else "integer"
    return fixed + _ascii(f"{history},T={origin.software}; {kind}", 200) + b"\r\n\0"


def _ascii(text: str, limit: int) -> bytes:
    """The standard knows ASCII only: accents are dropped, other letters become question marks."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.encode("ascii", errors="replace")[:limit]
