"""The whole flow, one line per stage: media, alignment, players, association, separation, stems.

Front ends (command line, service, panel, batch) fill in a ``Request``, call ``run`` or
``associate``, and nothing below.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from avstem import result as results
from avstem import separation as separation_stage
from avstem.analysis import Analysis, analyse, file_time_s, part_names, score_of
from avstem.colours import colour
from avstem.datatypes import (
    Absent,
    Condition,
    Conditions,
    Players,
    Progress,
    Separator,
    SourceBlock,
    Stage,
    Stem,
)
from avstem.errors import RequestError
from avstem.evidence import Evidence
from avstem.progress import Journal, Watch, ignore
from avstem.report import ReportData, link, picture_of, write_report
from avstem.request import Request, printable
from avstem.result import Result
from avstem.stems import ResultFolder, StemSet, load_effects, template_names, write_stems


def run(request: Request, watch: Watch = ignore) -> Result:
    """From video, mixture and score to labeled stems, a manifest and a report page.

    Raises
    ------
    AvstemError
        In one of its kinds; nothing half-written is left behind.

    """
    journal = Journal(watch, _stages(request))
    with ResultFolder(request.output, overwrite=request.overwrite) as folder, _scratch() as scratch:
        separator = _separator(request)
        score = score_of(request)
        effects = load_effects(request.effects, part_names(score)) if request.effects else None
        analysis = analyse(request, score, scratch, journal)
        with journal.stage(Stage.SEPARATION) as progress:
            written = write_stems(
                _separate(separator, analysis, progress),
                analysis.mixture,
                _stem_names(analysis),
                [colour(part.index) for part in score.parts],
                folder,
                request.stem_format,
                effects,
                files=_stem_files(request, analysis),
                made=request.made,
            )
        with journal.stage(Stage.STEMS):
            result = _summarise(request, analysis, written, journal)
            write_report(
                folder.path / "report.html", _report_data(request, analysis, written.stems, result)
            )
            if analysis.association.affinity is not None:
                evidence = Evidence.of(analysis.association.affinity)
                evidence.write(folder.path / "evidence.json")
        result.write(folder.path / "result.json")
    return result


def associate(request: Request, watch: Watch = ignore) -> Result:
    """Who plays what, without separating: a result whose parts have no stems."""
    journal = Journal(watch, _stages(request) - {Stage.SEPARATION, Stage.STEMS})
    with _scratch() as scratch:
        analysis = analyse(request, score_of(request), scratch, journal)
        return _summarise(request, analysis, None, journal)


def _stages(request: Request) -> frozenset[Stage]:
    """Those with work to do: without a picture nobody is looked for."""
    unseen = frozenset() if request.video else {Stage.PLAYERS, Stage.ASSOCIATION}
    return frozenset(Stage) - unseen


def _separator(request: Request) -> Separator:
    if request.conditioning != {Condition.SCORE}:
        wanted = "+".join(sorted(request.conditioning))
        raise RequestError(f"Conditioning {wanted!r} is not available.", "Available: score.")
    return separation_stage.separator(request.method)


def _separate(
    separator: Separator, analysis: Analysis, progress: Progress
) -> Iterator[SourceBlock]:
    conditions = Conditions(analysis.alignment.notes, analysis.players, analysis.association)
    return separator(analysis.mixture, conditions, progress)


def _stem_names(analysis: Analysis) -> Sequence[str]:
    """Names of the parts; those that nobody in the picture plays are labeled off-screen."""
    if isinstance(analysis.players, Absent):
        return part_names(analysis.score)
    matches = analysis.association.matches
    return [
        name if match.player is not None else f"{name} (off-screen)"
        for name, match in zip(part_names(analysis.score), matches, strict=True)
    ]


def _stem_files(request: Request, analysis: Analysis) -> tuple[str, ...]:
    """File names by the template of the request; none when it has none."""
    if not request.stem_name:
        return ()
    parts, matches = analysis.score.parts, analysis.association.matches
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
    return Result(
        version=results.VERSION,
        rate_hz=analysis.mixture.rate_hz,
        samples=analysis.mixture.samples,
        start_s=analysis.mixture.start_s,
        players=results.player_results(analysis.players),
        parts=results.part_results(analysis.score, analysis.alignment, analysis.association, stems),
        alignment=results.alignment_result(analysis.alignment),
        warnings=_warnings(analysis) + (written.warnings if written else ()),
        timings_s=journal.timings_s,
        settings=request.settings()
        | ({"device": separation_stage.device_name()} if written else {}),
    )


def _report_data(
    request: Request, analysis: Analysis, stems: tuple[Stem, ...], result: Result
) -> ReportData:
    first_s = (request.span_s or (0.0,))[0]
    return ReportData(
        title=printable(Path(request.output.resolve().name)),
        score=analysis.score,
        players=analysis.players,
        alignment=analysis.alignment,
        association=analysis.association,
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
    found = analysis.score.warnings + analysis.mixture.warnings + analysis.alignment.warnings
    if isinstance(analysis.players, Players):
        found += analysis.players.warnings
    return found + analysis.association.warnings


@contextmanager
def _scratch() -> Iterator[Path]:
    """Folder for decoded sound and motion, gone when the job ends however it ends."""
    with tempfile.TemporaryDirectory(prefix="avstem-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
