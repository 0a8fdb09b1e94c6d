"""The first half of the flow: all that is known before the sound is touched.

media, alignment, players, association; ``pipeline`` goes on from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from avstem import alignment as alignment_stage
from avstem import association as association_stage
from avstem.datatypes import (
    Absent,
    Alignment,
    Association,
    Match,
    Mixture,
    Players,
    Progress,
    Score,
    Stage,
    Video,
)
from avstem.errors import RequestError
from avstem.media.audio import open_mixture
from avstem.media.excerpt import excerpt
from avstem.media.score import read_score
from avstem.media.video import open_video
from avstem.players.detect import check_boxes, find_players
from avstem.players.motion import measure_motion
from avstem.progress import Journal
from avstem.request import Request


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that is known before the sound is touched."""

    mixture: Mixture
    video: Video | None
    score: Score
    alignment: Alignment
    players: Players | Absent
    association: Association


def score_of(request: Request) -> Score:
    """The score of a request, read from its file unless it is there already."""
    return request.score if isinstance(request.score, Score) else read_score(request.score)


def part_names(score: Score) -> tuple[str, ...]:
    """Names of the parts in score order."""
    return tuple(part.name for part in score.parts)


def analyse(request: Request, score: Score, scratch: Path, journal: Journal) -> Analysis:
    """Media, alignment, players, association: everything before the separation.

    ``scratch`` is a folder for decoded sound and motion; it must outlive the analysis.
    """
    with journal.stage(Stage.MEDIA):
        video = open_video(request.video) if request.video else None
        _check_wishes(request, video, score)
        mixture = _within_span(request, _open_mixture(request, video, scratch))
    # The score is tried before the picture: a wrong one is refused within seconds.
    with journal.stage(Stage.ALIGNMENT) as progress:
        alignment = alignment_stage.align(mixture, score, progress=progress)
    with journal.stage(Stage.PLAYERS) as progress:
        players = _find_players(request, video, score, scratch, progress)
    with journal.stage(Stage.ASSOCIATION):
        association = _associate(request, players, alignment, score)
    return Analysis(mixture, video, score, alignment, players, association)


def _check_wishes(request: Request, video: Video | None, score: Score) -> None:
    """Refuse impossible boxes and assignments before the long work, not after it."""
    if video is not None:
        check_boxes(request.boxes, video.width_px, video.height_px)
    count = 0 if video is None else len(request.boxes) or _count(request, score)
    players = None if count == "auto" else count
    association_stage.check_assignments(request.assignments, part_names(score), players)


def _count(request: Request, score: Score) -> int | Literal["auto"]:
    return len(score.parts) if request.players is None else request.players


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


def _within_span(request: Request, mixture: Mixture) -> Mixture:
    if request.span_s is None:
        return mixture
    first_s = file_time_s(request, mixture.start_s)
    return excerpt(mixture, request.span_s[0] - first_s, request.span_s[1] - first_s)


def file_time_s(request: Request, start_s: float, least_s: float = 0.0) -> float:
    """Time of the first sample on the clock of its file, which starts with the earliest stream.

    start_s : its media time; least_s : the beginning of the span it was taken from.
    """
    return start_s - request.audio_offset_s if request.audio else max(start_s, least_s)


def _find_players(
    request: Request, video: Video | None, score: Score, scratch: Path, progress: Progress
) -> Players | Absent:
    if video is None or request.video is None:
        return Absent("there is no picture")
    field = measure_motion(
        video, request.video, cache=request.cache, scratch=scratch, progress=progress
    )
    players = find_players(field, count=_count(request, score), boxes=request.boxes)
    found, parts = len(players.players), len(score.parts)
    if request.players != "auto" or request.boxes or found == parts:
        return players
    warning = (
        f"Counting the players found {found} in the picture, the score has {parts} part(s): "
        f"look at the boxes in the report, and give --players if the number is wrong."
    )
    return replace(players, warnings=(*players.warnings, warning))


def _associate(
    request: Request, players: Players | Absent, alignment: Alignment, score: Score
) -> Association:
    if isinstance(players, Absent):
        matches = (Match(part.index, None, 0.0, why=players.why) for part in score.parts)
        return Association(tuple(matches), None)
    affinity = association_stage.associate(players, alignment.notes)
    return association_stage.assign(affinity, part_names(score), request.assignments)
