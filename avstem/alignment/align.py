"""Audio to score: from a mixture and a score to the score as performed.

features (energy per semitone, read in blocks) -> span (which stretches belong together) ->
warping (coarse path) -> refine (each onset) -> confidence (does the score belong here at all).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from avstem.alignment.chroma_dtw import chroma_path
from avstem.alignment.confidence import Fit, measure_fit
from avstem.alignment.features import (
    PathFeatures,
    PitchEnergy,
    path_features,
    pitch_energy,
    score_features,
)
from avstem.alignment.refine import player_onsets, refine
from avstem.alignment.span import find_span
from avstem.alignment.timemap import distinct_onsets, path_map, performed
from avstem.alignment.warping import multiscale_path
from avstem.datatypes import Alignment, Mixture, Notes, Part, Progress, Score, TimeMap, no_progress
from avstem.errors import AlignmentError, RequestError

METHODS = ("default", "unrefined", "chroma_dtw")
LEAST_CONFIDENCE = 0.5
_LOUDEST_SILENCE = 0.05  # mean log-compressed energy of a recording without music
_MUCH_OUTSIDE = 0.05  # share of the notes that may lie outside the recording unmentioned


@dataclass(frozen=True, eq=False)
class _Sound:
    """A recording, as the alignment sees it."""

    mixture: Mixture
    energy: PitchEnergy
    features: PathFeatures

    @property
    def ends_s(self) -> tuple[float, float]:
        """Media time of its first and last sample."""
        start_s = self.mixture.start_s
        return start_s, start_s + self.mixture.samples / self.mixture.rate_hz


def align(
    mixture: Mixture, score: Score, *, method: str = "default", progress: Progress = no_progress
) -> Alignment:
    """The score as performed in the recording.

    method : "default"; "unrefined", which is its warping path alone; "chroma_dtw", the published
        method. The last two are there to compare with.

    Raises
    ------
    AlignmentError
        The score does not belong to the recording, or there is nothing to hear.
    RequestError
        There is no such method.
    """
    if method not in METHODS:
        expected = ", ".join(METHODS)
        raise RequestError(f"Expected an alignment method among {expected}, found {method!r}.")
    energy = pitch_energy(mixture, lambda done: progress(0.5 * done))
    if energy.loudness.max() < _LOUDEST_SILENCE:
        raise AlignmentError(
            "Expected music in the recording, found silence.",
            "Choose another audio stream, or give the mixture as its own file.",
        )
    sound = _Sound(mixture, energy, path_features(energy))
    progress(0.6)
    timemap = _timemap(sound, score, method)
    progress(0.9)
    fit = measure_fit(energy, score, timemap)
    if fit.confidence < LEAST_CONFIDENCE:
        raise _refusal(sound, score, fit)
    notes = tuple(_play(sound, part, timemap, method) for part in score.parts)
    progress(1.0)
    warnings = _warnings(sound, notes)
    return Alignment(timemap, notes, fit.confidence, fit.confidence_per_s, warnings)


def _timemap(sound: _Sound, score: Score, method: str) -> TimeMap:
    if method == "chroma_dtw":
        path_s = chroma_path(sound.mixture, score)
    else:
        wanted = score_features(tuple(p.notes for p in score.parts), score.duration_s)
        span = find_span(sound.features, wanted)
        path_s = multiscale_path(sound.features, wanted, span)
    start_s = np.array([[sound.mixture.start_s], [0.0]])
    coarse = path_map(path_s + start_s, distinct_onsets(score))
    return refine(sound.energy, score, coarse) if method == "default" else coarse


def _play(sound: _Sound, part: Part, timemap: TimeMap, method: str) -> Notes:
    if method != "default":
        return performed(part.notes, timemap)
    return performed(part.notes, timemap, player_onsets(sound.energy, part.notes, timemap))


def _warnings(sound: _Sound, notes: tuple[Notes, ...]) -> tuple[str, ...]:
    onsets_s = np.concatenate([n.onsets_s for n in notes])
    first_s, last_s = sound.ends_s
    outside = float(np.mean((onsets_s < first_s) | (onsets_s > last_s)))
    if outside <= _MUCH_OUTSIDE:
        return ()
    return (
        f"{outside:.0%} of the notes lie before or after the recording, "
        "which seems to hold only an excerpt of the score.",
    )


# ----------------------------------------------------------------------------- refusal


def _refusal(sound: _Sound, score: Score, fit: Fit) -> AlignmentError:
    message = (
        f"The score does not fit the recording: confidence {fit.confidence:.2f}, "
        f"needed {LEAST_CONFIDENCE:.2f}."
    )
    semitones = _transposition(sound, score)
    if semitones:
        direction = "up" if semitones > 0 else "down"
        return AlignmentError(
            f"{message} It would fit transposed by {semitones:+d} semitones.",
            f"Transpose the score {direction} by {abs(semitones)}, or check its clefs and "
            "transposing instruments.",
        )
    return AlignmentError(
        message,
        "Check that this is the score of the piece played here, with the same movement, "
        "repeats and cuts as in the recording.",
    )


def _transposition(sound: _Sound, score: Score) -> int:
    """Semitones, -6 to 6, by which the score would fit; 0 where it would not."""
    wanted = score_features(tuple(p.notes for p in score.parts), score.duration_s)
    found = {n: find_span(sound.features, _rolled(wanted, n)).similarity for n in range(-5, 7)}
    best = max(found, key=lambda n: found[n])
    if best == 0:
        return 0
    moved = _transposed(score, best)
    fit = measure_fit(sound.energy, moved, _timemap(sound, moved, "default"))
    return best if fit.confidence >= LEAST_CONFIDENCE else 0


def _rolled(wanted: PathFeatures, semitones: int) -> PathFeatures:
    rolled = np.vstack([np.roll(wanted.chroma[:12], semitones, axis=0), wanted.chroma[12:]])
    return PathFeatures(rolled, wanted.onsets, wanted.rate_hz)


def _transposed(score: Score, semitones: int) -> Score:
    parts = []
    for part in score.parts:
        pitches = np.clip(part.notes.pitches + semitones, 0, 127)
        parts.append(replace(part, notes=replace(part.notes, pitches=pitches)))
    return Score(tuple(parts))
