from __future__ import annotations

import math
import struct
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from make_media import Sound, click, number_of, write_clip

from avstem.errors import MediaError
from avstem.media.audio import BLOCK, open_mixture
from avstem.media.container import decode
from avstem.media.video import open_video

STEADY_S = [n / 30 for n in range(24)]


def noise(channels: int, samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (channels, samples)).astype(np.float32)


def whole(path: Path, tmp_path: Path, **options) -> np.ndarray:
    mixture = open_mixture(path, scratch=tmp_path, **options)
    return mixture.read(0, mixture.samples)


def first_loud_s(mixture) -> float:
    sound = mixture.read(0, mixture.samples)
    return mixture.start_s + np.flatnonzero(np.abs(sound[0]) > 0.2)[0] / mixture.rate_hz


# --------------------------------------------------------------------------- plain sound files


@pytest.mark.parametrize("rate_hz", [44100, 48000, 88200, 96000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_rate_and_channels_stay(tmp_path, rate_hz, channels):
    samples = noise(channels, 3000)
    sf.write(tmp_path / "a.wav", samples.T, rate_hz, subtype="FLOAT")
    mixture = open_mixture(tmp_path / "a.wav", scratch=tmp_path)
    assert (mixture.rate_hz, mixture.channels, mixture.samples) == (rate_hz, channels, 3000)
    np.testing.assert_array_equal(mixture.read(0, 3000), samples)


@pytest.mark.parametrize(
    ("name", "form", "subtype", "bits"),
    [
        ("a.wav", "WAV", "PCM_16", 16),
        ("a.wav", "WAV", "PCM_24", 24),
        ("a.wav", "WAVEX", "PCM_24", 24),
        ("a.wav", "RF64", "PCM_24", 24),
        ("a.w64", "W64", "PCM_24", 24),
        ("a.flac", "FLAC", "PCM_24", 24),
        ("a.aiff", "AIFF", "PCM_16", 16),
        ("a.caf", "CAF", "PCM_24", 24),
    ],
)
def test_integer_formats_are_read_bit_by_bit(tmp_path, name, form, subtype, bits):
    values = np.random.default_rng(2).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (500, 2))
    scaled = (values << (32 - bits)).astype(np.int32)
    sf.write(tmp_path / name, scaled, 48000, subtype=subtype, format=form)
    found = whole(tmp_path / name, tmp_path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.T.astype(float) * 2 ** (bits - 1), values)


def test_a_sound_file_begins_where_its_epoch_says(tmp_path):
    sf.write(tmp_path / "a.wav", noise(1, 100).T, 48000)
    assert open_mixture(tmp_path / "a.wav", scratch=tmp_path).start_s == 0.0
    assert open_mixture(tmp_path / "a.wav", epoch_s=-1.5, scratch=tmp_path).start_s == 1.5


LENGTH = 5000


@cache
def _shared(name: str):
    """One file for all examples of a property; its folder goes with the temporary files."""
    folder = Path(mkdtemp(prefix="avstem-test-"))
    samples = noise(2, LENGTH)
    if name.endswith(".mkv"):
        path = write_clip(folder / name, sounds=[Sound(samples)])
    else:
        path = folder / name
        sf.write(path, samples.T, 48000, subtype="FLOAT" if name.endswith(".wav") else "PCM_24")
        samples = sf.read(path, dtype="float32")[0].T
    return open_mixture(path, scratch=folder), samples


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mkv"])
@settings(max_examples=40, deadline=None)
@given(start=st.integers(-2 * LENGTH, 2 * LENGTH), count=st.integers(0, 2 * LENGTH))
def test_any_block_is_a_piece_of_the_sound_between_zeros(name, start, count):
    mixture, samples = _shared(name)
    padded = np.pad(samples, ((0, 0), (2 * LENGTH, 3 * LENGTH)))
    expected = padded[:, start + 2 * LENGTH : start + 2 * LENGTH + count]
    found = mixture.read(start, count)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mkv"])
@settings(max_examples=15, deadline=None)
@given(size=st.integers(200, 2 * LENGTH))
def test_blocks_in_a_row_are_the_whole(name, size):
    mixture, samples = _shared(name)
    blocks = [mixture.read(start, size) for start in range(0, LENGTH, size)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1)[:, :LENGTH], samples)


