"""The whole flow, one line per stage: media, alignment, players, association, separation, stems.

Front ends (command line, service, panel, batch) fill in a ``Request``, call ``run`` or
``associate``, and nothing below.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from avstem import separation as separation_stage
from avstem.analysis import Analysis, analyse
from avstem.colours import colour
from avstem.datatypes import (
    Absent,
    Activity,
    Association,
    Condition,
    Conditions,
    Score,
    Stage,
    conditioning_name,
)
from avstem.errors import RequestError
from avstem.outcome import evidence_of, report_data, summarise
from avstem.progress import Journal, Watch, ignore
from avstem.report import write_report
from avstem.request import Request
from avstem.result import Result
from avstem.stems import Effects, ResultFolder, load_effects, template_names, write_stems
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
                _effects(request, analysis.cast.names, _left_aside(request, score, analysis)),
                files=_stem_files(request, analysis),
                made=request.made,
            )
        with journal.stage(Stage.STEMS):
            result = summarise(request, analysis, written, journal)
            shown = report_data(request, analysis, folder.path, written.stems, result)
            write_report(folder.path / "report.html", shown)
            evidence = evidence_of(analysis)
            if evidence is not None:
                evidence.write(folder.path / "evidence.json")
        result.write(folder.path / "result.json")
    return result


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
        return summarise(request, analyse(request, score, scratch, journal), None, journal)


def _effects(request: Request, names: Sequence[str], aside: Sequence[str] = ()) -> Effects | None:
    """The effect chains of the parts; none asked for, or no part known yet."""
    return load_effects(request.effects, names, aside) if request.effects and names else None


def _left_aside(request: Request, score: Score | Absent, analysis: Analysis) -> Sequence[str]:
    """Names of the parts of a score that does not fit, of which nothing that was said counts."""
    fits = isinstance(analysis.score, Score) or by_sound_alone(request)
    return () if fits else part_names(score)


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


@contextmanager
def _scratch() -> Iterator[Path]:
    """Folder for decoded sound and motion, gone when the job ends however it ends."""
    with tempfile.TemporaryDirectory(prefix="avstem-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
