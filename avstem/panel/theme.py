"""Colours and measures of the window: dark, dense, quiet, so that only the stems have colour."""

from __future__ import annotations

from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication

WINDOW = "#1d1f23"
FIELD = "#16181b"
RAISED = "#2a2d33"
LINE = "#383c44"
TEXT = "#d9dce1"
QUIET = "#9aa0aa"
ACCENT = "#4c8dd6"
WARNING = "#e0b040"
DANGER = "#e5646e"
GOOD = "#6cb486"

ROW_PX = 26

_STYLE = f"""
* {{ font-size: 12px; }}
QMainWindow, QDialog {{ background: {WINDOW}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 3px; }}
QMenuBar, QMenu {{ background: {WINDOW}; color: {TEXT}; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {ACCENT}; color: #ffffff; }}
QMenu {{ border: 1px solid {LINE}; }}
QPushButton, QToolButton, QLineEdit {{
  background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; border-radius: 3px;
  padding: 2px 8px; min-height: 18px;
}}
QToolButton::menu-indicator {{ image: none; }}
QPushButton:hover, QToolButton:hover {{ border-color: {QUIET}; }}
QPushButton:focus, QToolButton:focus, QLineEdit:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ color: #656b75; background: {WINDOW}; }}
QPushButton#primary {{ background: #2d5f97; border-color: {ACCENT}; color: #ffffff; }}
QPushButton#primary:disabled {{
  background: {WINDOW}; border-color: {LINE}; color: #656b75;
}}
QTableView {{
  background: {FIELD}; alternate-background-color: #1a1c20; color: {TEXT};
  gridline-color: #23262b; border: 1px solid {LINE};
  selection-background-color: #2b3d52; selection-color: {TEXT};
}}
QTableView:focus {{ border-color: {ACCENT}; }}
QHeaderView::section {{
  background: {WINDOW}; color: {QUIET}; border: 0; border-bottom: 1px solid {LINE};
  padding: 3px 6px;
}}
QProgressBar {{
  background: {FIELD}; border: 1px solid {LINE}; border-radius: 3px; height: 8px;
}}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
QSlider {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; background: {LINE}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {ACCENT}; border-radius: 2px; }}
QSlider::handle:horizontal {{
  width: 10px; margin: -5px 0; background: {TEXT}; border-radius: 5px;
}}
QSlider::handle:horizontal:focus {{ background: {ACCENT}; }}
QSplitter::handle {{ background: {WINDOW}; }}
QSplitter::handle:hover {{ background: {LINE}; }}
QLabel#quiet {{ color: {QUIET}; }}
QFrame#notice {{ background: {FIELD}; border-top: 1px solid {LINE}; }}
QFrame#notice[kind="problem"] {{ border-top: 2px solid {DANGER}; }}
QFrame#notice[kind="offer"] {{ border-top: 2px solid {WARNING}; }}
"""


def dress(application: QApplication) -> None:
    """Make the whole application dark."""
    application.setStyle("Fusion")
    palette = QPalette()
    for role, colour in (
        (QPalette.Window, WINDOW),
        (QPalette.WindowText, TEXT),
        (QPalette.Base, FIELD),
        (QPalette.AlternateBase, WINDOW),
        (QPalette.Text, TEXT),
        (QPalette.Button, RAISED),
        (QPalette.ButtonText, TEXT),
        (QPalette.Highlight, ACCENT),
        (QPalette.HighlightedText, "#ffffff"),
        (QPalette.ToolTipBase, RAISED),
        (QPalette.ToolTipText, TEXT),
        (QPalette.PlaceholderText, QUIET),
    ):
        palette.setColor(role, QColor(colour))
    palette.setColor(QPalette.Disabled, QPalette.Text, QColor("#656b75"))
    application.setPalette(palette)
    application.setStyleSheet(_STYLE)
