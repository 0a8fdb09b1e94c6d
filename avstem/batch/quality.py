"""How good stems probably are, as far as that can be told without knowing the truth.

Nothing here is a measure of error: each figure is a sign that a person should listen first.
docs/batch.md says what each means, and how well it goes with the truth where that is known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import FloatArray

BLOCK = 1 << 16  # samples of each stem held at a time
_FULL = 1.0 - 2.0**-15  # the largest magnitude that every format still tells from full scale
_SILENT_DB = -60.0  # below the loudest stem: nothing that is heard beside it


@dataclass(frozen=True)
class StemQuality:
    """Signs of one stem.

    level_db : RMS relative to full scale. clipped : samples at full scale or beyond.
    shared : 0 to 1, correlation with the stem that it resembles most: sound that was divided
        between the two rather than given to one of them. with_part : that stem's part.
    """

    part: int
    level_db: float
    clipped: int
    silent: bool
    shared: float
    with_part: int | None


def estimate(result: Path, parts: Sequence[dict[str, Any]]) -> tuple[StemQuality, ...]:
    """Signs of all stems of a finished result, by the ``parts`` of its manifest.

    Raises OSError or RuntimeError of soundfile where a stem cannot be read.
    """
    named = [part for part in parts if part["stem"]]
    if not named:
        return ()
    products: Any = 0.0
    clipped: Any = 0
    samples = 0
    for block in _blocks([result / part["stem"] for part in named]):
        flat = block.reshape(len(named), -1).astype(np.float64)
        products = products + flat @ flat.T
        clipped = clipped + (np.abs(flat) >= _FULL).sum(axis=1)
        samples += flat.shape[1]
    return _signs([part["index"] for part in named], np.asarray(products), clipped, samples)


def write_quality(result: Path, target: Path) -> None:
    """Estimate and write as JSON, whole or not at all."""
    manifest = json.loads((result / "result.json").read_text(encoding="utf-8"))
    text = json.dumps([asdict(one) for one in estimate(result, manifest["parts"])])
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)


def read_quality(path: Path) -> dict[int, StemQuality]:
    """Signs by part; empty where none were written."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {row["part"]: StemQuality(**row) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _signs(
    parts: Sequence[int], products: FloatArray, clipped: Sequence[int], samples: int
) -> tuple[StemQuality, ...]:
    energy = np.diag(products)
    with np.errstate(divide="ignore", invalid="ignore"):
        level_db = 10.0 * np.log10(energy / max(samples, 1))
        alike = np.abs(products) / np.sqrt(np.outer(energy, energy))
    alike = np.nan_to_num(alike, nan=0.0, posinf=0.0)
    np.fill_diagonal(alike, -1.0)
    loudest = float(np.max(level_db))
    found = []
    for row, part in enumerate(parts):
        nearest = int(np.argmax(alike[row])) if len(parts) > 1 else None
        found.append(
            StemQuality(
                part,
                round(max(float(level_db[row]), -200.0), 1),
                int(clipped[row]),
                bool(level_db[row] < max(loudest, -200.0) + _SILENT_DB or energy[row] == 0.0),
                0.0 if nearest is None else round(float(alike[row, nearest]), 4),
                None if nearest is None else parts[nearest],
            )
        )
    return tuple(found)


def _blocks(paths: Sequence[Path]) -> Iterator[FloatArray]:
    """(stems, samples, channels) of files that are equally long, in blocks."""
    import soundfile

    with ExitStack() as stack:
        files = [stack.enter_context(soundfile.SoundFile(path)) for path in paths]
        while True:
            block = [file.read(BLOCK, dtype="float32", always_2d=True) for file in files]
            if not len(block[0]):
                return
            yield np.stack(block)
