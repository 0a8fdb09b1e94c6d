"""What lies about for the sake of a project: its media, and the backups that REAPER keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from osc_bridge.rpp_items import RppProject

PROJECT, BACKUP = ".rpp", ".rpp-bak"
_WHEN = re.compile(r"-\d{4}-\d\d-\d\d_\d{4,6}$")  # REAPER saved a backup under a name of its own


def media_of(project: RppProject) -> set[Path]:
    """Files that a project plays, whether they become recordings or not."""
    sources = (item.source for track in project.tracks for item in track.items)
    files = (file for s in sources if s for file in (s.file, s.midi.file if s.midi else ""))
    return {Path(file).resolve() for file in files if file and "\0" not in file}


def lonely_backups(paths: Iterable[Path]) -> list[Path]:
    """The last backup of each project that is not there itself, wherever in ``paths``."""
    found = sorted(paths, key=lambda path: path.name)
    there = {path.stem.lower() for path in found if path.suffix.lower() == PROJECT}
    last = {_WHEN.sub("", p.stem).lower(): p for p in found if p.suffix.lower() == BACKUP}
    return [path for name, path in last.items() if name not in there]
