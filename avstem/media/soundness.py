"""Whether a recorded sound can serve: silence, clipping, numbers that are none.

One pass in blocks; ``Check`` is fed as the sound is read or decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from avstem.datatypes import FloatArray
from avstem.errors import MediaError

SILENT = 1e-4  # -80 dBFS: below, nothing but dither
FULL_SCALE = 0.9999  # within 1 LSB of 13 bits, so that decoded lossy clipping counts too
RUN = 3  # samples in a row at full scale that make one clipped place
MANY_RUNS = 10  # a hit or two on full scale is a loud mix, not a clipped one


@dataclass(frozen=True)
class Soundness:
    """What one pass over the sound found.

    samples : per channel.
    peak : largest magnitude, 1.0 is full scale.
    clipped_runs : places where a channel stays at full scale for ``RUN`` samples or more.
    clipped_samples : the samples of these places.
    first_clip_s : where the first of them is, in seconds from the first sample; None if nowhere.
    """

    samples: int
    peak: float
    clipped_runs: int = 0
    clipped_samples: int = 0
    first_clip_s: float | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know, in sentences."""
        if self.clipped_runs < MANY_RUNS or self.first_clip_s is None:
            return ()
        level_db = 20 * np.log10(self.peak)
        return (
            f"The mixture clips: it stays at full scale in {self.clipped_runs} places "
            f"({self.clipped_samples} samples, peak {level_db:+.1f} dBFS), "
            f"first at {self.first_clip_s:.2f} s. Stems will carry that distortion.",
        )


class Check:
    """Feed blocks of (channels, samples) in order, then ask for the ``result``."""

    def __init__(self, path: Path, rate_hz: int, channels: int) -> None:
        self._path, self._rate_hz = path, rate_hz
        self._samples, self._peak = 0, 0.0
        self._runs, self._clipped, self._first = 0, 0, -1
        self._open = np.zeros(channels, int)  # length of the run that the last block ended in

    def add(self, block: FloatArray) -> None:
        """Take the next block.

        Raises
        ------
        MediaError
            If it holds a value that is not a finite number.
        """
        if block.shape[-1] == 0:
            return
        peak = float(np.abs(block).max())
        if not np.isfinite(peak):
            self._refuse_non_finite(block)
        if peak >= FULL_SCALE or self._open.any():
            for channel, signal in enumerate(block):
                self._count_runs(channel, np.abs(signal) >= FULL_SCALE)
        self._peak = max(self._peak, peak)
        self._samples += block.shape[-1]

    def result(self) -> Soundness:
        """The findings.

        Raises
        ------
        MediaError
            If there was no sample at all, or nothing but silence.
        """
        if self._samples == 0:
            raise MediaError(f"The sound of {self._path} has no samples.", "Export it again.")
        if self._peak < SILENT:
            level = "digital zero" if self._peak == 0 else f"{20 * np.log10(self._peak):.0f} dBFS"
            raise MediaError(
                f"The mixture {self._path} is silent (peak {level}).",
                "Choose another audio stream with --audio-stream, or another file with --audio.",
            )
        first_s = self._first / self._rate_hz if self._runs else None
        return Soundness(self._samples, self._peak, self._runs, self._clipped, first_s)

    def _count_runs(self, channel: int, full: np.ndarray) -> None:
        # A run is counted when it reaches RUN samples, in whichever block that happens.
        before = int(self._open[channel])
        edges = np.diff(full.astype(np.int8), prepend=0, append=0)
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        lengths = ends - starts
        carried = before if len(starts) and starts[0] == 0 else 0
        whole = lengths.copy()
        if len(whole):
            whole[0] += carried
        long = whole >= RUN
        already = carried >= RUN  # the run counted in an earlier block goes on
        self._runs += int(long.sum()) - int(already)
        self._clipped += int(whole[long].sum()) - (carried if already else 0)
        if self._first < 0 and long.any():
            self._first = self._samples + int(starts[long][0]) - (carried if long[0] else 0)
        at_end = len(ends) > 0 and ends[-1] == len(full)
        self._open[channel] = whole[-1] if at_end else 0

    def _refuse_non_finite(self, block: FloatArray) -> None:
        channel, sample = np.argwhere(~np.isfinite(block))[0]
        value = block[channel, sample]
        time_s = (self._samples + sample) / self._rate_hz
        raise MediaError(
            f"The sound of {self._path} holds {value} at {time_s:.3f} s "
            f"(channel {channel + 1}), expected finite numbers.",
            "Render the file again; a broken plugin often is the cause.",
        )
