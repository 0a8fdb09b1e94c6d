"""Recordings in folders, projects and lists: what is there, and why some cannot be done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from avstem.batch.belongings import BACKUP, PROJECT, lonely_backups, media_of
from avstem.batch.listing import name_of, read_list, request_of
from avstem.batch.records import Reason, Recording, Refused
from avstem.datatypes import Condition
from avstem.errors import AvstemError, MediaError, RequestError, ScoreError
from avstem.request import Request
from osc_bridge.records import Settings
from osc_bridge.rpp_items import PathMap, RppProject
from osc_bridge.rpp_session import job_requests, open_project
from osc_bridge.session import open_session, pipeline_request

VIDEOS = {".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mts"}
SCORES = {".mid", ".midi", ".musicxml", ".mxl", ".xml"}
_LISTS = {".csv", ".toml"}

Found = Recording | Refused


class ScoreFrom(StrEnum):
    """Where scores come from: the MIDI of projects, files beside videos, or whichever is there.

    NONE takes videos as they are and looks for no score at all.
    """

    AUTO = "auto"
    RPP = "rpp"
    FILE = "file"
    NONE = "none"


def media_duration(media: Any) -> float:
    """Seconds of a media file (path or open file) by its container; MediaError when it is none."""
    import av

    try:
        with av.open(str(media) if isinstance(media, Path) else media) as container:
            if container.duration:
                return float(container.duration) / float(av.time_base)
            lengths = [_stream_s(stream) for stream in container.streams]
    except (OSError, ValueError) as error:  # PyAV's errors are of these kinds
        raise MediaError(f"Cannot open {media}: {error}.", "Check that it plays.") from error
    return max(lengths, default=0.0)


@dataclass(frozen=True)
class Search:
    """How to look.

    settings : applied to every recording; a list may say otherwise for its rows.
    """

    score_from: ScoreFrom = ScoreFrom.AUTO
    settings: Request | None = None
    moved: PathMap = ()
    ignore_selection: bool = False
    duration: Callable[[Path], float] = media_duration

    def find(self, path: Path, output: Path) -> Iterator[Found]:
        """Recordings in a folder (and below it), of a project, or of a list."""
        suffix = path.suffix.lower()
        if path.is_dir():
            yield from self._walk(path, output.resolve())
        elif suffix == BACKUP:
            yield _refused(path, _backup_error(path))
        elif suffix == PROJECT:
            yield from self._recordings(self._open(path, path.parent), path.parent)
        elif suffix in _LISTS:
            yield from self._list(path)
        else:
            raise RequestError(
                f"A folder, a project (.rpp) or a list (.csv, .toml) was expected, found {path}.",
                "Check the path." if not path.exists() else "One recording: avstem separate.",
            )

    def _walk(self, root: Path, output: Path) -> Iterator[Found]:
        closed: list[OSError] = []
        folders = list(_folders(root, output, closed))
        used: set[Path] = set()  # by projects: no recordings of their own
        if self.score_from in (ScoreFrom.AUTO, ScoreFrom.RPP):
            everything = [path for paths in folders for path in paths]
            for path in filter(_is_project, everything):
                project = self._open(path, root)
                used |= set() if isinstance(project, Refused) else media_of(project)
                yield from self._recordings(project, root)
            for backup in lonely_backups(everything):
                yield _refused(backup, _backup_error(backup))
        for paths in folders:
            if self.score_from in (ScoreFrom.FILE, ScoreFrom.NONE) or (
                self.score_from is ScoreFrom.AUTO and not any(map(_is_project, paths))
            ):
                yield from self._pairs([p for p in paths if p.resolve() not in used], root)
        for error in closed:
            what = f"The folder {error.filename} cannot be read: {error.strerror}."
            yield _refused(Path(str(error.filename)), MediaError(what, "Check its rights."))

    def _open(self, path: Path, root: Path) -> RppProject | Refused:
        try:
            return open_project(path, self.moved)
        except AvstemError as error:
            return Refused(_group(path, root), path, Reason.of(error))

    def _recordings(self, project: RppProject | Refused, root: Path) -> Iterator[Found]:
        if isinstance(project, Refused):
            yield project
            return
        path, group = project.path, _group(project.path, root)
        try:
            jobs = job_requests(
                project,
                self.rpp_settings(),
                self.duration,
                ignore_selection=self.ignore_selection,
            )
        except AvstemError as error:
            yield Refused(group, path, Reason.of(error))
            return
        for job in jobs:
            try:
                request = pipeline_request(open_session(job), Path())
            except AvstemError as error:
                yield Refused(f"{group}: {job.name}", path, Reason.of(error))
            else:
                yield Recording(job.name, group, path, self._with_settings(request), job)

    def _pairs(self, paths: list[Path], root: Path) -> Iterator[Found]:
        videos = [p for p in paths if p.suffix.lower() in VIDEOS]
        scores = [p for p in paths if p.suffix.lower() in SCORES]
        if self.score_from is ScoreFrom.NONE:
            scores = []
        used = set()
        for video in videos:
            score = _score_for(video, videos, scores)
            used.add(score)
            request = self._with_settings(Request(score=score, output=Path(), video=video))
            if score is None and Condition.SCORE in request.conditioning:
                what = f"No score lies beside {video.name} ({len(scores)} score(s) in the folder)."
                hint = "Give the score the video's name, write a list, or --conditioning motion."
                yield _refused(video, ScoreError(what, hint))
            else:
                group = video.parent.relative_to(root).as_posix()
                yield Recording(video.stem, group, video, request)
        for score in scores:
            if score not in used:
                what = f"No video lies beside the score {score.name}."
                yield _refused(score, MediaError(what, "Give both the same name, or write a list."))

    def _list(self, path: Path) -> Iterator[Found]:
        for row in read_list(path):
            name = name_of(row)
            try:
                request = self._listed(request_of(row, path.parent))
            except AvstemError as error:
                yield Refused(name, path, Reason.of(error))
            else:
                yield Recording(name, ".", request.video or path, request)

    def _listed(self, row: Request) -> Request:
        """A row's request; what the row says of players and method wins."""
        _require_files(row)
        general = self.settings or row
        players = general.players if row.players is None else row.players
        method = general.method if row.method == "default" else row.method
        request = replace(self._with_settings(row), players=players, method=method)
        _require_conditions(request)
        return request

    def _with_settings(self, request: Request) -> Request:
        general = self.settings
        if general is None:
            return request
        return replace(
            request,
            conditioning=general.conditioning,
            method=general.method,
            players=general.players,
            stem_format=general.stem_format,
            effects=general.effects,
            cache=general.cache,
            stem_name=general.stem_name,
        )

    def rpp_settings(self) -> Settings:
        """The settings of a project's requests."""
        if self.settings is None:
            return Settings()
        return Settings(conditioning="+".join(sorted(self.settings.conditioning)))


