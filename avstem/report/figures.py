"""Paths of the page's drawings: waveforms and the alignment, as short SVG text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avstem.datatypes import Alignment, FloatArray

WAVE_WIDTH, WAVE_HEIGHT = 1000, 100
PLOT_WIDTH, PLOT_HEIGHT = 1200, 150  # the alignment's drawing
MOST_POINTS = 1200


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class AlignmentFigure:
    """Score against recording, drawn over media time.

    path : score time over media time. deviation : how much later than the mean tempo would have
    it the score is played, in seconds, within +- ``deviation_s``.
    """

    path: str
    deviation: str
    deviation_s: float
    times: tuple[Tick, ...]
    score_times: tuple[Tick, ...]
    deviations: tuple[Tick, ...]
    confidences: tuple[tuple[float, float, float], ...]  # x, width, confidence 0 to 1
    tempo_percent: float  # mean tempo of the recording relative to the score's


def waveform(peaks: FloatArray, full_scale: float) -> str:
    """Outline of a waveform from its peaks, mirrored about the middle."""
    columns = pooled(peaks, WAVE_WIDTH)
    heights = columns / full_scale if full_scale > 0 else np.zeros_like(columns)
    half = np.maximum(np.rint(heights * WAVE_HEIGHT / 2), 0.5)  # silence is a thin line
    x = np.rint(np.linspace(0, WAVE_WIDTH, len(columns))).astype(int)
    above = [f"{a} {WAVE_HEIGHT / 2 - h:g}" for a, h in zip(x, half, strict=True)]
    below = [f"{a} {WAVE_HEIGHT / 2 + h:g}" for a, h in zip(x[::-1], half[::-1], strict=True)]
    return f"M{'L'.join(above + below)}Z"


def alignment_figure(alignment: Alignment) -> AlignmentFigure:
    """The drawing of an alignment over the media time that the score covers."""
    chosen = np.unique(
        np.linspace(0, len(alignment.timemap.media_s) - 1, MOST_POINTS).round().astype(int)
    )
    media, score = alignment.timemap.media_s[chosen], alignment.timemap.score_s[chosen]
    begin, end = float(media[0]), float(media[-1])
    slope = (end - begin) / float(score[-1] - score[0])
    deviation = media - (begin + slope * (score - score[0]))
    most = nice_step(float(np.abs(deviation).max()) * 2.0 + 1e-3)
    x = (media - begin) / (end - begin) * PLOT_WIDTH
    return AlignmentFigure(
        path=_line(x, (1.0 - (score - score[0]) / (score[-1] - score[0])) * PLOT_HEIGHT),
        deviation=_line(x, (0.5 - 0.5 * deviation / most) * PLOT_HEIGHT),
        deviation_s=most,
        times=time_ticks(begin, end, PLOT_WIDTH, 10),
        score_times=_upright(time_ticks(float(score[0]), float(score[-1]), PLOT_HEIGHT, 4)),
        deviations=tuple(
            Tick((0.5 - 0.5 * y) * PLOT_HEIGHT, f"{y * most:+.3g} s" if y else "0")
            for y in (-1.0, -0.5, 0.0, 0.5, 1.0)
        ),
        confidences=_confidences(alignment, begin, end),
        tempo_percent=100.0 * (1.0 / slope - 1.0),
    )


def pooled(values: FloatArray, columns: int) -> FloatArray:
    """The largest value of each of ``columns`` stretches; as it is when it is short enough."""
    if len(values) <= columns:
        return values
    return np.asarray(np.maximum.reduceat(values, np.arange(columns) * len(values) // columns))


def nice_step(span: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least half of ``span``."""
    power = 10.0 ** np.floor(np.log10(span / 2))
    return float(next(f * power for f in (1, 2, 5, 10) if f * power >= span / 2 * (1 - 1e-9)))


def clock(time_s: float, digits: int = 0) -> str:
    """A time as an editor reads it: ``3:07``, ``1:02:45``, ``0:12.5``."""
    sign, time_s = ("−", -time_s) if time_s < 0 else ("", time_s)
    scale = 10**digits
    units = round(time_s * scale)
    minutes, rest = divmod(units, 60 * scale)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / scale:0{3 + digits if digits else 2}.{digits}f}"
    return f"{sign}{hours}:{minutes:02d}:{seconds}" if hours else f"{sign}{minutes}:{seconds}"


def _line(x: FloatArray, y: FloatArray) -> str:
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


def time_ticks(begin: float, end: float, length: float, about: int) -> tuple[Tick, ...]:
    """Marks at round times, at most ``about`` of them and one, on an axis of that length."""
    steps = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((s for s in steps if (end - begin) / s <= about), 7200)
    times = np.arange(np.ceil(begin / step), np.floor(end / step) + 1) * step
    digits = 1 if step < 1 else 0
    scale = length / (end - begin)
    return tuple(Tick(round(float(t - begin) * scale, 1), clock(float(t), digits)) for t in times)


def _upright(ticks: tuple[Tick, ...]) -> tuple[Tick, ...]:
    return tuple(Tick(PLOT_HEIGHT - tick.at, tick.label) for tick in ticks)


def _confidences(
    alignment: Alignment, begin: float, end: float
) -> tuple[tuple[float, float, float], ...]:
    """Stretches of the confidence strip: one per second, or longer ones with their worst."""
    values = alignment.confidence_per_s
    onsets = [float(notes.onsets_s[0]) for notes in alignment.notes if len(notes)]
    first = min(onsets, default=begin)
    step = max(1, -(-len(values) // MOST_POINTS))
    scale = PLOT_WIDTH / (end - begin)
    stretches = []
    for k in range(0, len(values), step):
        left = (first + k - begin) * scale
        right = min((first + min(k + step, len(values)) - begin) * scale, PLOT_WIDTH)
        if right > left:
            worst = float(np.min(values[k : k + step]))
            stretches.append((round(left, 1), round(right - left + 0.5, 1), round(worst, 3)))
    return tuple(stretches)
