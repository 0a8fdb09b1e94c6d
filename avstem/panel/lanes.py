"""Who plays when, under the picture: one lane per part, on the time line of the slider."""

from __future__ import annotations

import numpy as np
from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from avstem.panel import theme
from avstem.panel.layouts import clock
from avstem.panel.model import Lanes, Row
from avstem.panel.presenter import Presenter

_HEIGHT_PX = 44
_EDGE_PX = 5.0  # half the slider's handle: so far its line is drawn in
_PLAYING = 0.5
_UNKNOWN = 0.5  # exactly: the movement tells nothing


class LanesView(QWidget):
    """A lane is bright where its part plays; click to go there."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.setFixedHeight(_HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName(self.tr("Who plays when"))

    def sizeHint(self) -> QSize:
        """The same for every job, so that nothing jumps."""
        return QSize(320, _HEIGHT_PX)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Movement above, score below where both are known; then the cursor."""
        painter = QPainter(self)
        rows, found = self._presenter.rows, self._activity()
        if rows and not found:
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(self.rect(), Qt.AlignVCenter, self._unknown())
        high = self.height() / max(len(rows), 1)
        found = found if high >= 4 else found[-1:]  # no two lanes in so little room
        for row in rows if found else ():
            for part, lanes in enumerate(found):
                top = row.index * high + part * high / len(found)
                band = QRectF(_EDGE_PX, top, self._wide(), high / len(found))
                self._paint_lane(painter, band, row, lanes)
        if found:
            x = _EDGE_PX + self._presenter.time_s / self._length_s() * self._wide()
            painter.fillRect(QRectF(x - 1, 0, 2, self.height()), QColor(theme.ACCENT))

    def _paint_lane(self, painter: QPainter, band: QRectF, row: Row, lanes: Lanes) -> None:
        gap = 1.0 if band.height() > 4 else 0.0
        colour = QColor(row.colour)
        colour.setAlphaF(0.10)
        painter.fillRect(band.adjusted(0, gap, 0, 0), colour)
        colour.setAlphaF(0.6 if lanes.of_players else 0.95)
        line = playing_of(lanes, row)
        self._fill(painter, band.adjusted(0, gap, 0, 0), lanes, stretches(line > _PLAYING), colour)
        if lanes.of_players:
            unseen = band.adjusted(0, 0.25 * band.height(), 0, -0.25 * band.height())
            self._fill(painter, unseen, lanes, stretches(line == _UNKNOWN), QColor(theme.QUIET))

    def _fill(
        self,
        painter: QPainter,
        band: QRectF,
        lanes: Lanes,
        spans: list[tuple[int, int]],
        colour: QColor,
    ) -> None:
        scale = self._wide() / self._length_s()
        for start, end in spans:
            left_s, right_s = (lanes.start_s + k * lanes.step_s for k in (start, end))
            left = band.left() + max(left_s, 0.0) * scale
            wide = min(right_s, self._length_s()) * scale + band.left() - left
            painter.fillRect(QRectF(left, band.top(), wide, band.height()), colour)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a time."""
        if event.button() == Qt.LeftButton and self._presenter.duration_s:
            self._presenter.seek(self._time_s(QPointF(event.pos()).x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag through the time."""
        if event.buttons() & Qt.LeftButton and self._presenter.duration_s:
            self._presenter.seek(self._time_s(QPointF(event.pos()).x()))

    def event(self, event: QEvent) -> bool:
        """Say what a place in a lane means."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            at = event.pos()
            QToolTip.showText(event.globalPos(), self.meaning(at.x(), at.y()), self)
            return True
        return bool(super().event(event))

    def meaning(self, x: float, y: float) -> str:
        """What is known of the part under a point, in words."""
        rows, found = self._presenter.rows, self._activity()
        if not rows or not found:
            return self._unknown()
        row = rows[min(max(int(y / self.height() * len(rows)), 0), len(rows) - 1)]
        time_s = self._time_s(x)
        words = [f"{row.name} · {clock(time_s)}"]
        for lanes in found:
            line = playing_of(lanes, row)
            step = int((time_s - lanes.start_s) / lanes.step_s)
            plays = 0 <= step < len(line) and line[step] > _PLAYING
            by_motion = self.tr("moves as if playing"), self.tr("does not move as if playing")
            by_score = self.tr("plays by the score"), self.tr("rests by the score")
            if lanes.of_players and not plays and (step >= len(line) or line[step] == _UNKNOWN):
                words.append(self.tr("movement tells nothing"))
            else:
                words.append((by_motion if lanes.of_players else by_score)[0 if plays else 1])
        return "\n".join(words)

    def _unknown(self) -> str:
        return self.tr("Not known for this job") if self._presenter.rows else ""

    def _activity(self) -> tuple[Lanes, ...]:
        showing = self._presenter.showing
        return showing.activity if showing else ()

    def _wide(self) -> float:
        return max(self.width() - 2 * _EDGE_PX, 1.0)

    def _length_s(self) -> float:
        return max(self._presenter.duration_s, 1e-3)

    def _time_s(self, x: float) -> float:
        return min(max((x - _EDGE_PX) / self._wide(), 0.0), 1.0) * self._length_s()


def playing_of(lanes: Lanes, row: Row) -> np.ndarray:
    """(steps,) of a part: its own by the score, that of its player by the movement."""
    line = row.found if lanes.of_players else row.index
    return lanes.playing[line] if 0 <= line < len(lanes.playing) else np.zeros(0)


def stretches(where: np.ndarray) -> list[tuple[int, int]]:
    """First step and step after the last of each stretch (steps,) that is true."""
    on = np.concatenate([[False], np.asarray(where, bool), [False]])
    edges = np.flatnonzero(on[1:] != on[:-1])
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
