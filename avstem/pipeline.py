"""The whole flow, one line per stage: media, alignment, players, association, separation, stems.

Front ends (command line, service, panel, batch) fill in a ``Request``, call ``run`` or
``associate``, and nothing below.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from avstem import association as association_stage
from avstem import result as results
from avstem import separation as separation_stage
from avstem.analysis import Analysis, analyse, file_time_s
from avstem.colours import colour
from avstem.datatypes import (
    Absent,
    Activity,
    Association,
    Condition,
    Conditions,
    Stage,
    Stem,
    conditioning_name,
)
from avstem.errors import RequestError
from avstem.evidence import Evidence
from avstem.progress import Journal, Watch, ignore
from avstem.report import ReportData, link, picture_of, write_report
from avstem.request import Request, printable
from avstem.result import Result
from avstem.stems import Effects, ResultFolder, StemSet, load_effects, template_names, write_stems
from avstem.wishes import by_sound_alone, check_conditions, part_names, score_of, shares_of


def run(request: Request, watch: Watch = ignore) -> Result:
    """From video, mixture and score to labeled stems, a manifest and a report page.

    Raises
    ------
    AvstemError
        In one of its kinds; nothing half-written is left behind.

    """
    with ResultFolder(request.output, overwrite=request.overwrite) as folder, _scratch() as scratch:
        separator = separation_stage.separator(request.method, request.conditioning)
        score = score_of(request)
        check_conditions(request, score)
        journal = Journal(watch, shares_of(request, score))
        if not by_sound_alone(request):
            _effects(request, part_names(score))  # what is wrong with them is said at once
        analysis = analyse(request, score, scratch, journal)
        with journal.stage(Stage.SEPARATION) as progress:
            written = write_stems(
                separator(analysis.mixture, _conditions(request, analysis), progress),
                analysis.mixture,
                _stem_names(analysis),
                [colour(part.index) for part in analysis.cast.parts],
                folder,
                request.stem_format,
                _effects(request, analysis.cast.names),
                files=_stem_files(request, analysis),
                made=request.made,
            )
        with journal.stage(Stage.STEMS):
            result = _summarise(request, analysis, written, journal)
            write_report(
                folder.path / "report.html", _report_data(request, analysis, written.stems, result)
            )
            evidence = _evidence(analysis)
            if evidence is not None:
                evidence.write(folder.path / "evidence.json")
        result.write(folder.path / "result.json")
    return result


def _evidence(analysis: Analysis) -> Evidence | None:
    """The players' movement, with the matching where there is one; None without a picture."""
    if isinstance(analysis.players, Absent):
        return None
    affinity = analysis.cast.association.affinity
    return Evidence.of(affinity or association_stage.movement_alone(analysis.players))


def associate(request: Request, watch: Watch = ignore) -> Result:
    """Who plays what, without separating: a result whose parts have no stems.

    Raises RequestError without a score, and whatever ``run`` raises.
    """
    score = score_of(request)
    if isinstance(score, Absent):
        raise RequestError(
            "Finding who plays which part needs the score; found none.", "Name one (--score)."
        )
    request = replace(request, conditioning=separation_stage.SCORE, method="default")
    unneeded = {Stage.SEPARATION, Stage.STEMS}
    shares = {s: share for s, share in shares_of(request, score).items() if s not in unneeded}
    journal = Journal(watch, shares)
    with _scratch() as scratch:
        return _summarise(request, analyse(request, score, scratch, journal), None, journal)


def _effects(request: Request, names: Sequence[str]) -> Effects | None:
    """The effect chains of the parts; none asked for, or no part known yet."""
    return load_effects(request.effects, names) if request.effects and names else None


def _conditions(request: Request, analysis: Analysis) -> Conditions:
    """What the separation may lean on: of all that is known, what was asked for."""
    found, wanted = analysis.cast, request.conditioning
    unwanted = Absent(f"the conditioning is {conditioning_name(wanted)}")
    activity: Activity | Absent = unwanted
    if Condition.SCORE in wanted:
        activity = analysis.playing_by_score
    elif Condition.MOTION in wanted:
        activity = _in_part_order(analysis.playing_by_motion, found.association)
    return Conditions(
        notes=found.notes if Condition.SCORE in wanted else unwanted,
        players=analysis.players,
        association=found.association,
        clusters=analysis.clusters if Condition.MOTION in wanted else unwanted,
        activity=activity,
        count=len(found.parts),
        voices=analysis.voices if Condition.MOTION in wanted else unwanted,
    )


def _in_part_order(activity: Activity | Absent, association: Association) -> Activity | Absent:
    """Rows of players as rows of the parts that they play; 0.5 for a part that nobody plays."""
    if isinstance(activity, Absent):
        return activity
    unknown = np.full(activity.playing.shape[1], 0.5)
    players = (match.player for match in association.matches)
    rows = [unknown if player is None else activity.playing[player] for player in players]
    return replace(activity, playing=np.stack(rows))


def _stem_names(analysis: Analysis) -> Sequence[str]:
    """Names of the parts; those that nobody in the picture plays are labeled off-screen."""
    if isinstance(analysis.players, Absent):
        return analysis.cast.names
    return [
        name if match.player is not None else f"{name} (off-screen)"
        for name, match in zip(analysis.cast.names, analysis.cast.association.matches, strict=True)
    ]


def _stem_files(request: Request, analysis: Analysis) -> tuple[str, ...]:
    """File names by the template of the request; none when it has none."""
    if not request.stem_name:
        return ()
    parts, matches = analysis.cast.parts, analysis.cast.association.matches
    return template_names(
        request.stem_name,
        [
            {
                "index": part.index + 1,
                "part": part.name,
                "instrument": part.instrument,
                "player": "off-screen" if match.player is None else f"player {match.player}",
            }
            for part, match in zip(parts, matches, strict=True)
        ],
    )


def _summarise(
    request: Request, analysis: Analysis, written: StemSet | None, journal: Journal
) -> Result:
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


def _report_data(
    request: Request, analysis: Analysis, stems: tuple[Stem, ...], result: Result
) -> ReportData:
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
        stems=stems,
        rate_hz=result.rate_hz,
        channels=analysis.mixture.channels,
        samples=result.samples,
        start_s=result.start_s,
        picture=picture_of(analysis.video),
        mixture_link=link(request.audio or request.video, request.output),
        mixture_offset_s=file_time_s(request, result.start_s, first_s),
        settings=result.settings,
        timings_s=result.timings_s,
        warnings=result.warnings,
    )


def _warnings(analysis: Analysis) -> tuple[str, ...]:
    stages = (analysis.score, analysis.mixture, analysis.alignment, analysis.players)
    known = (stage.warnings for stage in stages if not isinstance(stage, Absent))
    return tuple(chain(*known, analysis.cast.association.warnings))


@contextmanager
def _scratch() -> Iterator[Path]:
    """Folder for decoded sound and motion, gone when the job ends however it ends."""
    with tempfile.TemporaryDirectory(prefix="avstem-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
