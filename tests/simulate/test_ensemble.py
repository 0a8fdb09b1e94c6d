"""What a simulated folder holds is true, complete and the same for the same seed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pretty_midi
import pytest
import soundfile
from small_scores import SMALL, duo_score

from avstem.errors import MissingExtra, OutputError, RequestError, ScoreError
from avstem.simulate import simulate


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_stems_sum_to_the_mix(duo: Path, truth: dict[str, Any]) -> None:
    mix, rate_hz = soundfile.read(duo / "mix.wav", dtype="float64")
    total = sum(soundfile.read(duo / part["stem"], dtype="float64")[0] for part in truth["parts"])
    assert rate_hz == truth["sound"]["rate_hz"]
    assert mix.shape == (truth["sound"]["samples"], 2)
    assert np.abs(total - mix).max() < 10 ** (-120 / 20)


def test_the_mix_is_loud_but_does_not_clip(duo: Path) -> None:
    mix, _ = soundfile.read(duo / "mix.wav")
    peak_db = 20 * np.log10(np.abs(mix).max())
    assert -12 < peak_db <= -1


def test_the_same_seed_gives_the_same_bytes(duo: Path, tmp_path: Path) -> None:
    again = simulate(duo_score(), tmp_path / "again", seed=3, **SMALL)
    assert _digests(again) == _digests(duo)


def test_another_seed_gives_another_performance(truth: dict[str, Any], tmp_path: Path) -> None:
    other = simulate(duo_score(), tmp_path / "other", seed=4, **SMALL | {"size": None})
    found = json.loads((other / "truth.json").read_text(encoding="utf-8"))
    assert found["parts"][0]["notes"]["onsets_s"] != truth["parts"][0]["notes"]["onsets_s"]
    assert found["picture"] is None
    assert not (other / "video.mp4").exists()


def test_the_score_file_holds_the_score_and_not_the_performance(
    duo: Path, truth: dict[str, Any]
) -> None:
    midi = pretty_midi.PrettyMIDI(str(duo / "score.mid"))
    for track, part, source in zip(
        midi.instruments, truth["parts"], duo_score().parts, strict=True
    ):
        count = len(track.notes)
        assert track.name == part["name"] == source.name
        assert track.program == part["program"]
        assert [note.pitch for note in track.notes] == source.notes.pitches[:count].tolist()
        onsets_s = [note.start for note in track.notes]
        np.testing.assert_allclose(onsets_s, source.notes.onsets_s[:count], atol=1e-3)
        np.testing.assert_allclose(onsets_s, part["notes"]["score_onsets_s"], atol=1e-3)
        assert count == len(part["notes"]["onsets_s"]) > 3


def test_the_time_map_leads_through_the_performed_onsets(truth: dict[str, Any]) -> None:
    timemap = truth["timemap"]
    assert np.all(np.diff(timemap["media_s"]) > 0)
    strays = []
    for part in truth["parts"]:
        expected_s = np.interp(
            part["notes"]["score_onsets_s"], timemap["score_s"], timemap["media_s"]
        )
        strays.append(np.array(part["notes"]["onsets_s"]) - expected_s)
    strays_s = np.concatenate(strays)
    assert np.abs(strays_s).max() < 0.08
    assert 0.002 < strays_s.std() < 0.03  # people are neither machines nor strangers


def test_players_and_parts_point_at_each_other(truth: dict[str, Any]) -> None:
    for player in truth["players"]:
        assert truth["parts"][player["part"]]["player"] == player["index"]
    lefts = [player["box_px"][0] for player in truth["players"]]
    assert lefts == sorted(lefts)


def test_the_video_has_picture_and_sound_of_the_same_length(
    duo: Path, truth: dict[str, Any]
) -> None:
    with av.open(str(duo / "video.mp4")) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height) == (320, 180)
        assert video.codec_context.name == "h264"
        assert sound.codec_context.name == "aac"
        times_s = [frame.time for frame in container.decode(video)]
    assert times_s[0] == 0.0
    assert len(times_s) == truth["picture"]["frames"] == 180


def test_the_sound_of_the_video_lies_under_the_mix(duo: Path) -> None:
    mix, rate_hz = soundfile.read(duo / "mix.wav", dtype="float64")
    with av.open(str(duo / "video.mp4")) as container:
        frames = [(f.pts, f.to_ndarray()) for f in container.decode(audio=0)]
    start = frames[0][0]
    heard = np.concatenate([samples for _, samples in frames], axis=1)[0]
    middle = slice(3 * rate_hz, 4 * rate_hz)
    lags = range(-40, 41)
    scores = [
        float(mix[middle, 0] @ heard[middle.start - start + k : middle.stop - start + k])
        for k in lags
    ]
    assert abs(lags[int(np.argmax(scores))]) <= 1


def test_the_truth_tells_what_the_camera_shows(tmp_path: Path) -> None:
    folder = simulate(duo_score(), tmp_path / "cut", seed=3, cuts=1, hidden=1, **SMALL)
    found = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert len(found["cuts"]) == 1
    camera = found["camera"]
    assert len(camera["time_s"]) == len(camera["zoom"]) == 12
    closer = np.array(camera["time_s"]) > found["cuts"][0]["time_s"]
    assert (np.array(camera["zoom"])[closer] > 1.25).all()
    for player in found["players"]:
        assert len(player["boxes_px"]) == 2
        assert player["box_px"] == next(box for box in player["boxes_px"] if box)
    spans = [player["hidden_s"] for player in found["players"]]
    assert sorted(map(len, spans)) == [0, 1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"difficulty": 1.5}, "between 0 and 1, found 1.5"),
        ({"seconds": 1.0}, "at least 4 seconds, found 1.0"),
        ({"size": (321, 180)}, "even sides .* found 321 x 180"),
        ({"channels": 3}, "1 or 2 channels, found 3"),
        ({"synth": "organ"}, "found 'organ'"),
        ({"seed": -1}, "0 or more, found -1"),
        ({"cuts": -1}, "Cuts are counted from 0, found -1"),
        ({"pans": -2}, "Pans are counted from 0, found -2"),
        ({"hidden": -1}, "Hidden are counted from 0, found -1"),
        ({"instruments": ["Violin"]}, "2 parts need as many instruments, found 1"),
        ({"instruments": ["Violin", "Theremin"]}, "No instrument 'Theremin'"),
        ({"parts": ["Harp"]}, "no part 'Harp'; it has Violin, Cello"),
        ({"parts": [7]}, "no part 7"),
    ],
)
def test_impossible_wishes_are_refused(
    settings: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match=message):
        simulate(duo_score(), tmp_path / "never", **SMALL | settings)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused_and_can_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "truth.json").write_text("old")
    with pytest.raises(OutputError, match="exists already"):
        simulate(duo_score(), target, **SMALL)
    simulate(duo_score(), target, overwrite=True, **SMALL | {"size": None})
    assert json.loads((target / "truth.json").read_text(encoding="utf-8"))["version"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_folder_of_other_things_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path / "letters", tmp_path / "file"):
        with pytest.raises(OutputError, match="Expected a simulated recording to replace"):
            simulate(duo_score(), target, overwrite=True, **SMALL)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Cannot write to .*recording"):
        simulate(duo_score(), tmp_path / "file" / "recording", **SMALL)


def test_a_missing_sound_font_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    wanted = SMALL | {"synth": "fluidsynth", "sound_font": str(tmp_path / "none.sf2")}
    with pytest.raises(MissingExtra, match=r"none\.sf2 does not exist|fluidsynth was not found"):
        simulate(duo_score(), tmp_path / "never", **wanted)
    assert list(tmp_path.iterdir()) == []


def test_a_part_that_is_silent_in_the_excerpt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match="has no note between"):
        simulate(duo_score(), tmp_path / "never", **SMALL | {"start_s": 7.95})


def test_parts_are_chosen_by_name_and_number(tmp_path: Path) -> None:
    chosen = SMALL | {
        "size": None,
        "channels": 1,
        "parts": ["Cello", 0],
        "instruments": ["DB", "Flute"],
    }
    folder = simulate(duo_score(), tmp_path / "chosen", **chosen)
    found = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert [p["instrument"] for p in found["parts"]] == ["Contrabass", "Flute"]
    assert [p["name"] for p in found["parts"]] == ["Cello", "Violin"]
    assert soundfile.info(folder / "mix.wav").channels == 1