def _stream_s(stream: Any) -> float:
    return float(stream.duration * stream.time_base) if stream.duration else 0.0


def _score_for(video: Path, videos: list[Path], scores: list[Path]) -> Path | None:
    same = [score for score in scores if score.stem.lower() == video.stem.lower()]
    if len(same) == 1 or (same and len({s.suffix for s in same}) == len(same)):
        return same[0]
    return scores[0] if len(videos) == len(scores) == 1 else None


def _require_files(request: Request) -> None:
    for path in (request.video, request.audio, request.score):
        if isinstance(path, Path) and not path.is_file():
            raise MediaError(f"The file {path} is not there.", "Correct the path in the list.")


def _require_conditions(request: Request) -> None:
    wanted = request.conditioning
    if Condition.SCORE in wanted and request.score is None:
        hint = "Name it in the list, or separate without: --conditioning motion."
        raise ScoreError("The row has no score.", hint)
    if Condition.MOTION in wanted and request.video is None:
        hint = "Name it in the list, or separate without: --conditioning score or audio."
        raise MediaError("The row has no video, and movement was asked for.", hint)
    if wanted == {Condition.AUDIO} and not (request.video or request.score or request.players):
        raise RequestError(
            "How many sources the sound holds is not known: the row has no video and no score.",
            "Say how many in the list's column players, or with --players.",
        )


def _folders(root: Path, output: Path, closed: list[OSError]) -> Iterator[list[Path]]:
    """The files of each folder that is searched; ``closed`` takes those that cannot be read."""
    for name, folders, files in os.walk(root, onerror=closed.append):
        here = Path(name)
        folders[:] = sorted(f for f in folders if _is_searched(here / f, output))
        yield [here / file for file in sorted(files) if not file.startswith(".")]


def _is_searched(folder: Path, output: Path) -> bool:
    """Not into hidden folders, results, or the batch's own output."""
    hidden = folder.name.startswith(".")
    return not (hidden or folder.resolve() == output or (folder / "result.json").is_file())


def _is_project(path: Path) -> bool:
    return path.suffix.lower() == PROJECT


def _group(project: Path, root: Path) -> str:
    return project.relative_to(root).with_suffix("").as_posix()


def _backup_error(path: Path) -> MediaError:
    return MediaError(
        f"{path.name} is a backup that REAPER made.",
        "Name its project, or rename the backup to .rpp if the project is lost.",
    )


def _refused(path: Path, error: AvstemError) -> Refused:
    return Refused(path.name, path, Reason.of(error))
