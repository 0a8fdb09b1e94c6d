"""What a request wishes for: its score, how many players, and whether all of it can be had."""

from __future__ import annotations

from typing import Literal

from avstem import association as association_stage
from avstem import separation as separation_stage
from avstem.datatypes import Absent, Condition, Players, Score, Stage, Video
from avstem.errors import RequestError
from avstem.media.score import read_score
from avstem.players.detect import check_boxes
from avstem.progress import SHARES
from avstem.request import Request

LISTENING = 0.2  # share of a job that matching takes where voices are listened for


def score_of(request: Request) -> Score | Absent:
    """The score of a request, read from its file unless it is there already."""
    if request.score is None:
        return Absent("there is no score")
    return request.score if isinstance(request.score, Score) else read_score(request.score)


def part_names(score: Score | Absent) -> tuple[str, ...]:
    """Names of the parts in score order; none without a score."""
    return () if isinstance(score, Absent) else tuple(part.name for part in score.parts)


def check_conditions(request: Request, score: Score | Absent) -> None:
    """Refuse a conditioning on what the request does not bring, with a RequestError."""
    if Condition.SCORE in request.conditioning and isinstance(score, Absent):
        raise RequestError(
            "Separation by the score was asked for, but there is no score.",
            "Name one (--score), or separate without: --conditioning motion"
            + ("." if request.video else " with a video, or audio with --players."),
        )
    if Condition.MOTION in request.conditioning and request.video is None:
        raise RequestError(
            "Separation by movement was asked for, but there is no picture.",
            "Name the video, or separate without: --conditioning score or audio.",
        )
    if by_sound_alone(request) and not request.video and count_of(request, score) == "auto":
        raise RequestError(
            "How many sources to separate the sound into is not known: there is neither a "
            "number, nor a score or a picture to count in.",
            "Say how many, for example --players 4.",
        )


def check_movement(request: Request, players: Players | Absent) -> None:
    """Refuse to separate by movement alone where nobody moves, with a RequestError."""
    if request.conditioning != {Condition.MOTION} or isinstance(players, Absent):
        return
    if not any(player.moves for player in players.players):
        raise RequestError(
            "Separation by movement was asked for, but no player's movement can be followed.",
            "Separate by sound alone (--conditioning audio), or by a score (--score FILE, "
            "--conditioning score).",
        )


def shares_of(request: Request, score: Score | Absent) -> dict[Stage, float]:
    """Of the stages with work to do, how much of it: without a picture nobody is looked for."""
    shares = SHARES | ({Stage.ASSOCIATION: LISTENING} if listens(request) else {})
    idle: set[Stage] = set()
    if isinstance(score, Absent) or by_sound_alone(request):
        idle |= {Stage.ALIGNMENT} if listens(request) else {Stage.ALIGNMENT, Stage.ASSOCIATION}
    if request.video is None or is_counted(request, score):
        idle |= {Stage.PLAYERS, Stage.ASSOCIATION}
    return {stage: share for stage, share in shares.items() if stage not in idle}


def listens(request: Request) -> bool:
    """Whether the method wants to know what each voice plays before it separates."""
    return separation_stage.find_method(request.method, request.conditioning).listens


def by_sound_alone(request: Request) -> bool:
    """Whether the separation leans on nothing but the sound."""
    return request.conditioning == {Condition.AUDIO}


def is_counted(request: Request, score: Score | Absent) -> bool:
    """Whether sound alone is separated into a known number of sources, so that nobody is seen."""
    return by_sound_alone(request) and count_of(request, score) != "auto"


def check_wishes(request: Request, video: Video | None, score: Score | Absent) -> None:
    """Refuse impossible boxes and assignments before the long work, not after it."""
    if video is not None:
        check_boxes(request.boxes, video.width_px, video.height_px)
    if isinstance(score, Score) and not by_sound_alone(request):
        count = 0 if video is None else count_of(request, score)
        players = None if count == "auto" else count
        association_stage.check_assignments(request.assignments, part_names(score), players)


def count_of(request: Request, score: Score | Absent) -> int | Literal["auto"]:
    """How many players there are: as the user says, else one per part, else to be counted.

    Where there is no picture to count in, a score counts whatever the user says of counting.
    """
    if request.boxes:
        return len(request.boxes)
    in_score = request.players == "auto" and request.video is None and isinstance(score, Score)
    if request.players is not None and not in_score:
        return request.players
    return "auto" if isinstance(score, Absent) else len(score.parts)
