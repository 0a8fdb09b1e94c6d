"""The table of parts: how its cells look and how they are edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt5.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDoubleSpinBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from avstem.panel import theme
from avstem.panel.model import NOBODY
from avstem.panel.parts_model import Column, PartsModel
from avstem.panel.presenter import Presenter

_WIDTHS = {
    Column.LOCK: 40,
    Column.PART: 160,
    Column.MUTE: 28,
    Column.SOLO: 28,
    Column.GAIN: 52,
    Column.SOUND: 170,
    Column.INSTRUMENT: 90,
    Column.PLAYER: 92,
    Column.CONFIDENCE: 110,
    Column.RUNNER_UP: 84,
    Column.MARGIN: 64,
}


class PartsTable(QTableView):
    """Parts, players and how sure it is."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.rows = PartsModel(presenter)
        self.sounds: dict[str, QImage] = {}  # spectrograms in the stems' colours, by part
        self._pressed = QPoint()
        self.setModel(self.rows)
        self.setItemDelegate(_Cells(presenter, self.rows, self.sounds))
        self.setAccessibleName(self.tr("Parts and their players"))
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.DoubleClicked
            | QAbstractItemView.EditKeyPressed
            | QAbstractItemView.SelectedClicked
        )
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self._lay_out()
        self.clicked.connect(self._click)
        self.selectionModel().currentRowChanged.connect(self._selected)

    def refresh(self) -> None:
        """Draw the presenter's rows."""
        self.rows.refresh()

    def show_selection(self) -> None:
        """Mark the presenter's row."""
        row = self._presenter.selected
        if 0 <= row < self.rows.rowCount() and row != self.currentIndex().row():
            column = max(self.currentIndex().column(), Column.PART)
            self.setCurrentIndex(self.rows.index(row, column))

    def show_sound(self, part: str, image: QImage) -> None:
        """Draw a spectrogram."""
        self.sounds[part] = image
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where."""
        self._pressed = event.pos()
        super().mousePressEvent(event)

    def edit_player(self) -> None:
        """Open the list of players of the selected part."""
        if 0 <= self._presenter.selected < self.rows.rowCount():
            index = self.rows.index(self._presenter.selected, Column.PLAYER)
            self.setCurrentIndex(index)
            self.edit(index)

    def sizeHint(self) -> QSize:
        """Room for a quartet."""
        return QSize(900, theme.ROW_PX * 7)

    def _lay_out(self) -> None:
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.ROW_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)

    def _selected(self, now: QModelIndex, _: QModelIndex) -> None:
        if now.isValid():
            self._presenter.select(now.row())

    def _click(self, index: QModelIndex) -> None:
        from PyQt5.QtWidgets import QApplication

        add = bool(QApplication.keyboardModifiers() & (Qt.ControlModifier | Qt.ShiftModifier))
        if index.column() == Column.SOLO:
            self._presenter.solo(index.row(), add)
        elif index.column() == Column.MUTE:
            self._presenter.mute(index.row())
        elif index.column() == Column.LOCK:
            locked = self._presenter.rows[index.row()].locked
            self._presenter.edit(index.row(), locked=not locked)
        elif index.column() == Column.PLAYER:
            self.edit(index)
        elif index.column() == Column.SOUND and self._presenter.duration_s:
            at = sound_rect(QRectF(self.visualRect(index)))
            share = min(max((self._pressed.x() - at.left()) / at.width(), 0.0), 1.0)
            self._presenter.seek(share * self._presenter.duration_s)


class _Cells(QStyledItemDelegate):
    """Paints bars and switches, makes the editors."""

    def __init__(
        self, presenter: Presenter, rows: PartsModel, sounds: Mapping[str, QImage]
    ) -> None:
        super().__init__()
        self._presenter = presenter
        self._rows = rows
        self._sounds = sounds

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """A cell."""
        super().paint(painter, option, index)
        if index.row() >= len(self._presenter.rows):
            return
        row, rect = self._presenter.rows[index.row()], QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        match index.column():
            case Column.PART:
                painter.fillRect(
                    QRectF(rect.left(), rect.top() + 2, 4, rect.height() - 4), row_colour(row)
                )
            case Column.LOCK:
                _padlock(painter, rect, row.locked)
            case Column.MUTE:
                _switch(painter, rect, "M", row.mute, theme.DANGER)
            case Column.SOLO:
                _switch(painter, rect, "S", row.solo, theme.WARNING)
            case Column.SOUND if row.part in self._sounds:
                self._paint_sound(painter, sound_rect(rect), self._sounds[row.part], row.mute)
            case Column.PLAYER:
                painter.setPen(QColor(theme.QUIET))
                painter.drawText(rect.adjusted(0, 0, -6, 0), Qt.AlignRight | Qt.AlignVCenter, "▾")
            case Column.CONFIDENCE if index.data():
                _bar(painter, rect, row.confidence, row.ambiguous)
        painter.restore()

    def _paint_sound(self, painter: QPainter, rect: QRectF, image: QImage, silent: bool) -> None:
        painter.setOpacity(0.35 if silent else 1.0)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        painter.drawImage(rect, image)
        painter.setOpacity(1.0)
        share = self._presenter.time_s / max(self._presenter.duration_s, 1e-3)
        x = rect.left() + share * rect.width()
        painter.fillRect(QRectF(x - 0.5, rect.top(), 1, rect.height()), QColor(theme.TEXT))

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Room for the colour before a name; the bar writes its own number."""
        super().initStyleOption(option, index)
        if index.column() == Column.PART:
            option.text = f"  {option.text}"
        elif index.column() == Column.CONFIDENCE:
            option.text = ""

    def createEditor(self, parent: QWidget, option: Any, index: QModelIndex) -> QWidget:
        """A list of players, a number, or a line of text."""
        if index.column() == Column.PLAYER:
            box = QComboBox(parent)
            for player in [*range(len(self._presenter.boxes)), NOBODY]:
                box.addItem(self._rows.player_name(player), player)
            box.setAccessibleName(self.tr("Player of {0}").format(self._name(index)))
            box.activated.connect(lambda _: (self.commitData.emit(box), self.closeEditor.emit(box)))
            return box
        if index.column() == Column.GAIN:
            number = QDoubleSpinBox(parent)
            number.setRange(-60.0, 12.0)
            number.setSingleStep(0.5)
            number.setDecimals(1)
            number.setAccessibleName(self.tr("Level of {0} in dB").format(self._name(index)))
            return number
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(self.tr("Text for {0}").format(self._name(index)))
        return editor

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        """Start with what is there."""
        row = self._presenter.rows[index.row()]
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(row.player))
            editor.showPopup()
        elif isinstance(editor, QDoubleSpinBox):
            editor.setValue(row.gain_db)
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex) -> None:
        """Hand over what was chosen."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QDoubleSpinBox):
            editor.interpretText()
            model.setData(index, editor.value())
        else:
            super().setModelData(editor, model, index)

    def _name(self, index: QModelIndex) -> str:
        return self._presenter.rows[index.row()].name


def sound_rect(rect: QRectF) -> QRectF:
    """Where a spectrogram lies in its cell."""
    return rect.adjusted(2, 1, -8, -1)


def row_colour(row: Any) -> QColor:
    """Colour of a part's stem."""
    return QColor(row.colour)


