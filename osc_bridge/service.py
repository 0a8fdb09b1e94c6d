"""The resident service: sockets, queue, doorbell, mixer and heartbeat on one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from avstem import __version__
from avstem.errors import AvstemError, OutputError
from osc_bridge import CONTRACT
from osc_bridge.desk import Desk
from osc_bridge.doorbell import Doorbell
from osc_bridge.endpoints import HOST, Tcp, Udp
from osc_bridge.jobs import HANG_AFTER_S, Jobs, Limits
from osc_bridge.logs import open_log
from osc_bridge.mixer import Mixer
from osc_bridge.pictures import Pictures
from osc_bridge.spool import Spool, read_json_or_none, write_json
from osc_bridge.status import Failure, State
from osc_bridge.worker import PIPELINE

LOG = logging.getLogger("osc_bridge")
HEARTBEAT_S = 2.0
POLL_S = 0.25
STOP_S = 5.0  # for the running job to be put away

STOPPED, ALREADY_RUNNING, PORT_TAKEN = 0, 3, 4
NO_SPOOL = OutputError.exit_code


@dataclass(frozen=True)
class Config:
    """How to run the service; port 0 takes any free one."""

    spool: Path
    udp_port: int = 9000
    tcp_port: int = 9001
    reaper_port: int = 8000
    runner: str = PIPELINE
    hang_after_s: float = HANG_AFTER_S


def run(config: Config) -> int:
    """Run until told to stop; the exit code of docs/spool.md, with its reason on stderr."""
    spool = Spool(config.spool.expanduser().absolute())
    try:
        spool.prepare()
    except AvstemError as error:
        return _refuse(str(error), NO_SPOOL)
    lock = FileLock(spool.service_lock)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        other = read_json_or_none(spool.service) or {}
        text = f"A service (process {other.get('pid', '?')}) already serves {spool.root}."
        return _refuse(f"{text} It is used; to replace it, stop it first.", ALREADY_RUNNING)
    handler = open_log(spool.log)
    try:
        return asyncio.run(Service(config, spool).serve())
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
        lock.release()


@dataclass
class Service:
    """One service of one spool."""

    config: Config
    spool: Spool
    started_s: float = field(default_factory=time.time)

    async def serve(self) -> int:
        """Serve until stopped by a signal or a message; the exit code."""
        self._stop = asyncio.Event()
        limits = Limits(self.config.runner, self.config.hang_after_s)
        self._jobs = Jobs(self.spool, limits, lambda status: self._desk.announce(status))
        self._mixer = Mixer(self._to_reaper)
        self._pictures = Pictures(self.spool)
        self._desk = Desk(self.spool, self._jobs, self._mixer, self._pictures, self._stop.set)
        self._doorbell = Doorbell(self.spool, self._to_reaper, self._not_inserted)
        try:
            await self._open()
        except OSError as error:
            return self._port_taken(error)
        self._on_signals()
        LOG.info("avstem %s serves %s, UDP %d, TCP %d", __version__, self.spool.root, *self._ports)
        try:
            await self._live()
        finally:
            self._close()
        return STOPPED

    async def _open(self) -> None:
        self._ports = (self.config.udp_port, self.config.tcp_port)
        self._udp, self._tcp = Udp(self._desk.receive), Tcp(self._desk.receive)
        self._desk.broadcast = self._tcp.broadcast
        try:
            udp_port = await self._udp.open(self.config.udp_port)
            self._ports = (udp_port, await self._tcp.open(self.config.tcp_port))
        except OSError:
            self._udp.close()
            raise

    async def _live(self) -> None:
        held = _identity(self.spool.service_lock)  # before anybody can know of the service
        self._beat("running")  # before the recovery, which may wait for an old worker
        tasks = [asyncio.create_task(part) for part in (self._heartbeat(held), self._run_jobs())]
        stop = asyncio.create_task(self._stop.wait())
        done, _ = await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop}:
            task.result()  # raises what went wrong
        await self._jobs.stop()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=STOP_S)

    async def _run_jobs(self) -> None:
        await self._jobs.recover()
        work = asyncio.create_task(self._jobs.work())
        try:
            while not work.done():
                self._poll()
                await asyncio.wait({work}, timeout=POLL_S)
            work.result()
        finally:
            with contextlib.suppress(asyncio.CancelledError):
                await work

    def _poll(self) -> None:
        try:
            self._jobs.scan()
            pending = [s.job for s in self._jobs.ledger.all() if s.state is State.DONE]
            self._doorbell.attend(pending, time.monotonic())
        except Exception:  # a folder that vanished meanwhile, a full disk: try again next time
            LOG.exception("cannot look into the spool")

    async def _heartbeat(self, held: int | None) -> None:
        while True:
            # Whoever deletes the spool deletes our claim to it: another service may start there.
            if held != _identity(self.spool.service_lock):
                LOG.error("the spool %s was deleted or replaced; stopping", self.spool.root)
                self._stop.set()
                return
            self._beat("running")
            await asyncio.sleep(HEARTBEAT_S)

    def _beat(self, state: str, failure: Failure | None = None) -> None:
        try:
            write_json(self.spool.service, self._card(state, failure))
        except OSError as error:
            LOG.warning("cannot write %s: %s", self.spool.service, error)

    def _card(self, state: str, failure: Failure | None) -> dict[str, Any]:
        return {
            "version": CONTRACT,
            "avstem": __version__,
            "state": state,
            "pid": os.getpid(),
            "heartbeat_s": time.time(),
            "started_s": self.started_s,
            "udp_port": self._ports[0],
            "tcp_port": self._ports[1],
            "reaper_port": self.config.reaper_port,
            "log": str(self.spool.log),
            "python": sys.executable,
            "panel": find_spec("avstem.panel") is not None,
            "queued": self._jobs.ledger.count(State.QUEUED),
            "running": self._jobs.ledger.count(State.RUNNING),
            "error": asdict(failure) if failure else None,
        }

    def _port_taken(self, error: OSError) -> int:
        message = (
            f"Expected ports {self.config.udp_port} (UDP) and {self.config.tcp_port} (TCP) on "
            f"{HOST} to be free, found one taken: {error.strerror or error}."
        )
        hint = "Close the other program, or choose other ports here and in REAPER's preferences."
        self._beat("failed", Failure("PortTaken", message, hint, str(self.spool.log)))
        LOG.error("%s %s", message, hint)
        return _refuse(f"{message} {hint} Log: {self.spool.log}", PORT_TAKEN)

    def _close(self) -> None:
        self._desk.farewell()
        self._pictures.close()
        self._tcp.close()
        self._udp.close()
        self._beat("stopped")
        LOG.info("stopped")

    def _on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, self._stop.set)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._stop.set))

    def _to_reaper(self, packet: bytes) -> None:
        self._udp.send(packet, self.config.reaper_port)

    def _not_inserted(self, job: str) -> None:
        text = "Done; REAPER did not answer. Run the action 'avstem_Insert finished stems'."
        self._jobs.ledger.change(job, message=text)


def _identity(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _refuse(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
