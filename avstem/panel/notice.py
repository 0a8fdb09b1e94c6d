"""The strip that tells what is wrong and what to do next; it always has its place."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from avstem.panel import theme

HEIGHT_PX = 46


class Notice(QFrame):
    """Two lines, message and hint, with buttons; empty when all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName(self.tr("Message"))
        self.message, self.hint = QLabel(), QLabel()
        self.message.setTextInteractionFlags(Qt.TextSelectableByMouse)
        self.hint.setTextInteractionFlags(Qt.TextSelectableByMouse)
        self.hint.setObjectName("quiet")
        for label in (self.message, self.hint):
            label.setMinimumWidth(60)
        self.start = QPushButton(self.tr("&Start the service"))
        self.copy = QPushButton(self.tr("&Copy details"))
        self.log = QPushButton(self.tr("Open &log"))
        self.dismiss = QPushButton("✕")
        self.dismiss.setAccessibleName(self.tr("Dismiss"))
        self.dismiss.setToolTip(self.tr("Dismiss"))
        self._texts = ("", "")
        self._told: tuple[object, ...] = ()
        self._lay_out()
        self.tell("", "", "", ())

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.message)
        texts.addWidget(self.hint)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.addLayout(texts, 1)
        for button in self._buttons():
            layout.addWidget(button)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.start, self.copy, self.log, self.dismiss)

    def tell(self, kind: str, message: str, hint: str, buttons: tuple[QPushButton, ...]) -> None:
        """Show two lines; ``kind`` is ``problem``, ``offer`` or nothing."""
        if (kind, message, hint, buttons) == self._told:
            return  # so that a selected text stays selected
        self._told = (kind, message, hint, buttons)
        self._texts = (message, hint)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        colour = {"problem": theme.DANGER, "offer": theme.WARNING}.get(kind, theme.TEXT)
        self.message.setStyleSheet(f"color: {colour}")
        self.message.setToolTip(message)
        self.hint.setToolTip(hint)
        self.setAccessibleDescription(f"{message} {hint}".strip())
        for button in self._buttons():
            button.setVisible(button in buttons)
        self._elide()

    def resizeEvent(self, event: object) -> None:
        """Cut texts that do not fit; the tool tip has all of them."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._elide()

    def _elide(self) -> None:
        buttons = sum(b.sizeHint().width() + 6 for b in self._buttons() if not b.isHidden())
        width = max(self.width() - buttons - 24, 60)
        for label, text in zip((self.message, self.hint), self._texts, strict=True):
            label.setText(QFontMetrics(label.font()).elidedText(text, Qt.ElideRight, width))
