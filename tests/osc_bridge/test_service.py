"""The service as a process: jobs, cancel, failures of the worker, start and stop."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.tcp_client import SimpleTCPClient
from pythonosc.udp_client import SimpleUDPClient
from service_bench import Bench, wait_for


def test_a_job_goes_from_request_to_result(bench: Bench) -> None:
    bench.start()
    job = bench.submit()
    status = bench.wait(job)
    assert (status["state"], status["percent"], status["error"]) == ("done", 100.0, None)
    result = json.loads((bench.spool / "jobs" / job / "result.json").read_text("utf-8"))
    assert result["folder_track"] == "avstem: Quartett „Lerche“ & more"
    assert Path(result["stems"][0]["file"]).is_file()
    assert result["stems"][0]["placements"][0]["position_s"] == 1.5
    (bench.spool / "jobs" / job / "inserted.json").write_text('{"version": 1}')
    bench.wait(job, "inserted")
    assert bench.leftovers() == []


def test_what_fails_a_job_leaves_the_service_alive(bench: Bench) -> None:
    cases = {"crash": "WorkerCrashed", "starve": "OutOfMemory", "hang": "WorkerHung"}
    for runner, code in cases.items():
        bench.start(runner, "--hang-after", "1.5")
        bad, good = bench.submit(name="bad"), bench.submit(name="well")
        error = bench.wait(bad)["error"]
        assert error["code"] == code
        assert error["log"].endswith("service.log")
        assert error["hint"]
        assert bench.wait(good)["state"] == "done"
        assert bench.leftovers() == []
        bench.stop()


def test_a_job_may_last_as_long_as_it_moves(bench: Bench) -> None:
    """The watchdog looks at activity: two seconds of work with a limit of 1.5."""
    bench.start("slow", "--hang-after", "1.5")
    assert bench.wait(bench.submit())["state"] == "done"


def test_an_unforeseen_error_is_told_and_logged(bench: Bench) -> None:
    bench.start("bug")
    job = bench.submit()
    error = bench.wait(job)["error"]
    assert (error["code"], error["message"]) == ("InternalError", "Unexpected KeyError: 'surprise'")
    assert "worker.log" in error["hint"]
    text = (bench.spool / "log" / "worker.log").read_text()
    assert "this goes to the log" in text and "Traceback" in text


def test_cancel_while_running_and_while_waiting(bench: Bench) -> None:
    bench.start("slow")
    first, second, third = (bench.submit(serial=n, submitted_s=0.0) for n in range(3))
    wait_for(lambda: bench.status(first)["percent"] > 5 if bench.status(first)["state"] else 0)
    assert bench.status(third)["ahead"] == 2
    (bench.spool / "jobs" / second / "cancel").touch()
    assert bench.wait(second)["state"] == "cancelled"
    (bench.spool / "jobs" / first / "cancel").touch()
    assert bench.wait(first)["state"] == "cancelled"
    assert bench.wait(third, "running")["message"].startswith(("Starting", "Separation"))
    bench.client().ask("/avstem/cancel", third)
    assert bench.wait(third)["state"] == "cancelled"
    assert bench.leftovers() == []
    assert not list(bench.output.glob("*"))


def test_jobs_keep_their_order_and_are_listed(bench: Bench) -> None:
    bench.spool.mkdir()
    jobs = [bench.submit(serial=n, submitted_s=7.0, name=f"n{n}") for n in range(30)]
    bench.start()
    wait_for(lambda: all(bench.status(job)["state"] == "done" for job in jobs))
    assert [bench.status(job)["number"] for job in jobs] == list(range(1, 31))
    ends = [(bench.spool / "jobs" / job / "result.json").stat().st_mtime_ns for job in jobs]
    assert ends == sorted(ends)
    client = bench.client()
    client.send_message("/avstem/list", [])
    told = [client.hear() for _ in range(31)]
    assert [line[1] for line in told[:30]] == jobs
    assert told[30] == ["/avstem/list/end", 30]


def test_rerun_with_another_conditioning(bench: Bench) -> None:
    bench.start()
    job = bench.submit()
    bench.wait(job)
    client = bench.client()
    address, new, old = client.ask("/avstem/rerun", job, '{"conditioning": "score+motion"}')
    assert (address, old) == ("/avstem/rerun/job", job)
    assert bench.wait(new)["state"] == "done"
    result = json.loads((bench.spool / "jobs" / new / "result.json").read_text("utf-8"))
    assert (result["take"], result["family"]) == ("score+motion", job)
    refused = client.ask("/avstem/rerun", job, '{"conditioning": "scent"}')
    assert refused[0] == "/avstem/error"
    assert "conditioning: expected of score" in refused[2]
    assert len(list((bench.spool / "jobs").iterdir())) == 2


@pytest.mark.parametrize("how", ["signal", "message"])
def test_a_clean_stop_keeps_the_running_job(bench: Bench, how: str) -> None:
    process = bench.start("slow")
    job = bench.submit()
    wait_for(lambda: bench.status(job)["state"] == "running" and bench.status(job)["percent"] > 5)
    if how == "signal":
        process.send_signal(signal.SIGTERM)
    else:
        assert bench.client().ask("/avstem/quit") == ["/avstem/stopping"]
    assert process.wait(30) == 0
    assert bench.card()["state"] == "stopped"
    status = bench.status(job)
    assert (status["state"], status["attempt"]) == ("queued", 0)
    assert bench.leftovers() == []
    bench.start("quick")
    assert bench.wait(job)["state"] == "done"


def test_kill_at_any_moment_loses_and_leaves_nothing(bench: Bench) -> None:
    for delay_s in (0.0, 0.15, 1.0):  # benchmarks/bridge.py tries many more
        process = bench.start("slow")
        job = bench.submit()
        wait_for(lambda job=job: bench.status(job)["state"])
        time.sleep(delay_s)
        process.kill()
        process.wait()
        bench.start("quick")
        assert bench.wait(job)["state"] == "done"
        assert bench.leftovers() == []
        assert sorted(p.name for p in (bench.spool / "jobs" / job).iterdir()) == [
            "request.json",
            "result.json",
            "status.json",
        ]
        bench.stop()


def test_a_job_that_takes_the_service_down_twice_fails(bench: Bench) -> None:
    process = bench.start("slow")
    job = bench.submit()
    for attempt in (1, 2):
        wait_for(lambda n=attempt: _under_way(bench.status(job), n))
        process.kill()
        process.wait()
        process = bench.start("slow")
    assert bench.wait(job)["error"]["code"] == "ServiceDied"
    assert bench.leftovers() == []


def _under_way(status: dict[str, Any], attempt: int) -> bool:
    return status["state"] == "running" and status["attempt"] == attempt


def test_one_service_per_spool(bench: Bench) -> None:
    process = bench.start()
    second = bench.launch()
    assert second.wait(30) == 3
    assert f"process {process.pid}) already serves" in second.stderr.read()
    assert bench.card()["pid"] == process.pid
    assert bench.client().ask("/avstem/hello")[3] == process.pid


def test_a_taken_port_is_named(bench: Bench) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        second = bench.launch("quick", "--udp-port", str(port))
        assert second.wait(30) == 4
    text = second.stderr.read()
    assert f"ports {port} (UDP)" in text and "choose other ports" in text and "service.log" in text
    error = bench.card()["error"]
    assert bench.card()["state"] == "failed" and error["code"] == "PortTaken"
    assert str(port) in error["message"]


def test_a_spool_that_cannot_be_written(bench: Bench) -> None:
    bench.spool.write_text("a file where the folder should be")
    process = bench.launch()
    assert process.wait(30) == 6
    assert "Cannot write to the spool" in process.stderr.read()
    bench.spool.unlink()


def test_a_service_whose_spool_is_deleted_stops(bench: Bench) -> None:
    process = bench.start()
    (bench.spool / "service.lock").unlink()
    assert process.wait(30) == 0


def test_panels_hear_the_news_over_tcp(bench: Bench) -> None:
    bench.start()
    panel = SimpleTCPClient("127.0.0.1", bench.card()["tcp_port"], mode="1.1")
    panel.send_message("/avstem/hello", [])
    assert _hear(panel, "/avstem/service")
    job = bench.submit()
    bench.wait(job)
    told = _hear(panel, "done")
    assert job.encode() in told
    panel.send_message("/avstem/cancel", "nonsense")
    assert b"lower-case uuid" in _hear(panel, "/avstem/error")
    bench.stop()
    assert _hear(panel, "/avstem/stopping")


def _hear(panel: SimpleTCPClient, word: str) -> bytes:
    heard = b""
    panel.socket.settimeout(10)
    while word.encode() not in heard:
        piece = panel.socket.recv(4096)
        assert piece, f"{word} was not said: {heard!r}"
        heard += piece
    return heard


def test_requests_that_are_wrong_are_answered(bench: Bench) -> None:
    bench.start()
    cases = {
        "items[0].playrate: expected a number above 0, found 0": _with_item(bench, playrate=0),
        "settings.stem_format: expected one of wav32": {"settings": {"stem_format": "mp3"}},
        "items: expected at least one item": {"items": []},
        "of version 2, this service speaks version 1": {"version": 2},
        "parts[0].notes: expected rows": {"parts": [_part(notes=[[2.0, 1.0, 60, 90]])]},
        "is not there": _with_item(bench, file="/no/Film.mp4"),
        "absolute path of a media file": _with_item(bench, file="Film.mp4"),
        "lasts 1.90 s; at least 2 s": _with_item(bench, length_s=1.9),
        "holds no MIDI notes": {"parts": []},
        "found 2 videos": {
            "items": _with_item(bench)["items"] + _with_item(bench, file=__file__)["items"]
        },
    }
    jobs = {bench.submit(**changes): message for message, changes in cases.items()}
    for job, message in jobs.items():
        status = bench.wait(job)
        assert message in status["error"]["message"]
        assert status["error"]["hint"] and status["error"]["log"]
    broken = str(uuid.uuid4())
    bench.put(broken, '{"version": 1, "job"')
    assert "cannot be read" in bench.wait(broken)["error"]["message"]
    assert bench.wait(bench.submit())["state"] == "done"


def test_job_folder_deleted_by_the_user(bench: Bench) -> None:
    bench.start("slow")
    job = bench.submit()
    wait_for(lambda: bench.status(job)["state"] == "running")
    folder = bench.spool / "jobs" / job
    # The service may be writing there: again until it is gone.
    wait_for(lambda: shutil.rmtree(folder, ignore_errors=True) or not folder.exists())
    assert bench.wait(bench.submit(name="next"))["state"] == "done"


def test_no_worker_outlives_its_service(bench: Bench) -> None:
    process = bench.start("hang")
    job = bench.submit()
    wait_for(lambda: bench.status(job).get("stage") == "media")
    worker = bench.status(job)["worker_pid"]
    process.kill()
    process.wait()
    wait_for(lambda: not _alive(worker))


def test_old_jobs_are_forgotten(bench: Bench) -> None:
    bench.start()
    old, recent = bench.submit(), bench.submit()
    bench.wait(old), bench.wait(recent)
    bench.stop()
    path = bench.spool / "jobs" / old / "status.json"
    status = bench.status(old)
    path.write_text(json.dumps(status | {"updated_s": status["updated_s"] - 31 * 86400}))
    bench.start()
    assert bench.client().ask("/avstem/list")[1] == recent
    assert [p.name for p in (bench.spool / "jobs").iterdir()] == [recent]
    assert len(list(bench.output.iterdir())) == 2  # the user's stems stay


def test_reaper_is_rung_and_its_mixer_steered(bench: Bench) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reaper:
        reaper.bind(("127.0.0.1", 0))
        reaper.settimeout(20)
        bench.start("quick", "--reaper-port", str(reaper.getsockname()[1]))
        (bench.spool / "reaper.json").write_text('{"version": 1, "actions": {"insert": "RSx1"}}')
        job = bench.submit(name="Duo")
        assert reaper.recv(2000).startswith(b"/action/_RSx1\0")
        (bench.spool / "jobs" / job / "inserted.json").write_text("{}")
        bench.wait(job, "inserted")
        client = bench.client()
        client.send_message("/avstem/player/enhance", [job, "Viola", 3.0])
        assert reaper.recv(2000).startswith(b"/action/41743\0")
        told = SimpleUDPClient("127.0.0.1", bench.card()["udp_port"])
        for slot, name in ((1, "Viola"), (2, "avstem: Duo"), (3, "Viola")):
            told.send_message(f"/track/{slot}/name", name)
        assert OscMessage(reaper.recv(2000)).address == "/track/3/volume/db"
        told.send_message("/track/3/volume/db", 3.0)
        assert client.hear() == ["/avstem/player/state", job, "Viola", 0, 3.0]
        assert client.ask("/avstem/take", job) == ["/avstem/take/asked", job]
        assert reaper.recv(2000).startswith(b"/action/_RSx1\0")
        assert (bench.spool / "jobs" / job / "activate").exists()
        refused = client.ask("/avstem/player/solo", job, "Oboe", 1)
        assert refused[:3] == [
            *("/avstem/error", "/avstem/player/solo", "There is no part 'Oboe'."),
        ]


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80))",
        "socket.create_connection(('example.org', 80))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))",
        "socket.socket().bind(('0.0.0.0', 0))",
        "socket.socket().bind(('', 0))",
    ],
)
def test_every_service_here_runs_without_a_network(attempt: str) -> None:
    """The guard that all tests of this folder run under, the real pipeline among them."""
    run = subprocess.run(
        [sys.executable, "-c", f"import socket; {attempt}"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
    )
    assert "NETWORK: socket." in run.stderr


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_all_sockets_are_bound_to_this_machine_alone(bench: Bench) -> None:
    process = bench.start()
    card = bench.card()
    bound = _bound(process.pid)
    assert {port for _, port in bound} >= {card["udp_port"], card["tcp_port"]}
    assert {host for host, _ in bound} == {"0100007F"}


def _bound(pid: int) -> list[tuple[str, int]]:
    """Local address, in hexadecimal as the kernel writes it, and port of each socket."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = []
    for table in ("tcp", "udp", "tcp6", "udp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        for row in path.read_text().splitlines()[1:] if path.exists() else ():
            fields = row.split()
            if fields[9] in inodes:
                host, _, port = fields[1].partition(":")
                found.append((host, int(port, 16)))
    return found


def test_the_service_stays_light() -> None:
    code = (
        "import sys, osc_bridge.service, osc_bridge.commands;"
        "heavy = {'torch', 'cv2', 'numpy', 'av', 'soundfile'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _with_item(bench: Bench, **changes: object) -> dict[str, list[dict[str, object]]]:
    return {"items": [bench.request()["items"][0] | changes]}


def _part(**changes: object) -> dict[str, object]:
    return {"name": "V", "instrument": "", "track_guid": "", "midi_hash": "", "notes": []} | changes
