"""The first half of the flow: all that is known before the sound is touched.

media, alignment, players, association; ``pipeline`` goes on from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from avstem import activity as activity_stage
from avstem import alignment as alignment_stage
from avstem import cast
from avstem.datatypes import (
    Absent,
    Activity,
    Alignment,
    Condition,
    Mixture,
    MotionClusters,
    Players,
    Progress,
    Score,
    Stage,
    Video,
    Voices,
)
from avstem.errors import AlignmentError, RequestError
from avstem.media.audio import open_mixture
from avstem.media.excerpt import excerpt
from avstem.media.video import open_video
from avstem.players.clusters import motion_clusters
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from avstem.progress import Journal
from avstem.request import Request
from avstem.wishes import (
    by_sound_alone,
    check_movement,
    check_wishes,
    count_of,
    is_counted,
    listens,
    part_names,
)


@dataclass(frozen=True, eq=False)
class Analysis:
    """All that is known before the sound is touched.

    playing_by_motion : who plays when, rows of players, told by their movement.
    playing_by_score : the same, rows of parts, told by the aligned score.
    """

    mixture: Mixture
    video: Video | None
    score: Score | Absent
    alignment: Alignment | Absent
    players: Players | Absent
    clusters: MotionClusters | Absent
    cast: cast.Cast
    voices: Voices | Absent
    playing_by_motion: Activity | Absent
    playing_by_score: Activity | Absent


def analyse(request: Request, score: Score | Absent, scratch: Path, journal: Journal) -> Analysis:
    """Media, alignment, players, association: everything before the separation.

    ``scratch`` is a folder for decoded sound and motion; it must outlive the analysis.
    """
    with journal.stage(Stage.MEDIA):
        video = open_video(request.video) if request.video else None
        check_wishes(request, video, score)
        mixture = _within_span(request, _open_mixture(request, video, scratch))
    # The score is tried before the picture: a wrong one is refused within seconds.
    with journal.stage(Stage.ALIGNMENT) as progress:
        alignment = _align(request, mixture, score, progress)
        if isinstance(alignment, Absent) and not by_sound_alone(request):
            if isinstance(score, Score):  # one that does not fit; what was said is of its parts
                request = replace(request, assignments=())
            score = alignment
    with journal.stage(Stage.PLAYERS) as progress:
        players = _find_players(request, video, score, scratch, progress)
        check_movement(request, players)
        clusters = _clusters(request, players)
        by_motion = _playing_by_motion(players)
    with journal.stage(Stage.ASSOCIATION) as progress:
        found, voices = _cast(request, mixture, score, alignment, players, by_motion, progress)
        by_score = _playing_by_score(mixture, alignment)
    if by_sound_alone(request):
        players = by_motion = Absent("the sound was separated without the picture")
    return Analysis(
        mixture=mixture,
        video=video,
        score=score,
        alignment=alignment,
        players=players,
        clusters=clusters,
        cast=found,
        voices=voices,
        playing_by_motion=by_motion,
        playing_by_score=by_score,
    )


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


def _align(
    request: Request, mixture: Mixture, score: Score | Absent, progress: Progress
) -> Alignment | Absent:
    if by_sound_alone(request):
        return Absent("the sound was separated without a score")
    if isinstance(score, Absent):
        return score
    try:
        return alignment_stage.align(mixture, score, progress=progress)
    except AlignmentError as error:
        if Condition.SCORE in request.conditioning:
            raise
        return Absent(f"{error.message} {error.hint}")  # it would but have named the stems


def _find_players(
    request: Request, video: Video | None, score: Score | Absent, scratch: Path, progress: Progress
) -> Players | Absent:
    if video is None or request.video is None:
        return Absent("there is no picture")
    if is_counted(request, score):
        return Absent("nobody was looked for")
    count = count_of(request, score)
    field = measure_motion(
        video, request.video, cache=request.cache, scratch=scratch, progress=progress
    )
    players = find_players(field, count=count, boxes=request.boxes)
    if count != "auto":
        return players
    return replace(players, warnings=players.warnings + _counted(len(players.players), score))


def _counted(found: int, score: Score | Absent) -> tuple[str, ...]:
    """What to tell about players that were counted: the number is a guess."""
    names = part_names(score)
    if found == len(names):
        return ()
    parts = f", the score has {len(names)} part(s)" if names else ""
    return (
        f"Counting the players found {found} in the picture{parts}: "
        f"look at the boxes in the report, and give --players if the number is wrong.",
    )


def _clusters(request: Request, players: Players | Absent) -> MotionClusters | Absent:
    if isinstance(players, Absent):
        return players
    if Condition.MOTION not in request.conditioning:
        return Absent("the separation does not lean on motion")
    return motion_clusters(players)


def _playing_by_motion(players: Players | Absent) -> Activity | Absent:
    return players if isinstance(players, Absent) else activity_stage.from_motion(players)


def _playing_by_score(mixture: Mixture, alignment: Alignment | Absent) -> Activity | Absent:
    if isinstance(alignment, Absent):
        return alignment
    stop_s = mixture.start_s + mixture.samples / mixture.rate_hz
    return activity_stage.from_notes(alignment.notes, mixture.start_s, stop_s)


def _cast(
    request: Request,
    mixture: Mixture,
    score: Score | Absent,
    alignment: Alignment | Absent,
    players: Players | Absent,
    playing: Activity | Absent,
    progress: Progress,
) -> tuple[cast.Cast, Voices | Absent]:
    """What there is a stem of, and the voices for methods that listen before they separate.

    A score names the stems also where nothing else leans on it.
    """
    unheard = Absent("nobody listened for them")
    if by_sound_alone(request):
        return _cast_of_sound(request, score, players), unheard
    if isinstance(score, Score) and isinstance(alignment, Alignment):
        found = cast.of_score(score, alignment, players, playing, request.assignments)
        if isinstance(players, Absent) or not listens(request):
            return found, unheard
        guesses = _listen(mixture, len(found.parts), progress)
        return cast.with_voices(found, players, guesses, playing)
    if isinstance(players, Absent):  # refused by ``check_conditions`` for every conditioning
        raise RequestError("A score or a picture was expected, found neither.", "Name one.")
    aside = f"The score and what was said of its parts are left aside. {getattr(score, 'why', '')}"
    told = () if request.score is None else (aside,)
    if not listens(request):
        return cast.of_players(players, request.assignments, told), unheard
    guesses = _listen(mixture, len(players.players), progress)
    return cast.of_voices(guesses, players, playing, request.assignments, told)


def _listen(mixture: Mixture, count: int, progress: Progress) -> tuple[Voices, ...]:
    from avstem.separation.voices import find_voices  # torch: only where it is needed

    return find_voices(mixture, count, progress)


def _cast_of_sound(request: Request, score: Score | Absent, players: Players | Absent) -> cast.Cast:
    told: tuple[str, ...] = ()
    if request.assignments:
        told += ("Sound alone tells no players: assignments were left aside.",)
    count = count_of(request, score)
    if count == "auto" and isinstance(players, Players):
        count = len(players.players)
        told += (
            f"Counting the players in the picture found {count}, so the sound was divided into as "
            "many sources; give --players if that is wrong.",
        )
    return cast.of_sound(0 if count == "auto" else count, told)
