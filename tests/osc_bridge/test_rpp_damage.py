"""Damaged projects: whatever is broken in the text, there is a request or a reason."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rpp_texts import JOB, delivery

from avstem.errors import AvstemError, MediaError
from osc_bridge.records import JobRequest, Settings
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_items import read_project
from osc_bridge.rpp_session import job_requests
from osc_bridge.rpp_stems import with_stems, without_stems
from osc_bridge.session import open_session, pipeline_request

PROJECT = """<REAPER_PROJECT 0.1 "7.80/win64" 1790162536 0
  TEMPO 120 4 4 0
  SELECTION 2 9
  <TEMPOENVEX
    PT 0 120 0
    PT 4 90 1
    PT 8 100 0
  >
  <TRACK {0A}
    NAME Band
    MUTESOLO 0 0 0
    ISBUS 1 1
    FREEMODE 2
    LANESOLO 1 0 0 0
    ITEMLANES 2
    <ITEM
      POSITION 1
      LENGTH 20
      LOOP 1
      MUTE 0 0
      SEL 0
      YPOS 0 0.5 2
      IGUID {1}
      NAME "Take 1"
      SOFFS 0.5
      PLAYRATE 1.25 1 0 -1 0 0.0025
      <SOURCE SECTION
        LENGTH 4
        MODE 0
        STARTPOS 2
        <SOURCE VIDEO
          FILE "take.mp4"
        >
      >
    >
  >
  <TRACK {0B}
    NAME Violin
    ISBUS 2 -1
    AUXRECV 0 0 1
    <ITEM
      POSITION 1
      LENGTH 20
      LOOP 1
      IGUID {2}
      SOFFS 0.25
      PLAYRATE 0.8 1 0 -1 0 0.0025
      <SOURCE MIDI
        HASDATA 1 960 QN
        IGNTEMPO 0 120 4 4
        POOLEDEVTS {3}
        E 0 90 3c 60
        <X 480 0
          /wFsYQ==
        >
        E 480 80 3c 00
        E 960 b0 7b 00
      >
    >
  >
  <EXTSTATE
    <AVSTEM
      ID x
      FAMILY{1} 00000000-0000-4000-8000-000000000001
    >
  >
>
"""
LINES = PROJECT.splitlines(keepends=True)
NONSENSE = [
    "nan", "inf", "-inf", "1e999", "1e308", "-1e308", "1e15", "-1e15", "1e-300", "-1e-300", "0",
    "-1", "1", "2", "0.001", "1000", "x", "", "<", ">", '"', "zz", "99999999999999999999", "\x00",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The project with a few words replaced, lines lost or doubled."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(1, len(lines) - 2))
        words = lines[number].split(" ")
        places = [n for n, word in enumerate(words) if word.strip()]
        word = draw(st.sampled_from(places)) if places else 0
        words[word] = draw(st.sampled_from(NONSENSE)) + "\n" * words[word].endswith("\n")
        changed = [" ".join(words), "", lines[number] * 2]
        lines[number] = draw(st.sampled_from(changed))
    return "".join(lines)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("damaged")
    (made / "take.mp4").touch()
    return made


def requests_of(text: str, folder: Path) -> tuple[JobRequest, ...]:
    project = read_project(parse_rpp(text), folder / "Concert.rpp")
    return job_requests(project, Settings(), lambda path: 60.0)


def test_the_sound_project_can_be_done(folder: Path) -> None:
    (request,) = requests_of(PROJECT, folder)
    assert len(request.parts[0].notes) > 5
    assert pipeline_request(open_session(request), Path()).video == folder / "take.mp4"


@settings(max_examples=300, deadline=None)
@example(PROJECT.replace("LENGTH 20", "LENGTH nan"))
@example(PROJECT.replace("PLAYRATE 0.8", "PLAYRATE 0"))
@example(PROJECT.replace("MODE 0", "MODE nan"))
@example(PROJECT.replace("ISBUS 1 1", "ISBUS 1 inf"))
@example(PROJECT.replace("ISBUS 2 -1", "ISBUS 2 -1e15"))
@example(PROJECT.replace("LENGTH 4\n", "LENGTH 1e-300\n"))
@example(PROJECT.replace("LENGTH 20", "LENGTH 0").replace("LENGTH 0", "LENGTH 20", 1))
@example(PROJECT.replace("HASDATA 1 960", "HASDATA 1 1e15"))
@example(PROJECT.replace("PT 4 90", "PT 1e-300 1e15"))
@example(PROJECT.replace("LENGTH 4\n", "").replace("STARTPOS 2", "STARTPOS 99"))
@example(PROJECT.replace("take.mp4", "x" * 5000))
@given(damaged())
def test_a_request_or_a_reason(folder: Path, text: str) -> None:
    try:
        for request in requests_of(text, folder):
            rows = [row for part in request.parts for row in part.notes]
            assert all(map(math.isfinite, (value for row in rows for value in row)))
            pipeline_request(open_session(request), Path())
        without_stems(with_stems(text, delivery(["a"])), JOB)
    except AvstemError as error:
        assert error.message
        assert error.hint


@pytest.mark.parametrize(
    ("sound", "broken", "words"),
    [
        ("LENGTH 20", "LENGTH nan", r"a number was expected, found 'nan'"),
        ("PLAYRATE 0.8", "PLAYRATE 0", r"a play rate of 0"),
        ("MODE 0", "MODE 1e999", r"found '1e999'"),
        ("E 0 90", "E 0 9x", r"no MIDI event: 'E 0 9x 3c 60'"),
        ("<X 480", "<X ?", r"found '\?'"),
        ("PT 4 90", "PT 4 0", r"a tempo of 0 beats"),
    ],
)
def test_the_line_is_named(folder: Path, sound: str, broken: str, words: str) -> None:
    line = PROJECT[: PROJECT.index(sound)].count("\n") + 1
    with pytest.raises(MediaError, match=rf"Line {line} of the project.*{words}") as caught:
        requests_of(PROJECT.replace(sound, broken, 1), folder)
    assert ".rpp-bak" in caught.value.hint
