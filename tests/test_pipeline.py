"""The whole job on a simulated duo: files, sums, labels, and what the report and manifest say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avstem.datatypes import Box, Stage
from avstem.errors import Cancelled, OutputError, RequestError
from avstem.media.video import VideoFile
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
