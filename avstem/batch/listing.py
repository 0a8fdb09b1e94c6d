"""A list of recordings: CSV with a header, or TOML with ``[[recording]]`` tables."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avstem.arguments import parse_players
from avstem.errors import RequestError
from avstem.request import Request

COLUMNS = ("name", "video", "score", "audio", "audio_offset_s", "audio_stream", "players", "method")


def read_list(path: Path) -> list[Mapping[str, Any]]:
    """Rows of a list as they are written.

    Raises RequestError for a file that cannot be read and for columns that are unknown.
    """
    try:
        rows = list(_toml(path) if path.suffix.lower() == ".toml" else _csv(path))
    except (OSError, ValueError, csv.Error) as error:
        raise RequestError(f"Cannot read the list {path}: {error}", "Save it as UTF-8.") from error
    for number, row in enumerate(rows, 1):
        unknown = sorted(set(map(str, row)) - set(COLUMNS))
        if unknown:
            raise RequestError(
                f"Row {number} of {path.name} has an unknown column {unknown[0]!r}.",
                f"Known: {', '.join(COLUMNS)}.",
            )
    return rows


def request_of(row: Mapping[str, Any], folder: Path) -> Request:
    """The request of a row; relative paths count from the list's folder."""
    values = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    if not (values["video"] or values["audio"]):
        raise RequestError(
            "A row needs a video or an audio file.",
            f"Found {', '.join(f'{k}={v}' for k, v in values.items() if v) or 'an empty row'}.",
        )
    try:
        return Request(
            score=folder / values["score"] if values["score"] else None,
            output=Path(),
            video=folder / values["video"] if values["video"] else None,
            audio=folder / values["audio"] if values["audio"] else None,
            audio_offset_s=float(values["audio_offset_s"] or 0.0),
            audio_stream=int(values["audio_stream"]) if values["audio_stream"] else None,
            players=parse_players(values["players"] or None),
            method=values["method"] or "default",
        )
    except ValueError as error:
        raise RequestError(f"A number was expected: {error}.", "Use a decimal point.") from error


def name_of(row: Mapping[str, Any]) -> str:
    """What the row is called."""
    file = str(row.get("video") or row.get("audio") or "recording")
    return str(row.get("name") or "").strip() or Path(file.replace("\\", "/")).stem


def _csv(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            if None in row:
                raise ValueError(f"a row has more values than the header: {row[None]}")
            yield {str(k).strip(): v for k, v in row.items()}


def _toml(path: Path) -> Iterator[Mapping[str, Any]]:
    data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    rows = data.get("recording")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("tables [[recording]] were expected")
    yield from rows
