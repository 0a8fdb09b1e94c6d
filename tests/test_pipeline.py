"""The whole job on a simulated duo: files, sums, labels, and what the report and manifest say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
import soundfile
from make_duo import write_score
from media.make_media import Sound, write_clip

from avstem.datatypes import Box, Stage
from avstem.errors import Cancelled, OutputError, RequestError
from avstem.media.video import VideoFile, open_video
from avstem.pipeline import associate, run
from avstem.progress import ProgressEvent
from avstem.request import Request, StemFormat
from avstem.result import Result


@pytest.fixture(scope="module")
def done(duo: Path, motion_cache: Path, tmp_path_factory) -> tuple[Path, Result, list]:
    output = tmp_path_factory.mktemp("results") / "with a 'quote' & ü"
    events: list[ProgressEvent] = []
    request = Request(duo / "score.mid", output, duo / "video.mp4", cache=motion_cache)
    return output, run(request, events.append), events


def truth_of(duo: Path) -> dict:
    return json.loads((duo / "truth.json").read_text())


def test_the_folder_holds_stems_manifest_and_report(done) -> None:
    output, result, _ = done
    assert sorted(p.name for p in output.iterdir()) == [
        "01 Violin.wav",
        "02 Cello.wav",
        "evidence.json",
        "report.html",
        "result.json",
    ]
    assert [part.stem for part in result.parts] == ["01 Violin.wav", "02 Cello.wav"]
    assert Result.read(output / "result.json") == result


def test_stems_are_as_long_as_the_sound_and_sum_to_it(duo, motion_cache, tmp_path) -> None:
    request = Request(
        duo / "score.mid", tmp_path / "out", duo / "video.mp4", duo / "mix.wav", cache=motion_cache
    )
    result = run(request)
    mix, rate_hz = soundfile.read(duo / "mix.wav", dtype="float64", always_2d=True)
    stems = [soundfile.read(tmp_path / "out" / p.stem, always_2d=True)[0] for p in result.parts]
    assert (result.rate_hz, result.samples) == (rate_hz, len(mix))
    assert all(stem.shape == mix.shape for stem in stems)
    assert np.abs(sum(stems) - mix).max() < 1e-6


def test_players_are_matched_with_their_parts(duo, done) -> None:
    _, result, _ = done
    assert [p.player for p in result.parts] == [p["player"] for p in truth_of(duo)["parts"]]


def test_players_stand_where_they_were_drawn(duo, done) -> None:
    _, result, _ = done
    for player, true in zip(result.players, truth_of(duo)["players"], strict=True):
        x0, _, x1, _ = true["box_px"]
        assert x0 < (player.box_px[0] + player.box_px[2]) / 2 < x1


def test_onsets_are_found_as_performed(duo, done) -> None:
    _, result, _ = done
    for part, true in zip(result.parts, truth_of(duo)["parts"], strict=True):
        errors_s = np.abs(np.array(part.onsets_s) - np.array(true["notes"]["onsets_s"]))
        assert np.median(errors_s) < 0.03


def test_each_stem_is_closer_to_its_own_part(duo, done) -> None:
    output, result, _ = done
    true = [soundfile.read(duo / p["stem"])[0].mean(axis=1) for p in truth_of(duo)["parts"]]
    for index, part in enumerate(result.parts):
        stem = soundfile.read(output / part.stem)[0].mean(axis=1)[: len(true[index])]
        likeness = [abs(np.corrcoef(stem, t[: len(stem)])[0, 1]) for t in true]
        assert likeness[index] > 0.9 > 0.3 > likeness[1 - index]


def test_progress_never_goes_back_and_passes_all_stages(done) -> None:
    overall = [event.overall for event in done[2]]
    assert overall == sorted(overall)
    assert overall[-1] == pytest.approx(1.0)
    assert list(dict.fromkeys(event.stage for event in done[2])) == list(Stage)


def test_the_second_run_does_not_look_at_the_video_again(
    duo, motion_cache, done, monkeypatch
) -> None:
    def looked(*_: object) -> None:
        raise AssertionError("the video was decoded again")

    monkeypatch.setattr(VideoFile, "luma", looked)
    again = associate(Request(duo / "score.mid", Path(), duo / "video.mp4", cache=motion_cache))
    assert [p.player for p in again.parts] == [p.player for p in done[1].parts]
    with pytest.raises(AssertionError, match="decoded again"):
        elsewhere = motion_cache / "another"
        associate(Request(duo / "score.mid", Path(), duo / "video.mp4", cache=elsewhere))


def test_an_earlier_result_is_kept_unless_told(duo, done) -> None:
    output, result, _ = done
    with pytest.raises(OutputError, match="already holds a result.*--overwrite"):
        run(Request(duo / "score.mid", output, duo / "video.mp4"))
    assert Result.read(output / "result.json") == result


@pytest.mark.parametrize("stage", list(Stage))
def test_cancelling_at_any_stage_leaves_nothing(duo, motion_cache, tmp_path, stage) -> None:
    def cancel(event: ProgressEvent) -> None:
        if event.stage == stage and event.fraction > 0:
            raise Cancelled("Cancelled by the test.")

    with pytest.raises(Cancelled):
        run(
            Request(duo / "score.mid", tmp_path / "o", duo / "video.mp4", cache=motion_cache),
            cancel,
        )
    assert list(tmp_path.iterdir()) == []


def test_the_user_has_the_last_word_on_matches(duo, motion_cache, done) -> None:
    right = [part.player for part in done[1].parts]
    request = Request(
        duo / "score.mid",
        Path(),
        duo / "video.mp4",
        cache=motion_cache,
        assignments=(("Violin", right[1]), ("Cello", None)),
    )
    result = associate(request)
    assert [part.player for part in result.parts] == [right[1], None]
    assert all(part.stem is None for part in result.parts)


def test_boxes_given_by_the_user_are_the_players(duo, motion_cache) -> None:
    boxes = tuple(Box(*player["box_px"]) for player in truth_of(duo)["players"])
    result = associate(
        Request(duo / "score.mid", Path(), duo / "video.mp4", boxes=boxes, cache=motion_cache)
    )
    assert [p.box_px for p in result.players] == [(b.x0, b.y0, b.x1, b.y1) for b in boxes]
    with pytest.raises(RequestError, match="320"):
        outside = (Box(0, 0, 5000, 100),)
        associate(Request(duo / "score.mid", Path(), duo / "video.mp4", boxes=outside))


def test_one_visible_player_leaves_the_other_part_off_screen(duo, motion_cache, tmp_path) -> None:
    request = Request(
        duo / "score.mid", tmp_path / "o", duo / "video.mp4", players=1, cache=motion_cache
    )
    result = run(request)
    assert sorted(p.player is None for p in result.parts) == [False, True]
    assert sum("off-screen" in (p.stem or "") for p in result.parts) == 1


def test_counting_players_says_when_it_differs_from_the_score(duo, motion_cache, tmp_path) -> None:
    score = write_score(tmp_path / "score.mid", {"Violin": (40, _notes_of(duo, 0))})
    job = Request(score, Path(), duo / "video.mp4", players="auto", cache=motion_cache)
    warnings = associate(job).warnings
    assert any("Counting the players found 2 in the picture" in w for w in warnings)
    assert any("plays none of the parts" in w for w in warnings)
    counted = associate(replace(job, score=duo / "score.mid"))
    assert len(counted.players) == 2 and counted.warnings == ()


def test_a_phone_held_upright_whose_sound_begins_late(duo, motion_cache, tmp_path) -> None:
    """Turned pixels with a rotation flag, sound from 0.4 s on: all as in the plain video."""
    frames = list(VideoFile.luma(open_video(duo / "video.mp4"), 320, 180))
    mix, rate_hz = soundfile.read(duo / "mix.wav", dtype="float32", always_2d=True)
    cut = round(0.4 * rate_hz)
    phone = write_clip(
        tmp_path / "phone.mov",
        [frame.time_s for frame in frames],
        pictures=[np.rot90(frame.picture, -1) for frame in frames],
        size=(180, 320),
        rotation=90,
        sounds=[Sound(mix[cut:].T, rate_hz, start_s=0.4)],
    )
    result = run(Request(duo / "score.mid", tmp_path / "out", phone, cache=motion_cache))
    assert result.start_s == pytest.approx(0.4, abs=1e-4)
    assert result.samples == len(mix) - cut
    assert soundfile.info(tmp_path / "out" / result.parts[0].stem).frames == result.samples
    test_players_stand_where_they_were_drawn(duo, (None, result, None))
    test_players_are_matched_with_their_parts(duo, (None, result, None))
    test_onsets_are_found_as_performed(duo, (None, result, None))
    assert "aspect-ratio: 320 / 180" in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("channels", [1, 5])
def test_any_number_of_channels_and_a_part_without_notes_in_the_recording(
    duo, tmp_path, channels
) -> None:
    mix, _ = soundfile.read(duo / "mix.wav", dtype="float64", always_2d=True)
    mix = (mix @ np.random.default_rng(1).uniform(0.2, 0.8, (2, channels))).astype(np.float32)
    soundfile.write(tmp_path / "mix.wav", mix, 88200, subtype="FLOAT")  # an octave up
    notes, lower = ([(a / 2, b / 2, p + 12) for a, b, p in _notes_of(duo, k)] for k in (0, 1))
    later = [(60.0 + k, 60.5 + k, 70 + k) for k in range(3)]
    parts = {"Violin": (40, notes), "Cello": (42, lower), "Oboe": (68, later)}
    score = write_score(tmp_path / "score.mid", parts)
    result = run(Request(score, tmp_path / "out", audio=tmp_path / "mix.wav"))
    assert result.rate_hz == 88200
    stems = [soundfile.read(tmp_path / "out" / p.stem, always_2d=True)[0] for p in result.parts]
    assert all(stem.shape == mix.shape for stem in stems)
    assert np.abs(sum(stems) - mix).max() < 1e-6
    assert np.square(stems[2]).sum() < 0.05 * np.square(mix).sum()


def _notes_of(duo: Path, part: int) -> list[tuple[float, float, int]]:
    found = pretty_midi.PrettyMIDI(str(duo / "score.mid")).instruments[part].notes
    return [(note.start, note.end, note.pitch) for note in found]


@pytest.mark.parametrize("stem_format", list(StemFormat))
def test_without_a_picture(duo, tmp_path, stem_format) -> None:
    request = Request(
        duo / "score.mid", tmp_path / "o", audio=duo / "mix.wav", stem_format=stem_format
    )
    result = run(request)
    assert result.players == ()
    assert all(part.player is None for part in result.parts)
    subtypes = {soundfile.info(tmp_path / "o" / part.stem).subtype for part in result.parts}
    assert len(subtypes) == 1
    assert "there is no picture" in result.parts[0].why