def _switch(painter: QPainter, rect: QRectF, text: str, on: bool, colour: str) -> None:
    side = 17.0
    box = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    painter.setPen(Qt.NoPen)
    painter.setBrush(QColor(colour if on else theme.RAISED))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor("#0c0d0f" if on else theme.QUIET))
    painter.drawText(box, Qt.AlignCenter, text)


def _padlock(painter: QPainter, rect: QRectF, closed: bool) -> None:
    centre, colour = rect.center(), QColor(theme.ACCENT if closed else "#4a4f58")
    body = QRectF(centre.x() - 5, centre.y() - 1, 10, 8)
    painter.setPen(QPen(colour, 1.6))
    painter.setBrush(Qt.NoBrush)
    left = body.left() + (1.5 if closed else 5.5)  # an open one is turned aside
    painter.drawArc(QRectF(left, centre.y() - 6.5, 7, 10), 0, 180 * 16)
    painter.setPen(Qt.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(body, 1.5, 1.5)


def _bar(painter: QPainter, rect: QRectF, share: float, ambiguous: bool) -> None:
    track = QRectF(rect.left() + 6, rect.center().y() - 3, rect.width() - 52, 6)
    painter.setPen(Qt.NoPen)
    painter.setBrush(QColor(theme.RAISED))
    painter.drawRoundedRect(track, 3, 3)
    painter.setBrush(QColor(theme.WARNING if ambiguous else theme.GOOD))
    painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * share, 6), 3, 3)
    painter.setPen(QColor(theme.TEXT))
    number = rect.adjusted(rect.width() - 44, 0, -6, 0)
    painter.drawText(number, Qt.AlignRight | Qt.AlignVCenter, f"{share:.0%}")
