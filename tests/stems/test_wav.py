from __future__ import annotations

import struct
import wave
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avstem.stems import wav
from avstem.stems.wav import Origin, WavLayout, WavWriter

MADE = datetime(2021, 3, 4, 15, 6, 7)


def chunks(path: Path) -> dict[str, bytes]:
    """The chunks of a RIFF file in order, read from its bytes alone."""
    code = path.read_bytes()
    assert code[:4] == b"RIFF" and code[8:12] == b"WAVE"
    assert struct.unpack("<I", code[4:8])[0] == len(code) - 8
    found, at = {}, 12
    while at < len(code):
        size = struct.unpack("<I", code[at + 4 : at + 8])[0]
        found[code[at : at + 4].decode()] = code[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(code)
    return found


def write(path: Path, sound: np.ndarray, bits: int, time_reference: int = 0) -> None:
    layout = WavLayout(44100, *sound.shape, bits)
    with WavWriter(path, layout, Origin("Célesta ♪", time_reference, MADE)) as file:
        file.write(sound[:, :3])
        file.write(sound[:, 3:])


def noise(channels: int = 2, samples: int = 1001) -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.99, 0.99, (channels, samples)).astype(np.float32)


@pytest.mark.parametrize("bits", [24, 32])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_the_bext_chunk_stands_before_the_samples(tmp_path: Path, bits: int, channels: int) -> None:
    path = tmp_path / "x.wav"
    write(path, noise(channels), bits, time_reference=2**33 + 5)
    found = chunks(path)
    assert list(found)[0] == "bext" and list(found)[-1] == "data"
    bext = found["bext"]
    assert bext[:256].rstrip(b"\0") == b"Celesta ?"
    assert bext[256:288].rstrip(b"\0") == b"avstem"
    assert bext[320:338] == b"2021-03-0415:06:07"
    low, high = struct.unpack("<II", bext[338:346])
    assert high * 2**32 + low == 2**33 + 5
    assert struct.unpack("<H", bext[346:348])[0] == 1
    history = bext[602:].rstrip(b"\0").decode()
    assert history.startswith(f"A=PCM,F=44100,W={bits}") and history.endswith("\r\n")


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_24_bit_files_are_read_by_an_independent_reader(tmp_path: Path, channels: int) -> None:
    path, sound = tmp_path / "x.wav", noise(channels)
    write(path, sound, 24)
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (channels, 3, 44100, 1001)
        code = np.frombuffer(file.readframes(1001), np.uint8).reshape(1001, channels, 3)
    values = code[..., 0] + code[..., 1] * 256.0 + code[..., 2].view(np.int8) * 65536.0
    assert np.abs(values.T / 2**23 - sound).max() <= 0.5 / 2**23


def test_other_readers_find_the_same_samples(tmp_path: Path) -> None:
    import av
    from pedalboard.io import AudioFile

    path, sound = tmp_path / "x.wav", noise()
    write(path, sound, 32, time_reference=4711)
    np.testing.assert_array_equal(soundfile.read(path, dtype="float32")[0].T, sound)
    with AudioFile(str(path)) as file:
        np.testing.assert_array_equal(file.read(file.frames), sound)
    with av.open(str(path)) as container:
        assert container.metadata["time_reference"] == "4711"
        decoded = [frame.to_ndarray() for frame in container.decode(audio=0)]
    np.testing.assert_array_equal(np.concatenate(decoded, 1).reshape(-1, 2).T, sound)


def test_a_sample_beyond_full_scale_is_cut_in_24_bit_and_kept_in_float(tmp_path: Path) -> None:
    sound = np.array([[1.5, -1.5, 1.0, -1.0, 0.25]], np.float32)
    for bits, expected in ((24, [1 - 2**-23, -1, 1 - 2**-23, -1, 0.25]), (32, sound[0])):
        write(tmp_path / f"{bits}.wav", sound, bits)
        np.testing.assert_allclose(soundfile.read(tmp_path / f"{bits}.wav")[0], expected)


@pytest.mark.parametrize("bits", [24, 32])
def test_a_file_too_large_for_riff_is_rf64(
    tmp_path: Path, bits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wav, "RIFF_LIMIT_BYTES", 2000)
    path, sound = tmp_path / "x.wav", noise(1)
    write(path, sound, bits)
    code = path.read_bytes()
    assert code[:8] == b"RF64\xff\xff\xff\xff" and code[12:16] == b"ds64"
    riff, data, samples = struct.unpack("<QQQ", code[20:44])
    assert (riff, data, samples) == (len(code) - 8, 1001 * bits // 8, 1001)
    assert soundfile.info(path).format == "RF64"
    np.testing.assert_allclose(soundfile.read(path)[0], sound[0], atol=2**-23)


def test_the_header_of_a_file_beyond_4_gb_states_its_true_size() -> None:
    layout = WavLayout(96000, 2, 2**30, 32)
    code = wav.header(layout, Origin("long", 0, MADE))
    assert struct.unpack("<QQQ", code[20:44]) == (len(code) - 8 + 2**33, 2**33, 2**30)
    riff = wav.header(WavLayout(96000, 2, 2**28, 32), Origin("long", 0, MADE))
    assert riff[:4] == b"RIFF"


def test_promised_samples_must_come(tmp_path: Path) -> None:
    layout = WavLayout(44100, 1, 10, 32)
    with (
        pytest.raises(ValueError, match="4 samples were promised and not written"),
        WavWriter(tmp_path / "x.wav", layout, Origin("", 0, MADE)) as file,
    ):
        file.write(np.zeros((1, 6), np.float32))


def test_more_samples_than_promised_are_refused(tmp_path: Path) -> None:
    layout = WavLayout(44100, 1, 10, 32)
    with (
        pytest.raises(ValueError, match=r"a block of \(1, 11\) does not fit: 10 samples left"),
        WavWriter(tmp_path / "x.wav", layout, Origin("", 0, MADE)) as file,
    ):
        file.write(np.zeros((1, 11), np.float32))
