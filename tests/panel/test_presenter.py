"""The presenter and the rules of editing, without a window."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem.datatypes import Affinity
from avstem.errors import OutputError
from avstem.evidence import Evidence
from avstem.panel.model import (
    NOBODY,
    Place,
    Problem,
    Row,
    Showing,
    clipped,
    overlap,
    reassigned,
    rerun_settings,
)
from avstem.panel.presenter import Presenter
from avstem.panel.reading import read_showing

JOB = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"


def row(index: int, player: int, **changes: Any) -> Row:
    name = f"Part {index}"
    plain = {"colour": "#123456", "confidence": 0.9, "runner_up": None, "margin": 1.0}
    plain |= {"ambiguous": False, "why": "", "name": name, "new_instrument": "viola"}
    return Row(index, name, "viola", found=player, player=player, **(plain | changes))


def showing(players: int = 3, **changes: Any) -> Showing:
    rows = tuple(row(k, k) for k in range(players))
    boxes = tuple((k * 100.0, 50.0, k * 100.0 + 80, 300.0) for k in range(players))
    plain = Showing(JOB, JOB, "score", "p", "/f", "/r", rows, boxes, {}, duration_s=20.0)
    return Showing(**{**plain.__dict__, **changes})


class Desk:
    """Keeps what a presenter says."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.loads: list[str] = []
        self.told: list[str] = []
        self.presenter = Presenter(Path("/spool"), self.send, self.load, self.told.append)

    def send(self, address: str, **arguments: Any) -> None:
        self.sent.append((address, arguments))

    def load(self, job: str, folder: Path, file: str) -> None:
        self.loads.append(job)

    def job(self, job: str = JOB, state: str = "done", **changes: Any) -> None:
        plain = {"job": job, "state": state, "stage": "", "percent": 0.0, "ahead": 0}
        plain |= {"name": "n", "message": "m"}
        self.presenter.hear("/avstem/job", plain | changes)

    def about(self, job: str = JOB, **changes: Any) -> None:
        self.presenter.hear("/avstem/job/about", about(job) | changes)

    def addresses(self) -> list[str]:
        return [address for address, _ in self.sent]


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.presenter.linked()
    made.job()
    made.about()
    made.presenter.hear("/avstem/list/end", {"count": 1})
    made.presenter.loaded(JOB, showing())
    made.presenter.hear("/avstem/frame/file", frame())
    made.sent.clear()
    return made


def about(job: str) -> dict[str, Any]:
    told = {"job": job, "family": job, "project": "p", "conditioning": "score"}
    return told | {"submitted": "2025-01-31T23:59:59", "video": 1, "score": 1}


def frame(job: str = JOB, time_s: float = 10.0) -> dict[str, Any]:
    size = {"source_width_px": 640, "source_height_px": 360, "duration_s": 20.0}
    return {"job": job, "time_s": time_s, "file": "frames/1.jpg"} | size


def test_a_connection_asks_who_and_what_is_there() -> None:
    made = Desk()
    made.presenter.linked()
    assert made.addresses() == ["/avstem/hello", "/avstem/list"]


def test_a_finished_job_is_read_once(desk: Desk) -> None:
    desk.presenter.hear("/avstem/result/file", {"job": JOB, "file": "result.json"})
    desk.presenter.hear("/avstem/result/file", {"job": OTHER, "file": "result.json"})
    assert desk.loads == [JOB]
    desk.job(state="inserted")
    assert "/avstem/result" not in desk.addresses()


def test_the_newest_job_is_followed_until_one_is_picked(desk: Desk) -> None:
    desk.job(OTHER, "queued")
    assert desk.presenter.job == OTHER and desk.presenter.running
    desk.presenter.pick(JOB)
    desk.job("33333333-3333-3333-3333-333333333333", "queued")
    assert desk.presenter.job == JOB


def test_jobs_that_a_new_service_does_not_know_vanish(desk: Desk) -> None:
    desk.presenter.lost()
    assert not desk.presenter.ready and desk.presenter.rows
    desk.presenter.linked()
    desk.job(OTHER, "failed")
    desk.presenter.hear("/avstem/list/end", {"count": 1})
    assert list(desk.presenter.jobs) == [OTHER] and desk.presenter.job == OTHER


@given(st.permutations(range(5)), st.integers(0, 4), st.integers(-1, 4))
def test_a_swap_keeps_the_matching_one_to_one(players: list[int], index: int, chosen: int) -> None:
    rows = tuple(row(k, player) for k, player in enumerate(players))
    made = reassigned(rows, index, chosen)
    taken = [r.player for r in made if r.player != NOBODY]
    assert made[index].player == chosen and len(taken) == len(set(taken))
    assert {r.index for r in made if r.player != rows[r.index].player} <= {
        r.index for r in made if r.locked
    }


