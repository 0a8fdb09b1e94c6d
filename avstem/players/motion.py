"""The motion of the whole picture in one pass over the video, remembered by content.

The field is written frame by frame to a file and memory-mapped when done, so that the length of
a video costs disk (about 6 MB a minute), not memory. A cached entry is a pair of files named by
the video's content hash: ``KEY.f16``, velocities as float16 (frames, 2, rows, columns), and
``KEY.npz`` with all else, views of the camera among it, written last. An entry that is incomplete
or damaged is measured again. The cache keeps to 2 GB: the entries that were not used for longest
go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np
import platformdirs
from numpy.typing import NDArray

from avstem.datatypes import (
    FloatArray,
    Frame,
    IntArray,
    MotionField,
    Progress,
    Similarity,
    Video,
    View,
    no_progress,
)
from avstem.errors import MediaError, OutputError
from avstem.players.camera import remove_camera
from avstem.players.flow import CELL_PX, CellFlow, flow_size
from avstem.players.shots import Shots

# Part of the cache key: raise it whenever the velocities of a video change.
_VERSION = 3
_CACHE_BYTES = 2_000_000_000
_PROGRESS_FRAMES = 15
_LOOK_S = 1.0


@dataclass(frozen=True, eq=False)
class _Summary:
    """What a pass leaves besides the velocities: the fields of a ``MotionField``."""

    times_s: FloatArray
    texture: FloatArray
    digest: str  # of the velocities
    looks: NDArray[np.uint8]
    look_frames: IntArray
    # of the views, each along the first axis
    starts: IntArray
    stills: NDArray[np.uint8]
    textures: FloatArray
    follows: NDArray[np.complex128]  # (views, 2) turn and shift; NaN after a cut
    moved_px: FloatArray


def default_cache() -> Path:
    """The user's cache folder for motion fields."""
    return Path(platformdirs.user_cache_dir("avstem")) / "motion"


def measure_motion(
    video: Video,
    path: Path,
    *,
    cache: Path | None = None,
    scratch: Path,
    progress: Progress = no_progress,
) -> MotionField:
    """Dense motion of ``video`` on a grid, from the cache when its content has been seen.

    path : the video's file, for its content hash.
    cache : folder for motion fields, None for the user's cache folder. Where it cannot be
        written the field goes to ``scratch``.
    scratch : folder that outlives the returned field, which maps a file.

    Velocity at frame n is the displacement from frame n - 1 over the true time between them, in
    pixels of the flow picture per second, zero at the first frame and at cuts. Motion of the
    camera is removed.

    Raises MediaError when the video has less than two frames, OutputError when the cache is full.
    """
    key = f"{_content_hash(path)}-v{_VERSION}"
    folder = _writable(cache or default_cache()) or scratch
    field = _load(folder / key, video)
    if field is None:
        try:
            _measure(video, folder / key, progress)
        except OSError as error:
            raise OutputError(
                f"Cannot write the motion of {path.name} to {folder}: {error.strerror or error}.",
                "Make room there, or name another folder with --cache.",
            ) from error
        _prune(folder, keep=key)
        field = _load(folder / key, video)
    if field is None:
        raise MediaError(
            f"The motion measured from {path.name} could not be read back from {folder}.",
            "Check the disk, or name another cache folder.",
        )
    progress(1.0)
    return field


