"""The content of a job as one number: files by what is in them, settings, version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from avstem import __version__
from avstem.datatypes import Score
from avstem.errors import MediaError
from avstem.request import Request

_CHUNK = 1 << 22
_FILES = ("video", "audio", "score", "effects")

FileDigest = Callable[[Path], str]


def file_digest(path: Path) -> str:
    """Digest of a file's content; MediaError when it cannot be read."""
    digest = hashlib.blake2b(digest_size=20)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise MediaError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path and its rights."
        ) from error
    return digest.hexdigest()


def job_id(request: Request, folder: str, of_file: FileDigest) -> str:
    """Name of a job by all that its result depends on, and by its place."""
    content = request.settings() | {
        name: of_file(path) for name in _FILES if isinstance(path := getattr(request, name), Path)
    }
    if isinstance(request.score, Score):
        content["score"] = _score_digest(request.score)
    content |= {"folder": folder, "version": __version__, "stem_name": request.stem_name}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=10).hexdigest()


def result_digest(folder: Path) -> str:
    """Digest of the result that lies in a folder; "" for none."""
    manifest = folder / "result.json"
    return file_digest(manifest) if manifest.is_file() else ""


def _score_digest(score: Score) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for part in score.parts:
        digest.update(repr((part.index, part.name, part.instrument)).encode(errors="replace"))
        notes = part.notes
        for column in (notes.onsets_s, notes.offsets_s, notes.pitches, notes.velocities):
            digest.update(column.tobytes())
    return digest.hexdigest()