def test_a_rerun_carries_locks_boxes_and_names(desk: Desk) -> None:
    panel = desk.presenter
    panel.assign(0, 2)
    panel.edit(1, name="Bratsche „ü“", new_instrument="viola da gamba")
    panel.edit(1, locked=True)
    panel.move_box(2, (-50.0, 10.0, 60.0, 100.0))  # now the leftmost; cut at the edge
    panel.rerun({"conditioning": "motion"})
    address, said = desk.sent[-1]
    assert (address, said["job"]) == ("/avstem/rerun", JOB)
    assert json.loads(said["settings"]) == {
        "conditioning": "motion",
        "boxes": [[0.0, 10.0, 60.0, 100.0], [0.0, 50.0, 80.0, 300.0], [100.0, 50.0, 180.0, 300.0]],
        "assignments": {"Part 0": 0, "Bratsche „ü“": 2, "Part 2": 1},
        "names": {"Part 1": "Bratsche „ü“"},
        "instruments": {"Bratsche „ü“": "viola da gamba"},
    }
    panel.rerun({}, only_unlocked=False)
    assert json.loads(desk.sent[-1][1]["settings"])["assignments"] == {}


def test_unmoved_boxes_are_not_sent() -> None:
    given_rows = showing()
    settings = rerun_settings(given_rows.rows, given_rows.boxes, False, True, {})
    assert settings == {"assignments": {}}


def test_a_removed_player_leaves_the_part_to_nobody(desk: Desk) -> None:
    desk.presenter.remove_box(1)
    assert [r.player for r in desk.presenter.rows] == [0, NOBODY, 1]
    assert len(desk.presenter.boxes) == 2 and desk.presenter.boxes_changed


def test_boxes_that_are_nothing_or_lie_over_each_other(desk: Desk) -> None:
    assert not desk.presenter.add_box((700.0, 10.0, 800.0, 100.0))  # outside
    assert len(desk.presenter.boxes) == 3
    assert desk.presenter.add_box((5.0, 55.0, 80.0, 300.0))
    assert "lie over each other" in desk.presenter.problem.message


@given(st.tuples(*[st.floats(-1e4, 1e4) for _ in range(4)]))
def test_a_clipped_box_is_inside_the_picture(box: tuple[float, float, float, float]) -> None:
    found = clipped(box, 640.0, 360.0)
    if found is not None:
        x0, y0, x1, y1 = found
        assert 0 <= x0 < x1 <= 640 and 0 <= y0 < y1 <= 360
        assert overlap(found, found) == pytest.approx(1.0)


def test_solo_add_mute_and_enhance(desk: Desk) -> None:
    panel = desk.presenter
    state = {"job": JOB, "part": "Part 0", "on": 1, "gain_db": 0.0}
    panel.solo(0)
    panel.hear("/avstem/player/state", state)
    panel.solo(1, add=True)
    panel.hear("/avstem/player/state", state | {"part": "Part 1"})
    assert [r.solo for r in panel.rows] == [True, True, False]
    panel.solo(2)
    panel.hear("/avstem/player/state", state | {"part": "Part 2"})
    assert [r.solo for r in panel.rows] == [False, False, True]
    panel.mute(1)
    panel.hear("/avstem/player/muted", {"job": JOB, "part": "Part 1", "on": 1})
    panel.enhance(0, 6.0)
    panel.hear("/avstem/player/state", state | {"on": 0, "gain_db": 6.0})
    panel.enhance(0, 6.0)
    assert desk.addresses() == [
        *("/avstem/player/solo", "/avstem/player/add", "/avstem/player/solo"),
        *("/avstem/player/mute", "/avstem/player/enhance", "/avstem/player/enhance"),
    ]
    assert [said.get("gain_db") for _, said in desk.sent[-2:]] == [6.0, 0.0]
    assert panel.rows[1].mute


def test_nothing_is_selected_nothing_is_said(desk: Desk) -> None:
    desk.presenter.solo(-1)
    desk.presenter.mute(99)
    desk.presenter.enhance(-1, 6.0)
    assert desk.sent == []


def test_one_frame_at_a_time_and_the_newest_wins(desk: Desk) -> None:
    for time_s in (1.0, 2.0, 3.0, 99.0):
        desk.presenter.seek(time_s)
    assert [said["time_s"] for _, said in desk.sent] == [1.0]
    desk.presenter.hear("/avstem/frame/file", frame(time_s=1.0))
    assert [said["time_s"] for _, said in desk.sent] == [1.0, 20.0]  # the end of the video
    failed = {"job": JOB, "time_s": 20.0, "message": "damaged", "hint": ""}
    desk.presenter.hear("/avstem/frame/failed", failed)
    assert desk.presenter.frame is None and desk.presenter.frame_problem == "damaged"


