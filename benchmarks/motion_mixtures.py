"""Mixtures for separation by motion, in the layout of Table 2 of Parekh et al. (2017).

All two-, three- and four-source combinations of an ensemble, ten seconds of each: sampled sound
from the simulated pieces, real sound from the URMP recordings, whose picture is simulated from
the notes as performed and whose stems are placed in the same kind of room. Sources and players are
in one order, left to right; boxes are the true ones, as in the paper.

``DEVELOPMENT`` and ``TEST`` keep apart what a method may be tuned on and what the tables report.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from avstem.datatypes import Box, FloatArray, MotionClusters, MotionField, Player, Players
from avstem.media.video import open_video
from avstem.players.clusters import motion_clusters
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from benchmarks.motion_pictures import film_real
from benchmarks.page import ROOT
from benchmarks.pieces import PIECES, make_piece

WORK = ROOT / "build" / "bench"
RATE_HZ = 16_000  # of all mixtures: that of the real recordings
SECONDS = 10.0
WHOLE_S = 180.0  # of a simulated piece; real recordings are as long as they are
SIZES = {2: "duos", 3: "trios", 4: "quartets"}
# Tune on the first, never on the second.
DEVELOPMENT = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15)
TEST = (10, 12, 14, 16)
TEST_REAL = ("11_Maria_ob_vc", "33_Elise_tpt_tpt_hn_tbn")


@dataclass(frozen=True)
class Ensemble:
    """One recording with its picture; stems, instruments and boxes left to right."""

    name: str
    video: Path
    stems: tuple[Path, ...]
    instruments: tuple[str, ...]
    boxes_px: tuple[tuple[float, float, float, float], ...]
    real: bool


@dataclass(frozen=True, eq=False)
class Sound:
    """A mixture in memory, as separators read it."""

    samples_: FloatArray  # (channels, samples) float32
    rate_hz: int
    start_s: float
    warnings: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        return len(self.samples_)

    @property
    def samples(self) -> int:
        return self.samples_.shape[1]

    def read(self, start: int, count: int) -> FloatArray:
        found = np.zeros((self.channels, count), np.float32)
        low, high = max(start, 0), min(start + count, self.samples)
        if low < high:
            found[:, low - start : high - start] = self.samples_[:, low:high]
        return found


@dataclass(frozen=True, eq=False)
class MotionMixture:
    """Some sources of an ensemble, and the players behind them in the same order.

    truth : (sources, 2, samples) float32. same : whether all play the same instrument.
    """

    name: str
    truth: FloatArray
    players: Players
    start_s: float
    same: bool
    real: bool
    rate_hz: int = RATE_HZ

    @property
    def size(self) -> int:
        """Number of sources."""
        return len(self.truth)

    def sound(self, *, mono: bool) -> Sound:
        """The mixture, in stereo or its downmix."""
        stereo = self.truth.sum(0)
        return Sound(stereo.mean(0, keepdims=True) if mono else stereo, self.rate_hz, self.start_s)

    @property
    def clusters(self) -> MotionClusters:
        """Motion clusters of its players, from the excerpt alone."""
        return motion_clusters(self.players)


def mixtures(
    numbers: tuple[int, ...] = DEVELOPMENT,
    real: tuple[str, ...] = (),
    *,
    sizes: tuple[int, ...] = (2, 3, 4),
    seconds: float = SECONDS,
) -> Iterator[MotionMixture]:
    """The mixtures one by one."""
    for ensemble in ensembles(numbers, real):
        whole = load(ensemble, seconds, RATE_HZ)
        for name, chosen in chosen_sources(ensemble):
            if len(chosen) in sizes:
                yield subset(whole, ensemble, name, chosen)


def whole_pieces(numbers: tuple[int, ...], real: tuple[str, ...] = ()) -> Iterator[MotionMixture]:
    """All players of each ensemble, minutes long and at the rate of its stems."""
    for ensemble in ensembles(numbers, real, seconds=WHOLE_S, folder=WORK / "motion" / "whole"):
        yield load(ensemble, None, soundfile.info(ensemble.stems[0]).samplerate)


def ensembles(
    numbers: tuple[int, ...],
    real: tuple[str, ...] = (),
    *,
    seconds: float = 40.0,
    folder: Path = WORK / "pieces",
) -> Iterator[Ensemble]:
    """Simulated pieces by number and real recordings by name; those not at hand are left out.

    seconds : length of a simulated piece, which is kept in ``folder``.
    """
    for piece in PIECES:
        if piece.number in numbers:
            yield _read_ensemble(make_piece(piece, folder, seconds=seconds), real=False)
    data = Path(os.environ.get("AVSTEM_DATA", ROOT.parent / "shared" / "data")) / "urmp"
    for name in real:
        if (data / name / "notes.json").is_file():
            yield _read_ensemble(film_real(data / name, WORK / "motion"), real=True)


def chosen_sources(ensemble: Ensemble) -> Iterator[tuple[str, tuple[int, ...]]]:
    sources = range(len(ensemble.stems))
    for size in SIZES:
        for chosen in combinations(sources, size):
            names = "+".join(ensemble.stems[k].stem.replace(" ", "_") for k in chosen)
            yield f"{ensemble.name[:2]} {names}", chosen


def _read_ensemble(folder: Path, *, real: bool) -> Ensemble:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    parts = [truth["parts"][player["part"]] for player in truth["players"]]
    return Ensemble(
        folder.name,
        folder / "video.mp4",
        tuple(folder / part["stem"] for part in parts),
        tuple(part["instrument"] for part in parts),
        tuple(tuple(player["box_px"]) for player in truth["players"]),
        real,
    )


# ----------------------------------------------------------------------- excerpts


def load(ensemble: Ensemble, seconds: float | None, rate_hz: int) -> MotionMixture:
    """All sources of an ensemble in the stretch that is fullest, with their players.

    seconds : length of the stretch, None for the whole.
    """
    stems = np.stack([_resampled(stem, rate_hz) for stem in ensemble.stems])
    start = 0
    if seconds is not None:
        start = _fullest(stems, round(seconds * rate_hz), rate_hz)
        stems = stems[..., start : start + round(seconds * rate_hz)]
    start_s = start / rate_hz
    field = cut(_field(ensemble.video), start_s, start_s + stems.shape[-1] / rate_hz)
    boxes = tuple(Box(*box) for box in ensemble.boxes_px)
    found = find_players(field, count=len(boxes), boxes=boxes)
    by_box = {player.box_px: player for player in found.players}
    players = tuple(replace(by_box[box], index=n) for n, box in enumerate(boxes))
    return MotionMixture(
        ensemble.name,
        stems,
        Players(players, field),
        start_s,
        same=len(set(ensemble.instruments)) == 1,
        real=ensemble.real,
        rate_hz=rate_hz,
    )


def subset(
    whole: MotionMixture, ensemble: Ensemble, name: str, chosen: tuple[int, ...]
) -> MotionMixture:
    """Some of the sources and their players."""
    players: tuple[Player, ...] = tuple(
        replace(whole.players.players[k], index=n) for n, k in enumerate(chosen)
    )
    return replace(
        whole,
        name=name,
        truth=whole.truth[list(chosen)],
        players=replace(whole.players, players=players),
        same=len({ensemble.instruments[k] for k in chosen}) == 1,
    )


def _resampled(path: Path, rate_hz: int) -> FloatArray:
    sound, found_hz = soundfile.read(path, dtype="float32", always_2d=True)
    if found_hz != rate_hz:
        divisor = np.gcd(found_hz, rate_hz)
        sound = resample_poly(sound, rate_hz // divisor, found_hz // divisor, axis=0)
    return np.ascontiguousarray(sound.T, np.float32)


def _fullest(stems: FloatArray, samples: int, rate_hz: int) -> int:
    """First sample of the stretch, on whole seconds, whose softest source is loudest."""
    last = max(0, stems.shape[-1] - samples)
    starts = range(0, last + 1, rate_hz)
    softest = [np.square(stems[..., s : s + samples]).mean((1, 2)).min() for s in starts]
    return starts[int(np.argmax(softest))]


@cache
def _field(video: Path) -> MotionField:
    kept = WORK / "motion" / "fields"
    kept.mkdir(parents=True, exist_ok=True)
    return measure_motion(open_video(video), video, cache=kept, scratch=kept)


def cut(field: MotionField, start_s: float, stop_s: float) -> MotionField:
    """The frames between two times."""
    first, stop = np.searchsorted(field.times_s, [start_s, stop_s])
    velocity = np.asarray(field.velocity[..., first:stop])
    inside = (field.look_frames >= first) & (field.look_frames < stop)
    return replace(
        field,
        velocity=velocity,
        times_s=field.times_s[first:stop],
        looks=field.looks[inside],
        look_frames=field.look_frames[inside] - first,
    )
