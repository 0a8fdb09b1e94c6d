"""What people may type, and what it says when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avstem import arguments
from avstem.datatypes import Box, Condition
from avstem.errors import RequestError


def test_conditioning_is_a_set_of_conditions() -> None:
    assert arguments.parse_conditioning("motion+score") == {Condition.SCORE, Condition.MOTION}
    with pytest.raises(
        RequestError,
        match=r"Unknown conditioning 'scores'.*Choose one of: score, score.motion, motion, audio",
    ):
        arguments.parse_conditioning("scores")


def test_players() -> None:
    assert arguments.parse_players(None) is None
    assert arguments.parse_players("auto") == "auto"
    assert arguments.parse_players("4") == 4
    for text in ("0", "-1", "four", "2.5"):
        with pytest.raises(RequestError, match="a number from 1 or auto, found"):
            arguments.parse_players(text)


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,x", "5,5,5,9", "9,1,3,4", "a"])
def test_a_bad_box_is_named(text: str) -> None:
    with pytest.raises(RequestError, match=f"x0,y0,x1,y1 .* found '{text}'"):
        arguments.parse_boxes([text])


edges = st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(1, 99), st.integers(1, 99))


@given(st.lists(edges, min_size=1, max_size=5))
def test_boxes_come_back(found: list[tuple[int, int, int, int]]) -> None:
    boxes = tuple(Box(x, y, x + w, y + h) for x, y, w, h in found)
    texts = [f"{b.x0},{b.y0},{b.x1},{b.y1}" for b in boxes]
    assert arguments.parse_boxes(texts) == boxes
    assert arguments.parse_boxes([" ".join(texts)]) == boxes


def test_an_offset_belongs_to_a_sound_file() -> None:
    assert arguments.parse_offset(0.0, None) == 0.0
    assert arguments.parse_offset(-1.5, Path("mix.wav")) == -1.5
    with pytest.raises(RequestError, match="but there is no --audio"):
        arguments.parse_offset(1.5, None)
    with pytest.raises(RequestError, match="takes seconds, found nan"):
        arguments.parse_offset(float("nan"), Path("mix.wav"))


def test_assignments() -> None:
    given_texts = ["Violin 1=2", "a=b=0", "Viola=off"]
    found = arguments.parse_assignments(given_texts)
    assert found == (("Violin 1", 2), ("a=b", 0), ("Viola", None))
    for text in ("Violin 1", "=3", "Viola=left", "Viola="):
        with pytest.raises(RequestError, match="An assignment is PART=PLAYER, found"):
            arguments.parse_assignments([text])