def test_a_failed_job_tells_why_also_later(desk: Desk) -> None:
    desk.job(OTHER, "failed")
    why = {"job": OTHER, "code": "MediaError", "message": "broken", "hint": "copy", "log": "/l"}
    desk.presenter.hear("/avstem/job/failed", why)
    assert desk.presenter.problem == Problem("broken", "copy", "/l", "MediaError")
    assert desk.presenter.problem.details().splitlines()[-1] == "Log: /l"
    desk.presenter.pick(JOB)
    assert desk.presenter.problem is None
    desk.presenter.pick(OTHER)
    assert desk.presenter.problem is not None


def test_a_job_without_a_picture_asks_for_none(desk: Desk) -> None:
    desk.job(OTHER)
    desk.presenter.loaded(OTHER, showing(has_video=False))
    desk.sent.clear()
    desk.presenter.hear(
        "/avstem/frame/failed", {"job": OTHER, "time_s": 0.0, "message": "no video"}
    )
    desk.presenter.seek(3.0)
    assert desk.sent == [] and desk.presenter.frame_problem == "no video"


def test_runs_are_compared_in_turn_and_never_with_another_item_of_the_name(desk: Desk) -> None:
    other_item = "33333333-3333-3333-3333-333333333333"
    for job, family in ((JOB, JOB), (OTHER, JOB), (other_item, other_item)):
        desk.job(job, "inserted", name="the same name")
        desk.about(job, family=family)
    desk.presenter.pick(JOB)
    desk.sent.clear()
    for _ in range(3):
        desk.presenter.compare()
    asked = [said["job"] for address, said in desk.sent if address == "/avstem/take"]
    assert asked == [OTHER, JOB, OTHER] and desk.presenter.job == OTHER
    desk.presenter.pick(other_item)
    desk.presenter.compare()
    assert "no other run" in desk.presenter.problem.message and desk.presenter.job == other_item


def test_a_comparison_stays_at_the_same_time(desk: Desk) -> None:
    for job in (JOB, OTHER):
        desk.job(job, "inserted")
        desk.about(job, family=JOB)
    desk.presenter.seek(7.5)
    desk.presenter.compare()
    desk.presenter.loaded(OTHER, showing())
    assert desk.presenter.time_s == 7.5


def test_what_a_job_is_about_is_asked_once_and_kept(desk: Desk) -> None:
    desk.job(OTHER, "queued")
    desk.about(OTHER, project="Evening", score=0)
    desk.job(OTHER, "running", percent=3.0)
    assert [s["job"] for a, s in desk.sent if a == "/avstem/about"] == [OTHER]
    job = desk.presenter.jobs[OTHER]
    assert (job.project, job.score, job.video, job.percent) == ("Evening", False, True, 3.0)
    desk.presenter.hear("/avstem/job/about", about("44444444-4444-4444-4444-444444444444"))


def test_spectrograms_come_one_after_the_other(desk: Desk) -> None:
    rows = tuple(row(k, k, file=f"/{k}.wav") for k in range(3))
    desk.presenter.loaded(JOB, showing(rows=rows))
    told = {"job": JOB, "message": "gone", "hint": ""}
    desk.presenter.hear("/avstem/thumbnail/file", told | {"part": "Part 0", "file": "t/0.png"})
    desk.presenter.hear("/avstem/thumbnail/failed", told | {"part": "Part 1"})
    desk.presenter.hear("/avstem/thumbnail/file", told | {"part": "Part 2", "file": "t/2.png"})
    asked = [said["part"] for address, said in desk.sent if address == "/avstem/thumbnail"]
    assert asked == ["Part 0", "Part 1", "Part 2"]
    assert desk.presenter.thumbnails == {
        "Part 0": Path("/spool/jobs") / JOB / "t/0.png",
        "Part 2": Path("/spool/jobs") / JOB / "t/2.png",
    }
    assert desk.presenter.problem is None
    desk.presenter.lost()
    desk.presenter.linked()  # what failed is tried again, what is there is not
    asked = [said["part"] for address, said in desk.sent if address == "/avstem/thumbnail"]
    assert asked[3:] == ["Part 1"]


def test_the_mixer_is_listened_to_once_the_stems_are_in_the_project(desk: Desk) -> None:
    desk.job(state="done")
    assert "/avstem/mixer" not in desk.addresses()
    desk.job(state="inserted")
    assert desk.addresses().count("/avstem/mixer") == 1
    state = {"job": JOB, "part": "Part 1", "on": 1, "gain_db": -3.04}
    desk.presenter.hear("/avstem/player/state", state)  # somebody pressed it in REAPER
    desk.presenter.hear("/avstem/player/muted", {"job": JOB, "part": "Part 0", "on": 1})
    rows = desk.presenter.rows
    assert [r.solo for r in rows] == [False, True, False]
    assert [r.mute for r in rows] == [True, False, False] and rows[1].gain_db == -3.0
    assert not desk.presenter.changed, "what REAPER does is no edit"


