"""The plan: every recording with its folder and its id; what collides is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from avstem.batch.digest import FileDigest, job_id
from avstem.batch.find import Found
from avstem.batch.names import Names
from avstem.batch.records import PICTURES, Job, Plan, Reason, Recording, Refused
from avstem.errors import AvstemError
from avstem.request import Request


def make_plan(found: Iterable[Found], output: Path, names: Names, of_file: FileDigest) -> Plan:
    """Jobs for all recordings that have a folder of their own; the rest refused, with reasons."""
    everything = list(found)
    recordings = [one for one in everything if isinstance(one, Recording)]
    refused = [one for one in everything if isinstance(one, Refused)]
    folders = [names.folder_of(r.group, r.name) for r in recordings]
    count = Counter(folder.casefold() for folder in folders)
    jobs = []
    for recording, folder in zip(recordings, folders, strict=True):
        if why := _collision(folder, count):
            refused.append(_refused(recording, why))
            continue
        try:
            jobs.append(_job(recording, folder, output, names, of_file))
        except AvstemError as error:
            refused.append(Refused(recording.name, recording.source, Reason.of(error)))
    return Plan(tuple(jobs), tuple(refused))


def _job(recording: Recording, folder: str, output: Path, names: Names, of_file: FileDigest) -> Job:
    request = replace(
        recording.request,
        output=output / folder,
        stem_name=names.stem,
        made=_made(recording.request),
    )
    return Job(job_id(request, folder, of_file), folder, recording, request)


def _made(request: Request) -> datetime:
    """The recording's own time: stems of the same job are the same files whenever it runs."""
    source = request.video or request.audio
    stamp = source.stat().st_mtime if source and source.is_file() else 0.0
    return datetime.fromtimestamp(int(stamp))


def _collision(folder: str, count: Mapping[str, int]) -> str:
    """What keeps a folder from being a recording's own; "" for nothing.

    count : recordings by folder, in lower case as some disks see it.
    """
    name = PurePosixPath(folder.casefold())
    if count[str(name)] > 1:
        return f"{count[str(name)]} recordings would share the folder {folder!r}."
    if any(str(above) in count for above in name.parents):
        return f"Its folder {folder!r} would lie in the folder of another recording."
    if name.parts[0] == PICTURES:
        return f"The folder {PICTURES!r} is where the batch keeps its own pictures."
    return ""


def _refused(recording: Recording, why: str) -> Refused:
    hint = "Rename their items or files, or give --name with {project} and {name}."
    return Refused(recording.name, recording.source, Reason("RequestError", why, hint))
