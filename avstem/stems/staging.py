"""The staging folder of a result: how it takes the place of an old one, and what the dead leave.

The old result goes first, its manifest before all else, then the new one comes, its manifest last.
Each step can be taken up where a process that was killed has left it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

RESULT_FILE = "result.json"
REPORT_FILE = "report.html"
EVIDENCE_FILE = "evidence.json"
_PREFIX = ".avstem-"
_GOING = ".replaced"  # in the staging folder: what of the old result is away
_GONE = ".cleared"  # the same when all of it is: from then on the new one comes
_KEPT = ".kept"  # in a staging folder that people were told of


def staging_name() -> str:
    """A name that is in use by this process alone, and tells which it is."""
    return f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}"


def install(staging: Path) -> None:
    """Put the result in ``staging`` in place of what lies in the folder that it is in.

    OSError when it cannot be moved; then, as after Ctrl-C, all is as before.
    """
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in _moves(staging, staging.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            moved.append((source, target))  # first: Ctrl-C may come right after the move
            source.rename(target)
    except BaseException:
        for source, target in reversed(moved):
            if not source.exists():
                target.rename(source)
        raise
    shutil.rmtree(staging, ignore_errors=True)


def settle(folder: Path, *, below: bool = False, process: int | None = None) -> None:
    """End what processes that are gone have begun in a folder, which need not be there.

    A result that was being moved into place is there afterwards; one that could not be moved stays
    where people were told (``keep``); all else is removed.

    below : in all folders below it too. process : one that is known to be gone, and no other.
    """
    pattern = f"{_PREFIX}{'[0-9]*' if process is None else process}-*"
    for staging in list(folder.rglob(pattern) if below else folder.glob(pattern)):
        if staging.is_dir() and (process is not None or not is_being_written(staging)):
            _settle(staging)


def _settle(staging: Path) -> None:
    if _was_moving(staging):
        with suppress(OSError):  # as it is: the next one tries again
            install(staging)
    elif not (staging / _KEPT).exists():  # else people were told where it is
        shutil.rmtree(staging, ignore_errors=True)


def keep(staging: Path) -> None:
    """Mark a whole result that could not be moved into place: ``settle`` leaves it alone."""
    with suppress(OSError):
        (staging / _KEPT).touch()


def is_being_written(staging: Path) -> bool:
    """Whether the process that made a staging folder still runs, as far as this system can tell."""
    number = staging.name.removeprefix(_PREFIX).partition("-")[0]
    if os.name != "posix" or not number.isdecimal():  # elsewhere asking would end the process
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    try:  # who has ended and was not asked how yet, as in a container without init, does no work
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def written_by_avstem(folder: Path) -> list[str]:
    """Files of the result in ``folder`` as relative paths, the manifest first; none without one."""
    names = _named(folder)
    return [name for name in names if (folder / name).is_file()]


def _moves(staging: Path, output: Path) -> Iterator[tuple[Path, Path]]:
    """Renames in order: the old result away, then the new one into place."""
    going, gone = staging / _GOING, staging / _GONE
    if not gone.exists():
        going.mkdir(exist_ok=True)
        for name in _named(going) or _named(output):
            if (output / name).is_file():
                yield output / name, going / name
        yield going, gone
    for file in sorted(_files(staging), key=lambda f: f.name == RESULT_FILE):
        target = output / file.relative_to(staging)
        if target.exists():  # the user's own file has a stem's name: it makes room, no more
            yield target, _free_name(target)
        yield file, target


def _was_moving(staging: Path) -> bool:
    begun = (staging / _GONE).exists() or (staging / _GOING / RESULT_FILE).exists()
    return begun and (staging / RESULT_FILE).exists()


def _named(folder: Path) -> list[str]:
    """What belongs to the result of a manifest, this first; none without a manifest."""
    try:
        manifest = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
        stems = [part["stem"] for part in manifest["parts"]]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    names = [n for n in stems if isinstance(n, str) and _is_inside(n)]
    return list(dict.fromkeys([RESULT_FILE, REPORT_FILE, EVIDENCE_FILE, *names]))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name)


def _files(staging: Path) -> list[Path]:
    """Of the new result."""
    away = {staging / _GOING, staging / _GONE, staging / _KEPT}
    return [p for p in staging.rglob("*") if p.is_file() and away.isdisjoint((p, *p.parents))]


def _free_name(path: Path) -> Path:
    n = 1
    while (free := path.with_name(f"{path.stem} (kept {n}){path.suffix}")).exists():
        n += 1
    return free
