"""What a job is asked to do: one frozen record that every front end fills in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from avstem.datatypes import Box, Condition, Score, conditioning_name


class StemFormat(StrEnum):
    """How stems are stored; ``FLOAT`` is the only one that can never clip."""

    FLOAT = "wav32"
    PCM24 = "wav24"
    FLAC = "flac"


@dataclass(frozen=True)
class Request:
    """One job.

    score : a MIDI or MusicXML file, a score already read (from a DAW session), or None. It names
        the stems, except where ``conditioning`` is the sound alone.
    video : the performance video, or None for sound only.
    audio : the mixture, or None to take it from the video.
    audio_offset_s : media time of the mixture's first sample when ``audio`` is given.
    span_s : stretch of the sound to work on, on the clock of its file (0 where the earliest of the
        file's streams begins); None for all of it. The picture is looked at as a whole.
    audio_stream : which audio stream of the video to take (from 0), None for the default one.
    players : number of visible players, "auto" to choose it by BIC, None for one per part, which
        is "auto" without a score. Of sources, where ``conditioning`` is the sound alone.
    boxes : the players' boxes given by the user, in any order; overrides ``players``.
    assignments : (part name, player) pairs fixed by the user; player None means off-screen.
    method : separation method; "default" is the best one for the conditioning.
    cache : folder of the motion cache, None for the user's cache folder.
    stem_name : template of the stems' file names (docs/batch.md), "" for number and part.
    made : time that the stems state as their origin, None for now.
    """

    score: Path | Score | None
    output: Path
    video: Path | None = None
    audio: Path | None = None
    audio_offset_s: float = 0.0
    audio_stream: int | None = None
    span_s: tuple[float, float] | None = None
    conditioning: frozenset[Condition] = frozenset({Condition.SCORE})
    method: str = "default"
    players: int | Literal["auto"] | None = None
    boxes: tuple[Box, ...] = ()
    assignments: tuple[tuple[str, int | None], ...] = ()
    stem_format: StemFormat = StemFormat.FLOAT
    effects: Path | None = None
    overwrite: bool = False
    cache: Path | None = field(default=None)
    stem_name: str = ""
    made: datetime | None = None

    def settings(self) -> dict[str, object]:
        """What was asked for, as plain values for the manifest."""
        return {
            "video": _text(self.video),
            "audio": _text(self.audio),
            "audio_offset_s": self.audio_offset_s,
            "audio_stream": self.audio_stream,
            "span_s": None if self.span_s is None else list(self.span_s),
            "score": "session" if isinstance(self.score, Score) else _text(self.score),
            "conditioning": conditioning_name(self.conditioning),
            "method": self.method,
            "players": self.players,
            "boxes": [[b.x0, b.y0, b.x1, b.y1] for b in self.boxes],
            "assignments": dict(self.assignments),
            "stem_format": str(self.stem_format),
            "effects": _text(self.effects),
        }


def printable(path: Path) -> str:
    """A path as text that every file can hold; bytes that are no text become question marks."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _text(path: Path | None) -> str | None:
    return None if path is None else printable(path)
