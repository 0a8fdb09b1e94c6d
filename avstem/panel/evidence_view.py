"""The evidence for a match: movement over onsets, and all scores as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from avstem.panel import theme
from avstem.panel.model import NOBODY
from avstem.panel.presenter import Presenter

_SHOWN_S = 12.0  # at first: some bars, so that single strokes can be told apart


class EvidenceView(QWidget):
    """Curve and matrix of the selected part."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._player = NOBODY  # whose curve is drawn
        self._title = QLabel()
        self._title.setObjectName("quiet")
        self._title.setMinimumWidth(60)
        self._plot = pg.PlotWidget(background=theme.FIELD)
        self._plot.setAccessibleName(self.tr("Movement of the player over the onsets of the part"))
        self._plot.setLabel("bottom", self.tr("media time"), units="s")
        self._plot.getPlotItem().hideAxis("left")
        self._plot.getPlotItem().setMenuEnabled(False)
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.setLimits(minXRange=0.5)
        self._onsets = self._plot.plot(pen=pg.mkPen("#5b616c", width=1), connect="pairs")
        self._curve = self._plot.plot(pen=pg.mkPen(theme.TEXT, width=1.4))
        self._curve.setClipToView(True)
        self._curve.setDownsampling(auto=True, method="peak")
        self._cursor = pg.InfiniteLine(angle=90, movable=True, pen=pg.mkPen(theme.ACCENT, width=2))
        self._cursor.sigPositionChangeFinished.connect(self._dragged)
        self._plot.addItem(self._cursor, ignoreBounds=True)
        self._matrix = MatrixView(presenter, self._compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._plot, 3)
        layout.addWidget(self._matrix, 2)

    def refresh(self) -> None:
        """Draw the selected part and its player."""
        rows, chosen = self._presenter.rows, self._presenter.selected
        self._player = rows[chosen].player if 0 <= chosen < len(rows) else NOBODY
        self._draw()

    def show_time(self) -> None:
        """Move the cursor, and the stretch that is shown if the cursor left it."""
        time_s = self._presenter.time_s
        self._cursor.setValue(time_s)
        left, right = self._plot.viewRange()[0]
        if not left <= time_s <= right:
            half = (right - left) / 2
            self._plot.setXRange(time_s - half, time_s + half, padding=0)

    def show_around(self) -> None:
        """Go to the time that is looked at, a few bars wide."""
        left_s = max(self._presenter.time_s - _SHOWN_S / 2, 0.0)
        self._plot.setXRange(left_s, left_s + _SHOWN_S, padding=0)

    def _compare(self, row: int, player: int) -> None:
        self._presenter.select(row)
        self._player = player
        self._draw()

    def _draw(self) -> None:
        self._matrix.show_pair(self._presenter.selected, self._player)
        showing, rows = self._presenter.showing, self._presenter.rows
        evidence = showing.evidence if showing else None
        row = rows[self._presenter.selected] if 0 <= self._presenter.selected < len(rows) else None
        if evidence is None or row is None or not 0 <= self._player < len(evidence.curves):
            self._curve.setData([], [])
            self._onsets.setData([], [])
            unseen = self.tr("Nothing to compare: no evidence, or nobody in the picture")
            self._title.setText(unseen if row else self.tr("Evidence"))
            self._cursor.hide()
            return
        self._cursor.show()
        curve = evidence.curves[self._player]
        times_s = evidence.start_s + np.arange(len(curve)) / evidence.rate_hz
        self._curve.setData(times_s, curve)
        self._curve.setPen(pg.mkPen(row.colour, width=1.4))
        low, high = _range(curve)
        onsets = np.repeat(np.asarray(row.onsets_s, dtype=float), 2)
        self._onsets.setData(onsets, np.tile([low, high], len(onsets) // 2))
        self._plot.setYRange(low, high, padding=0)
        score = evidence.scores[row.index, self._player]
        text = self.tr("{0} · Player {1} · score {2:+.1f}: movement over the part's onsets")
        self._title.setText(text.format(row.name, self._player, score))

    def _dragged(self) -> None:
        self._presenter.seek(float(self._cursor.value()))


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

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a quartet."""
        return QSize(320, 130)

    def show_pair(self, row: int, player: int) -> None:
        """Frame the pair whose curve is drawn."""
        self._pair = (row, player)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
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
                colour.setAlphaF(0.06 + 0.8 * max(0.0, float(scores[part, player]) / most))
                gap = 1 if min(rect.width(), rect.height()) > 6 else 0
                painter.fillRect(rect.adjusted(gap, gap, -gap, -gap), colour)
                if rows[part].player == player and gap:
                    painter.setPen(QColor(rows[part].colour))
                    painter.drawRect(rect.adjusted(1, 1, -2, -2))
                if (part, player) == self._pair:
                    painter.setPen(QColor("#ffffff"))
                    painter.drawRect(rect.adjusted(0, 0, -1, -1))
                if rect.height() > 12 and rect.width() > 26:
                    painter.setPen(QColor(theme.TEXT))
                    painter.drawText(
                        rect, Qt.AlignCenter, f"{round(scores[part, player], 1) + 0.0:.1f}"
                    )
        self._label(painter, scores.shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Compare another pair."""
        found = self._at(QPointF(event.pos()))
        if found is not None:
            self._compare(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
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
        return showing.evidence.scores if showing and showing.evidence else None

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


def _range(curve: Any) -> tuple[float, float]:
    low, high = np.quantile(curve, [0.002, 0.998]) if len(curve) else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-3))
