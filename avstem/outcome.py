"""What a job tells in the end: its result, what the report shows, the evidence."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np

from avstem import association as association_stage
from avstem import result as results
from avstem import separation as separation_stage
from avstem.activity import disagreements
from avstem.analysis import Analysis, file_time_s
from avstem.datatypes import Absent, FloatArray, Players, Stem
from avstem.evidence import Evidence
from avstem.progress import Journal
from avstem.report import ReportData, link, picture_of
from avstem.request import Request, printable
from avstem.result import Result
from avstem.stems import StemSet, onsets_in


def summarise(
    request: Request, analysis: Analysis, written: StemSet | None, journal: Journal
) -> Result:
    """The manifest; ``written`` is None where nothing was separated."""
    stems = written.stems if written else ()
    found = analysis.cast
    return Result(
        version=results.VERSION,
        rate_hz=analysis.mixture.rate_hz,
        samples=analysis.mixture.samples,
        start_s=analysis.mixture.start_s,
        players=results.player_results(analysis.players),
        parts=results.part_results(found.parts, found.notes, found.association, stems),
        alignment=results.alignment_result(analysis.alignment),
        warnings=_warnings(analysis) + (written.warnings if written else ()),
        timings_s=journal.timings_s,
        settings=request.settings()
        | ({"device": separation_stage.device_name()} if written else {}),
        activity=results.activity_result(analysis.playing_by_motion, analysis.playing_by_score),
    )


def report_data(
    request: Request, analysis: Analysis, folder: Path, stems: tuple[Stem, ...], result: Result
) -> ReportData:
    """All that the report shows; the stems lie in ``folder``."""
    first_s = (request.span_s or (0.0,))[0]
    return ReportData(
        title=printable(Path(request.output.resolve().name)),
        parts=analysis.cast.parts,
        notes=analysis.cast.notes,
        players=analysis.players,
        alignment=analysis.alignment,
        association=analysis.cast.association,
        activity_players=analysis.playing_by_motion,
        activity_parts=analysis.playing_by_score,
        clusters=analysis.clusters,
        sounding=_sounding(analysis, folder, stems),
        stems=stems,
        rate_hz=result.rate_hz,
        channels=analysis.mixture.channels,
        samples=result.samples,
        start_s=result.start_s,
        picture=picture_of(analysis.video, _box_time_s(analysis.players)),
        mixture_link=link(request.audio or request.video, request.output),
        mixture_offset_s=file_time_s(request, result.start_s, first_s),
        settings=result.settings,
        timings_s=result.timings_s,
        warnings=result.warnings,
    )


def evidence_of(analysis: Analysis) -> Evidence | None:
    """The players' movement, with the matching where there is one; None without a picture."""
    if isinstance(analysis.players, Absent):
        return None
    affinity = analysis.cast.association.affinity
    return Evidence.of(affinity or association_stage.movement_alone(analysis.players))


def _sounding(analysis: Analysis, folder: Path, stems: tuple[Stem, ...]) -> tuple[int | None, ...]:
    """Which of each player's clusters carries the sound, on the picture that the report shows."""
    if isinstance(analysis.clusters, Absent) or isinstance(analysis.players, Absent):
        return ()
    from avstem.separation.localisation import sounding_clusters

    onsets_s: list[FloatArray] = [np.zeros(0)] * len(analysis.players.players)
    for match, stem in zip(analysis.cast.association.matches, stems, strict=True):
        if match.player is not None:
            onsets_s[match.player] = _onsets_s(analysis, match.part, folder / stem.path)
    return sounding_clusters(analysis.clusters, onsets_s, analysis.players.box_time_s)


def _onsets_s(analysis: Analysis, part: int, stem: Path) -> FloatArray:
    """Of the notes of a part; of what its stem sounds like where no notes are known."""
    notes = analysis.cast.notes[part]
    return notes.onsets_s if len(notes) else onsets_in(stem, analysis.mixture.start_s)


def _box_time_s(players: Players | Absent) -> float | None:
    """When the players are where their boxes are; None for any time."""
    return None if isinstance(players, Absent) else players.box_time_s


def _warnings(analysis: Analysis) -> tuple[str, ...]:
    stages = (analysis.score, analysis.mixture, analysis.alignment, analysis.players)
    known = (stage.warnings for stage in stages if not isinstance(stage, Absent))
    return tuple(chain(*known, analysis.cast.association.warnings, _disagreements(analysis)))


def _disagreements(analysis: Analysis) -> tuple[str, ...]:
    """Players who move while their part rests for long, and the other way round."""
    by_motion, by_score = analysis.playing_by_motion, analysis.playing_by_score
    if isinstance(by_motion, Absent) or isinstance(by_score, Absent):
        return ()
    found = analysis.cast
    return disagreements(by_motion, by_score, found.association.matches, found.names)
