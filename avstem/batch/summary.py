"""``summary.html``: one row per recording, those that need a person on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from avstem.batch.picture import manifest
from avstem.batch.quality import StemQuality, read_quality
from avstem.batch.records import PICTURES, State
from avstem.batch.state import Row
from avstem.errors import OutputError

if TYPE_CHECKING:
    import jinja2

LOW_CONFIDENCE = 0.6  # of a match or an alignment: worth a look
LOST = 0.5  # confidence of one second below which the score was hardly followed there
LOST_SHARE = 0.2  # of the seconds: worth a look
_RANK = {State.FAILED: 0, State.REFUSED: 1, State.DONE: 2, State.RUNNING: 3, State.QUEUED: 4}
SHARED = 0.12  # likeness of two stems: extrapolated, some 6 dB of SI-SDR (docs/batch.md)


@dataclass(frozen=True)
class Line:
    """One recording as the page shows it; links are relative to the page."""

    row: Row
    attention: tuple[str, ...]
    parts: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    alignment: float | None = None
    lost: float = 0.0
    seconds: float | None = None
    picture: str = ""
    report: str = ""

    @property
    def shared(self) -> float | None:
        """The worst sharing of two stems; None where it was not estimated."""
        found = [p["quality"].shared for p in self.parts if p["quality"]]
        return max(found) if len(found) > 1 else None

    @property
    def margin(self) -> float | None:
        """The smallest margin of a match; None where nobody was matched by evidence."""
        found = [p["margin"] for p in self.parts if p["player"] is not None and p["margin"]]
        return min(found) if found else None


def write_summary(path: Path, rows: Sequence[Row]) -> None:
    """Write the page whole or not at all; OutputError when it cannot be written."""
    lines = [_line(row, path.parent) for row in rows]
    lines.sort(key=lambda line: (not line.attention, _RANK[line.row.state]))  # stable: the plan's
    counts = {str(state): sum(row.state is state for row in rows) for state in State}
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
        told = str(row.reason or ("" if waits else "The result is gone."))
        return Line(row, (told,) if told else ())
    base = quote(row.folder)
    picture = folder / PICTURES / f"{row.id}.jpg"
    quality = read_quality(picture.with_suffix(".json"))
    parts = tuple(_part(part, base, quality) for part in result["parts"])
    found = result["alignment"] or {}
    alignment = float(found["confidence"]) if "confidence" in found else None
    seconds = found.get("confidence_per_s") or [1.0]
    line = Line(
        row,
        (),
        parts,
        tuple(result["warnings"]),
        alignment,
        sum(c < LOST for c in seconds) / len(seconds),
        result["samples"] / result["rate_hz"],
        f"{PICTURES}/{picture.name}" if picture.is_file() else "",
        f"{base}/report.html",
    )
    return replace(line, attention=tuple(_attention(line, bool(result["players"]))))


def _part(part: dict[str, Any], base: str, quality: dict[int, StemQuality]) -> dict[str, Any]:
    link = f"{base}/{quote(part['stem'])}" if part["stem"] else ""
    return part | {"link": link, "quality": quality.get(part["index"])}


def _attention(line: Line, picture: bool) -> Iterator[str]:
    """What a person should look at, in words; nothing where all went well."""
    if line.row.reason:  # of a recording that is done: its stems are not in the project
        yield f"Not in the project: {line.row.reason}"
    if line.alignment is not None and line.alignment < LOW_CONFIDENCE:
        yield f"The score follows the recording with confidence {line.alignment:.0%} only"
    elif line.lost > LOST_SHARE:
        yield f"The score was hardly followed in {line.lost:.0%} of the time"
    yield from _about_matches(line.parts, picture)
    yield from _about_sound(line.parts)


def _about_matches(parts: Sequence[dict[str, Any]], picture: bool) -> Iterator[str]:
    unsure = [p for p in parts if p["ambiguous"] or _is_low(p)]
    if unsure:
        told = ", ".join(f"{p['name']} ({p['confidence']:.0%})" for p in unsure)
        yield f"Uncertain who plays {told}; the report says why"
    for part in parts if picture else ():
        if part["player"] is None:
            yield f"{part['name']}: {part['why'] or 'nobody in the picture'}"


def _is_low(part: dict[str, Any]) -> bool:
    return part["player"] is not None and part["confidence"] < LOW_CONFIDENCE


def _about_sound(parts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Silent and clipped stems, and the two that are most alike, where they are too much so."""
    names = {part["index"]: part["name"] for part in parts}
    found: list[StemQuality] = [part["quality"] for part in parts if part["quality"]]
    for quality in found:
        if quality.silent:
            yield f"{names[quality.part]}: the stem is silent"
        if quality.clipped:
            yield f"{names[quality.part]}: {quality.clipped} samples at full scale or beyond"
    worst = max(found, key=lambda quality: quality.shared, default=None)
    if worst and worst.with_part is not None and worst.shared > SHARED:
        pair = " and ".join(names[index] for index in sorted((worst.part, worst.with_part)))
        yield f"{pair}: stems {worst.shared:.0%} alike, hardly told apart"


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(
        files("avstem.batch").joinpath("summary.html").read_text("utf-8")
    )
