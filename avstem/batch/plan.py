"""The plan: every recording with its folder and its id; what collides is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from avstem.batch.digest import FileDigest, job_id
from avstem.batch.find import Found
from avstem.batch.names import Names
from avstem.batch.records import Job, Plan, Reason, Recording, Refused
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
        if count[folder.casefold()] > 1:
            refused.append(_collision(recording, folder, count[folder.casefold()]))
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


def _collision(recording: Recording, folder: str, count: int) -> Refused:
    return Refused(
        recording.name,
        recording.source,
        Reason(
            "RequestError",
            f"{count} recordings would share the folder {folder!r}.",
            "Rename their items or files, or give --name with {project} and {name}.",
        ),
    )
