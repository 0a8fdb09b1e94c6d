"""The video frame with the players' outlines: click to listen, drag to correct."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QMenu, QSizePolicy, QWidget

from avstem.panel.frame_paint import paint_empty, paint_outline
from avstem.panel.model import Box, row_of_player
from avstem.panel.presenter import Presenter
from avstem.panel.translation import told

_GRIP_PX = 7.0  # around an edge
_STILL_PX = 4  # a press that moves less is a click
_NUDGE = 0.01  # of the picture's width, per key press


@dataclass
class _Drag:
    """What the mouse is doing: ``player`` -1 draws a new box; ``grip`` are the edges that move."""

    start: QPointF
    player: int
    grip: tuple[bool, bool, bool, bool]
    box: Box
    moved: bool = False


class FrameView(QWidget):
    """One frame, as large as fits."""

    clicked = pyqtSignal(int, object)  # player, keyboard modifiers

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._image = QImage()
        self._drag: _Drag | None = None
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Video frame with the players"))

    def sizeHint(self) -> QSize:
        """What a small window has."""
        return QSize(640, 360)

    def set_image(self, image: QImage) -> None:
        """Show a frame; a null image shows none."""
        self._image = image
        self.update()

    def refresh(self) -> None:
        """Draw the outlines anew, and tell a screen reader of them."""
        rows = self._presenter.rows
        names = [row_of_player(rows, k) for k in range(len(self._presenter.boxes))]
        told = (row.name if row else self.tr("nobody's part") for row in names)
        self.setAccessibleDescription(", ".join(f"{k}: {n}" for k, n in enumerate(told)))
        self.update()

    # ------------------------------------------------------------------ geometry

    def picture_rect(self) -> QRectF:
        """Where the picture lies in the widget."""
        width, height = self._presenter.size_px
        if not width or not height:
            return QRectF(self.rect())
        scale = min(self.width() / width, self.height() / height)
        w, h = width * scale, height * scale
        return QRectF((self.width() - w) / 2, (self.height() - h) / 2, w, h)

    def to_widget(self, box: Box) -> QRectF:
        """A box of the video in the widget."""
        rect, (width, _) = self.picture_rect(), self._presenter.size_px
        scale = rect.width() / max(width, 1)
        x0, y0, x1, y1 = (v * scale for v in box)
        return QRectF(rect.x() + x0, rect.y() + y0, x1 - x0, y1 - y0)

    def _to_video(self, rect: QRectF) -> Box:
        picture, (width, _) = self.picture_rect(), self._presenter.size_px
        scale = max(width, 1) / picture.width()
        left, top = rect.left() - picture.x(), rect.top() - picture.y()
        right, bottom = rect.right() - picture.x(), rect.bottom() - picture.y()
        return (left * scale, top * scale, right * scale, bottom * scale)

    def player_at(self, point: QPointF) -> int:
        """The smallest box under a point, -1 for none."""
        rects = [self.to_widget(box) for box in self._presenter.boxes]
        under = [k for k, rect in enumerate(rects) if _widened(rect).contains(point)]
        return min(under, key=lambda k: rects[k].width() * rects[k].height(), default=-1)

    # ------------------------------------------------------------------ drawing

    def paintEvent(self, _: QPaintEvent) -> None:
        """Frame, then outlines, then what is being dragged."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        rect = self.picture_rect()
        if self._image.isNull():
            paint_empty(painter, rect, self._nothing(), self.hasFocus())
        else:
            painter.drawImage(rect, self._image)
        rows, chosen = self._presenter.rows, self._presenter.selected
        for player, box in enumerate(self._presenter.boxes):
            row = row_of_player(rows, player)
            marked = row is not None and row.index == chosen
            moving = self._drag is not None and self._drag.moved and self._drag.player == player
            shown = self._drag.box if moving and self._drag else box
            # What lies outside the picture is not drawn: nobody is seen there.
            inside = self.to_widget(shown).intersected(rect)
            if not inside.isEmpty():
                paint_outline(painter, inside, row, marked)
        if self._drag is not None and self._drag.moved and self._drag.player < 0:
            paint_outline(painter, self.to_widget(self._drag.box), None, True)

    def _nothing(self) -> str:
        if self._presenter.frame_problem:
            return told(self._presenter.frame_problem)
        if not self._presenter.connected:
            return self.tr("No service")
        if self._presenter.current is None:
            return self.tr("No job yet: run “avstem: Separate selected items” in REAPER")
        return self.tr("Loading the picture …")

    def resizeEvent(self, _: QResizeEvent) -> None:
        """Ask for a picture that is sharp at this size."""
        self._presenter.resized(round(self.width() * self.devicePixelRatioF()))

    # ------------------------------------------------------------------ mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a box, of an edge of it, or of nothing."""
        if event.button() != Qt.LeftButton or not self._presenter.size_px[0]:
            return
        point = QPointF(event.pos())
        player = self.player_at(point)
        if player < 0:
            box = self._to_video(QRectF(point, point))
            self._drag = _Drag(point, -1, (False, False, True, True), box)
        else:
            box = self._presenter.boxes[player]
            self._drag = _Drag(point, player, _grip(self.to_widget(box), point), box)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or show what a drag would do."""
        point, drag = QPointF(event.pos()), self._drag
        if drag is None:
            return self._hover(point)
        by = point - drag.start
        drag.moved = drag.moved or by.manhattanLength() > _STILL_PX
        if drag.moved:
            known = drag.player >= 0
            before = self.to_widget(self._presenter.boxes[drag.player]) if known else None
            rect = before if before is not None else QRectF(drag.start, drag.start)
            drag.box = self._to_video(_moved(rect, by, drag.grip))
            self.update()
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click listens to a player, a drag moves, resizes or adds a box."""
        drag, self._drag = self._drag, None
        if drag is None or event.button() != Qt.LeftButton:
            return
        if not drag.moved:
            if drag.player >= 0:
                self.clicked.emit(drag.player, event.modifiers())
        elif drag.player >= 0:
            self._presenter.move_box(drag.player, drag.box)
        elif self._presenter.rows:
            self._presenter.add_box(drag.box)
        self.update()

    def _hover(self, point: QPointF) -> None:
        player = self.player_at(point)
        shape = Qt.ArrowCursor
        if player >= 0:
            grip = _grip(self.to_widget(self._presenter.boxes[player]), point)
            shape = _CURSORS.get(grip, Qt.PointingHandCursor)
        self.setCursor(shape)

    def contextMenuEvent(self, event: object) -> None:
        """Remove the player under the mouse."""
        at: QPoint = event.pos()  # type: ignore[attr-defined]
        player = self.player_at(QPointF(at))
        menu = QMenu(self)
        remove = menu.addAction(self.tr("Remove this player"))
        remove.setEnabled(player >= 0)
        remove.triggered.connect(lambda: self._presenter.remove_box(player))
        menu.exec(event.globalPos())  # type: ignore[attr-defined]

    # ------------------------------------------------------------------ keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through time; with Ctrl they move the selected player's box (Shift: size)."""
        step = _ARROWS.get(event.key())
        control, shift = (
            event.modifiers() & Qt.ControlModifier,
            event.modifiers() & Qt.ShiftModifier,
        )
        if step is not None and control:
            self._nudge(*step, bool(shift))
        elif step is not None and step[0]:
            self._presenter.seek(self._presenter.time_s + step[0] * (10.0 if shift else 1.0))
        elif event.key() == Qt.Key_Delete and self.selected_player() >= 0:
            self._presenter.remove_box(self.selected_player())
        elif event.key() == Qt.Key_Insert and self._presenter.rows:
            width, height = self._presenter.size_px
            self._presenter.add_box((width * 0.4, height * 0.3, width * 0.6, height * 0.9))
        else:
            super().keyPressEvent(event)

    def selected_player(self) -> int:
        """The player of the selected part, if there is a box."""
        rows, chosen = self._presenter.rows, self._presenter.selected
        player = rows[chosen].player if 0 <= chosen < len(rows) else -1
        return player if player < len(self._presenter.boxes) else -1

    def _nudge(self, right: int, down: int, size: bool) -> None:
        player = self.selected_player()
        if player >= 0:
            x0, y0, x1, y1 = self._presenter.boxes[player]
            dx, dy = (d * _NUDGE * self._presenter.size_px[0] for d in (right, down))
            start = (x0, y0) if size else (x0 + dx, y0 + dy)
            self._presenter.move_box(player, (*start, x1 + dx, y1 + dy))


