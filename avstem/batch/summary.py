"""``summary.html``: one row per recording, those that need a person on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from avstem.batch.picture import manifest
from avstem.batch.records import PICTURES, State
from avstem.batch.state import Row
from avstem.errors import OutputError

if TYPE_CHECKING:
    import jinja2

LOW_CONFIDENCE = 0.6  # of a match or an alignment: worth a look


@dataclass(frozen=True)
class Line:
    """One recording as the page shows it; links are relative to the page."""

    row: Row
    attention: tuple[str, ...]
    parts: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    alignment: float | None = None
    seconds: float | None = None
    picture: str = ""
    report: str = ""


def write_summary(path: Path, rows: Sequence[Row]) -> None:
    """Write the page whole or not at all; OutputError when it cannot be written."""
    lines = [_line(row, path.parent) for row in rows]
    lines.sort(key=lambda line: not line.attention)  # stable: else the order of the plan
    counts = {state: sum(row.state is state for row in rows) for state in State}
    text = _template().render(lines=lines, counts=counts, total=len(rows))
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(text, encoding="utf-8", errors="replace")
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}.", "Make room there."
        ) from error


def _line(row: Row, folder: Path) -> Line:
    result = manifest(folder / row.folder) if row.folder and row.state is State.DONE else None
    if row.folder is None or result is None:
        waits = row.state in (State.QUEUED, State.RUNNING)
        return Line(row, () if waits else (str(row.reason or "The result is gone."),))
    base = quote(row.folder)
    parts = tuple(_part(part, base) for part in result["parts"])
    alignment = float(result["alignment"].get("confidence", 0.0)) if result["alignment"] else None
    picture = folder / PICTURES / f"{row.id}.jpg"
    return Line(
        row,
        tuple(_attention(row, parts, alignment, bool(result["players"]))),
        parts,
        tuple(result["warnings"]),
        alignment,
        result["samples"] / result["rate_hz"],
        f"{PICTURES}/{picture.name}" if picture.is_file() else "",
        f"{base}/report.html",
    )


def _part(part: dict[str, Any], base: str) -> dict[str, Any]:
    link = f"{base}/{quote(part['stem'])}" if part["stem"] else ""
    return part | {"link": link}


def _attention(
    row: Row, parts: Sequence[dict[str, Any]], alignment: float | None, picture: bool
) -> list[str]:
    found = []
    if row.reason:  # of a recording that is done: its stems are not in the project
        found.append(f"Not in the project: {row.reason}")
    found += [f"{p['name']}: the match is ambiguous" for p in parts if p["ambiguous"]]
    if alignment is not None and alignment < LOW_CONFIDENCE:
        found.append(f"The score follows the recording with confidence {alignment:.0%} only")
    for part in parts if picture else ():
        if part["player"] is None:
            found.append(f"{part['name']}: {part['why'] or 'nobody in the picture'}")
        elif part["confidence"] < LOW_CONFIDENCE and not part["ambiguous"]:
            found.append(f"{part['name']}: confidence {part['confidence']:.0%} only")
    return found


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(
        files("avstem.batch").joinpath("summary.html").read_text("utf-8")
    )