@pytest.mark.parametrize(
    "name", ["two words.wav", 'it\'s "q".wav', "Übung ‒ 四重奏.wav", "a: b%d.mkv"]
)
def test_file_names_are_taken_literally(tmp_path, name):
    samples = noise(1, 2048)
    if name.endswith(".mkv"):
        write_clip(tmp_path / "plain.mkv", sounds=[Sound(samples)]).rename(tmp_path / name)
    else:
        sf.write(tmp_path / name, samples.T, 48000, subtype="FLOAT")
    np.testing.assert_array_equal(whole(tmp_path / name, tmp_path), samples)


# --------------------------------------------------------------------------- containers


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mp4", "aac"),
        ("a.mkv", "aac"),
        ("a.ts", "aac"),
        ("a.mp4", "libmp3lame"),
        ("a.mkv", "libopus"),
        ("a.mov", "pcm_s16le"),
        ("a.mkv", "flac"),
    ],
)
def test_picture_and_sound_stay_together(tmp_path, name, codec):
    """Frame 15 is shown as the click sounds, whatever delay the encoder has."""
    path = write_clip(tmp_path / name, STEADY_S, sounds=[Sound(click(0.5, 1.0), codec=codec)])
    video = open_video(path)
    mixture = open_mixture(path, epoch_s=video.epoch_s, scratch=tmp_path)
    assert first_loud_s(mixture) == pytest.approx(0.5, abs=0.002)
    assert number_of(video.picture_at(0.501).picture) == 15


@pytest.mark.parametrize(("video_s", "audio_s"), [(1.25, 1.0), (0.5, 1.5), (0.0, 0.25)])
def test_either_stream_may_begin_late(tmp_path, video_s, audio_s):
    sound = Sound(click(0.5, 1.0), start_s=audio_s)
    path = write_clip(tmp_path / "a.mkv", [t + video_s for t in STEADY_S], sounds=[sound])
    mixture = open_mixture(path, epoch_s=open_video(path).epoch_s, scratch=tmp_path)
    assert mixture.start_s == pytest.approx(audio_s - video_s, abs=0.0015)
    assert first_loud_s(mixture) == pytest.approx(audio_s - video_s + 0.5, abs=0.0015)


@pytest.mark.parametrize(("name", "codec"), [("a.m4a", "aac"), ("a.mp3", "libmp3lame")])
def test_sound_alone_begins_at_its_first_sample(tmp_path, name, codec):
    path = write_clip(tmp_path / name, sounds=[Sound(click(0.5, 1.0, channels=2), codec=codec)])
    mixture = open_mixture(path, scratch=tmp_path)
    assert mixture.start_s == 0.0
    assert first_loud_s(mixture) == pytest.approx(0.5, abs=0.002)


def test_a_cover_picture_changes_nothing(tmp_path):
    sound = Sound(click(0.5, 1.0), codec="aac")
    path = write_clip(tmp_path / "a.mp4", sounds=[sound], cover=True)
    assert first_loud_s(open_mixture(path, scratch=tmp_path)) == pytest.approx(0.5, abs=0.002)


@pytest.mark.parametrize(
    ("codec", "step"),
    [("pcm_u8", 2 / 256), ("pcm_s16le", 2**-15), ("pcm_s24le", 2**-23), ("pcm_s32le", 2**-24)],
)
def test_integer_sound_in_containers(tmp_path, codec, step):
    samples = noise(4, 3000)
    path = write_clip(tmp_path / "a.mov", sounds=[Sound(samples, codec=codec)])
    np.testing.assert_allclose(whole(path, tmp_path), samples, atol=1.01 * step)


