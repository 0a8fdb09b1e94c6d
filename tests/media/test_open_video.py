from __future__ import annotations

import gc
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from make_media import HEIGHT_PX, WIDTH_PX, Sound, click, number_of, picture, write_clip

from avstem.errors import MediaError
from avstem.media.video import open_video

STEADY_S = [n / 30 for n in range(24)]
UNEVEN_S = [float(t) for t in np.cumsum(np.random.default_rng(1).uniform(0.02, 0.09, 24))]


def frames(path: Path, width: int = WIDTH_PX, height: int = HEIGHT_PX):
    return list(open_video(path).luma(width, height))


def numbers(path: Path, width: int = WIDTH_PX, height: int = HEIGHT_PX) -> list[int]:
    return [number_of(frame.picture) for frame in frames(path, width, height)]


# --------------------------------------------------------------------------- times


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.mov"])
@pytest.mark.parametrize("times_s", [STEADY_S, UNEVEN_S], ids=["steady", "uneven"])
def test_times_are_those_of_the_stamps_from_the_first_frame(tmp_path, name, times_s):
    path = write_clip(tmp_path / name, times_s)
    found = frames(path)
    assert [number_of(f.picture) for f in found] == list(range(len(times_s)))
    # Matroska rounds stamps to milliseconds.
    np.testing.assert_allclose([f.time_s for f in found], np.array(times_s) - times_s[0], atol=1e-3)


def test_a_late_start_becomes_time_zero_and_is_remembered(tmp_path):
    path = write_clip(tmp_path / "late.mkv", [t + 1.25 for t in STEADY_S])
    video = open_video(path)
    assert video.epoch_s == pytest.approx(1.25, abs=1e-3)
    assert next(iter(video.luma(64, 48))).time_s == 0.0


def test_frames_that_do_not_come_later_are_dropped(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "clip.mkv", STEADY_S, codec="ffv1")
    stamps = {5: 4, 10: 8}  # frame 5 repeats a time, frame 10 steps back

    def shuffled(container, stream, path):
        from avstem.media.container import decode

        original = {}
        for number, frame in enumerate(decode(container, stream, path)):
            original[number] = frame.pts
            frame.pts = original[stamps.get(number, number)]
            yield frame

    monkeypatch.setattr("avstem.media.video.decode", shuffled)
    found = frames(path)
    assert [number_of(f.picture) for f in found] == [n for n in range(24) if n not in stamps]
    assert np.all(np.diff([f.time_s for f in found]) > 0)


def test_the_estimate_of_frames_and_duration_is_near(tmp_path):
    video = open_video(write_clip(tmp_path / "clip.mp4", STEADY_S))
    assert video.frames == 24
    assert video.duration_s == pytest.approx(0.8, abs=0.01)


# --------------------------------------------------------------------------- picture


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_phone_video_stands_upright(tmp_path, rotation):
    path = write_clip(tmp_path / "phone.mp4", STEADY_S[:6], rotation=rotation)
    video = open_video(path)
    upright = (WIDTH_PX, HEIGHT_PX) if rotation == 180 else (HEIGHT_PX, WIDTH_PX)
    assert (video.width_px, video.height_px) == upright
    assert numbers(path, *upright) == list(range(6))
    rgb = video.picture_at(STEADY_S[3])
    assert rgb.picture.shape == (*upright[::-1], 3)
    assert number_of(rgb.picture) == 3


@pytest.mark.parametrize(
    ("pixels", "codec", "size"),
    [
        ("yuv420p10le", "libx264", (WIDTH_PX, HEIGHT_PX)),
        ("yuv422p10le", "ffv1", (WIDTH_PX, HEIGHT_PX)),
        ("yuv444p", "ffv1", (127, 95)),
        ("gray", "ffv1", (61, 33)),
    ],
)
def test_bit_depths_and_odd_sizes(tmp_path, pixels, codec, size):
    path = write_clip(tmp_path / "clip.mkv", STEADY_S[:8], pixels=pixels, codec=codec, size=size)
    video = open_video(path)
    assert (video.width_px, video.height_px) == size
    found = frames(path, 40, 23)
    assert {f.picture.shape for f in found} == {(23, 40)}
    assert [number_of(f.picture) for f in found] == list(range(8))


def test_luma_is_full_range_and_averages_areas(tmp_path):
    fine = np.indices((96, 128)).sum(axis=0) % 2 * 100 + 60  # a checkerboard of 60 and 160
    path = write_clip(
        tmp_path / "fine.mkv", [0.0, 0.1], codec="ffv1", pictures=[fine.astype(np.uint8)] * 2
    )
    small = frames(path, 32, 24)[0].picture
    assert small.dtype == np.uint8
    np.testing.assert_allclose(small, 110, atol=3)


def test_pixels_that_are_not_square_widen_the_picture(tmp_path):
    path = write_clip(tmp_path / "wide.mp4", STEADY_S[:3], aspect=Fraction(4, 3))
    video = open_video(path)
    assert (video.width_px, video.height_px) == (round(WIDTH_PX * 4 / 3), HEIGHT_PX)
    assert number_of(video.picture_at(STEADY_S[2]).picture) == 2


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_picture_at_finds_the_frame_that_is_shown_then(tmp_path, name):
    video = open_video(write_clip(tmp_path / name, [t + 0.7 for t in UNEVEN_S]))
    shown = np.array(UNEVEN_S) - UNEVEN_S[0]
    for number in (0, 7, 13, 23):
        end = shown[number + 1] if number < 23 else shown[number] + 1.0
        for time_s in (shown[number] + 0.001, (shown[number] + end) / 2, end - 0.003):
            assert number_of(video.picture_at(time_s, 64).picture) == number
    assert number_of(video.picture_at(-5.0).picture) == 0
    assert number_of(video.picture_at(1e5).picture) == 23