_ARROWS = {
    Qt.Key_Left: (-1, 0),
    Qt.Key_Right: (1, 0),
    Qt.Key_Up: (0, -1),
    Qt.Key_Down: (0, 1),
}
_CURSORS = {
    (True, False, False, False): Qt.SizeHorCursor,
    (False, False, True, False): Qt.SizeHorCursor,
    (False, True, False, False): Qt.SizeVerCursor,
    (False, False, False, True): Qt.SizeVerCursor,
    (True, True, False, False): Qt.SizeFDiagCursor,
    (False, False, True, True): Qt.SizeFDiagCursor,
    (False, True, True, False): Qt.SizeBDiagCursor,
    (True, False, False, True): Qt.SizeBDiagCursor,
}


def _widened(rect: QRectF) -> QRectF:
    return rect.adjusted(-_GRIP_PX, -_GRIP_PX, _GRIP_PX, _GRIP_PX)


def _grip(rect: QRectF, point: QPointF) -> tuple[bool, bool, bool, bool]:
    """Which edges (left, top, right, bottom) a point holds; none: the whole box."""
    return (
        abs(point.x() - rect.left()) < _GRIP_PX,
        abs(point.y() - rect.top()) < _GRIP_PX,
        abs(point.x() - rect.right()) < _GRIP_PX,
        abs(point.y() - rect.bottom()) < _GRIP_PX,
    )


def _moved(rect: QRectF, by: QPointF, grip: tuple[bool, bool, bool, bool]) -> QRectF:
    if not any(grip):
        return rect.translated(by)
    left, top, right, bottom = grip
    return rect.adjusted(left * by.x(), top * by.y(), right * by.x(), bottom * by.y()).normalized()
