"""Whatever arrives, the next good message is answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from osc_packets import PACKETS
from pythonosc import slip
from service_bench import Bench


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(Path(tmp_path_factory.mktemp("fuzz")))
    made.start()
    yield made
    made.stop()


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(packet=PACKETS)
def test_udp(service: Bench, packet: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(packet, ("127.0.0.1", service.card()["udp_port"]))
    assert service.client().ask("/avstem/hello", timeout_s=10)[0] == "/avstem/service"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(packet=PACKETS)
def test_tcp_framed_and_raw(service: Bench, packet: bytes) -> None:
    port = service.card()["tcp_port"]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as panel:
        panel.sendall(slip.encode(packet) + packet + slip.END)
        panel.sendall(slip.encode(b"/avstem/hello\0\0\0,\0\0\0"))
        heard = b""
        while b"/avstem/service" not in heard:
            piece = panel.recv(4096)
            assert piece, "the service hung up"
            heard += piece


def test_a_frame_without_end_is_refused(service: Bench) -> None:
    with socket.create_connection(("127.0.0.1", service.card()["tcp_port"]), timeout=10) as panel:
        panel.sendall(b"/" * 20000)
        assert b"expected frames of at most 8192 bytes" in panel.recv(4096)


def test_the_log_is_not_flooded(service: Bench) -> None:
    log = service.spool / "log" / "service.log"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(10):
            for _ in range(50):
                sender.sendto(b"rubbish", ("127.0.0.1", service.card()["udp_port"]))
            service.client().ask("/avstem/hello")
    lines = log.read_text("utf-8").splitlines()
    assert len(lines) <= 150 and sum("rubbish" in line for line in lines) <= 40
