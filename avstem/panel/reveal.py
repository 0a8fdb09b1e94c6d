"""Showing a file in the system's file manager, marked; else the folder that it is in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QMetaType, QObject, QProcess, QUrl
from PyQt5.QtGui import QDesktopServices

_BUS_NAME = "org.freedesktop.FileManager1"
_BUS_PATH = "/org/freedesktop/FileManager1"
_PATIENCE_MS = 3000  # a file manager may have to start first


def open_path(path: Path) -> None:
    """Have the system open a file or folder."""
    if path.exists():
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def reveal(
    path: Path, parent: QObject, open_folder: Callable[[Path], None] = open_path
) -> list[str]:
    """Show a file where it lies; returns the command that does so, empty where none is needed.

    On Linux and BSD file managers are asked over D-Bus, without waiting; if none answers,
    ``open_folder`` gets the folder.
    """
    if not path.exists():
        open_folder(path.parent)
        return []
    command = command_for(path, sys.platform)
    if command:
        QProcess.startDetached(command[0], command[1:])
    else:
        _ask_file_manager(path, parent, open_folder)
    return command


def command_for(path: Path, platform: str) -> list[str]:
    """The program that marks a file, with its arguments; empty where D-Bus does it."""
    if platform == "win32":
        return ["explorer", "/select,", str(path)]
    return ["open", "-R", str(path)] if platform == "darwin" else []


def _ask_file_manager(path: Path, parent: QObject, open_folder: Callable[[Path], None]) -> None:
    try:
        from PyQt5 import QtDBus as bus
    except ImportError:  # a system without the library of D-Bus
        return open_folder(path.parent)
    call = bus.QDBusMessage.createMethodCall(_BUS_NAME, _BUS_PATH, _BUS_NAME, "ShowItems")
    uris = [QUrl.fromLocalFile(str(path)).toString(QUrl.FullyEncoded)]
    # A plain list would go as one of variants, which is another method to D-Bus.
    call.setArguments([bus.QDBusArgument(uris, QMetaType.QStringList), ""])
    watcher = bus.QDBusPendingCallWatcher(
        bus.QDBusConnection.sessionBus().asyncCall(call, _PATIENCE_MS), parent
    )

    def answered(_: object) -> None:
        if bus.QDBusPendingReply(watcher).isError():
            open_folder(path.parent)
        watcher.deleteLater()

    watcher.finished.connect(answered)
    return None
