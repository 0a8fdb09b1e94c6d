from __future__ import annotations

import errno
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from stem_fakes import MemoryMixture, blocks_of, make_sources

from avstem.colours import colour
from avstem.datatypes import FloatArray, SourceBlock
from avstem.errors import Cancelled, OutputError, RequestError
from avstem.request import StemFormat
from avstem.stems import ResultFolder, StemSet, write_stems
from avstem.stems.flac import write_flac

MADE = datetime(2021, 3, 4, 15, 6, 7)
RATE = 44100
formats = pytest.mark.parametrize("stem_format", list(StemFormat))


def write(
    output: Path,
    sources: FloatArray,
    stem_format: StemFormat = StemFormat.FLOAT,
    cuts: Sequence[int] = (),
    start_s: float = 0.0,
) -> StemSet:
    names = [f"Part {i}" for i in range(len(sources))]
    mixture = MemoryMixture(sources.sum(axis=0), RATE, start_s)
    with ResultFolder(output) as folder:
        return write_stems(
            blocks_of(sources, cuts),
            mixture,
            names,
            [colour(i) for i in range(len(sources))],
            folder,
            stem_format,
            made=MADE,
        )


@contextmanager
def temporary() -> Iterator[Path]:
    """A fresh folder for each example of a property."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@formats
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_stems_sum_to_the_mixture(tmp_path: Path, stem_format: StemFormat, channels: int) -> None:
    sources = make_sources(4, channels, 30_001)
    written = write(tmp_path / "out", sources, stem_format, cuts=[1, 400, 29_000])
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [s.path for s in written.stems]
    total = np.zeros((channels, 30_001))
    for source, stem in zip(sources, written.stems, strict=True):
        path = tmp_path / "out" / stem.path
        assert soundfile.info(path).samplerate == RATE
        sound = soundfile.read(path, always_2d=True)[0].T
        assert sound.shape == source.shape
        np.testing.assert_allclose(sound, source, atol=2**-24)
        total += sound
    worst = np.abs(total - sources.sum(axis=0, dtype=np.float64)).max()
    assert worst < 10 ** (-120 / 20)


@settings(max_examples=25, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 5000), max_size=12),
    stem_format=st.sampled_from(list(StemFormat)),
)
def test_files_do_not_depend_on_the_blocks(cuts: list[int], stem_format: StemFormat) -> None:
    sources = make_sources(2, 2, 5000)
    with temporary() as folder:
        for name, edges in (("whole", []), ("cut", cuts)):
            written = write(folder / name, sources, stem_format, edges)
        for stem in written.stems:
            whole, cut = (folder / name / stem.path for name in ("whole", "cut"))
            assert whole.read_bytes() == cut.read_bytes()


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(1, 6000), cuts=st.lists(st.integers(0, 6000), max_size=5))
def test_meters_agree_with_the_whole_sound(samples: int, cuts: list[int]) -> None:
    sources = make_sources(1, 2, samples)
    with temporary() as folder:
        stem = write(folder / "out", sources, cuts=[c for c in cuts if c <= samples]).stems[0]
    magnitude = np.abs(sources[0]).max(axis=0)
    columns = min(2000, samples)
    edges = [-(-k * samples // columns) for k in range(columns + 1)]
    expected = [magnitude[a:b].max() for a, b in zip(edges[:-1], edges[1:], strict=True)]
    np.testing.assert_array_equal(stem.peaks, expected)
    assert stem.level_db == pytest.approx(20 * np.log10(np.sqrt(np.mean(sources[0] ** 2.0))))


def test_stems_carry_name_path_and_colour(tmp_path: Path) -> None:
    sources = make_sources(2, 1, 100)
    with ResultFolder(tmp_path / "out") as folder:
        stems = write_stems(
            blocks_of(sources),
            MemoryMixture(sources.sum(axis=0)),
            ["Violin 1", "Viola (off-screen)"],
            ["#111111", "#222222"],
            folder,
        ).stems
    assert [(s.part, s.name, s.path, s.colour) for s in stems] == [
        (0, "Violin 1", "01 Violin 1.wav", "#111111"),
        (1, "Viola (off-screen)", "02 Viola (off-screen).wav", "#222222"),
    ]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [s.path for s in stems]


def test_silence_has_a_level(tmp_path: Path) -> None:
    stem = write(tmp_path / "out", np.zeros((1, 2, 500), np.float32)).stems[0]
    assert stem.level_db == -200.0 and not stem.peaks.any()


@pytest.mark.parametrize("stem_format", [StemFormat.PCM24, StemFormat.FLAC])
def test_what_would_clip_stays_in_float(tmp_path: Path, stem_format: StemFormat) -> None:
    sources = make_sources(2, 2, 5000)
    sources[1, 0, 77] = 1.25
    written = write(tmp_path / "out", sources, stem_format)
    assert written.stem_format is StemFormat.FLOAT
    assert [s.path for s in written.stems] == ["01 Part 0.wav", "02 Part 1.wav"]
    assert "peaks 1.9 dB over full scale" in written.warnings[0]
    sound = soundfile.read(tmp_path / "out" / "02 Part 1.wav", dtype="float32")[0].T
    np.testing.assert_array_equal(sound, sources[1])


@pytest.mark.parametrize(("start_s", "reference"), [(1.5, "66150"), (0.0, "0"), (-0.25, "0")])
def test_the_time_reference_is_the_place_on_the_media_timeline(
    tmp_path: Path, start_s: float, reference: str
) -> None:
    import av

    written = write(tmp_path / "out", make_sources(1, 1, 100), start_s=start_s)
    with av.open(str(tmp_path / "out" / "01 Part 0.wav")) as file:
        assert file.metadata["time_reference"] == reference
    assert [("0.250 s before the picture" in w) for w in written.warnings] == [True] * (start_s < 0)


@formats
def test_a_cancelled_job_leaves_nothing(tmp_path: Path, stem_format: StemFormat) -> None:
    sources = make_sources(2, 2, 5000)

    def cancelled() -> Iterator[SourceBlock]:
        yield from list(blocks_of(sources, [2000]))[:1]
        raise Cancelled("stopped by the user")

    mixture = MemoryMixture(sources.sum(axis=0))
    with (
        pytest.raises(Cancelled, match="stopped by the user"),
        ResultFolder(tmp_path / "out") as folder,
    ):
        write_stems(cancelled(), mixture, ["a", "b"], ["#111111"] * 2, folder, stem_format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [20, 200_000])
def test_a_disk_that_fills_up_is_an_output_error(tmp_path: Path, room: int) -> None:
    with (
        pytest.raises(OutputError, match="Cannot write to .*File too large. Make room there"),
        file_size_limit(room),
    ):
        write(tmp_path / "out", make_sources(1, 1, 100_000))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [20, 200_000])
def test_a_disk_that_fills_up_under_flac_is_an_output_error(tmp_path: Path, room: int) -> None:
    noise = make_sources(1, 1, 100_000)
    path = tmp_path / "x.flac"
    with (
        pytest.raises(OSError, match="File too large"),
        file_size_limit(room),
    ):
        write_flac(path, [noise[0]], MemoryMixture(noise[0]), "x")


def test_flac_names_the_system_s_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 50_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(Path, "open", lambda *_: FullDisk())
    noise = make_sources(1, 1, 100_000)
    with pytest.raises(OSError, match="No space left on device"):
        write_flac(tmp_path / "x.flac", [noise[0]], MemoryMixture(noise[0]), "x")


@contextmanager
def file_size_limit(limit_bytes: int) -> Iterator[None]:
    """Files cannot grow beyond the limit: the nearest thing to a full disk."""
    resource = pytest.importorskip("resource", reason="file size limits are a thing of POSIX")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_too_little_room_is_noticed_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1000))
    worked = []

    def blocks() -> Iterator[SourceBlock]:
        worked.append(True)
        yield from blocks_of(make_sources(2, 2, 5000))

    mixture = MemoryMixture(np.zeros((2, 5000), np.float32))
    with (
        pytest.raises(OutputError, match="stems need 0.00 GB, 0.00 GB are free"),
        ResultFolder(tmp_path / "out") as folder,
    ):
        write_stems(blocks(), mixture, ["a", "b"], ["#111111"] * 2, folder)
    assert not worked


def test_more_channels_than_flac_holds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="FLAC holds up to 8 channels, the mixture has 9"):
        write(tmp_path / "out", make_sources(1, 9, 100), StemFormat.FLAC)


def test_values_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    sources = make_sources(2, 1, 50_000)
    sources[1, 0, 44_200] = np.nan
    with pytest.raises(OutputError, match="'Part 1' holds values that are not numbers near 1.0 s"):
        write(tmp_path / "out", sources, cuts=[44_100])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([(0, 400)], "blocks end at sample 400 of a mixture of 1000"),
        ([(0, 400), (500, 1000)], "from sample 400, found .* from 500"),
        ([(0, 1000), (1000, 1200)], "blocks reach sample 1200"),
    ],
)
def test_blocks_must_cover_the_mixture(
    tmp_path: Path, blocks: list[tuple[int, int]], message: str
) -> None:
    mixture = MemoryMixture(np.zeros((1, 1000), np.float32))
    given_blocks = (SourceBlock(a, np.zeros((1, 1, b - a), np.float32)) for a, b in blocks)
    with pytest.raises(ValueError, match=message), ResultFolder(tmp_path / "out") as folder:
        write_stems(given_blocks, mixture, ["a"], ["#111111"], folder)
    assert list(tmp_path.iterdir()) == []


@formats
def test_progress_ends_at_one_and_never_goes_back(tmp_path: Path, stem_format: StemFormat) -> None:
    sources, seen = make_sources(2, 1, 1000), []
    with ResultFolder(tmp_path / "out") as folder:
        write_stems(
            blocks_of(sources, [300, 600]),
            MemoryMixture(sources.sum(axis=0)),
            ["a", "b"],
            ["#111111"] * 2,
            folder,
            stem_format,
            progress=seen.append,
        )
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1.0)
