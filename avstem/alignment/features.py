"""Sound and score as energy per semitone over time, and what is derived from it.

A recording is read in blocks and kept as one small matrix: log-compressed magnitude in semitone
bands, 100 frames a second, 96 bands, two bytes a value (1.2 MB a minute). Short windows serve
high pitches and long ones low pitches, so that onsets stay sharp where they can be.

Chroma and DLNCO (decaying locally adaptive normalised chroma onsets) follow Ewert, Müller and
Grosche, "High resolution audio synchronization using chroma onset features", ICASSP 2009.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
from scipy.ndimage import maximum_filter1d

from avstem.datatypes import FloatArray, Mixture, Notes, Progress, no_progress

LOWEST_PITCH = 24  # C1, 33 Hz: the double bass
BANDS = 96  # up to B8, 7.9 kHz
FRAME_RATE_HZ = 100.0
PATH_RATE_HZ = 50.0
_WINDOWS_S = (0.186, 0.093, 0.046)
_WINDOW_TOP_PITCHES = (64, 84, LOWEST_PITCH + BANDS)  # a window serves the pitches below its top
_BLOCK_FRAMES = 2000
_COMPRESSION = 1000.0  # log(1 + compression * magnitude), a full-scale sine having magnitude 1
_SILENCE = float(np.log1p(_COMPRESSION * 10 ** (-66 / 20)))  # mean over bands
_DECAY = np.sqrt(
    1.0 / np.arange(1, 11, dtype=np.float32)
)  # DLNCO: a peak fades over 10 frames of 20 ms


@dataclass(frozen=True, eq=False)
class PitchEnergy:
    """Log-compressed magnitude per semitone band.

    bands : (BANDS, frames) float16; band b is MIDI pitch ``LOWEST_PITCH + b``.
    rate_hz : frames per second.
    start_s : media time of the centre of frame 0.
    """

    bands: np.ndarray
    rate_hz: float
    start_s: float

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.bands.shape[1])

    @property
    def duration_s(self) -> float:
        """Length of the recording."""
        return self.frames / self.rate_hz

    def index(self, media_s: FloatArray) -> FloatArray:
        """Fractional frame numbers of media times."""
        return np.asarray((np.asarray(media_s) - self.start_s) * self.rate_hz)

    def rise(self, first: int, last: int, lag: int) -> FloatArray:
        """Half-wave rectified increase over ``2 * lag`` frames, (BANDS, last - first)."""
        at = np.arange(first, last)
        after = self.bands[:, np.clip(at + lag, 0, self.frames - 1)].astype(np.float32)
        before = self.bands[:, np.clip(at - lag, 0, self.frames - 1)].astype(np.float32)
        return np.asarray(np.maximum(after - before, 0.0))

    @cached_property
    def loudness(self) -> FloatArray:
        """Mean over the bands, (frames,)."""
        total = np.zeros(self.frames, np.float32)
        for band in self.bands:
            total += band
        return total / BANDS


@dataclass(frozen=True, eq=False)
class PathFeatures:
    """What a warping path is searched on.

    chroma : (13, frames) unit vectors; the last dimension is silence.
    onsets : (12, frames) DLNCO.
    rate_hz : frames per second, nearly ``PATH_RATE_HZ``: sound has a whole number of samples
        per frame.
    """

    chroma: FloatArray
    onsets: FloatArray
    rate_hz: float


# ------------------------------------------------------------------------------- sound


def pitch_energy(mixture: Mixture, progress: Progress = no_progress) -> PitchEnergy:
    """Energy per semitone of a recording, read block by block."""
    hop = max(1, round(mixture.rate_hz / FRAME_RATE_HZ))
    frames = max(1, mixture.samples // hop)
    bands = np.zeros((BANDS, frames), np.float16)
    resolutions = [_Resolution.build(mixture.rate_hz, i) for i in range(len(_WINDOWS_S))]
    for first, last, samples in _blocks(mixture, hop, frames, resolutions[0].window.size):
        for resolution in resolutions:
            rows = resolution.rows
            bands[rows, first:last] = resolution.measure(samples, last - first, hop)
        progress(last / frames)
    return PitchEnergy(bands, mixture.rate_hz / hop, mixture.start_s)


def _blocks(
    mixture: Mixture, hop: int, frames: int, margin: int
) -> Iterator[tuple[int, int, FloatArray]]:
    """Mono samples around frames [first, last), from ``margin`` before to ``margin`` after."""
    for first in range(0, frames, _BLOCK_FRAMES):
        last = min(frames, first + _BLOCK_FRAMES)
        count = (last - first) * hop + 2 * margin
        sound = mixture.read(first * hop - margin, count)
        yield first, last, np.nan_to_num(sound.mean(axis=0))


@dataclass(frozen=True, eq=False)
class _Resolution:
    """One window length and the bands that it serves."""

    window: FloatArray  # (samples,), sums to 2: a sine of amplitude 1 has magnitude 1
    rows: slice  # of the bands
    weights: FloatArray  # (bands, bins)
    margin: int  # samples before the first frame's centre in a block

    @classmethod
    def build(cls, rate_hz: int, index: int) -> _Resolution:
        """The filter bank of window ``index`` at a sampling rate."""
        longest = scipy.fft.next_fast_len(round(_WINDOWS_S[0] * rate_hz), real=True)
        size = scipy.fft.next_fast_len(round(_WINDOWS_S[index] * rate_hz), real=True)
        bottom = _WINDOW_TOP_PITCHES[index - 1] if index else LOWEST_PITCH
        pitches = np.arange(bottom, _WINDOW_TOP_PITCHES[index])
        window = np.hanning(size + 1)[:-1].astype(np.float32)
        rows = slice(bottom - LOWEST_PITCH, _WINDOW_TOP_PITCHES[index] - LOWEST_PITCH)
        weights = _triangles(pitches, scipy.fft.rfftfreq(size, 1 / rate_hz))
        return cls(window * (2 / window.sum()), rows, weights, longest)

    def measure(self, samples: FloatArray, frames: int, hop: int) -> FloatArray:
        """Log-compressed magnitude, (bands, frames)."""
        size = self.window.size
        starts = self.margin - size // 2 + hop * np.arange(frames)
        out = np.empty((self.weights.shape[0], frames), np.float32)
        for first in range(0, frames, 250):  # bounds the memory of the spectra
            cut = starts[first : first + 250]
            pieces = np.lib.stride_tricks.sliding_window_view(samples, size)[cut]
            power = np.abs(scipy.fft.rfft(pieces * self.window, axis=-1)) ** 2
            out[:, first : first + 250] = np.sqrt(self.weights @ power.T)
        return np.log1p(_COMPRESSION * out)


def _triangles(pitches: np.ndarray, bins_hz: FloatArray) -> FloatArray:
    """Triangular bands, one semitone to either side but never narrower than a bin.

    (pitches, bins); bands above the highest bin are empty.
    """
    centres_hz = 440.0 * 2 ** ((pitches[:, None] - 69) / 12)
    half_hz = np.maximum(centres_hz * (2 ** (1 / 12) - 1), bins_hz[1])
    weights = np.maximum(1 - np.abs(bins_hz - centres_hz) / half_hz, 0)
    weights[centres_hz[:, 0] > bins_hz[-1]] = 0
    return weights.astype(np.float32)


def path_features(energy: PitchEnergy) -> PathFeatures:
    """Chroma and DLNCO of a recording at 50 Hz."""
    step = round(energy.rate_hz / PATH_RATE_HZ)
    frames = energy.frames // step
    chroma, onsets = np.zeros((2, 12, frames), np.float32)
    quiet = np.zeros(frames, np.float32)
    for first in range(0, frames, _BLOCK_FRAMES):
        last = min(frames, first + _BLOCK_FRAMES)
        bands = energy.bands[:, first * step : last * step].astype(np.float32)
        mean = bands.reshape(BANDS, -1, step).mean(axis=2)
        chroma[:, first:last] = _fold(mean**2)
        rise = energy.rise(first * step, last * step, 2)
        onsets[:, first:last] = _fold(rise.reshape(BANDS, -1, step).max(axis=2))
        quiet[first:last] = mean.mean(axis=0) < _SILENCE
    rate_hz = energy.rate_hz / step
    return PathFeatures(_with_silence(chroma, quiet), _decaying(_peaks(onsets)), rate_hz)


# ------------------------------------------------------------------------------- score


def score_features(parts: tuple[Notes, ...], duration_s: float) -> PathFeatures:
    """Chroma and DLNCO of a score at 50 Hz, from its notes and their first partials."""
    frames = max(2, int(np.ceil(duration_s * PATH_RATE_HZ)))
    chroma, onsets = np.zeros((2, 12, frames), np.float32)
    for notes in parts:
        first = np.clip((notes.onsets_s * PATH_RATE_HZ).round().astype(int), 0, frames - 1)
        last = np.maximum((notes.offsets_s * PATH_RATE_HZ).round().astype(int), first + 1)
        for pitch, start, stop in zip(notes.pitches, first, last, strict=True):
            for shift, weight in _CHROMA_PARTIALS:
                chroma[(pitch + shift) % 12, start:stop] += weight
                onsets[(pitch + shift) % 12, start] += weight
    quiet = chroma.sum(axis=0) == 0
    return PathFeatures(_with_silence(chroma, quiet), _decaying(onsets), PATH_RATE_HZ)


# fundamental and octaves; fifth of partials 3 and 6; third of partial 5
_CHROMA_PARTIALS = ((0, 1.0), (7, 0.25), (4, 0.08))


def _fold(bands: FloatArray) -> FloatArray:
    """Bands to pitch classes, (12, frames)."""
    assert LOWEST_PITCH % 12 == 0 and BANDS % 12 == 0
    return np.asarray(bands.reshape(BANDS // 12, 12, -1).sum(axis=0))


def _with_silence(chroma: FloatArray, quiet: FloatArray) -> FloatArray:
    norm = np.maximum(np.linalg.norm(chroma, axis=0), 1e-9)
    return np.vstack([chroma / norm * (1 - quiet), quiet]).astype(np.float32)


def _peaks(onsets: FloatArray) -> FloatArray:
    return np.asarray(np.where(onsets == maximum_filter1d(onsets, 5, axis=1), onsets, 0.0))


def _decaying(onsets: FloatArray) -> FloatArray:
    """Normalised by the largest onset within 0.4 s, then decaying; (12, frames)."""
    strength = np.linalg.norm(onsets, axis=0)
    around = maximum_filter1d(strength, round(0.8 * PATH_RATE_HZ))
    normal = onsets / np.maximum(around, 0.1)
    out = normal.copy()
    for lag, weight in enumerate(_DECAY[1:], start=1):
        np.maximum(out[:, lag:], weight * normal[:, :-lag], out=out[:, lag:])
    return out
