"""The motion field: known motion at true times, the cache, real pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from avstem.datatypes import Frame
from avstem.errors import Cancelled, MediaError
from avstem.players.detect import find_players
from avstem.players.motion import measure_motion

WIDTH, HEIGHT = 160, 96


def _texture(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    noise = gaussian_filter(random.normal(size=(height, width)), 1.5)
    return np.kron(noise / noise.std(), np.ones((4, 4)))


@dataclass
class FakeVideo:
    """A textured square that moves to the right at 60 px/s; frames at uneven times."""

    times_s: list[float]
    width_px: int = WIDTH
    height_px: int = HEIGHT
    decoded: int = 0
    cut_at: int = -1
    square: np.ndarray = field(init=False)
    wall: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        # drawn at four times the size, so that fractions of a pixel count
        random = np.random.default_rng(0)
        self.square = 128 + 40 * _texture(random, 40, 40)
        self.wall = 90 + 20 * _texture(random, HEIGHT, WIDTH)

    @property
    def duration_s(self) -> float:
        return self.times_s[-1]

    @property
    def frames(self) -> int:
        return len(self.times_s)

    def luma(self, width_px: int, height_px: int) -> Iterator[Frame]:
        assert (width_px, height_px) == (WIDTH, HEIGHT)
        for n, time_s in enumerate(self.times_s):
            self.decoded += 1
            yield Frame(time_s, self._draw(time_s, inverted=n >= self.cut_at >= 0))

    def _draw(self, time_s: float, inverted: bool) -> np.ndarray:
        large = self.wall.copy()
        x = round(4 * (20 + 60 * time_s))
        large[120:280, x : x + 160] = self.square
        small = large.reshape(HEIGHT, 4, WIDTH, 4).mean(axis=(1, 3))
        return np.clip(220 - small if inverted else small, 0, 255).astype(np.uint8)

    def picture_at(self, time_s: float, width_px: int | None = None) -> Frame:
        raise AssertionError("not used")


@pytest.fixture
def video_file(tmp_path: Path) -> Path:
    path = tmp_path / "violin trio é.mp4"
    path.write_bytes(b"content")
    return path


def test_velocities_follow_true_frame_times(video_file: Path, tmp_path: Path) -> None:
    steps = np.where(np.arange(30) % 3 == 0, 1 / 15, 1 / 30)
    video = FakeVideo([0.0, *np.cumsum(steps)])
    measured = measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path)
    assert measured.velocity.shape == (2, HEIGHT // 8, WIDTH // 8, 31)
    assert not measured.velocity[..., 0].any()
    for n in (5, 6, 7, 20, 21):
        x = int((20 + 60 * video.times_s[n] + 20) / 8)
        assert measured.velocity[0, 5:8, x, n].mean() == pytest.approx(60, abs=8)
        assert abs(float(measured.velocity[1, 5:8, x, n].mean())) < 5
    assert not measured.velocity[:, :2].any() or np.abs(measured.velocity[:, :2]).max() < 1


def test_a_repeated_time_is_skipped(video_file: Path, tmp_path: Path) -> None:
    video = FakeVideo([0.0, 0.1, 0.1, 0.2])
    measured = measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path)
    assert list(measured.times_s) == [0.0, 0.1, 0.2]


def test_flow_at_a_cut_is_zero(video_file: Path, tmp_path: Path) -> None:
    video = FakeVideo([n / 30 for n in range(20)], cut_at=10)
    measured = measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path)
    assert measured.cuts_s == pytest.approx((10 / 30,))
    assert not measured.velocity[..., 10].any()


def test_a_second_measure_does_not_decode(video_file: Path, tmp_path: Path) -> None:
    video = FakeVideo([n / 30 for n in range(10)])
    first = measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path)
    copy = video_file.with_name("renamed.mov")
    copy.write_bytes(video_file.read_bytes())
    again = measure_motion(video, copy, cache=tmp_path / "c", scratch=tmp_path)
    assert video.decoded == 10
    assert np.array_equal(first.velocity, again.velocity)
    copy.write_bytes(b"other content")
    measure_motion(video, copy, cache=tmp_path / "c", scratch=tmp_path)
    assert video.decoded == 20


@pytest.mark.parametrize("damage", ["short", "flipped", "no summary", "garbage summary"])
def test_a_damaged_entry_is_measured_again(video_file: Path, tmp_path: Path, damage: str) -> None:
    video = FakeVideo([n / 30 for n in range(10)])
    cache = tmp_path / "c"
    first = np.array(measure_motion(video, video_file, cache=cache, scratch=tmp_path).velocity)
    (raw,), (summary,) = cache.glob("*.f16"), cache.glob("*.npz")
    content = bytearray(raw.read_bytes())
    content[100] ^= 255
    if damage == "short":
        raw.write_bytes(content[:-50])
    elif damage == "flipped":
        raw.write_bytes(content)
    elif damage == "no summary":
        summary.unlink()
    else:
        summary.write_bytes(b"PK garbage")
    again = measure_motion(video, video_file, cache=cache, scratch=tmp_path)
    assert video.decoded == 20
    assert np.array_equal(first, again.velocity)


def test_a_cancelled_measure_leaves_nothing(video_file: Path, tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        raise Cancelled("stopped")

    video = FakeVideo([n / 30 for n in range(40)])
    with pytest.raises(Cancelled):
        measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path, progress=stop)
    assert list((tmp_path / "c").iterdir()) == []


def test_a_cache_that_cannot_be_made_falls_back_to_scratch(
    video_file: Path, tmp_path: Path
) -> None:
    video = FakeVideo([n / 30 for n in range(4)])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    measure_motion(video, video_file, cache=video_file / "below a file", scratch=scratch)
    assert len(list(scratch.glob("*.f16"))) == 1


def test_the_cache_keeps_to_its_size(
    video_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avstem.players.motion._CACHE_BYTES", 20_000)
    video = FakeVideo([n / 30 for n in range(10)])  # 9600 bytes of velocities
    for n in range(4):
        video_file.write_bytes(b"content %d" % n)
        measure_motion(video, video_file, cache=tmp_path / "c", scratch=tmp_path)
    assert len(list((tmp_path / "c").glob("*.f16"))) == len(list((tmp_path / "c").glob("*.npz")))
    assert len(list((tmp_path / "c").glob("*.f16"))) == 2


def test_a_still_picture_is_refused(video_file: Path, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="Expected a moving picture, found 1 frame"):
        measure_motion(FakeVideo([0.0]), video_file, cache=tmp_path / "c", scratch=tmp_path)


@pytest.mark.real_data
def test_two_real_players_are_told_apart(data_dir: Path, tmp_path: Path) -> None:
    from avstem.media.video import open_video

    path = data_dir / "video" / "duo_guitar_piano_10s_640x360.mp4"
    measured = measure_motion(open_video(path), path, cache=tmp_path, scratch=tmp_path)
    left, right = find_players(measured, count=2).players
    assert measured.cuts_s == ()
    assert (left.box_px.x0 + left.box_px.x1) / 2 < 320 < (right.box_px.x0 + right.box_px.x1) / 2
