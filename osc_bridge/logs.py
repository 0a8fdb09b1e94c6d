"""The service's log: rotating, and not to be flooded by whoever sends rubbish."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 1 << 20
OLDER_PARTS = 4
BURST = 20  # warnings of one kind within a window that are written out
WINDOW_S = 10.0


def open_log(path: Path) -> logging.Handler:
    """Write the log of all our loggers to ``path``; returns the handler, to close at the end."""
    handler = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=OLDER_PARTS, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(Flood())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


class Flood(logging.Filter):
    """Lets a burst of each kind of warning through, then counts until the window is over."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write the record (logging calls this)."""
        if record.levelno < logging.WARNING:
            return True
        kind = str(record.msg)
        if len(self._seen) > 1000:  # messages that were no templates
            self._seen.clear()
        start_s, count = self._seen.get(kind, (record.created, 0))
        if record.created - start_s > WINDOW_S:
            if count > BURST:
                record.msg = f"{record.msg} (and {count - BURST} more like the ones before)"
            start_s, count = record.created, 0
        self._seen[kind] = (start_s, count + 1)
        return count < BURST
