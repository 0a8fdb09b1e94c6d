"""How well every part goes with every player, as a picture to click in."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QWidget

from avstem.panel import theme
from avstem.panel.model import NOBODY
from avstem.panel.presenter import Presenter


class MatrixView(QWidget):
    """All scores, parts down and players across; the chosen matching is framed."""

    def __init__(self, presenter: Presenter, compare: Any) -> None:
        super().__init__()
        self._presenter = presenter
        self._compare = compare
        self._pair = (-1, NOBODY)
        self.setMinimumHeight(70)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setAccessibleName(self.tr("Scores of all parts and players"))

    def sizeHint(self) -> QSize:
        """Room for a quartet."""
        return QSize(320, 130)

    def show_pair(self, row: int, player: int) -> None:
        """Frame the pair whose curve is drawn."""
        self._pair = (row, player)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Cells by score: the brighter, the better they go together."""
        painter = QPainter(self)
        scores, rows = self._scores(), self._presenter.rows
        if scores is None:
            return
        most = max(float(np.max(scores)), 1e-9)
        for part in range(min(len(rows), scores.shape[0])):
            for player in range(scores.shape[1]):
                rect = self._cell(part, player)
                colour = QColor(rows[part].colour)
                share = max(0.0, float(scores[part, player]) / most)
                colour.setAlphaF(0.06 + 0.8 * share)
                gap = 1 if min(rect.width(), rect.height()) > 6 else 0
                painter.fillRect(rect.adjusted(gap, gap, -gap, -gap), colour)
                if rows[part].player == player and gap:
                    painter.setPen(QColor(rows[part].colour))
                    painter.drawRect(rect.adjusted(1, 1, -2, -2))
                if (part, player) == self._pair:
                    painter.setPen(QColor("#ffffff"))
                    painter.drawRect(rect.adjusted(0, 0, -1, -1))
                if rect.height() > 12 and rect.width() > 26:
                    painter.setPen(QColor(_readable_on(colour)))
                    painter.drawText(
                        rect, Qt.AlignCenter, f"{round(scores[part, player], 1) + 0.0:.1f}"
                    )
        self._label(painter, scores.shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Compare another pair."""
        found = self._at(QPointF(event.pos()))
        if found is not None:
            self._compare(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from pair to pair."""
        steps = {
            Qt.Key_Up: (-1, 0),
            Qt.Key_Down: (1, 0),
            Qt.Key_Left: (0, -1),
            Qt.Key_Right: (0, 1),
        }
        scores, step = self._scores(), steps.get(event.key())
        if scores is None or step is None:
            super().keyPressEvent(event)
            return
        row = min(max(self._pair[0] + step[0], 0), scores.shape[0] - 1)
        self._compare(row, min(max(self._pair[1] + step[1], 0), scores.shape[1] - 1))

    def event(self, event: QEvent) -> bool:
        """Say what a cell is."""
        if event.type() == QEvent.ToolTip:
            found = self._at(QPointF(event.pos()))  # type: ignore[attr-defined]
            if found is not None:
                name = self._presenter.rows[found[0]].name
                self.setToolTip(self.tr("{0} × Player {1}").format(name, found[1]))
        return bool(super().event(event))

    def _scores(self) -> Any:
        showing = self._presenter.showing
        scores = showing.evidence.scores if showing and showing.evidence else None
        return scores if scores is not None and scores.size else None

    def _cell(self, part: int, player: int) -> QRectF:
        parts, players = self._scores().shape
        wide, high = (self.width() - 90) / players, (self.height() - 16) / parts
        return QRectF(90 + player * wide, part * high, wide, min(high, 40))

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        scores = self._scores()
        if scores is None:
            return None
        cells = [(p, q) for p in range(scores.shape[0]) for q in range(scores.shape[1])]
        return next((cell for cell in cells if self._cell(*cell).contains(point)), None)

    def _label(self, painter: QPainter, shape: tuple[int, int]) -> None:
        painter.setPen(QColor(theme.QUIET))
        for part in range(min(shape[0], len(self._presenter.rows))):
            cell = self._cell(part, 0)
            if cell.height() > 9:
                rect = QRectF(0, cell.top(), 84, cell.height())
                name = painter.fontMetrics().elidedText(
                    self._presenter.rows[part].name, Qt.ElideRight, 84
                )
                painter.drawText(rect, Qt.AlignRight | Qt.AlignVCenter, name)
        for player in range(shape[1]) if self._cell(0, 0).width() > 18 else ():
            cell = self._cell(shape[0] - 1, player)
            rect = QRectF(cell.left(), cell.bottom(), cell.width(), 16)
            painter.drawText(rect, Qt.AlignCenter, str(player))


def _readable_on(colour: QColor) -> str:
    """Dark or light text on a colour that lies over the dark field."""
    light = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()
    return "#0c0d0f" if light * colour.alphaF() > 105 else theme.TEXT