@pytest.mark.parametrize("rate_hz", [44100, 96000])
def test_rate_and_channels_of_a_container_stay(tmp_path, rate_hz):
    path = write_clip(tmp_path / "a.mkv", sounds=[Sound(noise(6, 4096), rate_hz=rate_hz)])
    mixture = open_mixture(path, scratch=tmp_path)
    assert (mixture.rate_hz, mixture.channels, mixture.samples) == (rate_hz, 6, 4096)


def test_a_gap_in_the_stamps_becomes_silence(tmp_path):
    sound = Sound(click(0.8, 1.0), gap=(0.6, 0.25))
    path = write_clip(tmp_path / "a.mkv", STEADY_S, sounds=[sound])
    mixture = open_mixture(path, scratch=tmp_path)
    assert mixture.samples == pytest.approx(1.25 * 48000, abs=48)
    assert first_loud_s(mixture) == pytest.approx(1.05, abs=0.001)


def test_sound_that_is_told_twice_is_taken_once(tmp_path, monkeypatch):
    samples = noise(1, 8 * 1024)
    path = write_clip(tmp_path / "a.mov", STEADY_S, sounds=[Sound(samples)])

    def repeated(container, stream, path):
        step = 0
        for number, frame in enumerate(decode(container, stream, path)):
            if number >= 4:
                step = 2 * 1024  # from here on, stamps lie two packets back
            frame.pts -= step
            yield frame

    monkeypatch.setattr("avstem.media.audio.decode", repeated)
    found = whole(path, tmp_path)
    expected = np.concatenate([samples[:, : 4 * 1024], samples[:, 6 * 1024 :]], axis=1)
    np.testing.assert_array_equal(found, expected)


def test_the_stream_can_be_chosen(tmp_path):
    path = write_clip(
        tmp_path / "a.mkv",
        sounds=[
            Sound(click(0.2, 1.0)),
            Sound(click(0.4, 1.0, 44100, 2), rate_hz=44100, language="ger", codec="aac"),
        ],
    )
    first, second = (open_mixture(path, stream=n, scratch=tmp_path) for n in (0, 1))
    assert (first.channels, second.channels) == (1, 2)
    assert first_loud_s(second) == pytest.approx(0.4, abs=0.002)
    with pytest.raises(MediaError, match=r"no audio stream 2.*1: aac, 2 channels, 44100 Hz, ger"):
        open_mixture(path, stream=2, scratch=tmp_path)


# --------------------------------------------------------------------------- what cannot serve


def test_a_silent_film_names_the_remedy(tmp_path):
    path = write_clip(tmp_path / "a.mp4", STEADY_S)
    with pytest.raises(MediaError, match="no audio stream.*--audio"):
        open_mixture(path, scratch=tmp_path)


def test_missing_and_empty_files(tmp_path):
    with pytest.raises(MediaError, match="no file"):
        open_mixture(tmp_path / "absent.wav", scratch=tmp_path)
    (tmp_path / "empty.wav").touch()
    with pytest.raises(MediaError, match="empty"):
        open_mixture(tmp_path / "empty.wav", scratch=tmp_path)
    (tmp_path / "text.wav").write_text("no sound " * 99)
    with pytest.raises(MediaError, match="cannot be read"):
        open_mixture(tmp_path / "text.wav", scratch=tmp_path)


def test_a_header_without_samples(tmp_path):
    sf.write(tmp_path / "a.wav", np.zeros((0, 2)), 48000)
    with pytest.raises(MediaError, match="no samples"):
        open_mixture(tmp_path / "a.wav", scratch=tmp_path)


@pytest.mark.parametrize("name", ["a.wav", "a.mkv"])
def test_silence_is_refused(tmp_path, name):
    silence = np.zeros((2, 9000), np.float32)
    if name.endswith(".mkv"):
        write_clip(tmp_path / name, sounds=[Sound(silence)])
    else:
        sf.write(tmp_path / name, silence.T, 48000)
    with pytest.raises(MediaError, match="is silent"):
        open_mixture(tmp_path / name, scratch=tmp_path)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_located(tmp_path, value):
    samples = noise(2, BLOCK + 48000)
    samples[1, BLOCK + 24000] = value
    sf.write(tmp_path / "a.wav", samples.T, 48000, subtype="FLOAT")
    with pytest.raises(
        MediaError, match=rf"holds {value} at {(BLOCK + 24000) / 48000:.3f} s.*channel 2"
    ):
        open_mixture(tmp_path / "a.wav", scratch=tmp_path)


