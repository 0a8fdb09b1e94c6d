"""Rows of measurements as Markdown tables, one per stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

SIZES = {2: "duo", 3: "trio", 4: "quartet", 5: "quintet"}
Rows = Sequence[dict[str, Any]]


def markdown(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def association(rows: Rows) -> str:
    """Tracks and pieces right, then Table 1 of Li et al. (2017) piece by piece."""
    rows = [row for row in rows if "association" in row]
    methods = list(rows[0]["association"])
    totals = []
    for method in methods:
        found = [row["association"][method] for row in rows]
        tracks, right = sum(f["tracks"] for f in found), sum(f["tracks_right"] for f in found)
        pieces = sum(f["tracks_right"] == f["tracks"] for f in found)
        share = f"{100 * right / tracks:.1f} %"
        totals.append([method, f"{right}/{tracks}", share, f"{pieces}/{len(found)}"])
    each = []
    for row in rows:
        cells: list[object] = [row["name"]]
        for method in methods:
            f = row["association"][method]
            cells += [f"{f['tracks_right']}/{f['tracks']}", f["rank"], f"{f['metric_ratio']:.3g}"]
        each.append(cells)
    heading = ["piece"] + [f"{m} {what}" for m in methods for what in ("right", "rank", "ratio")]
    first = markdown(["method", "tracks right", "share", "pieces all right"], totals)
    return f"{first}\n\n{markdown(heading, each)}"


def alignment(groups: dict[str, Rows]) -> str:
    """Onset errors per group of recordings: median, 90th percentile, share within 60 ms."""
    lines = []
    for group, rows in groups.items():
        for method in rows[0]["alignment"]:
            errors_s = np.concatenate([row["alignment"][method] for row in rows])
            median, most = np.percentile(errors_s, [50, 90]) * 1000
            within = 100 * np.mean(errors_s <= 0.060)
            lines.append(
                [group, method, len(errors_s), f"{median:.1f}", f"{most:.1f}", f"{within:.1f} %"]
            )
    return markdown(
        ["recordings", "method", "notes", "median ms", "90 % ms", "within 60 ms"], lines
    )


def separation(rows: Rows, measure: str) -> str:
    """Mean of a measure over the sources, in dB, per ensemble size and method."""
    sizes = sorted({row["parts"] for row in rows})
    lines = []
    for method in rows[0]["separation"]:
        cells = [method]
        for size in sizes:
            found = [row["separation"][method][measure] for row in rows if row["parts"] == size]
            cells.append(f"{np.mean([np.mean(values) for values in found]):.1f}")
        lines.append(cells)
    return markdown([f"{measure}, dB", *(SIZES[size] for size in sizes)], lines)


def real(rows: Rows) -> str:
    """The real recordings one by one: SI-SDR and SDR in dB."""
    lines = []
    for method in rows[0]["separation"]:
        cells = [method]
        for row in rows:
            found = row["separation"][method]
            cells.append(f"{np.mean(found['SI-SDR']):.1f} / {np.mean(found['SDR']):.1f}")
        lines.append(cells)
    return markdown(["SI-SDR / SDR, dB", *(row["name"] for row in rows)], lines)
