"""Real pictures: who moves with which sound, in clips of real players set side by side.

``python -m benchmarks.real_clips`` puts the clips of ../shared/data/video (or AVSTEM_DATA) next to
each other, takes the onsets of each clip's own sound (librosa's detector: a score is not at hand),
and prints the affinity of every clip's picture with every clip's onsets. The diagonal is right.
"""

from __future__ import annotations

import os
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import librosa
import numpy as np

from avstem import association
from avstem.datatypes import Box, FloatArray, Notes
from avstem.media.audio import open_mixture
from avstem.media.video import open_video
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion
from benchmarks.page import ROOT
from benchmarks.tables import markdown

CLIPS = (
    "solo_violin_8s_480x360.mp4",
    "duo_guitar_piano_10s_640x360.mp4",
    "solo_violin_3s_1080x1920.mp4",
)
TILE_PX = 360
RATE_HZ = 25


def main() -> None:
    """Print one matrix per set of clips that are as long as the shortest of them."""
    folder = Path(os.environ.get("AVSTEM_DATA", ROOT.parent / "shared" / "data")) / "video"
    for clips in (CLIPS[:2], CLIPS):
        print(matrix([folder / name for name in clips]), end="\n\n")


def matrix(clips: list[Path]) -> str:
    """Affinities of every picture with every sound, a table per method."""
    with tempfile.TemporaryDirectory() as scratch:
        seconds = min(open_video(clip).duration_s for clip in clips)
        wall = Path(scratch) / "wall.mp4"
        _side_by_side(clips, wall, seconds)
        notes = tuple(_heard(clip, seconds, Path(scratch)) for clip in clips)
        field = measure_motion(open_video(wall), wall, cache=Path(scratch), scratch=Path(scratch))
        boxes = tuple(Box(TILE_PX * k, 0, TILE_PX * (k + 1), TILE_PX) for k in range(len(clips)))
        players = find_players(field, count=len(clips), boxes=boxes)
    lines = []
    for method in association.METHODS:
        scores = association.associate(players, notes, method=method).scores
        for part, clip in enumerate(clips):
            lines.append([method, clip.stem, len(notes[part]), *(f"{s:.2f}" for s in scores[part])])
    return f"{seconds:.1f} s\n\n" + markdown(
        ["method", "sound of", "onsets", *(f"picture of {clip.stem}" for clip in clips)], lines
    )


def _side_by_side(clips: list[Path], target: Path, seconds: float) -> None:
    """Square tiles, each frame the one presented at that time."""
    readers = [_steady(clip) for clip in clips]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=RATE_HZ, options={"crf": "16"})
        stream.width, stream.height = TILE_PX * len(clips), TILE_PX
        stream.pix_fmt = "yuv420p"
        for n in range(int(seconds * RATE_HZ)):
            tiles = [reader(n / RATE_HZ) for reader in readers]
            frame = av.VideoFrame.from_ndarray(np.hstack(tiles), format="gray")
            frame.pts, frame.time_base = n, Fraction(1, RATE_HZ)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _steady(clip: Path):  # type: ignore[no-untyped-def]
    video = open_video(clip)
    size = TILE_PX / max(video.width_px, video.height_px)
    width, height = (int(size * n) // 8 * 8 for n in (video.width_px, video.height_px))
    frames = list(video.luma(width, height))
    times_s = np.array([frame.time_s for frame in frames])

    def at(time_s: float) -> FloatArray:
        picture = frames[max(0, int(np.searchsorted(times_s, time_s, "right")) - 1)].picture
        down, right = TILE_PX - picture.shape[0], TILE_PX - picture.shape[1]
        edges = (down // 2, down - down // 2, right // 2, right - right // 2)
        return np.asarray(cv2.copyMakeBorder(picture, *edges, cv2.BORDER_REPLICATE))

    return at


def _heard(clip: Path, seconds: float, scratch: Path) -> Notes:
    """Onsets in a clip's own sound, media time; pitches are not known."""
    video = open_video(clip)
    mixture = open_mixture(clip, epoch_s=video.epoch_s, scratch=scratch)
    sound = mixture.read(0, mixture.samples).mean(0)
    onsets_s = librosa.onset.onset_detect(y=sound, sr=mixture.rate_hz, units="time")
    onsets_s = onsets_s + mixture.start_s
    onsets_s = onsets_s[(onsets_s >= 0) & (onsets_s < seconds)]
    offsets_s = np.append(onsets_s[1:], seconds)
    flat = np.full(len(onsets_s), 60)
    return Notes(onsets_s, np.maximum(offsets_s, onsets_s + 0.01), flat, flat)


if __name__ == "__main__":
    main()
