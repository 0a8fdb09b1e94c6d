"""How far the likeness of stems, which needs no truth, goes with their true SI-SDR.

``python -m benchmarks.stem_signs`` separates the simulated pieces of ``make bench`` (kept in
``build/bench/signs``) and prints the figures of docs/batch.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from scipy.stats import spearmanr

from avstem import pipeline
from avstem.batch.quality import estimate
from avstem.request import Request
from benchmarks.page import ROOT

WORK = ROOT / "build" / "bench"
STEPS = (0.0, 0.01, 0.02, 0.03, 0.05, 1.0)


def main() -> None:
    """Print the rank correlation, and the SI-SDR by steps of likeness."""
    found = np.array([row for piece in sorted((WORK / "pieces").iterdir()) for row in signs(piece)])
    shared, si_sdr_db = found.T
    print(f"{len(found)} stems, rank correlation {spearmanr(shared, si_sdr_db)[0]:.2f}")
    for low, high in zip(STEPS, STEPS[1:], strict=False):
        inside = si_sdr_db[(shared >= low) & (shared < high)]
        if len(inside):
            least, middle, most = np.percentile(inside, [10, 50, 90])
            shares = f"{100 * low:.0f} to {100 * high:.0f} %"
            print(f"{shares}: {len(inside)} stems, {middle:.1f} dB ({least:.1f} to {most:.1f})")


def signs(piece: Path) -> Iterator[tuple[float, float]]:
    """Likeness and true SI-SDR in dB of every stem of a simulated piece."""
    output = WORK / "signs" / piece.name
    if not (output / "result.json").is_file():
        pipeline.run(Request(piece / "score.mid", output, video=piece / "video.mp4"))
    parts = json.loads((output / "result.json").read_text(encoding="utf-8"))["parts"]
    likeness = {sign.part: sign.shared for sign in estimate(output, parts)}
    for part, truth in zip(parts, sorted((piece / "stems").glob("*.wav")), strict=True):
        yield likeness[part["index"]], si_sdr_db(output / part["stem"], truth)


def si_sdr_db(estimated: Path, truth: Path) -> float:
    """Scale-invariant ratio of the true sound to all else (Le Roux et al. 2019, eq. 3)."""
    sounds = [soundfile.read(path, always_2d=True)[0] for path in (estimated, truth)]
    length = min(map(len, sounds))
    found, right = (sound[:length].ravel() for sound in sounds)
    target = (found @ right) / (right @ right) * right
    return float(10 * np.log10((target @ target) / ((found - target) @ (found - target))))


if __name__ == "__main__":
    main()
