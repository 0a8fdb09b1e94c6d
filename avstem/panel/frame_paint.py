"""How an outline looks: colour of the stem, style of the line by how sure the match is."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QFontMetricsF, QPainter, QPen

from avstem.panel import theme
from avstem.panel.model import IDLE_COLOUR, Row

_TAG_PX = 18.0


def paint_outline(painter: QPainter, rect: QRectF, row: Row | None, marked: bool) -> None:
    """Solid for a sure match, dashed for an ambiguous one, dotted for a player without a part."""
    colour = QColor(row.colour if row else IDLE_COLOUR)
    style = Qt.DotLine if row is None else Qt.DashLine if row.ambiguous else Qt.SolidLine
    painter.setBrush(Qt.NoBrush)
    width = 3.0 if marked else 2.0
    painter.setPen(QPen(QColor(0, 0, 0, 150), width + 2))  # so that it stands out on any picture
    painter.drawRect(rect)
    painter.setPen(QPen(colour, width, style))
    painter.drawRect(rect)
    if row is not None and (marked or rect.width() > 24):
        _paint_tag(painter, rect, row, colour, max(rect.width() - 8, 160.0 if marked else 28.0))


def _paint_tag(painter: QPainter, rect: QRectF, row: Row, colour: QColor, width_px: float) -> None:
    text = row.name + (" ?" if row.ambiguous and not row.changed else "")
    font = painter.font()
    font.setBold(True)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    text = metrics.elidedText(text, Qt.ElideRight, width_px)
    marks = ("S" if row.solo else "") + ("M" if row.mute else "")
    full = text + (f"  {marks}" if marks else "")
    # Above the box where there is room, else inside it.
    top = rect.top() - _TAG_PX if rect.top() >= _TAG_PX else rect.top()
    tag = QRectF(rect.left() - 1, top, metrics.horizontalAdvance(full) + 10, _TAG_PX)
    painter.fillRect(tag, colour)
    painter.setPen(QColor("#0c0d0f"))
    painter.drawText(tag, Qt.AlignCenter, full)


def paint_empty(painter: QPainter, rect: QRectF, text: str, focused: bool) -> None:
    """No picture, and why."""
    painter.fillRect(rect, QColor(theme.FIELD))
    painter.setPen(QColor(theme.ACCENT if focused else theme.LINE))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setPen(QColor(theme.QUIET))
    painter.drawText(rect.adjusted(16, 0, -16, 0), Qt.AlignCenter | Qt.TextWordWrap, text)
