"""Project files changed as a whole or not at all: stems in and out, a backup before."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from avstem.errors import OutputError, RequestError
from osc_bridge.rpp_edit import Text
from osc_bridge.rpp_stems import with_stems, without_stems
from osc_bridge.spool import Spool, read_json_or_none

_FRESH_S = 10.0  # age of a heartbeat that still counts
_BACKUP = "-before-avstem"  # behind the whole name: no project is called so


def insert_stems(path: Path, delivery: Mapping[str, Any], spool: Path | None = None) -> bool:
    """Add the stems of a delivery (docs/spool.md) to a project file; False if they are there.

    Raises
    ------
    RequestError
        REAPER has the project open, or it was changed in this moment.
    MediaError
        The file is no project any more.
    OutputError
        The file or its backup cannot be written.

    """
    _require_closed(path, spool)
    data = _read(path)
    changed = with_stems(data, delivery)
    if changed == data:
        return False
    _back_up(path, data)
    _replace(path, data, changed)
    return True


def remove_stems(path: Path, family: str, spool: Path | None = None) -> bool:
    """Take out what ``insert_stems`` added for a family; False if nothing of it is there."""
    _require_closed(path, spool)
    data = _read(path)
    changed = without_stems(data, family)
    if changed == data:
        return False
    _replace(path, data, changed)
    return True


def _require_closed(path: Path, spool: Path | None) -> None:
    """RequestError while REAPER runs our scripts and may have the project open."""
    beat = read_json_or_none(Spool(spool).reaper) if spool else None
    if not beat or time.time() - float(beat.get("heartbeat_s") or 0.0) > _FRESH_S:
        return
    projects = beat.get("projects")
    if isinstance(projects, list) and str(path.resolve()) not in map(_resolved, projects):
        return
    raise RequestError(
        f"REAPER has the project {path.name!r} open.",
        "Close it there and run the batch again: stems that are done go in without new work.",
    )


def _resolved(path: object) -> str:
    return str(Path(str(path)).resolve())


def _read(path: Path) -> Text:
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        raise OutputError(f"Cannot read {path}: {error.strerror or error}.") from error


def _back_up(path: Path, text: Text) -> None:
    """Keep the bytes beside the project, unless an earlier backup holds the same."""
    data = text.encode("utf-8", errors="surrogateescape")
    names = (f"{path.name}{_BACKUP}{'' if n == 1 else f'-{n}'}" for n in count(1))
    backup = next(b for b in map(path.with_name, names) if _is_for(b, data))
    if not backup.exists():
        _write(backup, data, path)


def _is_for(backup: Path, data: bytes) -> bool:
    return not backup.exists() or backup.read_bytes() == data


def _replace(path: Path, before: Text, after: Text) -> None:
    if _read(path) != before:
        raise RequestError(f"{path.name} was saved in this moment.", "Run the batch again.")
    _write(path, after.encode("utf-8", errors="surrogateescape"), path)


def _write(path: Path, data: bytes, like: Path) -> None:
    """Write whole or not at all, with the rights of ``like``."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".avstem-rpp-")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(like, temporary)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}.", "Make the folder writable."
        ) from error
