"""``request.json`` field by field: what is missing or wrong is named, what is unknown ignored."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osc_bridge.fields import BadRequest
from osc_bridge.records import VersionMismatch, parse_request
from osc_bridge.spool import Unreadable, read_json, write_json
from osc_bridge.status import Failure, State, Status

JOB = "01234567-89ab-cdef-0123-456789abcdef"
GOOD: dict[str, Any] = {
    "version": 1,
    "job": JOB,
    "submitted_s": 1.5,
    "name": "Grün",
    "project": {"id": "x", "name": "p", "path": "/p.rpp"},
    "items": [
        {
            "guid": "{A}",
            "role": "video",
            "name": "v",
            "file": "/v.mp4",
            "position_s": 0,
            "length_s": 10.0,
            "offset_s": 0.25,
            "playrate": 1,
            "section": {"start_s": 1.0, "length_s": 5.0},
            "loop": False,
            "source_length_s": 5.0,
        }
    ],
    "parts": [
        {
            "name": "Violin",
            "instrument": "",
            "program": 40,
            "track_guid": "{T}",
            "midi_hash": "h",
            "notes": [[0.5, 1.0, 60, 90]],
        }
    ],
    "output": "/out",
    "settings": {"assignments": {"Violin": 2, "Viola": -1}, "players": "auto", "boxes": {}},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all fields inside a JSON value."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in [(*path, k), *places(v, (*path, k))]]
    if isinstance(value, list):
        return [p for i, v in enumerate(value) for p in places(v, (*path, i))]
    return []


def without(path: tuple[Any, ...]) -> dict[str, Any]:
    data = copy.deepcopy(GOOD)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return data


OPTIONAL = {"section", "program", "assignments", "players", "boxes", "Violin", "Viola"}
REQUIRED = [p for p in places(GOOD) if p[-1] not in OPTIONAL]


def test_a_good_request_is_read() -> None:
    request = parse_request(GOOD | {"unknown": 1}, JOB)
    assert request.family == JOB
    assert request.items[0].playrate == 1.0
    assert request.parts[0].notes == ((0.5, 1.0, 60, 90),)
    assert request.settings.assignments == (("Violin", 2), ("Viola", None))
    assert request.settings.players == "auto"


@pytest.mark.parametrize("path", REQUIRED, ids=str)
def test_a_missing_field_is_named(path: tuple[Any, ...]) -> None:
    named = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")
    with pytest.raises(BadRequest) as caught:
        parse_request(without(path), JOB)
    assert caught.value.message.startswith(f"{named}: expected ")
    assert caught.value.message.endswith("found None.") and caught.value.hint


@pytest.mark.parametrize("name", sorted(OPTIONAL - {"Violin", "Viola"}))
def test_optional_fields_may_be_absent(name: str) -> None:
    (path,) = [p for p in places(GOOD) if p[-1] == name]
    parse_request(without(path), JOB)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(places(GOOD)), json_values)
def test_whatever_stands_in_a_field_is_read_or_refused_by_name(path: Any, value: Any) -> None:
    data = copy.deepcopy(GOOD)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    try:
        parse_request(data, JOB)
    except BadRequest as error:
        assert "expected" in error.message or isinstance(error, VersionMismatch)


def test_another_version_and_another_folder() -> None:
    with pytest.raises(VersionMismatch, match=r"of version 2, this service speaks version 1"):
        parse_request(GOOD | {"version": 2}, JOB)
    with pytest.raises(BadRequest, match="job: expected the folder's name"):
        parse_request(GOOD | {"job": "other"}, JOB)


@pytest.mark.parametrize("value", [True, "1", float("inf"), None, [], 1e16])
def test_what_is_no_number(value: object) -> None:
    data = copy.deepcopy(GOOD)
    data["items"][0]["position_s"] = value
    with pytest.raises(BadRequest, match=r"items\[0\]\.position_s: expected a .*number"):
        parse_request(data, JOB)


def test_numbers_survive_to_the_last_bit(tmp_path: Path) -> None:
    numbers = [0.1, 1 / 3, 1e-300, 12345678.000000001]
    write_json(tmp_path / "x.json", {"numbers": numbers, "text": "Grün “q”"})
    assert read_json(tmp_path / "x.json") == {"numbers": numbers, "text": "Grün “q”"}
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    "text", ['{"a": NaN}', '{"a"', "[1]", "", '{"a": "\\ud800"} x', "[" * 99999]
)
def test_files_that_hold_no_object(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(Unreadable, match=r"x\.json"):
        read_json(tmp_path / "x.json")


def test_a_status_survives_its_file() -> None:
    status = Status(JOB, 3, "n", JOB, State.FAILED, error=Failure("c", "m", "h", "l"), seq=9)
    assert Status.from_json(json.loads(json.dumps(status.to_json("log")))) == status
