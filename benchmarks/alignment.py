"""Alignment against truth: ours beside the published chroma DTW and synctoolbox unrefined.

``rows`` scores every method on one recording; ``refusals`` scores what happens to scores that do
not belong to it. The bench runner prints them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from avstem.alignment import align
from avstem.datatypes import FloatArray, Mixture, Score
from avstem.errors import AlignmentError

# name of the method -> how the tables call it
METHODS = {
    "default": "avstem",
    "unrefined": "synctoolbox (MrMsDTW, chroma + DLNCO)",
    "chroma_dtw": "chroma DTW (Li et al. 2017)",
}
NEAR_S = 0.06


@dataclass(frozen=True)
class Row:
    """One method on one recording; nan where it refused."""

    piece: str
    method: str
    notes: int
    median_ms: float
    p90_ms: float
    bias_ms: float  # median of the signed error; positive: too late
    near: float  # share of onsets within 60 ms
    confidence: float
    cpu_s_per_min: float


@dataclass(frozen=True)
class Summary:
    """One method over several recordings: means over pieces, and all notes together."""

    method: str
    pieces: int
    median_ms: float
    p90_ms: float
    near: float
    worst_median_ms: float
    worst_p90_ms: float


@dataclass(frozen=True)
class Refusal:
    """One score against one recording."""

    piece: str
    score: str  # "right", "part missing", "transposed +1", ...
    belongs: bool
    accepted: bool
    said: str  # the confidence or the message


def onset_errors(onsets_s: Sequence[FloatArray], truth_s: Sequence[FloatArray]) -> FloatArray:
    """Signed errors of all notes of all parts, in seconds, (notes,)."""
    for part, (found, true) in enumerate(zip(onsets_s, truth_s, strict=True)):
        if len(found) != len(true):
            raise ValueError(f"part {part}: {len(found)} notes aligned, {len(true)} in the truth")
    pairs = zip(onsets_s, truth_s, strict=True)
    return np.concatenate([np.asarray(found) - np.asarray(true) for found, true in pairs])


def row(
    piece: str, method: str, mixture: Mixture, score: Score, truth_s: Sequence[FloatArray]
) -> Row:
    """One method on one recording; ``truth_s`` holds each part's onsets in score order."""
    began = time.process_time()
    notes = sum(len(part.notes) for part in score.parts)
    try:
        found = align(mixture, score, method=method)
    except AlignmentError:
        nan = float("nan")
        return Row(piece, method, notes, nan, nan, nan, nan, nan, nan)
    minutes = mixture.samples / mixture.rate_hz / 60
    cpu_s = (time.process_time() - began) / minutes
    errors = onset_errors([n.onsets_s for n in found.notes], truth_s)
    median, p90 = 1e3 * np.percentile(np.abs(errors), [50, 90])
    near = float(np.mean(np.abs(errors) <= NEAR_S))
    bias = 1e3 * float(np.median(errors))
    return Row(piece, method, notes, median, p90, bias, near, found.confidence, cpu_s)


def rows(piece: str, mixture: Mixture, score: Score, truth_s: Sequence[FloatArray]) -> list[Row]:
    """Every method on one recording."""
    return [row(piece, method, mixture, score, truth_s) for method in METHODS]


def summary(all_rows: Iterable[Row]) -> list[Summary]:
    """Means over the pieces, one line per method."""
    found = list(all_rows)
    return [_summary(m, [r for r in found if r.method == m]) for m in METHODS]


def _summary(method: str, of_method: list[Row]) -> Summary:
    medians = [r.median_ms for r in of_method]
    p90s = [r.p90_ms for r in of_method]
    return Summary(
        method,
        len(of_method),
        float(np.nanmean(medians)),
        float(np.nanmean(p90s)),
        float(np.nanmean([r.near for r in of_method])),
        float(np.nanmax(medians)),
        float(np.nanmax(p90s)),
    )


# ---------------------------------------------------------------------------- refusals


def refusals(
    piece: str, mixture: Mixture, score: Score, others: Sequence[tuple[str, Score]] = ()
) -> list[Refusal]:
    """The right score, damaged ones that still belong, and ones that do not."""
    return [
        Refusal(piece, name, belongs, *_tried(mixture, changed))
        for name, belongs, changed in _changed(score, others)
    ]


def _tried(mixture: Mixture, score: Score) -> tuple[bool, str]:
    try:
        return True, f"{align(mixture, score).confidence:.2f}"
    except AlignmentError as error:
        return False, error.message


def _changed(
    score: Score, others: Sequence[tuple[str, Score]]
) -> Iterator[tuple[str, bool, Score]]:
    yield "right", True, score
    if len(score.parts) > 2:
        yield "part missing", True, without_part(score, len(score.parts) - 1)
    yield "middle wrong", True, with_wrong_middle(score)
    for semitones in (-5, -1, 1, 2):
        yield f"transposed {semitones:+d}", False, transposed(score, semitones)
    yield "shuffled in time", False, shuffled(score)
    yield "random pitches", False, with_random_pitches(score)
    for name, other in others:
        yield f"score of {name}", False, other


def without_part(score: Score, index: int) -> Score:
    kept = [p for p in score.parts if p.index != index]
    return Score(tuple(replace(p, index=n) for n, p in enumerate(kept)))


def transposed(score: Score, semitones: int) -> Score:
    parts = (
        replace(p, notes=replace(p.notes, pitches=p.notes.pitches + semitones)) for p in score.parts
    )
    return Score(tuple(parts))


def with_wrong_middle(score: Score) -> Score:
    """The fifth of the score in its middle has its pitches permuted and moved."""
    rng = np.random.default_rng(0)
    parts = []
    for part in score.parts:
        notes, pitches = part.notes, part.notes.pitches.copy()
        middle = np.abs(notes.onsets_s / score.duration_s - 0.5) < 0.1
        pitches[middle] = rng.permutation(pitches[middle]) + 3
        parts.append(replace(part, notes=replace(notes, pitches=pitches)))
    return Score(tuple(parts))


def with_random_pitches(score: Score) -> Score:
    rng = np.random.default_rng(0)
    parts = []
    for part in score.parts:
        lowest, highest = part.notes.pitches.min(), part.notes.pitches.max()
        pitches = rng.integers(lowest, highest + 1, len(part.notes))
        parts.append(replace(part, notes=replace(part.notes, pitches=pitches)))
    return Score(tuple(parts))


def shuffled(score: Score, piece_s: float = 3.0) -> Score:
    """Pieces of a few seconds in another order, each part by itself."""
    rng = np.random.default_rng(0)
    parts = []
    for part in score.parts:
        notes = part.notes
        number = (notes.onsets_s // piece_s).astype(int)
        moved = rng.permutation(number.max() + 1)[number]
        shift_s = (moved - number) * piece_s
        order = np.argsort(notes.onsets_s + shift_s, kind="stable")
        onsets_s, offsets_s = (notes.onsets_s + shift_s)[order], (notes.offsets_s + shift_s)[order]
        changed = replace(
            notes,
            onsets_s=onsets_s,
            offsets_s=offsets_s,
            pitches=notes.pitches[order],
            velocities=notes.velocities[order],
        )
        parts.append(replace(part, notes=changed))
    return Score(tuple(parts))
