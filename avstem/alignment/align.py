"""Audio to score: from a mixture and a score to the score as performed.

features (energy per semitone, read in blocks) -> span (which stretches belong together) ->
warping (coarse path) -> refine (each onset) -> confidence (does the score belong here at all).
"""

from __future__ import annotations

import numpy as np

from avstem.alignment.features import path_features, pitch_energy, score_features
from avstem.alignment.refine import player_onsets, refine
from avstem.alignment.span import find_span
from avstem.alignment.timemap import distinct_onsets, path_map, performed
from avstem.alignment.warping import multiscale_path
from avstem.datatypes import Alignment, Mixture, Progress, Score, no_progress


def align(
    mixture: Mixture, score: Score, *, method: str = "default", progress: Progress = no_progress
) -> Alignment:
    """The score as performed in the recording.

    method : "default", "unrefined" (the path of ``default`` alone) or "chroma_dtw".

    Raises AlignmentError where the score does not belong to the recording.
    """
    energy = pitch_energy(mixture, lambda done: progress(0.6 * done))
    sound = path_features(energy)
    wanted = score_features(tuple(p.notes for p in score.parts), score.duration_s)
    span = find_span(sound, wanted)
    path_s = multiscale_path(sound, wanted, span) + np.array([[energy.start_s], [0.0]])
    timemap = path_map(path_s, distinct_onsets(score))
    progress(0.8)
    timemap = refine(energy, score, timemap)
    onsets = [player_onsets(energy, p.notes, timemap) for p in score.parts]
    notes = tuple(performed(p.notes, timemap, o) for p, o in zip(score.parts, onsets, strict=True))
    progress(1.0)
    seconds = max(1, int(np.ceil(timemap.media_s[-1] - timemap.media_s[0])))
    return Alignment(timemap, notes, span.similarity, np.full(seconds, span.similarity))
