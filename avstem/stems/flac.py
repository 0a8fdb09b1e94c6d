"""FLAC, 24 bit, through libsndfile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from avstem.datatypes import FloatArray, Mixture
from avstem.stems.wav import to_24_bit

FLAC_CHANNELS = 8


def write_flac(path: Path, blocks: Iterable[FloatArray], mixture: Mixture, title: str) -> None:
    """Write blocks of (channels, samples) as a FLAC file; raises OSError of the system."""
    with path.open("xb+") as file:
        sink = _Sink(file)
        try:
            with soundfile.SoundFile(
                sink, "w", mixture.rate_hz, mixture.channels, "PCM_24", format="FLAC"
            ) as flac:
                flac.title, flac.software = title, "avstem"
                for block in blocks:
                    # libsndfile takes 24-bit codes in the upper bits of 32; it scales floats
                    # otherwise than WAV files are read.
                    flac.write(np.ascontiguousarray(to_24_bit(block).T) << 8)
        except (soundfile.LibsndfileError, AssertionError) as error:
            raise sink.error or OSError(f"FLAC encoder: {error}") from error
        if sink.error:
            raise sink.error


class _Sink:
    """A file for libsndfile that remembers why writing failed: libsndfile does not."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None
        self.seek, self.tell, self.read = file.seek, file.tell, file.read

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = self.error or error
            return 0