def test_the_picture_goes_where_reapers_cursor_goes(desk: Desk) -> None:
    pieces = (Place(100.0, 4.0, 2.0, 1.0), Place(104.0, 2.0, 10.0, 2.0))  # cut, then twice as fast
    desk.presenter.loaded(JOB, showing(places=pieces))
    for project_s, media_s in ((101.5, 3.5), (105.0, 12.0), (99.0, 12.0), (300.0, 12.0)):
        desk.presenter.hear("/avstem/cursor", {"time_s": project_s})
        assert desk.presenter.time_s == media_s, "nothing of the recording lies elsewhere"
    desk.presenter.with_reaper = False
    desk.presenter.hear("/avstem/cursor", {"time_s": 100.0})
    assert desk.presenter.time_s == 12.0
    desk.presenter.pick("")
    desk.presenter.with_reaper = True
    desk.presenter.hear("/avstem/cursor", {"time_s": 100.0})


def test_edits_are_undone_and_made_again(desk: Desk) -> None:
    panel = desk.presenter
    before = (panel.rows, panel.boxes)
    panel.assign(0, 2)
    panel.edit(1, name="Bratsche")
    panel.remove_box(1)
    edited = (panel.rows, panel.boxes)
    for _ in range(5):
        panel.undo()
    assert (panel.rows, panel.boxes, panel.boxes_changed) == (*before, False)
    for _ in range(5):
        panel.redo()
    assert (panel.rows, panel.boxes) == edited
    panel.undo()
    panel.hear("/avstem/player/muted", {"job": JOB, "part": "Part 1", "on": 1})
    panel.undo()
    assert panel.rows[1].mute and panel.rows[1].name == "Part 1"
    panel.edit(1, locked=False)  # nothing that is not so already
    panel.redo()
    assert panel.rows[1].name == "Bratsche"
    panel.pick("")
    panel.undo()
    assert panel.rows == ()


def test_what_the_panel_asks_on_its_own_is_refused_in_silence(desk: Desk) -> None:
    refused = {"message": "m", "hint": "h", "log": ""}
    for address in ("/avstem/about", "/avstem/frame", "/avstem/thumbnail", "/avstem/mixer"):
        desk.presenter.hear("/avstem/error", refused | {"address": address})
    assert desk.presenter.problem is None
    desk.presenter.seek(3.0)
    desk.presenter.hear("/avstem/error", refused | {"address": "/avstem/frame"})
    desk.presenter.seek(4.0)
    assert [s["time_s"] for a, s in desk.sent if a == "/avstem/frame"] == [3.0, 4.0]
    desk.presenter.hear("/avstem/error", refused | {"address": "/avstem/rerun"})
    assert desk.presenter.problem == Problem("m", "h", "", "/avstem/rerun")


def test_unknown_messages_are_no_matter(desk: Desk) -> None:
    desk.presenter.hear("/avstem/of/the/future", {})


def test_a_result_that_is_gone_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be read"):
        read_showing(tmp_path, "result.json")
    (tmp_path / "result.json").write_text("[]")
    with pytest.raises(OutputError, match="cannot be read"):
        read_showing(tmp_path, "result.json")


def test_evidence_survives_the_file(tmp_path: Path) -> None:
    times_s = 2.0 + np.arange(100) / 25
    curves = np.random.default_rng(0).standard_normal((3, 100))
    scores = np.arange(6.0).reshape(2, 3)
    Evidence.of(Affinity("default", scores, curves, times_s)).write(tmp_path / "e.json")
    found = Evidence.read(tmp_path / "e.json")
    assert np.allclose(found.curves, curves, atol=0.006) and np.array_equal(found.scores, scores)
    assert (found.start_s, found.rate_hz) == (2.0, pytest.approx(25.0))
    (tmp_path / "e.json").write_text('{"version": 9}')
    with pytest.raises(OutputError, match="version 9, expected 1"):
        Evidence.read(tmp_path / "e.json")


def test_the_panel_brings_no_heavy_library() -> None:
    code = (
        "import sys, avstem.panel.presenter, avstem.panel.commands;"
        "heavy = {'torch', 'cv2', 'mediapipe', 'PyQt5', 'av', 'librosa'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_test_of_the_table_exists() -> None:
    here = Path(__file__).parent
    files = [*here.glob("test_*.py"), here.parent / "test_architecture.py"]
    known = set(re.findall(r"def (test_\w+)", "".join(f.read_text("utf-8") for f in files)))
    told = re.findall(r"`(test_\w+)`", (here / "README.md").read_text("utf-8"))
    assert len(told) > 50 and not set(told) - known
