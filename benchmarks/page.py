"""The page of results: each command writes its own section, people write around it."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results.md"


@dataclass(frozen=True)
class Section:
    """What a command prints, between two comments that name it."""

    command: str

    def write(self, text: str, page: Path = RESULTS) -> None:
        """Replace what the command printed before; a page without the section gets one at its end.

        Raises ValueError where the section has no end, lest what follows be lost.
        """
        begin = f"<!-- printed by {self.command} -->"
        end = f"<!-- end of what {self.command} prints -->"
        old = page.read_text(encoding="utf-8") if page.is_file() else "# Results\n"
        if begin not in old:
            old = f"{old.rstrip()}\n\n{begin}\n{end}\n"
        before, _, rest = old.partition(begin)
        if end not in rest:
            raise ValueError(f"{page}: {begin!r} needs {end!r} behind it.")
        after = rest.partition(end)[2]
        page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """On what a figure was measured: commit, cores, kind of processor, Python."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    cores, python = os.cpu_count(), platform.python_version()
    return f"commit {commit}: {cores} cores, {platform.machine()}, Python {python}"
