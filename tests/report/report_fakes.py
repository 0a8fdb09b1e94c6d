"""Made-up records of a whole job, of any size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from avstem.colours import colour
from avstem.datatypes import (
    Absent,
    Affinity,
    Alignment,
    Association,
    Box,
    Match,
    MotionField,
    Notes,
    Part,
    Player,
    Players,
    Stem,
    TimeMap,
)
from avstem.report import ReportData
from avstem.stems import file_names

NAMES = ("Violin 1", "Violin 2", "Viola", "Violoncello", "Double Bass", "Flute", "Oboe")


def make_report(
    parts: int = 4,
    players: int | None = 4,
    duration_s: float = 93.4,
    names: tuple[str, ...] = NAMES,
    seed: int = 1,
) -> ReportData:
    """A job with made-up figures; ``players`` None means there was no picture."""
    rng = np.random.default_rng(seed)
    names = tuple(names[i] if i < len(names) else f"Part {i + 1}" for i in range(parts))
    score_notes = [_notes(rng, duration_s * 0.92) for _ in names]
    timemap = _timemap(rng, duration_s)
    played = tuple(
        replace(n, onsets_s=timemap.to_media(n.onsets_s), offsets_s=timemap.to_media(n.offsets_s))
        for n in score_notes
    )
    confidences = np.clip(0.85 + 0.12 * rng.standard_normal(int(duration_s)), 0, 1)
    alignment = Alignment(timemap, played, 0.87, confidences)
    rate_hz = 48000
    return ReportData(
        title="Quartet in D minor, first movement",
        parts=tuple(
            Part(i, name, name.rstrip(" 0123456789"), notes)
            for i, (name, notes) in enumerate(zip(names, score_notes, strict=True))
        ),
        notes=played,
        players=_players(rng, players) if players is not None else Absent("there is no picture"),
        alignment=alignment,
        association=_association(rng, parts, players, played, duration_s),
        stems=_stems(rng, names),
        rate_hz=rate_hz,
        channels=2,
        samples=round(duration_s * rate_hz),
        start_s=0.04,
        picture=_picture(rng) if players is not None else None,
        mixture_link="../quartet.mp4",
        settings={"conditioning": "score", "method": "default", "players": None, "boxes": []},
        timings_s={"media": 0.6, "players": 21.3, "alignment": 6.2, "separation": 17.8},
    )


def _notes(rng: np.random.Generator, length_s: float) -> Notes:
    steps = rng.choice([0.25, 0.5, 1.0], int(length_s / 0.5))
    onsets = np.cumsum(steps)
    onsets = onsets[onsets < length_s - 1]
    n = len(onsets)
    return Notes(onsets, onsets + 0.24, rng.integers(50, 80, n), np.full(n, 80))


def _timemap(rng: np.random.Generator, duration_s: float) -> TimeMap:
    score_s = np.linspace(0.0, duration_s * 0.92, 300)
    tempo = 1.03 + 0.08 * np.sin(score_s / 9) + 0.05 * np.sin(score_s / 2.3)
    media_s = 1.2 + np.cumsum(np.diff(score_s, prepend=0.0) * tempo)
    return TimeMap(score_s, media_s)


def _players(rng: np.random.Generator, count: int) -> Players:
    field = MotionField(
        np.zeros((2, 4, 4, 3), np.float16),
        np.arange(3) / 30,
        np.ones((4, 4)),
        (480, 270),
        1920,
        1080,
    )
    width = 1860 / max(count, 1)
    found = tuple(
        Player(
            i,
            Box(30 + i * width, 300 + 40 * (i % 2), 30 + (i + 0.9) * width, 1000 - 20 * i),
            np.ones((4, 4)),
        )
        for i in range(count)
    )
    return Players(found, field)


def _association(
    rng: np.random.Generator,
    parts: int,
    players: int | None,
    played: tuple[Notes, ...],
    duration_s: float,
) -> Association:
    if players is None:
        return Association(tuple(Match(i, None, 0.0) for i in range(parts)), None)
    order = [int(p) for p in rng.permutation(max(parts, players)) if p < players][:parts]
    scores = rng.normal(0.3, 0.8, (parts, players))
    times_s = np.arange(int(duration_s * 30)) / 30
    curves = np.abs(rng.standard_normal((players, len(times_s)))) * 0.4
    matches = []
    for part in range(parts):
        player = order[part] if part < len(order) else None
        if player is None:
            matches.append(Match(part, None, 0.6, why="more parts than players in the picture"))
            continue
        scores[part, player] += 4.0
        strokes = np.interp(played[part].onsets_s + 0.03, times_s, np.arange(len(times_s)))
        train = np.bincount(strokes.round().astype(int), minlength=len(times_s))
        curves[player] += np.convolve(train, (0.6, 2.0, 3.0, 2.0, 0.6), "same")
        doubtful = part == 1
        others = [p for p in range(players) if p != player]
        matches.append(
            Match(
                part,
                player,
                0.58 if doubtful else 0.97,
                runner_up=others[0] if others else None,
                margin=0.31 if doubtful else 3.84,
                ambiguous=doubtful,
                why="players 0 and 2 fit almost equally well" if doubtful else "",
            )
        )
    idle = tuple(p for p in range(players) if p not in order)
    return Association(tuple(matches), Affinity("synchrony", scores, curves, times_s), idle)


def _stems(rng: np.random.Generator, names: tuple[str, ...]) -> tuple[Stem, ...]:
    stems = []
    for part, (name, file) in enumerate(zip(names, file_names(names), strict=True)):
        swell = 0.5 + 0.4 * np.sin(np.arange(2000) / (90 + 31 * part) + part)
        peaks = (swell * rng.uniform(0.3, 1.0, 2000) * 0.6 / (1 + part % 4)).astype(np.float32)
        stems.append(Stem(part, name, f"{file}.wav", colour(part), peaks, -18.5 - 2.3 * part))
    return tuple(stems)


def _picture(rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[0:540, 0:960]
    base = 60 + 50 * np.sin(columns / 130) + 40 * (rows / 540)
    grain = rng.normal(0, 4, base.shape)
    grey = np.clip(base + grain, 0, 255).astype(np.uint8)
    return np.stack([grey, (grey * 0.9).astype(np.uint8), (grey * 0.75).astype(np.uint8)], axis=2)
