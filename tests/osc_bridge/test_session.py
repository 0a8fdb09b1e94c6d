"""Project time and media time: for any position, offset, rate, section, loop, many items."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from avstem.errors import MediaError, RequestError, ScoreError
from osc_bridge.notes import unique_names
from osc_bridge.records import Item, JobRequest, PartRequest, Project, Section, Settings
from osc_bridge.session import HANDLE_S, Session, open_session, pipeline_request
from osc_bridge.timeline import clip, stretches

HERE = __file__
times = st.floats(0.0, 5000.0)
rates = st.floats(0.25, 4.0)


def item(**changes: object) -> Item:
    plain = Item("{A}", "video", "v", HERE, 0.0, 60.0, 0.0, 1.0, None, False, 600.0)
    return replace(plain, **changes)  # type: ignore[arg-type]


def part(*notes: tuple[float, float, int, int], name: str = "Viola") -> PartRequest:
    return PartRequest(name, "Viola", None, "{T}", "h", notes)


def request(*items: Item, **changes: object) -> JobRequest:
    settings, project = Settings(), Project("id", "p", "/p.rpp")
    parts = (part((1.0, 2.0, 60, 90)),)
    job = JobRequest("j", "j", "take", 0.0, 0, project, items, parts, None, "/out", settings)
    return replace(job, **changes)  # type: ignore[arg-type]


@st.composite
def items(draw: st.DrawFn, loop: bool | None = None) -> Item:
    section = draw(st.none() | st.builds(Section, times, st.floats(5.0, 100.0)))
    source_length_s = section.length_s if section else draw(st.floats(5.0, 1000.0))
    return item(
        position_s=draw(times),
        length_s=draw(st.floats(9.0, 300.0)),
        offset_s=draw(st.floats(0.0, source_length_s * 0.99)),
        playrate=draw(rates),
        section=section,
        loop=draw(st.booleans()) if loop is None else loop,
        source_length_s=source_length_s,
    )


def reaper_plays(it: Item, project_s: float) -> float:
    """Source time as REAPER's manual rule says, written independently of the session model."""
    inside_s = it.offset_s + (project_s - it.position_s) * it.playrate
    if it.loop:
        inside_s = math.fmod(inside_s, it.source_length_s)
    return inside_s + (it.section.start_s if it.section else 0.0)


@given(items(), st.floats(0.001, 0.999))
def test_stretches_play_what_reaper_plays(it: Item, where: float) -> None:
    pieces = stretches(it)
    project_s = it.position_s + where * it.length_s
    expected_s = reaper_plays(it, project_s)
    edge_s = min(abs(project_s - p.position_s) for p in pieces)
    assume(edge_s > 1e-6)  # at a seam of the loop both ends are right
    (found,) = [p for p in pieces if p.position_s <= project_s < p.end_s]
    assert found.to_source(project_s) == pytest.approx(expected_s, abs=1e-6)
    assert found.to_project(found.to_source(project_s)) == pytest.approx(project_s, abs=1e-9)


@given(items())
def test_stretches_cover_the_item_without_gap(it: Item) -> None:
    pieces = stretches(it)
    assert pieces[0].position_s == it.position_s
    assert pieces[-1].end_s == pytest.approx(it.position_s + it.length_s, abs=1e-6)
    for before, after in zip(pieces, pieces[1:], strict=False):
        assert after.position_s == pytest.approx(before.end_s, abs=1e-6)


@given(items(loop=False), st.floats(-2.0, 2.0), st.sampled_from([44100, 48000, 96000]))
def test_sample_n_of_the_stem_lies_under_sample_n_of_the_source(
    it: Item, start_s: float, rate_hz: int
) -> None:
    """start_s : media time of the first sample of the video's sound."""
    session = open_session(request(it))
    # As the pipeline cuts: the clock of the file starts with the earlier of picture and sound.
    file_start_s = max(start_s, 0.0)
    skipped = max(math.ceil((session.span_s[0] - file_start_s) * rate_hz), 0)
    head_s = file_start_s + skipped / rate_hz
    for placed in session.placements(start_s + skipped / rate_hz):
        assert placed.offset_s >= 0.0
        for sample in (0, 12345, 1000000):
            heard_s = placed.position_s + (sample / rate_hz - placed.offset_s) / placed.playrate
            source_s = reaper_plays(it, heard_s)
            assert source_s == pytest.approx(head_s + sample / rate_hz, abs=0.01 / rate_hz)


