"""Measured rows of the motion bench as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.tables import markdown

Mixtures = Sequence[dict[str, Any]]
GROUPS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "duos": lambda m: m["size"] == 2,
    "trios": lambda m: m["size"] == 3,
    "quartets": lambda m: m["size"] == 4,
    "duos of one instrument": lambda m: m["same"],
}
PUBLISHED = {  # Table 2 of the paper: duos, trios, quartet
    "LS": (6.94, 3.30, 0.97),
    "spLS": (6.94, 3.26, 1.00),
    "JLS Rand": (5.30, 1.79, -0.76),
    "JLS NMF": (7.14, 3.24, 0.67),
    "Mel-NMF": (5.11, 2.18, 1.01),
}


def tables(found: Mixtures, rows: Sequence[str]) -> str:
    """All tables of what was measured; rows that no mixture has are left out."""
    rows = [row for row in rows if all(row in mixture["rows"] for mixture in found)]
    parts = ["## Motion: SDR of ten-second mixtures\n", _sdr(found, rows)]
    for title, real in (("sampled sound", False), ("real sound", True)):
        some = [mixture for mixture in found if mixture["real"] is real]
        if some:
            parts += [f"\n## Motion: {title} alone\n", _sdr(some, rows)]
    parts += ["\n## Motion: sources in the best order\n", _sdr(found, rows, "best")]
    parts += ["\n## Motion: how speed goes with loudness\n", _likeness(found)]
    parts += ["\n## Motion: as printed in the paper\n", _paper(rows)]
    return "\n".join(parts)


def whole(found: Mixtures, rows: Sequence[str]) -> str:
    """Whole pieces with all their players; those without one of the rows are left out."""
    found = [piece for piece in found if set(rows) <= set(piece["rows"])]
    if not found:
        return ""
    lines = []
    for row in rows:
        cells = [f"{np.mean(piece['rows'][row]['sdr']):.1f}" for piece in found]
        shares = [piece["rows"][row]["cpu_s"] / piece["seconds"] for piece in found]
        lines.append([row, *cells, f"{np.mean(shares):.2f}" if any(shares) else ""])
    heading = [
        "SDR, dB",
        *(f"{piece['name']}, {piece['seconds']:.0f} s" for piece in found),
        "processor x real time",
    ]
    return f"\n\n## Motion: whole pieces, all players\n\n{markdown(heading, lines)}"


def _sdr(found: Mixtures, rows: Sequence[str], key: str = "sdr") -> str:
    groups = {name: [m for m in found if belongs(m)] for name, belongs in GROUPS.items()}
    groups = {name: some for name, some in groups.items() if some}
    heading = ["SDR, dB", *(f"{name} ({len(some)})" for name, some in groups.items())]
    lines = []
    for row in rows:
        cells: list[object] = [row]
        cells += [f"{_mean(some, row, key):.2f}" for some in groups.values()]
        lines.append([*cells, _seconds(found, row)])
    return markdown([*heading, "processor s"], lines)


def _mean(found: Mixtures, row: str, key: str) -> float:
    return float(np.mean([np.mean(mixture["rows"][row][key]) for mixture in found]))


def _seconds(found: Mixtures, row: str) -> str:
    mean_s = float(np.mean([mixture["rows"][row]["cpu_s"] for mixture in found]))
    return f"{mean_s:.1f}" if mean_s else ""


def _likeness(found: Mixtures) -> str:
    """Correlation of a source's loudness with the cluster that goes with it best."""
    lines = []
    for title, key in (("of its own player", "own"), ("of another player", "other")):
        cells = [
            f"{np.mean([m['likeness'][key] for m in found if belongs(m)]):.2f}"
            for belongs in GROUPS.values()
            if any(belongs(m) for m in found)
        ]
        lines.append([title, *cells])
    names = [name for name, belongs in GROUPS.items() if any(belongs(m) for m in found)]
    return markdown(["best correlation with a cluster", *names], lines)


def _paper(rows: Sequence[str]) -> str:
    lines = [[row, *(f"{x:.2f}" for x in PUBLISHED[row])] for row in rows if row in PUBLISHED]
    return markdown(["SDR, dB", "duos (6)", "trios (4)", "quartet (1)"], lines)
