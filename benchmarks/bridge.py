"""What the service promises, measured: ``python -m benchmarks.bridge [name ...]``.

idle     CPU time of the service and its waiting worker (with the real pipeline loaded)
latency  from the appearance of request.json to the first status, and to the first progress
packets  10,000 random and mutated OSC packets; time until the next good message is answered
kill     kill -9 of the service at 20 random moments of a job; what the next start makes of it
rerun    a simulated duo with the real pipeline: first progress, and how much a re-run reuses
queue    200 submissions at once: their order, and the service's memory on the way
insert   64 stems into a session of the fake REAPER: the longest time its window freezes
"""

from __future__ import annotations

import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "osc_bridge"), str(TESTS / "reaper_scripts")]

from make_duo import make_duo  # noqa: E402
from osc_packets import PACKETS  # noqa: E402
from service_bench import Bench, session_parts, wait_for  # noqa: E402

TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


def idle(bench: Bench) -> str:
    process = bench.start("avstem.pipeline:run")
    worker = int(_children(process.pid)[0])
    wait_for(lambda: _cpu_s(worker) > 0.5)
    time.sleep(15)  # the pipeline's imports
    before = [_cpu_s(pid) for pid in (process.pid, worker)]
    time.sleep(30)
    used = [_cpu_s(pid) - b for pid, b in zip((process.pid, worker), before, strict=True)]
    memory = [_memory_mb(pid) for pid in (process.pid, worker)]
    return (
        f"service {used[0] / 30:.2%} of a core, {memory[0]:.0f} MB; "
        f"worker {used[1] / 30:.2%}, {memory[1]:.0f} MB"
    )


def latency(bench: Bench) -> str:
    bench.start("quick")
    first, stage = [], []
    for _ in range(20):
        job = bench.submit()
        start_s = time.monotonic()
        wait_for(lambda job=job: bench.status(job)["state"])
        first.append(time.monotonic() - start_s)
        wait_for(lambda job=job: bench.status(job)["stage"] not in ("", "starting"))
        stage.append(time.monotonic() - start_s)
        bench.wait(job)
    return f"first status {max(first):.2f} s at worst, first stage {max(stage):.2f} s (20 jobs)"


def packets(bench: Bench) -> str:
    process = bench.start("quick")
    port, slowest_s, sent = bench.card()["udp_port"], [0.0], [0]
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client = bench.client()

    @settings(
        max_examples=10_000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(packet=PACKETS)
    def throw(packet: bytes) -> None:
        sender.sendto(packet, ("127.0.0.1", port))
        sent[0] += 1
        if sent[0] % 20 == 0:
            start_s = time.monotonic()
            assert client.ask("/avstem/hello")[0] == "/avstem/service"
            slowest_s[0] = max(slowest_s[0], time.monotonic() - start_s)

    throw()
    job = bench.submit()
    assert bench.wait(job)["state"] == "done" and process.poll() is None
    return f"{sent[0]} packets, slowest answer after them {1000 * slowest_s[0]:.0f} ms"


def kill(bench: Bench) -> str:
    chance, outcomes = random.Random(7), []
    for _ in range(20):
        process = bench.start("slow")
        time.sleep(chance.uniform(0.0, 0.3))
        job = bench.submit()
        time.sleep(chance.uniform(0.0, 3.5))
        moment = "{state} {percent:.0f} %".format(**({"percent": 0} | bench.status(job)))
        process.kill()
        process.wait()
        bench.start("quick")
        assert bench.wait(job)["state"] == "done", bench.status(job)
        assert bench.leftovers() == [], bench.leftovers()
        stems = [p for p in bench.output.rglob("*") if job[:8] in p.parent.name]
        assert {p.name for p in stems} == {"01 0.wav", "result.json"}, stems
        outcomes.append(moment)
        bench.stop()
    return f"20 of 20 jobs done after the restart, nothing left over; killed at: {outcomes}"


def rerun(bench: Bench) -> str:
    duo = make_duo(bench.root)
    process = bench.start("avstem.pipeline:run")
    time.sleep(10)  # the pipeline's imports
    worker = int(_children(process.pid)[0])
    video = {"file": str(duo / "video.mp4"), "source_length_s": 12.0}
    start_s = time.monotonic()
    job = bench.submit(items=[bench.request()["items"][0] | video], parts=session_parts(duo))
    wait_for(lambda: bench.status(job).get("stage") not in (None, "", "starting"))
    first_s = time.monotonic() - start_s
    assert bench.wait(job, patience_s=200)["state"] == "done", bench.status(job)
    whole_s = _cpu_s(worker)
    _, again, _ = bench.client().ask("/avstem/rerun", job, '{"stem_format": "flac"}')
    assert bench.wait(again, patience_s=200)["state"] == "done", bench.status(again)
    again_s = _cpu_s(worker) - whole_s
    cpu = f"CPU {whole_s:.1f} s with imports, re-run {again_s:.1f} s"
    return f"first stage after {first_s:.2f} s; {cpu}"


def queue(bench: Bench) -> str:
    process = bench.start("quick")
    jobs = [bench.submit(serial=n, submitted_s=1.0, name=f"n{n}") for n in range(200)]
    memory = []
    for reached in (0, 50, 100, 150, 199):
        wait_for(lambda n=reached: bench.status(jobs[n])["state"] == "done", 120)
        memory.append(round(_memory_mb(process.pid), 1))
    ends = [(bench.spool / "jobs" / j / "result.json").stat().st_mtime_ns for j in jobs]
    numbers = [bench.status(job)["number"] for job in jobs]
    kept = ends == sorted(ends) and numbers == sorted(numbers)
    return f"order {'kept' if kept else 'LOST'}; memory at 1, 51, 101, 151, 200 done: {memory} MB"


def insert(bench: Bench) -> str:
    """By the fake's table of what calls of the API cost; no service takes part."""
    from fake_reaper import FakeReaper
    from lupa import lua54
    from reaper_world import World, quartet

    (bench.root / "REAPER").mkdir()
    world = World(FakeReaper(bench.root / "REAPER", lua54), bench.root)
    world.open(quartet())
    world.separate()
    for script in list(world.reaper.running):
        world.reaper.end(script)
    world.finish(world.request(), parts=tuple(f"Part {n}" for n in range(64)))
    world.reaper.slices_ms.clear()
    world.run("Insert finished stems")
    world.reaper.run()
    slices = world.reaper.slices_ms
    return f"{len(slices)} defer cycles, the longest {world.reaper.longest_slice_ms():.0f} ms"


def _children(pid: int) -> list[str]:
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return wait_for(lambda: task.read_text().split())


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


MEASURES: tuple[Callable[[Bench], str], ...] = (
    *(latency, packets, kill, rerun, queue, idle),
    insert,
)


def main(names: list[str]) -> None:
    for measure in MEASURES:
        if names and measure.__name__ not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder))
            try:
                print(f"{measure.__name__:8} {measure(bench)}", flush=True)
            finally:
                bench.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
