"""Rows and columns of widgets, without margins."""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget


def row(*widgets: QWidget) -> QWidget:
    """Widgets side by side."""
    return _boxed(QHBoxLayout(), widgets)


def column(*widgets: QWidget) -> QWidget:
    """Widgets on top of each other."""
    return _boxed(QVBoxLayout(), widgets)


def _boxed(layout: QHBoxLayout | QVBoxLayout, widgets: tuple[QWidget, ...]) -> QWidget:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    for widget in widgets:
        layout.addWidget(widget)
    made = QWidget()
    made.setLayout(layout)
    return made


def clock(time_s: float) -> str:
    """A time as an editor reads it: ``1:02.5``."""
    minutes, seconds = divmod(round(time_s, 1), 60)
    return f"{int(minutes)}:{seconds:04.1f}"