# --------------------------------------------------------------------------- streams and files


def test_an_abandoned_iterator_closes_its_file(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", STEADY_S)
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip("open files cannot be listed on this system")
    frames_left = open_video(path).luma(64, 48)
    next(frames_left)
    assert any(str(path) == str(link.resolve()) for link in _links(descriptors))
    del frames_left
    gc.collect()
    assert not any(str(path) == str(link.resolve()) for link in _links(descriptors))


def _links(folder: Path) -> list[Path]:
    return [link for link in folder.iterdir() if link.exists()]


@pytest.mark.parametrize(
    "name", ["with space.mp4", 'it\'s "q".mp4', "Übung ‒ 四重奏.mp4", "a: b%03d.mp4"]
)
def test_file_names_are_taken_literally(tmp_path, name):
    plain = write_clip(tmp_path / "plain.mp4", STEADY_S[:4])
    path = tmp_path / name
    shutil.copy(plain, path)
    assert numbers(path) == list(range(4))


def test_a_relative_name_is_no_network_protocol(tmp_path, monkeypatch):
    write_clip(tmp_path / "plain.mp4", STEADY_S[:4]).rename(tmp_path / "tcp:one.mp4")
    monkeypatch.chdir(tmp_path)
    assert numbers(Path("tcp:one.mp4")) == list(range(4))


def test_sound_alone_is_no_video(tmp_path):
    path = write_clip(tmp_path / "sound.mkv", sounds=[Sound(click(0.2, 0.5))])
    with pytest.raises(MediaError, match="no moving picture.*but sound.*--audio-only"):
        open_video(path)


def test_a_cover_picture_is_no_video(tmp_path):
    sound = Sound(click(0.2, 0.5), codec="aac")
    path = write_clip(tmp_path / "song.mp4", sounds=[sound], cover=True)
    with pytest.raises(MediaError, match="only a cover picture.*but sound"):
        open_video(path)


def test_a_single_picture_is_no_video(tmp_path):
    path = write_clip(tmp_path / "still.mkv", [0.0])
    with pytest.raises(MediaError, match="single picture"):
        open_video(path)


def test_missing_empty_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(MediaError, match="no file"):
        open_video(tmp_path / "absent.mp4")
    with pytest.raises(MediaError, match="found a folder"):
        open_video(tmp_path)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(MediaError, match=r"empty \(0 bytes\)"):
        open_video(empty)
    text = tmp_path / "text.mp4"
    text.write_text("This is no video. " * 500)
    with pytest.raises(MediaError, match="cannot be read as video or sound"):
        open_video(text)


def test_a_file_without_its_index_is_refused(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", STEADY_S)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError, match="cannot be read as video or sound"):
        open_video(cut)


def test_a_file_that_ends_early_is_recognised_at_its_end(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", [n / 10 for n in range(60)])
    content = path.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(MediaError, match=r"cut short: it promises 5\.9 s but ends at"):
        list(open_video(cut).luma(64, 48))


def test_noise_in_the_middle_is_refused_or_survived(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", [n / 30 for n in range(60)])
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for at in range(2000, len(content) - 200, 100):
        content[at : at + 60] = rng.bytes(60)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(content)
    with pytest.raises(MediaError, match="damaged|cut short|Nothing could be decoded|cannot be"):
        list(open_video(broken).luma(64, 48))


def test_the_pattern_itself_tells_number_and_orientation():
    assert [number_of(picture(n)) for n in (0, 5, 255)] == [0, 5, 255]
    assert number_of(np.rot90(picture(170))) == -1


def test_a_stream_that_ends_before_the_others_is_cut_short(tmp_path, monkeypatch):
    """The index of an MP4 may survive where much of the picture does not."""
    path = write_clip(
        tmp_path / "a.mp4",
        [n / 10 for n in range(60)],
        sounds=[Sound(click(0.2, 6.0), codec="aac")],
    )

    def without_end(container, path):
        for packet in container.demux():
            if packet.stream.type == "audio" or (packet.pts or 0) * packet.time_base < 3:
                yield packet

    monkeypatch.setattr("avstem.media.container._packets", without_end)
    with pytest.raises(MediaError, match=r"video stream of .* promises 5\.9 s but ends at 3\.\d s"):
        list(open_video(path).luma(64, 48))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "size", "count"),
    [
        ("solo_violin_8s_480x360.mp4", (480, 360), 240),
        ("solo_violin_3s_1080x1920.mp4", (1080, 1920), 104),
        ("duo_guitar_piano_10s_640x360.mp4", (640, 360), 300),
    ],
)
def test_real_clips(data_dir, name, size, count):
    video = open_video(data_dir / "video" / name)
    assert (video.width_px, video.height_px) == size
    times_s = np.array([frame.time_s for frame in video.luma(80, 45)])
    assert len(times_s) == count
    assert times_s[0] == 0.0
    assert np.all(np.diff(times_s) > 0)
    assert times_s[-1] <= video.duration_s
