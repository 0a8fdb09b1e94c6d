"""What a job looks like in a terminal and to a machine."""

from __future__ import annotations

import json

import pytest

from avstem.datatypes import Stage
from avstem.errors import MediaError
from avstem.progress import SHARES, Journal, ProgressEvent
from avstem.result import PartResult, Result
from avstem.show import JSON_INTERVAL_S, ConsoleShow, JsonShow


def result_of(*names: str, warnings: tuple[str, ...] = ()) -> Result:
    parts = tuple(
        PartResult(n, name, "Violin", n, 0.9, None, 1.0, False, "", f"{n}.wav", "#000000", (0.5,))
        for n, name in enumerate(names)
    )
    return Result(1, 48000, 100, 0.0, (), parts, {}, warnings, {}, {})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_progress_comes_at_a_reader_s_pace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("avstem.show.time.monotonic", lambda: clock[0])
    show = JsonShow()
    for n in range(1001):
        clock[0] = 100.0 + 0.01 * n
        show(ProgressEvent(Stage.PLAYERS, n / 1000, n / 1000))
    found = lines(capsys)
    assert len(found) == pytest.approx(10 / JSON_INTERVAL_S, abs=3)
    assert found[0] == {
        "event": "progress", "stage": "players", "percent": 0.0, "remaining_s": None
    }  # fmt: skip
    assert found[-1]["percent"] == 100.0 and found[-1]["remaining_s"] == 0.0
    halfway = min(found, key=lambda line: abs(line["percent"] - 50.0))
    assert halfway["remaining_s"] == pytest.approx(5.0, abs=0.3)


def test_every_stage_is_told_however_quick(capsys: pytest.CaptureFixture[str]) -> None:
    show = JsonShow()
    journal = Journal(show)
    for stage in Stage:
        with journal.stage(stage):
            pass
    found = lines(capsys)
    assert [line["stage"] for line in found[1::2]] == list(Stage)
    assert found[-1]["percent"] == 100.0


@pytest.mark.parametrize("idle", [set(), {Stage.PLAYERS}, {Stage.SEPARATION, Stage.STEMS}])
def test_the_stages_with_work_share_the_whole(idle: set[Stage]) -> None:
    overall: list[float] = []
    shares = {stage: share for stage, share in SHARES.items() if stage not in idle}
    journal = Journal(lambda event: overall.append(event.overall), shares)
    for stage in Stage:
        with journal.stage(stage) as progress:
            progress(0.5)
        if stage in idle:
            assert overall[-1] == overall[-3]
    assert overall == sorted(overall)
    assert overall[-1] == pytest.approx(1.0) and max(overall) <= 1.0


def test_a_machine_gets_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    JsonShow().finish(result_of("Bratsche \u266d \udce9"), "")
    text = capsys.readouterr().out
    assert text.isascii()
    assert json.loads(text)["result"]["parts"][0]["name"] == "Bratsche \u266d \udce9"


def test_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    result = result_of("Violin [solo]", "Horn [/]", warnings=("Part Horn [/]: odd.",))
    ConsoleShow().finish(result, "Stems and report: /out [1]/[/b]")
    shown = capsys.readouterr()
    assert "Violin [solo]" in shown.out and "Horn [/]" in shown.out
    assert "Note: Part Horn [/]: odd." in shown.err
    assert "/out [1]/[/b]" in shown.err


def test_an_error_is_shown_with_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    error = MediaError("Expected a video, found [x].", "Name one.")
    ConsoleShow().fail(error)
    shown = capsys.readouterr().err
    assert shown.splitlines() == ["MediaError", "Expected a video, found [x].", "Name one."]
    JsonShow().fail(error)
    assert lines(capsys) == [
        {
            "event": "error",
            "code": "MediaError",
            "message": "Expected a video, found [x].",
            "hint": "Name one.",
        }
    ]
