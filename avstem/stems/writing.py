"""Stems into files: one per part, streamed, under the samples of the mixture.

Stems are first written as 32-bit float WAV, which can never clip. Asked for 24 bit or FLAC, they
are converted once all peaks are known; if one exceeds full scale, an integer file would clip it
and the stems would no longer sum to the mixture, so that the whole set stays in float.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile

from avstem.datatypes import FloatArray, Mixture, Progress, SourceBlock, Stem, no_progress
from avstem.errors import OutputError, RequestError
from avstem.request import StemFormat
from avstem.stems.effects import NO_EFFECTS, Effects, EffectStream
from avstem.stems.flac import FLAC_CHANNELS, write_flac
from avstem.stems.folder import ResultFolder, output_errors
from avstem.stems.metering import Meter
from avstem.stems.naming import file_names
from avstem.stems.wav import Origin, WavLayout, WavWriter

BLOCK = 1 << 16  # samples per channel when files are read back

_SUFFIX = {StemFormat.FLOAT: ".wav", StemFormat.PCM24: ".wav", StemFormat.FLAC: ".flac"}
_WRITING = 0.85  # share of the progress; converting is the rest


@dataclass(frozen=True, eq=False)
class StemSet:
    """All stems of a job, in score order, and what the editor should know about them."""

    stems: tuple[Stem, ...]
    stem_format: StemFormat  # as written; not what was asked for when that would have clipped
    warnings: tuple[str, ...] = ()


def write_stems(
    blocks: Iterable[SourceBlock],
    mixture: Mixture,
    names: Sequence[str],
    colours: Sequence[str],
    folder: ResultFolder,
    stem_format: StemFormat = StemFormat.FLOAT,
    effects: Effects | None = None,
    *,
    files: Sequence[str] = (),
    made: datetime | None = None,
    progress: Progress = no_progress,
) -> StemSet:
    """Write one file per part into ``folder``, at the mixture's rate, channels and length.

    blocks : consecutive blocks that cover the mixture; nothing longer than one is held.
    names, colours : one per part, in score order.
    files : file names without suffix, else number and name.
    made : the time that the files state as their origin, now unless given.

    Raises
    ------
    OutputError
        The disk is full or refuses, or a source holds values that are not numbers.
    RequestError
        The format cannot hold the mixture's channels, or an effect cannot process them.

    """
    if stem_format is StemFormat.FLAC and mixture.channels > FLAC_CHANNELS:
        raise RequestError(
            f"FLAC holds up to {FLAC_CHANNELS} channels, the mixture has {mixture.channels}.",
            "Choose --format wav24 or wav32.",
        )
    effects = effects or NO_EFFECTS
    effects.check(mixture.rate_hz, mixture.channels)
    _check_room(folder.path, mixture, len(names), stem_format)
    tracks = [
        _Track(folder.path / f"{file}.wav", name, mixture, made or datetime.now())
        for file, name in zip(files or file_names(names), names, strict=True)
    ]
    _write_float(blocks, mixture, tracks, effects, progress)
    peak = max(track.meter.peak for track in tracks)
    clips = stem_format is not StemFormat.FLOAT and peak > 1.0
    written = StemFormat.FLOAT if clips else stem_format
    for done, track in enumerate(tracks):
        track.convert(written)
        progress(_WRITING + (1.0 - _WRITING) * (done + 1) / len(tracks))
    stems = tuple(
        track.stem(part, colour)
        for part, (track, colour) in enumerate(zip(tracks, colours, strict=True))
    )
    return StemSet(stems, written, _warnings(mixture, stem_format, peak if clips else None))


class _Track:
    """One stem on its way: file, meter, and how the file describes itself."""

    def __init__(self, path: Path, name: str, mixture: Mixture, made: datetime) -> None:
        self.path = path
        self.name = name
        self.meter = Meter(mixture.samples, mixture.channels)
        self._mixture = mixture
        # A position before the picture's start cannot be stated: the field is unsigned.
        start = max(0, round(mixture.start_s * mixture.rate_hz))
        self._origin = Origin(f"{name}, stem of a mixture", start, made)

    def open(self, bits: int = 32) -> WavWriter:
        source = self._mixture
        layout = WavLayout(source.rate_hz, source.channels, source.samples, bits)
        return WavWriter(self.path, layout, self._origin)

    def convert(self, stem_format: StemFormat) -> None:
        """From float, in which the file was written, to ``stem_format``."""
        if stem_format is StemFormat.FLOAT:
            return
        with output_errors(self.path.parent):
            floats = self.path.rename(self.path.with_suffix(".float"))
            self.path = self.path.with_suffix(_SUFFIX[stem_format])
            if stem_format is StemFormat.FLAC:
                write_flac(self.path, _blocks_of(floats), self._mixture, self.name)
            else:
                with self.open(bits=24) as file:
                    for block in _blocks_of(floats):
                        file.write(block)
            floats.unlink()

    def stem(self, part: int, colour: str) -> Stem:
        meter = self.meter
        return Stem(part, self.name, self.path.name, colour, meter.peaks, meter.level_db)


def _write_float(
    blocks: Iterable[SourceBlock],
    mixture: Mixture,
    tracks: Sequence[_Track],
    effects: Effects,
    progress: Progress,
) -> None:
    streams = [
        EffectStream(effects.chain(part), mixture.rate_hz, mixture.samples)
        for part in range(len(tracks))
    ]
    shape = (len(tracks), mixture.channels)
    with ExitStack() as stack:
        files = [stack.enter_context(track.open()) for track in tracks]
        written = [0] * len(tracks)
        for block in _checked(blocks, shape, mixture.samples):
            end = block.start + block.sources.shape[2]
            for part, (track, stream) in enumerate(zip(tracks, streams, strict=True)):
                for piece in stream.process(block.sources[part], last=end == mixture.samples):
                    track.meter.add(written[part], piece)
                    _require_numbers(track, written[part] / mixture.rate_hz)
                    files[part].write(piece)
                    written[part] += piece.shape[1]
            progress(_WRITING * end / mixture.samples)


def _checked(
    blocks: Iterable[SourceBlock], shape: tuple[int, int], samples: int
) -> Iterator[SourceBlock]:
    """The blocks, after making sure that they follow each other and cover the mixture."""
    position = 0
    for block in blocks:
        if block.start != position or block.sources.shape[:2] != shape:
            raise ValueError(
                f"expected {shape} sources from sample {position}, "
                f"found {block.sources.shape[:2]} from {block.start}"
            )
        position += block.sources.shape[2]
        if position > samples:
            raise ValueError(f"blocks reach sample {position} of a mixture of {samples}")
        if block.sources.shape[2]:
            yield block
    if position != samples:
        raise ValueError(f"blocks end at sample {position} of a mixture of {samples}")


def _require_numbers(track: _Track, time_s: float) -> None:
    if not np.isfinite(track.meter.peak):
        raise OutputError(
            f"The stem {track.name!r} holds values that are not numbers near {time_s:.1f} s.",
            "Leave out effects that may cause it; otherwise please report this.",
        )


def _check_room(folder: Path, mixture: Mixture, parts: int, stem_format: StemFormat) -> None:
    """Refuse before the long work what the disk cannot hold: all stems in float, one twice."""
    stem = 4 * mixture.samples * mixture.channels
    needed = stem * (parts + (stem_format is not StemFormat.FLOAT))
    with output_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutputError(
            f"The stems need {needed / 1e9:.2f} GB, {free / 1e9:.2f} GB are free in {folder}.",
            "Make room there or choose another folder.",
        )


def _blocks_of(path: Path) -> Iterator[FloatArray]:
    """The samples of a sound file in blocks, (channels, samples) float32."""
    with path.open("rb") as opened, soundfile.SoundFile(opened) as file:
        for block in file.blocks(BLOCK, dtype="float32", always_2d=True):
            yield block.T


def _warnings(mixture: Mixture, asked: StemFormat, peak: float | None) -> tuple[str, ...]:
    found = []
    if peak is not None:
        over_db = 20.0 * np.log10(peak)
        found.append(
            f"A stem peaks {over_db:.1f} dB over full scale, which {asked.value} would clip: "
            "the stems were written as 32-bit float WAV."
        )
    if mixture.start_s < 0:
        found.append(
            f"The sound begins {-mixture.start_s:.3f} s before the picture; a BWF time reference "
            "cannot say that and is 0. result.json holds the exact start."
        )
    return tuple(found)