@given(items(loop=False))
def test_a_mixture_of_its_own_is_matched_to_the_last_bit(it: Item) -> None:
    sound = replace(it, guid="{B}", role="audio", section=None)
    session = open_session(request(item(playrate=it.playrate), sound))
    first_s, last_s = session.span_s
    (placed,) = session.placements(start_s=session.audio_offset_s + first_s)
    assert placed.item == "{B}"
    assert (placed.position_s, placed.length_s) == (sound.position_s, sound.length_s)
    assert (placed.offset_s, placed.playrate) == (sound.offset_s - first_s, sound.playrate)
    assert first_s == int(first_s) and first_s <= sound.offset_s < first_s + HANDLE_S + 1 + 1e-9
    played_s = sound.offset_s + sound.length_s * sound.playrate
    assert last_s - HANDLE_S - 1 - 1e-9 <= played_s <= last_s


@given(items(loop=False), times, st.floats(-30.0, 30.0))
def test_a_mixture_that_is_another_item_than_the_video(
    it: Item, offset_s: float, shift_s: float
) -> None:
    sound = replace(
        it,
        guid="{B}",
        role="audio",
        section=None,
        offset_s=offset_s,
        position_s=it.position_s + 40.0 + shift_s,
    )
    session = open_session(request(it, sound))
    project_s = sound.position_s + 1.0
    picture_s = reaper_plays(it, project_s)  # what is seen while that is heard
    assert session.to_media(project_s) == pytest.approx(picture_s, abs=1e-6)
    first_s = sound.position_s - sound.offset_s / sound.playrate
    assert session.audio_offset_s == pytest.approx(reaper_plays(it, first_s), abs=1e-6)


@given(items(loop=False), times)
def test_media_time_and_back(it: Item, project_s: float) -> None:
    session = open_session(request(it))
    project_s = it.position_s + project_s % it.length_s
    (back,) = session.to_project(session.to_media(project_s))
    assert back == pytest.approx(project_s, abs=1e-9)


def test_a_recording_cut_into_pieces() -> None:
    first = item(position_s=10.0, length_s=20.0, offset_s=5.0)
    second = item(guid="{B}", position_s=40.0, length_s=20.0, offset_s=100.0)
    session = open_session(request(second, first))
    assert [p.item for p in session.placements(0.0)] == ["{A}", "{B}"]
    assert session.to_media(11.0) == 6.0 and session.to_media(41.0) == 101.0
    assert session.note_to_media(29.5, 31.0) == (24.5, 26.0)  # held over the cut
    assert session.to_project(101.0) == (41.0,)


def test_a_cut_belongs_to_the_later_item() -> None:
    first, second = item(length_s=20.0), item(position_s=20.0, offset_s=100.0)
    assert open_session(request(first, second)).to_media(20.0) == 100.0
    assert open_session(request(second, first)).to_media(20.0) == 100.0


def test_a_loop_is_heard_again_but_its_notes_count_once() -> None:
    looped = item(loop=True, length_s=30.0, source_length_s=10.0)
    notes = [(1.0 + 10.0 * turn, 2.0 + 10.0 * turn, 60, 90) for turn in range(3)]
    session = open_session(request(looped, parts=(part(*notes),)))
    assert [p.position_s for p in session.placements(0.0)] == [0.0, 10.0, 20.0]
    assert session.to_project(1.0) == (1.0, 11.0, 21.0)
    score = pipeline_request(session, Path("/out")).score
    np.testing.assert_allclose(score.parts[0].notes.onsets_s, [1.0])


def test_only_what_the_items_play_is_separated() -> None:
    """A minute of an hour-long file, cut in two, with handles; a loop is its section."""
    first = item(length_s=20.0, offset_s=1800.5, source_length_s=3600.0)
    second = replace(first, position_s=50.0, offset_s=1840.0, playrate=2.0)
    assert open_session(request(first, second)).span_s == (1798.0, 1882.0)
    (placed, _) = open_session(request(first, second)).placements(start_s=1798.0)
    assert placed.offset_s == 2.5
    looped = item(loop=True, section=Section(100.0, 10.0), source_length_s=10.0)
    assert open_session(request(looped)).span_s == (98.0, 112.0)
    assert open_session(request(item())).span_s == (0.0, 62.0)


def test_the_time_selection_limits_the_placements_alone() -> None:
    session = open_session(request(item(), time_selection=(10.0, 20.0)))
    (placed,) = session.placements(0.0)
    assert (placed.position_s, placed.length_s, placed.offset_s) == (10.0, 10.0, 10.0)
    elsewhere = open_session(request(item(), time_selection=(70.0, 80.0)))
    assert elsewhere.placements(0.0) == ()


