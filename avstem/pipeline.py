"""The whole flow, one line per stage: media, alignment, players, association, separation, stems.

Front ends (command line, service, panel, batch) fill in a ``Request``, call ``run`` or
``associate``, and nothing below.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from avstem import alignment as alignment_stage
from avstem import association as association_stage
from avstem import result as results
from avstem import separation as separation_stage
from avstem.colours import colour
from avstem.datatypes import (
    Absent,
    Alignment,
    Association,
    Condition,
    Conditions,
    Match,
    Mixture,
    Players,
    Progress,
    Score,
    SourceBlock,
    Stage,
    Stem,
    Video,
)
from avstem.errors import RequestError
from avstem.media.audio import open_mixture
from avstem.media.score import read_score
from avstem.media.video import open_video
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from avstem.progress import Journal, Watch, ignore
from avstem.report import ReportData, write_report
from avstem.request import Request
from avstem.result import Result
from avstem.stems import ResultFolder, StemSet, load_effects, template_names, write_stems

REPORT_PICTURE_PX = 1280


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that is known before the sound is touched."""

    mixture: Mixture
    video: Video | None
    score: Score
    alignment: Alignment
    players: Players | Absent
    association: Association


def run(request: Request, watch: Watch = ignore) -> Result:
    """From video, mixture and score to labeled stems, a manifest and a report page.

    Raises
    ------
    AvstemError
        In one of its kinds; nothing half-written is left behind.

    """
    journal = Journal(watch)
    with ResultFolder(request.output, overwrite=request.overwrite) as folder, _scratch() as scratch:
        score = _read_score(request)
        effects = load_effects(request.effects, _names(score)) if request.effects else None
        analysis = _analyse(request, score, scratch, journal)
        with journal.stage(Stage.SEPARATION) as progress:
            written = write_stems(
                _separate(analysis, request, progress),
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
        result.write(folder.path / "result.json")
    return result


def associate(request: Request, watch: Watch = ignore) -> Result:
    """Who plays what, without separating: a result whose parts have no stems."""
    journal = Journal(watch)
    with _scratch() as scratch:
        analysis = _analyse(request, _read_score(request), scratch, journal)
        return _summarise(request, analysis, None, journal)


def _analyse(request: Request, score: Score, scratch: Path, journal: Journal) -> Analysis:
    with journal.stage(Stage.MEDIA):
        video = open_video(request.video) if request.video else None
        mixture = _open_mixture(request, video, scratch)
    # The score is tried before the picture: a wrong one is refused within seconds.
    with journal.stage(Stage.ALIGNMENT) as progress:
        alignment = alignment_stage.align(mixture, score, progress=progress)
    with journal.stage(Stage.PLAYERS) as progress:
        players = _find_players(request, video, score, scratch, progress)
    with journal.stage(Stage.ASSOCIATION):
        association = _associate(request, players, alignment, score)
    return Analysis(mixture, video, score, alignment, players, association)


def _read_score(request: Request) -> Score:
    return request.score if isinstance(request.score, Score) else read_score(request.score)


def _open_mixture(request: Request, video: Video | None, scratch: Path) -> Mixture:
    if request.audio is not None:
        return open_mixture(
            request.audio,
            epoch_s=-request.audio_offset_s,
            stream=request.audio_stream,
            scratch=scratch,
        )
    if request.video is None or video is None:
        raise RequestError(
            "A job needs a video, a sound file, or both; found neither.",
            "Name a video, or a sound file with --audio.",
        )
    return open_mixture(
        request.video, epoch_s=video.epoch_s, stream=request.audio_stream, scratch=scratch
    )


def _find_players(
    request: Request, video: Video | None, score: Score, scratch: Path, progress: Progress
) -> Players | Absent:
    if video is None or request.video is None:
        return Absent("there is no picture")
    field = measure_motion(
        video, request.video, cache=request.cache, scratch=scratch, progress=progress
    )
    count = len(score.parts) if request.players is None else request.players
    return find_players(field, count=count, boxes=request.boxes)


def _associate(
    request: Request, players: Players | Absent, alignment: Alignment, score: Score
) -> Association:
    if isinstance(players, Absent):
        matches = (Match(part.index, None, 0.0, why=players.why) for part in score.parts)
        return Association(tuple(matches), None)
    affinity = association_stage.associate(players, alignment.notes)
    return association_stage.assign(affinity, _names(score), request.assignments)


def _separate(analysis: Analysis, request: Request, progress: Progress) -> Iterator[SourceBlock]:
    if request.conditioning != {Condition.SCORE}:
        wanted = "+".join(sorted(request.conditioning))
        raise RequestError(f"Conditioning {wanted!r} is not available.", "Available: score.")
    separator = separation_stage.separator(request.method)
    conditions = Conditions(analysis.alignment.notes, analysis.players, analysis.association)
    return separator(analysis.mixture, conditions, progress)


def _names(score: Score) -> tuple[str, ...]:
    return tuple(part.name for part in score.parts)


def _stem_names(analysis: Analysis) -> Sequence[str]:
    """Names of the parts; those that nobody in the picture plays are labeled off-screen."""
    if isinstance(analysis.players, Absent):
        return _names(analysis.score)
    matches = analysis.association.matches
    return [
        name if match.player is not None else f"{name} (off-screen)"
        for name, match in zip(_names(analysis.score), matches, strict=True)
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
        settings=request.settings(),
    )


def _report_data(
    request: Request, analysis: Analysis, stems: tuple[Stem, ...], result: Result
) -> ReportData:
    source = request.audio or request.video
    return ReportData(
        title=request.output.resolve().name,
        score=analysis.score,
        players=analysis.players,
        alignment=analysis.alignment,
        association=analysis.association,
        stems=stems,
        rate_hz=result.rate_hz,
        channels=analysis.mixture.channels,
        samples=result.samples,
        start_s=result.start_s,
        picture=_report_picture(analysis),
        mixture_link=None if source is None else _link(source, request.output),
        mixture_offset_s=0.0 if request.audio else max(0.0, result.start_s),
        settings=result.settings,
        timings_s=result.timings_s,
        warnings=result.warnings,
    )


def _link(file: Path, folder: Path) -> str:
    """How a page in ``folder`` finds ``file``: relative where possible, so that both can move."""
    try:
        return quote(Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix())
    except ValueError:  # on another drive
        return file.resolve().as_uri()


def _report_picture(analysis: Analysis) -> NDArray[np.uint8] | None:
    """A frame from the middle, where everybody plays rather than tunes or bows."""
    if analysis.video is None:
        return None
    width_px = min(REPORT_PICTURE_PX, analysis.video.width_px)
    return analysis.video.picture_at(analysis.video.duration_s / 2, width_px).picture


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
