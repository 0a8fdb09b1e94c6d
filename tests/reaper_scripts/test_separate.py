"""From the selection to a request."""

from __future__ import annotations

from reaper_world import World, quartet


def test_selected_video_and_midi_become_a_request(world: World) -> None:
    world.open(quartet())
    request = world.separate()
    assert request["name"] == "Take 1"
    assert [part["name"] for part in request["parts"]] == ["Violin", "Cello"]
    assert request["parts"][0]["notes"][1] == [10.5, 11.0, 62, 96]