@pytest.mark.parametrize(("name", "subtype"), [("a.wav", "PCM_24"), ("a.aiff", "PCM_16")])
def test_a_truncated_sound_file(tmp_path, name, subtype):
    sf.write(tmp_path / "whole", noise(2, 20000).T, 48000, subtype=subtype, format=name[2:].upper())
    content = (tmp_path / "whole").read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(MediaError, match=f"promises {len(content)} bytes"):
        open_mixture(tmp_path / name, scratch=tmp_path)


def test_a_truncated_flac_file(tmp_path):
    sf.write(tmp_path / "whole.flac", noise(2, 96000).T, 48000)
    content = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(content[: len(content) // 2])
    with pytest.raises(MediaError, match=r"expected 2\.00 s, could read"):
        open_mixture(tmp_path / "a.flac", scratch=tmp_path)


def test_a_header_of_a_stream_makes_no_promise(tmp_path):
    sf.write(tmp_path / "a.wav", noise(1, 4000).T, 48000, subtype="PCM_16")
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[4:8] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "a.wav").write_bytes(content)
    assert open_mixture(tmp_path / "a.wav", scratch=tmp_path).samples == 4000


def test_a_truncated_container(tmp_path):
    path = write_clip(tmp_path / "a.mkv", sounds=[Sound(noise(2, 6 * 48000))])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(MediaError, match=r"cut short: it promises 6\.\d s but ends at 3\.\d s"):
        open_mixture(path, scratch=tmp_path)


def test_clipping_is_told_but_kept(tmp_path):
    t = np.arange(48000) / 48000
    samples = np.clip(1.6 * np.sin(2 * np.pi * 220 * t), -1, 1).astype(np.float32)
    sf.write(tmp_path / "a.wav", samples, 48000, subtype="FLOAT")
    mixture = open_mixture(tmp_path / "a.wav", scratch=tmp_path)
    assert mixture.soundness.clipped_runs == 440
    (warning,) = mixture.warnings
    assert "clips: it stays at full scale in 440 places" in warning
    np.testing.assert_array_equal(mixture.read(0, 48000)[0], samples)


def test_a_loud_mix_is_not_clipped(tmp_path):
    t = np.arange(48000) / 48000
    sf.write(tmp_path / "a.wav", np.sin(2 * np.pi * 4000 * t), 48000, subtype="FLOAT")
    assert open_mixture(tmp_path / "a.wav", scratch=tmp_path).warnings == ()


@pytest.mark.real_data
def test_real_sound(data_dir, tmp_path):
    path = data_dir / "urmp" / "11_Maria_ob_vc" / "mix.flac"
    mixture = open_mixture(path, scratch=tmp_path)
    expected, rate_hz = sf.read(path, dtype="float32", always_2d=True)
    assert (mixture.rate_hz, mixture.samples) == (rate_hz, len(expected))
    np.testing.assert_array_equal(mixture.read(50_000, 1000), expected[50_000:51_000].T)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "rate_hz", "channels", "duration_s"),
    [
        ("solo_violin_8s_480x360.mp4", 44100, 1, 8.0),
        ("solo_violin_3s_1080x1920.mp4", 48000, 2, 3.467),
        ("duo_guitar_piano_10s_640x360.mp4", 44100, 2, 10.0),
    ],
)
def test_sound_of_real_clips(data_dir, tmp_path, name, rate_hz, channels, duration_s):
    mixture = open_mixture(data_dir / "video" / name, scratch=tmp_path)
    assert (mixture.rate_hz, mixture.channels) == (rate_hz, channels)
    # The last AAC packet may be padded.
    assert mixture.samples / rate_hz == pytest.approx(duration_s, abs=0.025)
