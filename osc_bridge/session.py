"""The session model: a REAPER request as a job of the pipeline, and its result back in place.

Project time is known here and nowhere below. Media time, the pipeline's clock, starts with the
video's first frame; the file's own clock (source time) starts with its first stream, which is
what players of media files show as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from avstem.datatypes import Box, Condition, Score
from avstem.errors import MediaError, RequestError, ScoreError
from avstem.request import Request, StemFormat
from osc_bridge.notes import score_of
from osc_bridge.records import Item, JobRequest
from osc_bridge.timeline import Stretch, clip, nearest, stretches

MIN_LENGTH_S = 2.0
HANDLE_S = 2.0  # of sound beyond the items' edges, so that these can be moved a little
SYNC_TOLERANCE_S = 0.020  # half a frame: less cannot be seen


@dataclass(frozen=True)
class Placement:
    """One media item to make; ``offset_s`` counts in the stem's own time."""

    item: str
    position_s: float
    length_s: float
    offset_s: float
    playrate: float


@dataclass(frozen=True)
class Session:
    """The request with its time lines worked out.

    picture : stretches of the video items; empty without a picture.
    sound : stretches of the items whose sound is the mixture (the video's own, if no other).
    audio_offset_s : media time of the mixture file's first sample; 0 for the video's own sound.
    """

    request: JobRequest
    picture: tuple[Stretch, ...]
    sound: tuple[Stretch, ...]
    audio_offset_s: float

    @property
    def video(self) -> Path | None:
        """File of the picture."""
        return _file(self.request, "video")

    @property
    def audio(self) -> Path | None:
        """File of the mixture; None when the video brings it."""
        return _file(self.request, "audio")

    def to_media(self, project_s: float) -> float:
        """Media time at a project time, as heard; beyond the items the nearest one goes on."""
        return nearest(self.sound, project_s).to_source(project_s) + self.audio_offset_s

    def note_to_media(self, onset_s: float, offset_s: float) -> tuple[float, float]:
        """Media times of a note, both by the stretch of its onset: cuts do not tear it."""
        piece = nearest(self.sound, onset_s)
        return (
            piece.to_source(onset_s) + self.audio_offset_s,
            piece.to_source(offset_s) + self.audio_offset_s,
        )

    def to_project(self, media_s: float) -> tuple[float, ...]:
        """All project times at which a media time is heard."""
        source_s = media_s - self.audio_offset_s
        found = (piece.to_project(source_s) for piece in self.sound)
        return tuple(t for t, piece in zip(found, self.sound, strict=True) if _within(t, piece))

    @property
    def span_s(self) -> tuple[float, float]:
        """What the items play of the mixture's file, with handles; source time, whole seconds."""
        first_s = min(piece.source_s for piece in self.sound)
        last_s = max(piece.to_source(piece.end_s) for piece in self.sound)
        return (
            float(max(math.floor(first_s - HANDLE_S), 0)),
            float(max(math.ceil(last_s + HANDLE_S), 1)),
        )

    def placements(self, start_s: float) -> tuple[Placement, ...]:
        """Where a stem lies so that its sample n is under sample n of the mixture.

        start_s : media time of the stem's first sample (``Result.start_s``).
        """
        # The stem's first sample in source time: where the span begins (a whole second, which is a
        # whole sample), or where the sound does. The clock of a file with picture and sound starts
        # with the earlier of the two.
        head_s = self.span_s[0] if self.audio else max(start_s, self.span_s[0])
        placed = (self._placement(piece, head_s) for piece in self._selected())
        return tuple(p for p in placed if p is not None)

    def _selected(self) -> Iterator[Stretch]:
        span = self.request.time_selection
        for piece in sorted(self.sound, key=lambda p: p.position_s):
            found = clip(piece, *span) if span else piece
            if found is not None:
                yield found

    def _placement(self, piece: Stretch, head_s: float) -> Placement | None:
        # What plays before the file's first sample (a late or negative start) has no stem.
        sounding = clip(piece, piece.to_project(head_s), piece.end_s)
        if sounding is None:
            return None
        offset_s = max(sounding.source_s - head_s, 0.0)
        return Placement(
            piece.item, sounding.position_s, sounding.length_s, offset_s, piece.playrate
        )


