"""The rows of the presenter as a Qt table."""

from __future__ import annotations

from enum import IntEnum
from html import escape
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, Qt, QUrl
from PyQt5.QtGui import QColor

from avstem.panel import theme
from avstem.panel.model import NOBODY, Row
from avstem.panel.presenter import Presenter


class Column(IntEnum):
    """The columns, left to right."""

    LOCK = 0
    PART = 1
    MUTE = 2
    SOLO = 3
    GAIN = 4
    SOUND = 5
    INSTRUMENT = 6
    PLAYER = 7
    CONFIDENCE = 8
    RUNNER_UP = 9
    MARGIN = 10
    WHY = 11


_EDITABLE = (Column.PART, Column.GAIN, Column.INSTRUMENT, Column.PLAYER)
_PLAIN = QModelIndex()


class PartsModel(QAbstractTableModel):
    """One row per part."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._count = 0

    def refresh(self) -> None:
        """Take over what the presenter holds; the selection stays where the rows do."""
        rows = len(self._presenter.rows)
        if rows != self._count:
            self.beginResetModel()
            self._count = rows
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(Column) - 1))

    def rowCount(self, parent: QModelIndex = _PLAIN) -> int:
        """Number of parts."""
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex = _PLAIN) -> int:
        """Number of columns."""
        return len(Column)

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.DisplayRole) -> Any:
        """Titles."""
        if way != Qt.Horizontal:
            return None
        names = self._titles()
        if role == Qt.DisplayRole:
            return names[section][0]
        return names[section][1] if role == Qt.ToolTipRole else None

    def _titles(self) -> list[tuple[str, str]]:
        tr = self.tr
        return [
            (tr("Lock"), tr("Keep this player when re-running (L)")),
            (tr("Part"), tr("Name of the part; edit and re-run to rename (F2)")),
            (tr("M"), tr("Mute the stem in REAPER (M)")),
            (tr("S"), tr("Solo the stem in REAPER (S; Shift+S adds)")),
            (tr("dB"), tr("Level of the stem's track in REAPER")),
            (tr("Sound"), tr("Spectrogram of the stem; click to go to a time")),
            (tr("Instrument"), tr("Instrument; edit and re-run")),
            (tr("Player"), tr("Who plays it, from 0, left to right; choosing swaps (P)")),
            (tr("Confidence"), tr("Share of such matches that are right")),
            (tr("Runner-up"), tr("The next best player")),
            (tr("Margin"), tr("How much worse the best matching without this one is")),
            (tr("Why"), tr("What makes it ambiguous, or who decided")),
        ]

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        """What can be edited."""
        flags = Qt.ItemIsEnabled | Qt.ItemIsSelectable
        if index.column() in _EDITABLE:
            flags |= Qt.ItemIsEditable
        return flags

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        """Text, colour, tool tip, and the words a screen reader says."""
        if not 0 <= index.row() < len(self._presenter.rows):
            return None
        row, column = self._presenter.rows[index.row()], Column(index.column())
        if role in (Qt.DisplayRole, Qt.EditRole):
            return self._text(row, column)
        if role == Qt.ForegroundRole:
            return _foreground(row, column)
        if role == Qt.TextAlignmentRole and column in (Column.GAIN, Column.MARGIN):
            return int(Qt.AlignHCenter | Qt.AlignVCenter)
        if role == Qt.ToolTipRole:
            return self._tip(row, column)
        if role == Qt.AccessibleTextRole:
            return self._spoken(row, column)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.EditRole) -> bool:
        """Hand an edit to the presenter."""
        row, column = index.row(), Column(index.column())
        if role != Qt.EditRole:
            return False
        if column is Column.PLAYER:
            self._presenter.assign(row, int(value))
        elif column is Column.GAIN:
            self._presenter.gain(row, float(value))
        elif column is Column.PART:
            self._presenter.edit(row, name=str(value).strip() or self._presenter.rows[row].part)
        elif column is Column.INSTRUMENT:
            self._presenter.edit(row, new_instrument=str(value).strip())
        return True

    def player_name(self, player: int | None) -> str:
        """A player, numbered from 0, left to right, as in the report."""
        if player is None or player == NOBODY:
            return self.tr("off-screen")
        return self.tr("Player {0}").format(player)

    def _text(self, row: Row, column: Column) -> str:
        match column:
            case Column.PART:
                return row.name
            case Column.GAIN:
                return f"{row.gain_db:+.1f}" if row.gain_db else "0.0"
            case Column.INSTRUMENT:
                return row.new_instrument
            case Column.PLAYER:
                return self.player_name(row.player)
            case Column.CONFIDENCE:
                return f"{row.confidence:.0%}" if self._seen() else ""
            case Column.RUNNER_UP:
                fixed = row.confidence >= 1.0 or not self._seen()
                return "" if fixed else self.player_name(row.runner_up)
            case Column.MARGIN:
                return f"{row.margin:.1f}" if self._seen() and row.confidence < 1.0 else ""
            case Column.WHY:
                return self._why(row)
        return ""

    def _tip(self, row: Row, column: Column) -> str | None:
        file = self._presenter.thumbnails.get(row.part)
        if column is Column.SOUND and file is not None:
            source = escape(QUrl.fromLocalFile(str(file)).toString(QUrl.FullyEncoded))
            return f'<img src="{source}" width="640" height="96">'
        return self._why(row) or None

    def _seen(self) -> bool:
        """Whether anybody was looked at: without a picture there is no match to judge."""
        return bool(self._presenter.boxes) or self._presenter.boxes_changed

    def _why(self, row: Row) -> str:
        if row.changed:
            return self.tr("changed: re-run to hear it")
        return row.why

    def _spoken(self, row: Row, column: Column) -> str:
        states = {Column.LOCK: row.locked, Column.MUTE: row.mute, Column.SOLO: row.solo}
        title = self._titles()[column][0]
        if column in states:
            return f"{row.name}: {title} " + (self.tr("on") if states[column] else self.tr("off"))
        return f"{row.name}: {title} {self._text(row, column)}"


def _foreground(row: Row, column: Column) -> QColor | None:
    if column is Column.PLAYER and row.changed:
        return QColor(theme.ACCENT)
    if column is Column.WHY and row.changed:
        return QColor(theme.ACCENT)
    if column is Column.WHY and row.ambiguous:
        return QColor(theme.WARNING)
    if column in (Column.INSTRUMENT, Column.RUNNER_UP, Column.MARGIN, Column.WHY):
        return QColor(theme.QUIET)
    if column is Column.PART and row.name != row.part:
        return QColor(theme.ACCENT)
    return None
