"""What a job tells in the end: its result, what the report shows, the evidence."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from avstem import association as association_stage
from avstem import result as results
from avstem import separation as separation_stage
from avstem.activity import disagreements
from avstem.analysis import Analysis, file_time_s
from avstem.datatypes import NO_NOTES, Absent, Players, Stem
from avstem.evidence import Evidence
from avstem.progress import Journal
from avstem.report import ReportData, link, picture_of
from avstem.request import Request, printable
from avstem.result import Result
from avstem.stems import StemSet


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
    request: Request, analysis: Analysis, stems: tuple[Stem, ...], result: Result
) -> ReportData:
    """All that the report shows."""
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
        sounding=_sounding(analysis),
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


def _sounding(analysis: Analysis) -> tuple[int | None, ...]:
    """Which of each player's clusters carries the sound, told by the notes that the player has."""
    if isinstance(analysis.clusters, Absent) or isinstance(analysis.players, Absent):
        return ()
    from avstem.separation.localisation import sounding_clusters

    pairs = zip(analysis.cast.association.matches, analysis.cast.notes, strict=True)
    notes = {match.player: played for match, played in pairs}
    players = range(len(analysis.players.players))
    return sounding_clusters(analysis.clusters, tuple(notes.get(k, NO_NOTES) for k in players))


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