def _content_hash(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return digest.hexdigest()


def _writable(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _measure(video: Video, entry: Path, progress: Progress) -> None:
    with _renamed_when_done(entry.with_suffix(".f16")) as file:
        summary = _write_velocities(video, file, progress)
    with _renamed_when_done(entry.with_suffix(".npz")) as file:
        np.savez(file, **vars(summary))


@contextlib.contextmanager
def _renamed_when_done(path: Path) -> Iterator[IO[bytes]]:
    """A file under a temporary name that gets its own when the block ends well."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_velocities(video: Video, file: IO[bytes], progress: Progress) -> _Summary:
    digest = hashlib.blake2b(digest_size=16)
    times: list[float] = []
    looks: list[NDArray[np.uint8]] = []
    look_frames: list[int] = []
    trust_sum = np.zeros(1)
    shots = Shots(flow := CellFlow())
    for step in _steps(video, flow, shots):
        stored = step.velocity.astype(np.float16).tobytes()
        digest.update(stored)
        file.write(stored)
        if not times or step.time_s >= times[look_frames[-1]] + _LOOK_S:
            look_frames.append(len(times))
            looks.append(shots.look())
        times.append(step.time_s)
        trust_sum = trust_sum + step.trust
        if len(times) % _PROGRESS_FRAMES == 0:
            progress(min(1.0, step.time_s / max(video.duration_s, 1e-6)))
    if len(times) < 2:
        raise MediaError(
            f"Expected a moving picture, found {len(times)} frame.",
            "Separate without the picture (--audio-only), or give the complete video.",
        )
    texture = trust_sum / (len(times) - 1)
    return _Summary(
        np.array(times),
        texture,
        digest.hexdigest(),
        np.stack(looks),
        np.array(look_frames),
        **_columns(shots.views()),
    )


def _columns(views: tuple[View, ...]) -> dict[str, Any]:
    """The fields of views, each as one array."""
    cut = complex(np.nan, np.nan)
    follows = [(v.follows.turn, v.follows.shift) if v.follows else (cut, cut) for v in views]
    return {
        "starts": np.array([view.start for view in views]),
        "stills": np.stack([view.still for view in views]),
        "textures": np.stack([view.texture for view in views]),
        "follows": np.array(follows),
        "moved_px": np.array([view.moved_px for view in views]),
    }


@dataclass(frozen=True, eq=False)
class _Step:
    """What one frame adds: velocity (2, rows, columns), trust (rows, columns)."""

    time_s: float
    velocity: FloatArray
    trust: FloatArray


def _steps(video: Video, flow: CellFlow, shots: Shots) -> Iterator[_Step]:
    width, height = flow_size(video.width_px, video.height_px)
    still = np.zeros((2, height // CELL_PX, width // CELL_PX))
    before: Frame | None = None
    for frame in video.luma(width, height):
        picture = np.ascontiguousarray(frame.picture)
        if before is None:
            shots.see(picture)
            yield _Step(frame.time_s, *shots.on_view(still, still[0]))
        elif frame.time_s <= before.time_s:  # shown twice at one time: says nothing of speed
            continue
        else:
            moved, trust = flow(before.picture, picture)
            velocity = remove_camera(moved, trust) / (frame.time_s - before.time_s)
            shots.see(picture)
            yield _Step(frame.time_s, *shots.on_view(velocity, trust))
        before = Frame(frame.time_s, picture)


def _load(entry: Path, video: Video) -> MotionField | None:
    """The stored field, None when there is none or it is not whole."""
    try:
        with np.load(entry.with_suffix(".npz")) as stored:
            values = {field.name: stored[field.name] for field in fields(_Summary)}
            summary = _Summary(**values | {"digest": str(values["digest"])})
        with entry.with_suffix(".f16").open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    if digest.hexdigest() != summary.digest:
        return None
    _touch(entry)
    shape = (len(summary.times_s), 2, *summary.texture.shape)
    mapped = np.memmap(entry.with_suffix(".f16"), np.float16, mode="r", shape=shape)
    rows, columns = summary.texture.shape
    views = _views(summary)
    return MotionField(
        velocity=np.moveaxis(mapped, 0, -1),
        times_s=summary.times_s,
        texture=summary.texture,
        cell_px=(video.width_px / columns, video.height_px / rows),
        width_px=video.width_px,
        height_px=video.height_px,
        cuts_s=tuple(float(summary.times_s[v.start]) for v in views[1:] if v.follows is None),
        views=views if len(views) > 1 else (),
        looks=summary.looks,
        look_frames=summary.look_frames,
    )


def _views(summary: _Summary) -> tuple[View, ...]:
    stops = np.append(summary.starts[1:], len(summary.times_s))
    return tuple(
        View(
            int(start),
            int(stop),
            still,
            texture,
            None if np.isnan(turn) else Similarity(complex(turn), complex(shift)),
            float(moved_px),
        )
        for start, stop, still, texture, (turn, shift), moved_px in zip(
            summary.starts,
            stops,
            summary.stills,
            summary.textures,
            summary.follows,
            summary.moved_px,
            strict=True,
        )
    )


def _touch(entry: Path) -> None:
    """Mark as used now; a cache that may only be read is used all the same."""
    with contextlib.suppress(OSError):
        os.utime(entry.with_suffix(".f16"))


def _prune(folder: Path, keep: str) -> None:
    """Remove what was unused for longest until the cache keeps to its size."""
    entries = sorted(folder.glob("*.f16"), key=lambda file: file.stat().st_mtime)
    total = sum(file.stat().st_size for file in entries)
    for file in entries:
        if total <= _CACHE_BYTES:
            return
        if file.stem != keep:
            total -= file.stat().st_size
            with contextlib.suppress(OSError):  # still mapped on Windows
                file.unlink()
                file.with_suffix(".npz").unlink(missing_ok=True)
