"""``report.html``: one page without anything outside it but the stems beside it."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avstem.datatypes import Absent, Alignment, Players
from avstem.errors import OutputError
from avstem.report.data import ReportData
from avstem.report.figures import (
    PLOT_HEIGHT,
    PLOT_WIDTH,
    AlignmentFigure,
    alignment_figure,
    clock,
)
from avstem.report.lanes import lane_figure
from avstem.report.packing import page_data
from avstem.report.rows import box_marks, matrix, part_rows, spot_marks

if TYPE_CHECKING:
    import jinja2

JPEG_QUALITY = 82


def write_report(path: Path, data: ReportData) -> None:
    """Write the page to ``path``; its links to the stems are relative to that folder.

    Raises
    ------
    OutputError
        The file cannot be written.

    """
    text = render(data)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}.", "Choose another folder."
        ) from error


def render(data: ReportData) -> str:
    """The page as text. Names, paths and messages are escaped: autoescape is on."""
    players = data.players if isinstance(data.players, Players) else None
    rows = part_rows(data)
    return _template().render(
        data=data,
        style=_own_text("page.css"),
        script=_own_text("page.js"),
        rows=rows,
        players=players,
        no_players="" if players else _why_absent(data),
        boxes=box_marks(players, rows) if players else [],
        spots=spot_marks(data, rows),
        lanes=lane_figure(data, rows),
        jpeg=_jpeg(data.picture),
        matrix=matrix(data),
        figure=_figure(data.alignment),
        plot=(PLOT_WIDTH, PLOT_HEIGHT),
        page=page_data(data),
        total_s=sum(data.timings_s.values()),
    )


def _figure(alignment: Alignment | Absent) -> AlignmentFigure | None:
    return None if isinstance(alignment, Absent) else alignment_figure(alignment)


@cache
def _template() -> jinja2.Template:
    import jinja2  # lazily: only a finished job needs it

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"clock": clock, "percent": _percent, "level": _level}
    return environment.from_string(_own_text("page.html"))


def _own_text(name: str) -> str:
    return files("avstem.report").joinpath(name).read_text("utf-8")


def _why_absent(data: ReportData) -> str:
    return getattr(data.players, "why", "there is no picture")


def _jpeg(picture: NDArray[np.uint8] | None) -> str:
    """A picture as base64 JPEG, "" for none."""
    if picture is None:
        return ""
    import cv2

    bgr = np.ascontiguousarray(picture[:, :, ::-1])
    _, code = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return base64.b64encode(code.tobytes()).decode()


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _level(level_db: float) -> str:
    return "silent" if level_db <= -150.0 else f"{level_db:.1f} dB".replace("-", "−")
