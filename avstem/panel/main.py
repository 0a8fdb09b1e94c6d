"""Start the application."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from PyQt5.QtCore import QCoreApplication, QLocale, Qt
from PyQt5.QtWidgets import QApplication

from avstem.panel import theme, translation
from avstem.panel.preferences import Preferences
from avstem.panel.window import Window


def run(spool: Path) -> int:
    """Show the window until it is closed; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in a terminal closes it
    application = make_application(sys.argv[:1])
    window = Window(spool, Preferences())
    window.show()
    return int(application.exec())


def make_application(arguments: list[str]) -> QApplication:
    """The application: sharp on every screen, dark, in the user's language where there is one."""
    QCoreApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    application = QApplication(arguments)
    application.setApplicationName("avstem")
    theme.dress(application)
    translation.install(application, QLocale())
    return application