def test_a_mixture_that_starts_late_leaves_a_gap() -> None:
    (placed,) = open_session(request(item(position_s=5.0))).placements(start_s=0.5)
    assert (placed.position_s, placed.length_s, placed.offset_s) == (5.5, 59.5, 0.0)
    (placed,) = open_session(request(item(offset_s=-2.0))).placements(start_s=0.0)
    assert (placed.position_s, placed.offset_s) == (2.0, 0.0)


def test_notes_become_a_score_in_media_time() -> None:
    parts = (
        part((12.0, 13.0, 60, 90), (11.0, 11.5, 62, 80)),
        part(name="Empty"),
        part((11.0, 12.0, 50, 70)),
    )
    it = item(position_s=10.0, offset_s=3.0, playrate=2.0)
    score = pipeline_request(open_session(request(it, parts=parts)), Path("/out")).score
    assert [p.name for p in score.parts] == ["Viola", "Viola (2)"]
    np.testing.assert_allclose(score.parts[0].notes.onsets_s, [5.0, 7.0])
    np.testing.assert_allclose(score.parts[0].notes.offsets_s, [6.0, 9.0])
    assert list(score.parts[0].notes.pitches) == [62, 60]
    assert score.warnings == ("The track 'Empty' has no notes.",)


def test_notes_before_the_file_begins_shift_the_score() -> None:
    it = item(position_s=10.0)
    parts = (part((8.0, 9.0, 60, 90), (11.0, 12.0, 61, 90)),)
    score = pipeline_request(open_session(request(it, parts=parts)), Path("/out")).score
    np.testing.assert_allclose(score.parts[0].notes.onsets_s, [0.0, 3.0])


def test_settings_reach_the_pipeline() -> None:
    settings = Settings("score+motion", "best", 3, ((0, 0, 2, 2),), (("Viola", None),), "flac")
    session = open_session(request(item(), settings=settings))
    made = pipeline_request(session, Path("/out"))
    assert made.settings()["conditioning"] == "score+motion"
    assert (made.players, made.assignments, str(made.stem_format)) == (
        *(3, (("Viola", None),), "flac"),
    )
    assert made.video == Path(HERE) and made.audio is None


@pytest.mark.parametrize(
    ("items_", "kind", "message"),
    [
        ([item(length_s=1.5)], RequestError, r"lasts 1\.50 s; at least 2 s"),
        ([item(), item(file=str(Path(HERE).with_name("conftest.py")))], RequestError, "2 videos"),
        ([item(file="/no/ü.mp4")], MediaError, r"/no/ü\.mp4 is not there"),
        ([item(file="x.mp4")], RequestError, r"absolute path of a media file, found 'x\.mp4'"),
        ([item(loop=True, source_length_s=0.01)], RequestError, "loops 6000 times"),
        ([item(), item(role="audio", playrate=1.1)], RequestError, r"rate 1\.1, the video at 1"),
        (
            [item(), item(role="audio"), item(role="audio", position_s=30.0, offset_s=29.0)],
            RequestError,
            r"cut against the picture: its items are 1\.000 s apart",
        ),
    ],
)
def test_what_cannot_be_served_says_what_and_what_next(
    items_: list[Item], kind: type[RequestError], message: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        open_session(request(*items_))
    assert caught.value.hint


def test_no_midi_asks_for_the_score() -> None:
    with pytest.raises(ScoreError, match="holds no MIDI notes") as caught:
        pipeline_request(open_session(request(item(), parts=())), Path("/out"))
    assert "Select the MIDI tracks" in caught.value.hint


@pytest.mark.parametrize("conditioning", ["motion", "audio"])
def test_what_needs_no_score_goes_without(conditioning: str) -> None:
    job = request(item(), parts=(), settings=Settings(conditioning))
    made = pipeline_request(open_session(job), Path("/out"))
    assert made.score is None
    assert made.settings()["conditioning"] == conditioning
    named = pipeline_request(open_session(request(item(), settings=Settings("motion"))), Path("/o"))
    assert named.score is not None, "MIDI that is there names the stems"


def test_names_are_unique() -> None:
    assert unique_names(["A", "A", " ", "A (2)"]) == ["A", "A (2)", "Part 3", "A (2) (2)"]


def test_a_clip_that_changes_nothing_keeps_every_bit() -> None:
    (piece,) = stretches(item(position_s=0.1, length_s=0.2))
    assert clip(piece, 0.0, 1.0) is piece


def test_session_without_picture() -> None:
    session: Session = open_session(request(item(role="audio", position_s=3.0)))
    assert session.video is None and session.audio == Path(HERE)
    assert (session.audio_offset_s, session.to_media(4.0)) == (0.0, 1.0)
