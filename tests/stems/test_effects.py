from __future__ import annotations

from pathlib import Path

import numpy as np
import pedalboard
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from stem_fakes import MemoryMixture, blocks_of, make_sources

from avstem.datatypes import FloatArray
from avstem.errors import RequestError
from avstem.stems import ResultFolder, load_effects, write_stems
from avstem.stems.effects import EffectStream
from avstem.stems.plugins import builtin_effects, parameters_of

RATE = 48000
PARTS = ["Violin 1", "Viola"]


def effects_file(folder: Path, text: str) -> Path:
    path = folder / "effects.toml"
    path.write_text(text, encoding="utf-8")
    return path


def streamed(chain: list[pedalboard.Plugin], sound: FloatArray, cuts: list[int]) -> FloatArray:
    stream = EffectStream(chain, RATE, sound.shape[1])
    edges = [0, *sorted(cuts), sound.shape[1]]
    pieces = [
        piece
        for a, b in zip(edges[:-1], edges[1:], strict=True)
        if b > a
        for piece in stream.process(sound[:, a:b], last=b == sound.shape[1])
    ]
    return np.concatenate(pieces, axis=1)


# PitchShift is absent: it stretches differently at each start, so that no two runs agree.
CHAINS = {
    "no latency": lambda: [pedalboard.HighpassFilter(180), pedalboard.Compressor(-30, 3)],
    "lookahead": lambda: [pedalboard.BrickwallLimiter(-20.0)],
    "two with latency": lambda: [pedalboard.Resample(16000), pedalboard.BrickwallLimiter(-12.0)],
    "a tail": lambda: [pedalboard.Reverb(0.8)],
}


@pytest.mark.parametrize("name", CHAINS)
@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=6))
def test_streaming_equals_processing_at_once(name: str, cuts: list[int]) -> None:
    sound = make_sources(1, 2, 30_000)[0]
    expected = pedalboard.Pedalboard(CHAINS[name]())(sound, RATE)[:, :30_000]
    found = streamed(CHAINS[name](), sound, cuts)
    assert found.shape == sound.shape
    np.testing.assert_allclose(found[:, : expected.shape[1]], expected, atol=1e-6)


@pytest.mark.parametrize("kind", [pedalboard.PitchShift, pedalboard.MP3Compressor])
@pytest.mark.parametrize("samples", [1, 100, 8192, 30_000])
def test_the_length_stays_whatever_the_latency(kind: type, samples: int) -> None:
    sound = make_sources(1, 2, samples)[0]
    assert streamed([kind()], sound, []).shape == sound.shape


def test_latency_is_taken_off() -> None:
    click = np.zeros((1, 20_000), np.float32)
    click[0, 9000] = 0.5
    found = streamed([pedalboard.BrickwallLimiter(lookahead_ms=5.0)], click, [9001])
    assert int(np.abs(found[0]).argmax()) == 9000


def test_chains_go_to_their_parts_own_first_then_all(tmp_path: Path) -> None:
    path = effects_file(
        tmp_path,
        """
        [all]
        chain = [{effect = "Compressor", threshold_db = -18, ratio = 2.5}]
        ["Violin 1"]
        chain = [{effect = "HighpassFilter", cutoff_frequency_hz = 180},
                 {effect = "LadderFilter", mode = "HPF24", cutoff_hz = 90}]
        """,
    )
    effects = load_effects(path, PARTS)
    kinds = [[type(p).__name__ for p in effects.chain(part)] for part in range(2)]
    assert kinds == [["HighpassFilter", "LadderFilter", "Compressor"], ["Compressor"]]
    violin = effects.chain(0)
    assert violin[0].cutoff_frequency_hz == 180
    assert violin[1].mode == pedalboard.LadderFilter.Mode.HPF24
    assert violin[2] is not effects.chain(1)[0]


