"""Frames and spectrograms for the panel, made by a process of its own, which ends when idle."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from avstem.errors import MediaError
from osc_bridge.spool import Spool
from osc_bridge.workers import open_log

IDLE_S = 120.0
ANSWER_S = 20.0  # a far frame of a long video with few key frames takes a while
_LINE_BYTES = 1 << 20


class Pictures:
    """Asks the decoding process, ``osc_bridge.viewer``, for one picture after the other."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def frame(self, job: str, time_s: float, width_px: int) -> dict[str, Any]:
        """The arguments of ``/avstem/frame/file`` but for job and time; MediaError without one."""
        order = {"job": job, "time_s": time_s, "width_px": width_px}
        return await self._made(job, order, f"frame at {time_s:.2f} s", "Try another time")

    async def thumbnail(self, job: str, stem: Path) -> dict[str, Any]:
        """The file of ``/avstem/thumbnail/file``; MediaError where there is none."""
        order = {"job": job, "stem": str(stem)}
        return await self._made(job, order, f"spectrogram of {stem.name}", "Run the job again")

    async def _made(self, job: str, order: dict[str, Any], what: str, hint: str) -> dict[str, Any]:
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            try:
                answer = await self._ask({"folder": str(self._spool.job(job).path), **order})
            except (OSError, ValueError, TimeoutError) as error:
                self.close()
                raise MediaError(
                    f"The {what} could not be made: the decoder ended or hangs "
                    f"({type(error).__name__}).",
                    f"{hint}; {self._spool.worker_log} has the details.",
                ) from error
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self.close)
        if "message" in answer:
            raise MediaError(answer["message"], answer["hint"])
        return answer

    def close(self) -> None:
        """End the process."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        self._process = None

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "osc_bridge.viewer"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=open_log(self._spool.worker_log),
                limit=_LINE_BYTES,
                start_new_session=True,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_S)
        answer = json.loads(line)  # ValueError at the end of the stream
        assert isinstance(answer, dict)
        return answer
