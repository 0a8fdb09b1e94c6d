"""What people see of a batch under way: the pace, the live table, the picture of a result."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from batch_bench import batch_of
from report.report_fakes import make_report
from rich.console import Console

from avstem.batch.execute import Postponed, Progressed, Started
from avstem.batch.pace import Pace
from avstem.batch.picture import WIDTH_PX, write_picture
from avstem.batch.records import Outcome, Reason
from avstem.batch.run import preview
from avstem.batch.show import ConsoleBatchShow
from avstem.report import write_report

Make = Callable[..., Path]


def test_the_pace_counts_by_weight() -> None:
    now_s = [100.0]
    pace = Pace({"long": 300.0, "short": 100.0}, clock=lambda: now_s[0])
    assert (pace.fraction, pace.per_hour, pace.remaining_s) == (0.0, None, None)
    pace.see(Started("long"))
    pace.see(Started("short"))
    now_s[0] += 60.0
    pace.see(Outcome("short"))
    pace.see(Progressed("long", "separation", 0.5))
    assert pace.fraction == pytest.approx(0.625)
    assert pace.remaining_s == pytest.approx(36.0)
    assert pace.per_hour == pytest.approx(90.0)
    assert pace.since_s("long") == pytest.approx(60.0)
    pace.see(Outcome("long", Reason("MediaError", "It is broken.")))
    assert (pace.fraction, pace.ended, pace.failed, pace.running) == (1.0, 2, 1, {})


def test_the_pace_of_jobs_that_wait_and_of_none() -> None:
    pace = Pace({"one": 0.0})
    pace.see(Started("one"))
    pace.see(Postponed("one", Reason("RequestError", "Nobody is there.")))
    assert (pace.fraction, pace.ended, pace.running) == (0.0, 0, {})
    assert Pace({}).fraction == 1.0


def test_the_live_table(recordings: Make, tmp_path: Path) -> None:
    outlook = preview(batch_of(recordings(a="well", b="well"), tmp_path / "out"))
    one, two = (job.id for job in outlook.chosen)
    show, text = ConsoleBatchShow(), io.StringIO()
    show.plan(outlook)
    for event in (Started(one), Started(two), Outcome(two), Progressed(one, "separation", 0.42)):
        show(event)
    Console(file=text, width=100).print(show._draw())
    lines = [line for line in text.getvalue().splitlines() if line.strip()]
    assert lines[0].startswith("1 of 2 done")
    assert lines[1].split() == ["Recording", "Stage", "Done", "Since"]
    assert [
        word for word in ("a/video", "separation", "42 %", "0 s") if word not in lines[-1]
    ] == []


def test_the_picture_shows_the_players(tmp_path: Path) -> None:
    """Small, with a box per player in the colour of the part."""
    write_report(tmp_path / "report.html", make_report(parts=2, players=2))
    target = tmp_path / "pictures" / "job.jpg"
    assert write_picture(tmp_path, target)
    picture = cv2.imread(str(target))
    assert picture.shape[1] == WIDTH_PX
    vivid = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1] > 110  # the frame itself is grey
    left, middle, right = (30, 465, 960) * np.array(WIDTH_PX / 1920)  # px: edge, inside, edge
    edges = [vivid[80:150, round(x) - 3 : round(x) + 4].any() for x in (left, middle, right)]
    assert edges == [True, False, True]
    assert not list(target.parent.glob("*.part"))
    write_report(tmp_path / "report.html", make_report(players=None))
    assert not write_picture(tmp_path, tmp_path / "none.jpg")
    assert not (tmp_path / "none.jpg").exists()
