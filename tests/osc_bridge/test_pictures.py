"""Frames, results and renamed parts, as a panel asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from service_bench import Bench

from avstem.errors import RequestError
from osc_bridge.renaming import renamed

VIDEO = Path(__file__).resolve().parents[2] / "examples" / "quartet" / "video.mp4"
NOTES = [[0.0, 1.0, 60, 90]]


def test_a_frame_is_a_jpeg_of_the_size_that_was_asked_for(bench: Bench) -> None:
    bench.media = VIDEO
    bench.start()
    job = bench.submit()
    bench.wait(job)
    client = bench.client()
    address, *said = client.ask("/avstem/frame", job, 3.5, 320, timeout_s=20.0)
    assert address == "/avstem/frame/file"
    assert said[:2] == [job, 3.5] and said[3:5] == [640, 360]
    data = (bench.spool / "jobs" / job / said[2]).read_bytes()
    assert data[:3] == b"\xff\xd8\xff" and len(data) > 3000
    assert client.ask("/avstem/result", job) == ["/avstem/result/file", job, "result.json"]
    assert not list((bench.spool / "jobs" / job / "frames").glob("*.tmp"))


def test_what_cannot_be_decoded_is_told(bench: Bench) -> None:
    bench.start()
    job = bench.submit()
    bench.wait(job)
    client = bench.client()
    address, _, _, message, hint = client.ask("/avstem/frame", job, 3.5, 320, timeout_s=20.0)
    assert address == "/avstem/frame/failed" and message and hint
    other = "01234567-89ab-cdef-0123-456789abcdef"
    assert client.ask("/avstem/frame", other, 0.0, 320)[0] == "/avstem/error"


def test_parts_are_renamed_by_the_names_of_their_stems() -> None:
    parts = [
        {"name": "Violin", "instrument": "", "notes": NOTES},
        {"name": "Empty", "instrument": "", "notes": []},
        {"name": "Violin", "instrument": "", "notes": NOTES},
    ]
    changes = {"names": {"Violin (2)": "Second"}, "instruments": {"Second": "viola"}, "method": "x"}
    made, rest = renamed(parts, changes)
    assert [part["name"] for part in made] == ["Violin", "Empty", "Second"]
    assert made[2]["instrument"] == "viola" and rest == {"method": "x"}
    assert parts[2]["name"] == "Violin", "the request itself is left alone"
    with pytest.raises(RequestError, match="There is no part 'Oboe'"):
        renamed(parts, {"names": {"Oboe": "x"}})
    with pytest.raises(RequestError, match="Expected texts by the name of a part"):
        renamed(parts, {"instruments": {"Violin": 3}})
