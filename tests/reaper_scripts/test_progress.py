"""The window, the service's life, cancelling, and the other small actions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_reaper import CANCEL, OK, describe
from reaper_world import World, midi, quartet, sound, video
from session_text import RppTrack, file_source

SEPARATE = "Separate selected items"


def started(world: World) -> str:
    """A submitted job with its window open; its id."""
    world.open(quartet())
    job = world.separate()["job"]
    world.reaper.run(until=lambda: bool(world.reaper.gfx.texts))
    return job


def wait(world: World, seconds: float) -> None:
    end_s = world.reaper.now_s() + seconds
    world.reaper.run(until=lambda: world.reaper.now_s() >= end_s)


def test_stage_and_percent_are_shown(world: World) -> None:
    job = started(world)
    assert world.reaper.gfx.title == "avstem"
    assert "Waiting for the service" in world.reaper.gfx.texts
    world.status(job, "running", percent=41.7, message="Separating (62 %)")
    wait(world, 0.5)
    assert {"Take 1", "41 %", "Separating (62 %)"} <= set(world.reaper.gfx.texts)


def test_polling_is_calm(world: World) -> None:
    """About three looks at the status in a second, so that an hour of waiting costs nothing."""
    started(world)
    world.reaper.slices_ms.clear()
    wait(world, 3.0)
    assert sum(ms for _, ms in world.reaper.slices_ms) < 0.01 * 3000


def test_stems_come_in_when_the_job_is_done(world: World) -> None:
    """Also without OSC: the window itself inserts, the doorbell then finds nothing to do."""
    started(world)
    result = world.finish(world.request())
    world.reaper.run()
    assert world.inserted(result["job"])["state"] == "inserted"
    assert not world.reaper.gfx.is_open
    before = describe(world.reaper.active)
    world.run("Insert finished stems")
    world.reaper.run()
    assert describe(world.reaper.active) == before
    assert len(world.reaper.active.undo) == 1


def test_cancel_button(world: World) -> None:
    job = started(world)
    world.reaper.gfx.press("Cancel")
    world.reaper.cycle()
    assert not (world.spool / "jobs" / job / "cancel").exists()
    world.reaper.gfx.release()
    world.reaper.cycle()
    assert (world.spool / "jobs" / job / "cancel").exists()
    world.status(job, "cancelled")
    world.reaper.run()
    assert not world.reaper.boxes


def test_cancel_action(world: World) -> None:
    job = started(world)
    world.run("Cancel job")
    assert (world.spool / "jobs" / job / "cancel").exists()
    world.status(job, "cancelled")
    world.reaper.run()
    world.run("Cancel job")
    assert "No avstem job is running" in world.texts()[0]


def test_closing_the_window_stops_nothing(world: World) -> None:
    job = started(world)
    world.reaper.gfx.is_open = False
    world.reaper.run()
    assert not (world.spool / "jobs" / job / "cancel").exists()
    assert not world.reaper.boxes


def test_a_second_run_takes_over_the_window_of_the_first(world: World) -> None:
    first = started(world)
    world.run(f"{SEPARATE} (motion)")
    world.reaper.run(until=lambda: len(world.jobs()) == 2)
    world.reaper.run(until=lambda: len(world.reaper.running) == 1)
    wait(world, 0.5)
    assert world.reaper.gfx.texts.count("Take 1") == 2
    world.status(first, "cancelled")
    wait(world, 0.5)
    assert world.reaper.gfx.texts.count("Take 1") == 1


def test_a_failed_job_says_what_what_next_and_where_the_log_is(world: World) -> None:
    job = started(world)
    error = {
        "code": "MediaError", "message": "No sound.", "hint": "Choose another.", "log": "/x/y.log",
    }  # fmt: skip
    world.status(job, "failed", error=error)
    world.reaper.run()
    assert len(world.reaper.boxes) == 1
    for text in ("'Take 1' could not be separated", "No sound.", "Choose another.", "/x/y.log"):
        assert text in world.texts()[0]


def test_half_a_status_is_read_at_the_next_look(world: World) -> None:
    job = started(world)
    path = world.spool / "jobs" / job / "status.json"
    path.write_text('{"state": "fail')
    wait(world, 0.5)
    assert world.reaper.running
    assert not world.reaper.boxes


# -- the service ---------------------------------------------------------------------------------


def comes_up(world: World, **state: object) -> None:
    def start(command: str) -> None:
        world.service = {"version": 1, "state": "running"} | state

    world.reaper.on_process = start


def without_service(world: World) -> None:
    world.service = None
    (world.spool / "service.json").unlink()


def test_service_is_started_with_absolute_paths(world: World) -> None:
    world.open(quartet())
    without_service(world)
    comes_up(world)
    world.separate()
    world.reaper.run(until=lambda: world.reaper.gfx.is_open)
    assert world.reaper.processes == [f'"{world.python}" -m osc_bridge --spool "{world.spool}"']
    assert not world.reaper.boxes


def test_service_gets_the_ports_that_were_installed(world: World) -> None:
    world.open(quartet())
    without_service(world)
    comes_up(world)
    facts = {"python": str(world.python), "udp_port": 9100, "reaper_port": 8100}
    world.write(world.spool / "install.json", facts)
    world.separate()
    world.reaper.run(until=lambda: world.reaper.gfx.is_open)
    assert world.reaper.processes[0].endswith('avstem" --udp-port 9100 --reaper-port 8100')


def test_stale_heartbeat_means_not_there(world: World) -> None:
    world.open(quartet())
    world.service = None
    world.reaper.clock_s += 11
    comes_up(world)
    world.separate()
    world.reaper.run(until=lambda: world.reaper.gfx.is_open)
    assert len(world.reaper.processes) == 1


def test_service_that_does_not_come_up_is_told_with_its_log(world: World) -> None:
    world.open(quartet())
    without_service(world)
    world.separate()
    world.reaper.run()
    assert "did not start within 10 s" in world.texts()[0]
    assert str(world.spool / "log" / "service.log") in world.texts()[0]
    assert not world.jobs(), "a job that nobody knows of must not start tomorrow"
    assert list(world.spool.glob("jobs/*/cancel")), "nor may one that a dying service has seen"


def test_port_taken(world: World) -> None:
    world.open(quartet())
    without_service(world)
    error = {
        "code": "OutputError", "message": "Port 9000 is taken.", "hint": "Use --udp-port.",
        "log": "/l/service.log",
    }  # fmt: skip
    comes_up(world, state="failed", error=error)
    world.separate()
    world.reaper.run()
    assert len(world.reaper.boxes) == 1
    for text in ("Port 9000 is taken.", "Use --udp-port.", "/l/service.log"):
        assert text in world.texts()[0]
    assert not world.jobs()


def test_python_that_was_moved(world: World) -> None:
    world.open(quartet())
    without_service(world)
    world.python.unlink()
    world.run(SEPARATE)
    world.reaper.run()
    assert "Python is not where it was" in world.texts()[0]
    assert "Flatpak" in world.texts()[0]
    assert not world.reaper.processes


def test_a_path_that_no_shell_could_take(world: World) -> None:
    world.open(quartet())
    without_service(world)
    python = world.folder / 'a "quoted" python'
    python.write_text("")
    world.write(world.spool / "install.json", {"version": 1, "python": str(python)})
    world.run(SEPARATE)
    world.reaper.run()
    assert "quotation mark cannot be started" in world.texts()[0]
    assert not world.reaper.processes


def test_never_installed(world: World) -> None:
    world.open(quartet())
    without_service(world)
    (world.spool / "install.json").unlink()
    world.run(SEPARATE)
    world.reaper.run()
    assert "'avstem reaper install'" in world.texts()[0]


def test_service_that_dies_is_started_once_more_then_told(world: World) -> None:
    job = started(world)
    world.status(job, "running", percent=50)
    world.service = None
    comes_up(world)
    wait(world, 14)
    assert len(world.reaper.processes) == 1
    assert world.reaper.running
    world.service = None
    world.reaper.run()
    assert "has stopped while it worked" in world.texts()[0]
    assert len(world.reaper.processes) == 1


def test_a_long_job_is_not_given_up(world: World) -> None:
    """No limit on the total time: four hours without an end, with a service that lives."""
    job = started(world)
    world.status(job, "running", percent=3)
    for _ in range(4):
        world.reaper.clock_s += 3600
        wait(world, 0.5)
    assert world.reaper.running
    assert not world.reaper.boxes


def test_reaper_json_tells_how_to_ring(world: World) -> None:
    started(world)
    told = json.loads((world.spool / "reaper.json").read_text(encoding="utf-8"))
    assert told["version"] == 1
    assert told["reaper"] == world.reaper.version
    identifier = told["actions"]["insert"]
    assert identifier.startswith("_RS")
    assert identifier.isascii()
    assert identifier.replace("_", "").isalnum()
    first = told["heartbeat_s"]
    wait(world, 9)
    later = json.loads((world.spool / "reaper.json").read_text(encoding="utf-8"))
    assert later["heartbeat_s"] >= first + 8
    result = world.finish(world.request())
    world.reaper.gfx.is_open = False
    world.reaper.trigger(identifier)
    world.reaper.run()
    assert world.inserted(result["job"])["state"] == "inserted"


def test_no_temporary_file_is_left(world: World) -> None:
    started(world)
    world.finish(world.request())
    world.reaper.run()
    assert not [p for p in world.spool.rglob("*") if ".tmp" in p.name]


def test_windows_replaces_by_removing_first(world: World) -> None:
    world.reaper.system = "Win64"
    started(world)
    card = world.spool / "reaper.json"
    first = json.loads(card.read_text(encoding="utf-8"))["heartbeat_s"]
    wait(world, 9)
    assert json.loads(card.read_text(encoding="utf-8"))["heartbeat_s"] > first


# -- the other actions ---------------------------------------------------------------------------


def surface(
    world: World, line: str = 'OSC "avstem" 3 8000 "127.0.0.1" 9000 1024 10 "avstem"'
) -> None:
    resources = world.reaper.resource_path
    (resources / "OSC").mkdir()
    (resources / "OSC" / "avstem.ReaperOSC").touch()
    (resources / "reaper.ini").write_text(f"[REAPER]\ncsurf_cnt=1\ncsurf_0={line}\n")


def checked(world: World) -> str:
    world.run("Setup check")
    world.reaper.run()
    assert len(world.reaper.boxes) == 1
    return world.texts()[0]


def test_setup_check_all_well(world: World) -> None:
    surface(world)
    text = checked(world)
    assert text.count("OK   ") == 6
    assert "Everything is in place" in text


def test_setup_check_starts_the_service(world: World) -> None:
    surface(world)
    without_service(world)
    comes_up(world)
    assert "Everything is in place" in checked(world)


def test_setup_check_without_surface(world: World) -> None:
    text = checked(world)
    assert "pattern file is not there" in text
    assert "avstem reaper install" in text


def test_setup_check_other_ports(world: World) -> None:
    surface(world, 'OSC "avstem" 3 8100 "127.0.0.1" 9000 1024 10 "avstem"')
    text = checked(world)
    assert "uses ports 8100 and 9000, the service 8000 and 9000" in text


def test_setup_check_old_reaper(world: World) -> None:
    world.reaper.version = "5.99/x64"
    assert "5.99/x64 is too old" in checked(world)


def test_setup_check_spool(world: World) -> None:
    (world.spool / "write-test.tmp").mkdir()
    assert "Make this folder writable" in checked(world)
    (world.spool / "write-test.tmp").rmdir()


def test_setup_check_python(world: World) -> None:
    world.python.unlink()
    assert "Python is not there" in checked(world)


def test_panel_is_started(world: World) -> None:
    world.service = {"version": 1, "state": "running", "panel": True}
    world.beat()
    world.run("Open panel")
    assert not world.reaper.boxes
    assert world.reaper.processes == [f'"{world.python}" -m avstem.panel --spool "{world.spool}"']


def test_an_avstem_without_panel_says_so(world: World) -> None:
    world.run("Open panel")
    assert len(world.reaper.boxes) == 1
    assert "avstem 0.1.0 has no panel yet" in world.texts()[0]
    assert "update it" in world.texts()[0]
    assert not world.reaper.processes


def test_toggle_muting(world: World) -> None:
    world.run("Toggle muting of originals")
    assert world.reaper.ext_state["avstem", "mute_original"] == ("1", True)
    world.run("Toggle muting of originals")
    assert world.reaper.ext_state["avstem", "mute_original"] == ("0", True)


@pytest.mark.parametrize(("answer", "jobs"), [(OK, 2), (CANCEL, 0)])
def test_batch_over_all_open_projects(world: World, answer: int, jobs: int) -> None:
    world.open(quartet(), name="First.rpp")
    unselected = [video(name="Take 2", selected=0, source=file_source("VIDEO", "take 2.mp4"))]
    world.open([RppTrack("V", unselected), RppTrack("Oboe", [midi()])], name="Second.rpp")
    world.open([RppTrack("V", [sound(selected=0)])], name="Third.rpp")
    world.reaper.answers.append(answer)
    world.run("Batch export open projects")
    world.reaper.run(until=lambda: not world.reaper.running or world.reaper.gfx.is_open)
    text = world.texts()[0]
    assert "2 recordings in 2 open projects" in text
    assert "Third: " in text
    assert len(world.jobs()) == jobs
    if jobs:
        names = {world.request(n)["project"]["name"]: world.request(n)["name"] for n in (0, 1)}
        assert names == {"First": "Take 1", "Second": "Take 2"}
        for number in (0, 1):
            world.finish(world.request(number), parts=("Oboe",))
        world.reaper.run()
        with_stems = [p for p in world.reaper.projects if any(t.ext for t in p.tracks)]
        assert [Path(p.path).stem for p in with_stems] == ["First", "Second"]


def test_batch_with_nothing_to_do(world: World) -> None:
    world.run("Batch export open projects")
    assert "0 recordings" in world.texts()[0]
    assert "Open the projects" in world.texts()[0]
