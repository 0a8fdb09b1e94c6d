"""Inputs and outputs behind ``fsspec`` URLs: the only module that knows ``fsspec``.

The machine that plans sees a *mirror*: scores, lists and projects as they are, and a stand-in for
every other file that holds its URL and version, so that planning works as on a disk and a changed
file is another job. The worker fetches what its job reads into scratch, and sends the result away
file by file, ``result.json`` last: a folder that holds it holds a whole result.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from avstem.batch.digest import result_digest
from avstem.batch.records import Order
from avstem.errors import MediaError, MissingExtra, OutputError, RequestError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: C:// is a disk
_PLANNED_FROM = {".rpp", ".csv", ".toml", ".mid", ".midi", ".musicxml", ".mxl", ".xml"}
_MANIFEST = "result.json"


def is_url(text: str) -> bool:
    """Whether a text names a place of ``fsspec`` rather than a path."""
    return _URL.match(text) is not None


def local_name(url: str) -> str:
    """A short folder name for a URL, always the same."""
    return hashlib.blake2b(url.rstrip("/").encode(), digest_size=8).hexdigest()


def mirror(url: str, folder: Path) -> Path:
    """Lay out what is under a URL (beside it, of a list or project) in a local folder.

    Returns the path in the folder that stands for the URL. Raises MediaError when it cannot be
    read, MissingExtra when ``fsspec`` or what it needs for this kind of URL is not installed.
    """
    files, root = _open(url)
    shutil.rmtree(folder, ignore_errors=True)
    with _reading(url):
        single = files.isfile(root)
        top = root.rpartition("/")[0] if single else root.rstrip("/")
        found = files.find(top, detail=True)
        if not found:
            raise MediaError(f"Nothing lies at {url}.", "Check the address.")
        for path, about in found.items():
            inside = PurePosixPath(path[len(top) :].lstrip("/"))
            if not any(piece.startswith(".") for piece in inside.parts):
                _lay_out(files, path, about, folder / inside)
    return folder / root.rpartition("/")[2] if single else folder


def _lay_out(files: Any, path: str, about: dict[str, Any], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() in _PLANNED_FROM:
        files.get_file(path, str(target))
    elif target.name == _MANIFEST:
        target.touch()  # a finished result: not to be searched
    else:
        target.write_text(f"{files.unstrip_protocol(path)}\n{files.ukey(path)}\n", "utf-8")
    changed = about.get("mtime") or about.get("LastModified") or about.get("last_modified") or 0
    stamp = changed.timestamp() if isinstance(changed, datetime) else changed
    stamp = float(stamp) if isinstance(stamp, int | float) else 0.0
    os.utime(target, (stamp, stamp))


def url_of(path: Path, folder: Path, url: str) -> str:
    """The URL of what a path in the mirror stands for; ``url`` is what was mirrored."""
    files, root = _open(url)
    top = root.rpartition("/")[0] if files.isfile(root) else root.rstrip("/")
    return str(files.unstrip_protocol(f"{top}/{path.relative_to(folder).as_posix()}"))


def media_duration(url: str, measure: Callable[[Any], float]) -> float:
    """Seconds of a media file, of which no more is read than its header needs."""
    files, path = _open(url)
    with _reading(url), files.open(path, "rb") as file:
        return measure(file)


def version(url: str) -> str:
    """What changes whenever the file at a URL does; "" where there is none."""
    files, path = _open(url)
    with _reading(url):
        files.invalidate_cache()
        return str(files.ukey(path)) if files.exists(path) else ""


def pull(url: str, target: Path) -> None:
    """Make a local file what the remote one is; no file where there is none."""
    files, path = _open(url)
    with _reading(url):
        if files.exists(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            files.get_file(path, str(target))
        else:
            target.unlink(missing_ok=True)


def push(source: Path, url: str) -> None:
    """Send one file; under a temporary name first where the file system can rename in place."""
    files, path = _open(url)
    try:
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if "file" in _protocols(files):
            files.put_file(str(source), f"{path}.part")
            files.mv(f"{path}.part", path)
        else:  # stores of objects show an object when it is complete, and rename by copying
            files.put_file(str(source), path)
    except Exception as error:  # each file system has errors of its own
        raise OutputError(f"Cannot write {url}: {error}.", "Check the address and rights.") from (
            error
        )


@contextmanager
def at_hand(order: Order) -> Iterator[Order]:
    """The order with what it reads fetched; what it made is sent away on leaving without error."""
    away = order.away
    if away is None:
        yield order
        return
    with tempfile.TemporaryDirectory(prefix="avstem-away-") as scratch:
        here = Path(scratch)
        request = order.request
        for field, url in away.inputs:
            request = replace(request, **{field: _fetch(url, here / field)})  # type: ignore[arg-type]
        picture = order.picture
        if away.output:
            request = replace(request, output=here / "result")
            picture = here / "picture.jpg"
            pull(f"{away.output}/{_MANIFEST}", request.output / _MANIFEST)
        local = replace(order, request=request, picture=picture, away=None)
        before = result_digest(request.output)
        if away.output and before != order.before:
            _fetch_result(away.output, request.output)
        yield local
        if result_digest(request.output) != before:
            _name_sources(request.output, here, dict(away.inputs))
            if away.output:
                _send(request.output, away.output)
        for made in (picture, picture and picture.with_suffix(".json")) if away.output else ():
            if made is not None and made.is_file():
                push(made, f"{away.pictures}/{order.id}{made.suffix}")


def _fetch(url: str, folder: Path) -> Path:
    files, path = _open(url)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / PurePosixPath(path).name
    with _reading(url):
        files.get_file(path, str(target))
    return target


def _fetch_result(url: str, folder: Path) -> None:
    files, root = _open(url)
    with _reading(url):
        for path in files.find(root):
            target = folder / path[len(root) :].lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            files.get_file(path, str(target))


def _send(result: Path, url: str) -> None:
    """All files of a result; what an earlier one left there is gone before the first arrives."""
    files, root = _open(url)
    try:
        if files.exists(f"{root}/{_MANIFEST}"):
            files.rm_file(f"{root}/{_MANIFEST}")
    except Exception as error:
        raise OutputError(f"Cannot replace {url}: {error}.", "Check its rights.") from error
    sent = sorted(p for p in result.rglob("*") if p.is_file())
    for path in sorted(sent, key=lambda p: p.name == _MANIFEST):
        push(path, f"{url}/{path.relative_to(result).as_posix()}")


def _name_sources(result: Path, scratch: Path, inputs: dict[str, str]) -> None:
    """In manifest and report the URLs instead of the paths they were fetched to."""
    import json
    from html import escape

    from avstem.report import link

    manifest = result / _MANIFEST
    data = json.loads(manifest.read_text(encoding="utf-8"))
    report = result / "report.html"
    page = report.read_text(encoding="utf-8") if report.is_file() else ""
    for field, url in inputs.items():
        path = scratch / field / PurePosixPath(url).name
        data["settings"][field] = url
        for shown in (link(path, result) or "", str(path)):
            page = page.replace(escape(shown), escape(url))
    if page:
        _write(report, page)
    _write(manifest, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _open(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtra(
            "URLs need the package fsspec.", "Install it: pip install 'avstem[remote]'."
        ) from error
    try:
        files, path = url_to_fs(url)
    except ImportError as error:  # fsspec names the package that it lacks
        raise MissingExtra(f"{url}: {error}.", "Install it here and on all workers.") from error
    except ValueError as error:
        raise RequestError(f"{url}: {error}.", "Check the address.") from error
    return files, str(path)


def _protocols(files: Any) -> tuple[str, ...]:
    found = files.protocol
    return (found,) if isinstance(found, str) else tuple(found)


@contextmanager
def _reading(url: str) -> Iterator[None]:
    try:
        yield
    except MediaError:
        raise
    except Exception as error:  # each file system has errors of its own
        what = str(error) or type(error).__name__
        raise MediaError(f"Cannot read {url}: {what}.", "Check the address and rights.") from error
