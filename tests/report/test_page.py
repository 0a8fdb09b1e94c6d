from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_fakes import make_report

from avstem.datatypes import Absent, Affinity, Region
from avstem.errors import OutputError
from avstem.report import ReportData, write_report
from avstem.report.packing import CURVE_BYTES, page_data
from avstem.report.page import render

VOID = {"meta", "link", "img", "input", "br"}
SHAPES = {"path", "rect"}  # SVG elements that are closed in place


class Page(HTMLParser):
    """Tags, attributes and texts of a page; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.script_data = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            if self.tags[-1][1].get("id") == "data":
                self.script_data += data
        elif self.open and self.open[-1] != "style" and data.strip():
            self.texts.append(" ".join(data.split()))

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        """Attributes of all tags of a kind and class."""
        return [
            a
            for t, a in self.tags
            if t == tag and (not name or name in str(a.get("class")).split())
        ]

    @property
    def data(self) -> dict:
        return json.loads(self.script_data)


def page_of(data: ReportData) -> Page:
    return Page(render(data))


@pytest.mark.parametrize(
    ("parts", "players"), [(4, 4), (1, 1), (5, 3), (2, 4), (12, 12), (3, None)]
)
def test_every_part_has_a_row_a_button_and_a_wave(parts: int, players: int | None) -> None:
    page = page_of(make_report(parts, players, 20.0))
    assert len(page.all("button", "play")) == parts + 1
    assert [a["src"] for a in page.all("audio")][1] == "01%20Violin%201.wav"
    assert len(page.all("div", "wave")) == parts + 1
    assert len(page.all("div", "box")) == (players or 0)
    assert len(page.all("td", "chosen")) == min(parts, players or 0)
    canvases = [a for a in page.all("canvas") if "data-player" in a]
    assert len(canvases) == (players or 0)


def test_who_is_not_in_the_picture_has_no_box_there() -> None:
    data = make_report(2, 3, 20.0)
    players = list(data.players.players)
    for index, (start, stop) in enumerate(((0, 3), (0, 1), (1, 3))):
        one = players[index]
        players[index] = replace(one, views=(Region(start, stop, one.box_px, one.weight),))
    shown = replace(data.players, players=tuple(players), box_time_s=2 / 30)
    page = page_of(replace(data, players=shown))
    assert len(page.all("div", "box")) == 2
    assert "Not in this picture: player 1." in " ".join(
        render(replace(data, players=shown)).split()
    )


def test_nothing_is_fetched_from_elsewhere() -> None:
    text = render(make_report())
    assert not re.search(r"https?://", text)
    links = [
        value
        for _, attributes in Page(text).tags
        for key, value in attributes.items()
        if key in {"src", "href"} and value is not None
    ]
    assert all(re.match(r"data:|\d\d%20|\.\./quartet\.mp4$", link) for link in links)


NASTY = (
    '<script>alert("1")</script>',
    "\" onload='x' a=\"",
    "</script><b>",
    "a & b ヴィオラ {{ 7*7 }}",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_what_comes_from_the_user_is_text_and_nothing_else(nasty: str) -> None:
    plain = make_report(4, 3, 20.0)
    data = make_report(4, 3, 20.0, names=(nasty, nasty, nasty, nasty))
    matches = tuple(replace(m, why=nasty) for m in data.association.matches)
    data = replace(
        data,
        title=nasty,
        association=replace(data.association, matches=matches),
        stems=tuple(replace(s, path=f"01 {nasty}.wav", name=nasty) for s in data.stems),
        mixture_link=nasty,
        settings={nasty: nasty, "list": [nasty]},
        timings_s={nasty: 1.0},
        warnings=(nasty,),
    )
    page = page_of(data)
    assert nasty in page.texts
    kinds = {tag for tag, _ in page.tags}
    assert kinds <= {tag for tag, _ in page_of(plain).tags} | {"ul", "li"}
    assert not any("onload" in attributes for _, attributes in page.tags)


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=1, max_size=40).filter(lambda t: t.strip() and "\x00" not in t))
def test_any_name_keeps_the_page_whole(name: str) -> None:
    page_of(make_report(2, 2, 5.0, names=(name, name)))


def test_ambiguous_matches_off_screen_parts_and_idle_players_are_said() -> None:
    page = page_of(make_report(5, 4, 20.0))
    assert page.texts.count("ambiguous") == 1
    assert "players 0 and 2 fit almost equally well" in page.texts
    assert "off-screen" in page.texts
    idle = page_of(make_report(2, 3, 20.0))
    assert len(idle.all("div", "idle")) == 1
    assert any("Without a part: player" in text for text in idle.texts)


def test_without_a_picture_a_sentence_stands_for_the_players() -> None:
    data = replace(make_report(3, None, 20.0), players=Absent("the video shows slides"))
    page = page_of(data)
    assert "No players are shown: the video shows slides. The stems follow the score alone." in (
        page.texts
    )
    assert page.all("img") == [] and page.data["curves"] is None


def test_a_job_that_separated_nothing_has_a_page() -> None:
    page = page_of(replace(make_report(3, 3, 20.0), stems=(), mixture_link=None))
    assert page.all("audio") == []
    assert page.texts.count("not separated") == 3


def test_half_an_hour_stays_small() -> None:
    assert len(render(make_report(12, 12, 1800.0)).encode()) < 3e6


def test_long_curves_are_thinned_and_keep_their_peaks() -> None:
    report = make_report(2, 2, 20.0)
    frames = 2_000_000
    curves = np.zeros((2, frames))
    curves[:, ::1000] = 1.0
    affinity = Affinity("synchrony", np.ones((2, 2)), curves, np.arange(frames) / 60)
    data = page_data(replace(report, association=replace(report.association, affinity=affinity)))
    codes = [np.frombuffer(base64.b64decode(row), np.uint8) for row in data["curves"]["rows"]]
    assert sum(map(len, codes)) <= CURVE_BYTES
    assert all(np.count_nonzero(code == 255) >= frames / 1000 for code in codes)


def test_onsets_and_curves_come_back() -> None:
    report = make_report(3, 3, 20.0)
    data = page_of(report).data
    for found, notes in zip(data["onsets"], report.alignment.notes, strict=True):
        np.testing.assert_allclose(np.cumsum(found) / 1000, notes.onsets_s, atol=0.0006)
    affinity = report.association.affinity
    curves = data["curves"]
    assert (curves["begin"], curves["end"]) == (0.0, round(float(affinity.times_s[-1]), 4))
    for text, curve in zip(curves["rows"], affinity.curves, strict=True):
        codes = np.frombuffer(base64.b64decode(text), np.uint8)
        assert len(codes) == curves["columns"] == len(curve)
        assert np.corrcoef(codes, curve)[0, 1] > 0.99


def test_curves_of_uneven_frames_lie_on_an_even_grid() -> None:
    report = make_report(1, 1, 20.0)
    times_s = np.concatenate((np.arange(0, 10, 0.02), np.arange(10, 20.01, 0.1)))
    pulse = np.exp(-(((times_s - 15.0) / 0.3) ** 2))
    affinity = Affinity("synchrony", np.ones((1, 1)), pulse[np.newaxis], times_s)
    data = page_of(replace(report, association=replace(report.association, affinity=affinity))).data
    codes = np.frombuffer(base64.b64decode(data["curves"]["rows"][0]), np.uint8)
    assert codes.argmax() / (len(codes) - 1) == pytest.approx(15.0 / 20.0, abs=0.005)


def test_the_picture_is_a_jpeg_of_the_frame() -> None:
    import cv2

    report = make_report(2, 2, 10.0)
    code = page_of(report).all("img")[0]["src"]
    assert code is not None
    raw = base64.b64decode(code.removeprefix("data:image/jpeg;base64,"))
    found = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert found.shape == report.picture.shape
    assert np.abs(found.astype(int) - report.picture).mean() < 4


def test_the_page_is_written_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, replace(make_report(1, 1, 5.0), title="Étude ヴ"))
    assert "Étude ヴ" in path.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Cannot write .*report.html: No such file"):
        write_report(tmp_path / "none" / "report.html", make_report(1, 1, 5.0))
