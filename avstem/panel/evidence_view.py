"""The evidence for a match: movement over onsets, and all scores as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from avstem.datatypes import FloatArray
from avstem.panel import theme
from avstem.panel.matrix_view import MatrixView
from avstem.panel.model import NOBODY, Row
from avstem.panel.presenter import Presenter

_CLOSEST_S = 0.5
_NOTHING: tuple[FloatArray, FloatArray] = (np.zeros(0), np.zeros(0))
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
        self._plot.setLimits(minXRange=_CLOSEST_S)
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

    def zoom(self, factor: float) -> None:
        """Show ``factor`` times as much, around the cursor; 0 shows everything."""
        left, right = self._plot.viewRange()[0]
        if factor:
            half = max((right - left) * factor / 2, _CLOSEST_S / 2)
            middle = min(max(self._presenter.time_s, left), right)
            self._plot.setXRange(middle - half, middle + half, padding=0)
        else:
            self._plot.setXRange(0.0, max(self._presenter.duration_s, _CLOSEST_S), padding=0)

    def _draw(self) -> None:
        presenter = self._presenter
        self._matrix.show_pair(presenter.selected, self._player)
        chosen = 0 <= presenter.selected < len(presenter.rows)
        row = presenter.rows[presenter.selected] if chosen else None
        self._cursor.setVisible(row is not None)
        times_s, curve = self._movement() if row else _NOTHING
        self._curve.setData(times_s, curve)
        low, high = _range(curve)
        onsets = np.repeat(np.asarray(row.onsets_s if row else (), dtype=float), 2)
        self._onsets.setData(onsets, np.tile([low, high], len(onsets) // 2))
        self._plot.setYRange(low, high, padding=0)
        if row is not None:
            self._curve.setPen(pg.mkPen(row.colour, width=1.4))
        self._title.setText(self._meaning(row, len(curve) > 0))
        self._title.setToolTip(self._title.text())

    def _movement(self) -> tuple[FloatArray, FloatArray]:
        """The player's curve; without a score its seconds of playing, all that is known then."""
        showing = self._presenter.showing
        evidence = showing.evidence if showing else None
        if evidence is not None and 0 <= self._player < len(evidence.curves):
            curve = evidence.curves[self._player]
            return evidence.start_s + np.arange(len(curve)) / evidence.rate_hz, curve
        for lanes in showing.activity if showing else ():
            if lanes.of_players and 0 <= self._player < len(lanes.playing):
                curve = lanes.playing[self._player]
                return lanes.start_s + (np.arange(len(curve)) + 0.5) * lanes.step_s, curve
        return _NOTHING

    def _meaning(self, row: Row | None, moves: bool) -> str:
        """What is drawn, or why nothing is."""
        showing = self._presenter.showing
        if row is None or showing is None:
            return self.tr("Evidence: movement of a player over the onsets of a part")
        if not showing.has_video:
            return self.tr("{0}: onsets alone, there is no picture").format(row.name)
        if self._player == NOBODY:
            return self.tr("{0}: onsets alone, nobody in the picture plays it").format(row.name)
        if not moves:
            return self.tr("{0}: onsets alone, this result keeps no movement").format(row.name)
        if not row.onsets_s:
            text = self.tr("{0} · Player {1}: movement alone, there is no score to compare with")
            return text.format(row.name, self._player)
        evidence = showing.evidence
        if evidence is None or row.index >= len(evidence.scores):
            return self.tr("{0} · Player {1}: playing, over the onsets").format(
                row.name, self._player
            )
        score = evidence.scores[row.index, self._player]
        text = self.tr("{0} · Player {1} · score {2:+.1f}: movement over the part's onsets")
        return text.format(row.name, self._player, score)

    def _dragged(self) -> None:
        self._presenter.seek(float(self._cursor.value()))


def _range(curve: Any) -> tuple[float, float]:
    low, high = np.quantile(curve, [0.002, 0.998]) if len(curve) else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-3))