def open_session(request: JobRequest) -> Session:
    """Work the time lines out.

    Raises
    ------
    RequestError
        For two videos or two mixtures, items that are too short, a mixture that runs at another
        speed than the picture or is cut against it.
    MediaError
        For a source file that is not there.

    """
    video, audio = _items(request, "video"), _items(request, "audio")
    for item in request.items:
        _require_file(Path(item.file))
    picture, own_sound = _stretches(video), _stretches(audio)
    sound = own_sound or picture
    _require_length(request, sound)
    offset_s = _audio_offset_s(picture, own_sound) if picture and own_sound else 0.0
    return Session(request, picture, sound, offset_s)


def pipeline_request(session: Session, output: Path) -> Request:
    """What the pipeline is asked for; ScoreError where there is no MIDI to follow but should be."""
    settings = session.request.settings
    return Request(
        score=_score(session),
        output=output,
        video=session.video,
        audio=session.audio,
        audio_offset_s=session.audio_offset_s,
        span_s=session.span_s,
        conditioning=frozenset(Condition(c) for c in settings.conditioning.split("+")),
        method=settings.method,
        players=settings.players,
        boxes=tuple(Box(*box) for box in settings.boxes),
        assignments=settings.assignments,
        stem_format=StemFormat(settings.stem_format),
        effects=Path(settings.effects) if settings.effects else None,
    )


def _score(session: Session) -> Score | None:
    if any(part.notes for part in session.request.parts):
        return score_of(session.request.parts, session.note_to_media)
    if "score" not in session.request.settings.conditioning.split("+"):
        return None
    raise ScoreError(
        "The selection holds no MIDI notes.",
        "Select the MIDI tracks of the score too, or separate by the players' movements.",
    )


def _items(request: JobRequest, role: str) -> list[Item]:
    found = [item for item in request.items if item.role == role]
    files = sorted({item.file for item in found})
    if len(files) > 1:
        kind = "videos" if role == "video" else "sound files"
        raise RequestError(
            f"One job takes one of each, found {len(files)} {kind}: {', '.join(files)}.",
            "Select the items of one recording, and run the action once for each recording.",
        )
    return found


def _stretches(items: list[Item]) -> tuple[Stretch, ...]:
    return tuple(piece for item in items for piece in stretches(item))


def _file(request: JobRequest, role: str) -> Path | None:
    found = _items(request, role)
    return Path(found[0].file) if found else None


def _require_file(path: Path) -> None:
    if not path.is_absolute():
        raise RequestError(
            f"Expected the absolute path of a media file, found {str(path)!r}.",
            "Save the project, so that its media have a place.",
        )
    if not path.is_file():
        raise MediaError(
            f"The media file {path} is not there.",
            "Bring it online or relink it; where REAPER runs in Flatpak or Windows and the "
            "service elsewhere, keep it in a folder that both see under this path.",
        )


def _require_length(request: JobRequest, sound: tuple[Stretch, ...]) -> None:
    length_s = sum(piece.length_s * piece.playrate for piece in sound)
    if length_s < MIN_LENGTH_S:
        raise RequestError(
            f"{request.name!r} lasts {length_s:.2f} s; at least {MIN_LENGTH_S:g} s are needed "
            "to tell players apart.",
            "Select a longer item.",
        )


def _audio_offset_s(picture: tuple[Stretch, ...], sound: tuple[Stretch, ...]) -> float:
    """Media time of the mixture's first sample, told by where the items lie over each other."""
    offsets = [_offset_s(nearest(picture, middle), piece) for piece, middle in _middles(sound)]
    spread = max((abs(b - a) for a, b in pairwise(sorted(offsets))), default=0.0)
    if spread > SYNC_TOLERANCE_S:
        raise RequestError(
            f"The mixture is cut against the picture: its items are {spread:.3f} s apart in it.",
            "Move the items back in step, glue the mixture, or select one piece of it.",
        )
    return offsets[0]


def _offset_s(picture: Stretch, sound: Stretch) -> float:
    if abs(picture.playrate - sound.playrate) > 1e-6 * picture.playrate:
        raise RequestError(
            f"The mixture plays at rate {sound.playrate:g}, the video at {picture.playrate:g}.",
            "Give both items the same play rate.",
        )
    return picture.to_source(sound.to_project(0.0))


def _middles(pieces: tuple[Stretch, ...]) -> Iterator[tuple[Stretch, float]]:
    return ((piece, piece.position_s + piece.length_s / 2) for piece in pieces)


def _within(project_s: float, piece: Stretch) -> bool:
    return piece.distance_s(project_s) <= 1e-9