def test_stems_are_written_through_their_chain(tmp_path: Path) -> None:
    path = effects_file(tmp_path, '["Viola"]\nchain = [{effect = "Gain", gain_db = -6.0206}]')
    sources = make_sources(2, 2, 20_000)
    with ResultFolder(tmp_path / "out") as folder:
        stems = write_stems(
            blocks_of(sources, [3, 9000]),
            MemoryMixture(sources.sum(axis=0)),
            PARTS,
            ["#111111"] * 2,
            folder,
            effects=load_effects(path, PARTS),
        ).stems
    found = [soundfile.read(tmp_path / "out" / s.path, dtype="float32")[0].T for s in stems]
    np.testing.assert_array_equal(found[0], sources[0])
    np.testing.assert_allclose(found[1], sources[1] / 2, atol=1e-6)
    assert stems[1].peaks.max() == pytest.approx(np.abs(sources[1]).max() / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chain = 3 =", "The effects file effects.toml is not TOML"),
        ("[all]\nchain = 3", r"Section \[all\] of .*needs a line chain"),
        ("[all]\nchian = []", r"Section \[all\] of .*needs a line chain"),
        ("[all]\nchain = []\nmix = 1", "holds 'mix', expected only chain"),
        ("[Violin]\nchain = []", r"no part 'Violin'.*Sections are \[all\] or one of: 'Violin 1'"),
        ("[all]\nchain = [{}]", "names either an effect or a vst3 file, found nothing"),
        ("[all]\nchain = [{effect = 'Gain', vst3 = 'a'}]", "either an effect or a vst3 file"),
        ("[all]\nchain = [{effect = 'Echo'}]", "no effect 'Echo'.*Effects: .*Compressor, .*Reverb"),
        ("[all]\nchain = [{effect = 'Plugin'}]", "no effect 'Plugin'"),
        (
            "[all]\nchain = [{effect = 'Gain', gain = 3}]",
            "Gain has no parameter 'gain'.*Parameters: gain_db",
        ),
        (
            "[all]\nchain = [{effect = 'Gain', gain_db = 'x'}]",
            "Gain does not take .*gain_db: float",
        ),
        ("[all]\nchain = [{effect = 'Compressor', ratio = 0.1}]", "ratio must be a value >= 1"),
        (
            "[all]\nchain = [{effect = 'Convolution', impulse_response_filename = 'hall.wav'}]",
            "no file .*hall.wav.*relative to the effects file",
        ),
        ("[all]\nchain = [{vst3 = 'Room.vst3'}]", "no file .*Room.vst3"),
        ("[all]\nchain = [{vst3 = 'effects.toml'}]", "cannot load .*effects.toml"),
        ("[all]\nchain = [{vst3 = 'Room.vst3', mix = 1}]", "no key 'mix'.*Keys: name, parameters"),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(RequestError, match=f"(?s){message}"):
        load_effects(effects_file(tmp_path, text), PARTS)


def test_a_missing_file_is_a_request_error(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Cannot read the effects file .*No such file"):
        load_effects(tmp_path / "none.toml", PARTS)


@pytest.mark.parametrize("name", ["Reverb", "MP3Compressor"])
def test_an_effect_that_refuses_the_channels_is_found_before_the_work(
    tmp_path: Path, name: str
) -> None:
    path = effects_file(tmp_path, f"[all]\nchain = [{{effect = '{name}'}}]")
    with pytest.raises(RequestError, match=f"{name} cannot process 6 channel.* at 48000 Hz"):
        load_effects(path, PARTS).check(48000, 6)


def test_a_convolution_finds_its_file_beside_the_effects_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "room.wav", np.array([0.5, 0.25]), RATE)
    text = "[all]\nchain = [{effect = 'Convolution', impulse_response_filename = 'room.wav'}]"
    assert len(load_effects(effects_file(tmp_path, text), PARTS).chain(0)) == 1


@pytest.mark.parametrize("name", list(builtin_effects()))
def test_the_documented_parameters_are_real(name: str) -> None:
    kind = builtin_effects()[name]
    if name == "Convolution":
        assert parameters_of(kind) == ["impulse_response_filename", "mix", "sample_rate"]
        return
    effect = kind()
    assert all(hasattr(effect, parameter) for parameter in parameters_of(kind))


class FakePlugin:
    """What avstem uses of a VST3 plugin."""

    is_instrument = False

    def __init__(self, path: str, plugin_name: str | None = None) -> None:
        self.path, self.name, self.preset = path, plugin_name, ""
        self.parameters = {"mix": 0, "size_m": 0}
        self.mix = 0.0

    def load_preset(self, path: str) -> None:
        self.preset = path

    def __setattr__(self, key: str, value: object) -> None:
        if key == "mix" and not isinstance(value, float):
            raise ValueError("a number between 0 and 1 was expected")
        super().__setattr__(key, value)


@pytest.fixture
def fake_vst3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "Room.vst3").write_text("")
    (tmp_path / "hall.vstpreset").write_text("")
    monkeypatch.setattr(pedalboard, "VST3Plugin", FakePlugin)
    return tmp_path


def test_a_vst3_plugin_gets_preset_and_parameters(fake_vst3: Path) -> None:
    text = """[all]\nchain = [{vst3 = "plugins/Room.vst3", preset = "hall.vstpreset", \
              name = "Room Stereo", parameters = {mix = 0.4}}]"""
    plugin = load_effects(effects_file(fake_vst3, text), PARTS).chain(1)[0]
    assert plugin.path == str(fake_vst3 / "plugins" / "Room.vst3")
    assert plugin.preset == str(fake_vst3 / "hall.vstpreset")
    assert (plugin.name, plugin.mix) == ("Room Stereo", 0.4)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("parameters = {width = 1}", "Room.vst3 has no parameter 'width'.*Parameters: mix, size_m"),
        ("parameters = {mix = 'x'}", "mix = 'x' is not possible: a number between"),
        ("preset = 'none.vstpreset'", "no file .*none.vstpreset"),
    ],
)
def test_vst3_parameters_are_checked(fake_vst3: Path, entry: str, message: str) -> None:
    text = f"[all]\nchain = [{{vst3 = 'plugins/Room.vst3', {entry}}}]"
    with pytest.raises(RequestError, match=message):
        load_effects(effects_file(fake_vst3, text), PARTS)


def test_an_instrument_is_no_effect(fake_vst3: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePlugin, "is_instrument", True)
    text = "[all]\nchain = [{vst3 = 'plugins/Room.vst3'}]"
    with pytest.raises(RequestError, match="Room.vst3 is an instrument; an effect was expected"):
        load_effects(effects_file(fake_vst3, text), PARTS)
