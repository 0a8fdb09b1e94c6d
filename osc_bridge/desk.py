"""Where messages are understood: one handler per address of the table, answers and news."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from avstem import __version__
from avstem.errors import AvstemError, RequestError
from osc_bridge import CONTRACT
from osc_bridge.answers import answer, packets, say, track_muted, track_state
from osc_bridge.doorbell import action_id
from osc_bridge.endpoints import Reply
from osc_bridge.jobs import Jobs
from osc_bridge.mirror import Cursor, Mirror
from osc_bridge.mixer import Mixer, TrackState
from osc_bridge.osc import Message, Unreadable
from osc_bridge.pictures import Pictures
from osc_bridge.protocol import Call, Way, check
from osc_bridge.spool import Spool, read_json, read_json_or_none
from osc_bridge.spool import Unreadable as UnreadableFile
from osc_bridge.status import Status

LOG = logging.getLogger("osc_bridge")
OURS = "/avstem/"


class Desk:
    """Takes messages in, answers them, and tells panels the news."""

    def __init__(
        self, spool: Spool, jobs: Jobs, mixer: Mixer, pictures: Pictures, stop: Callable[[], None]
    ) -> None:
        self.broadcast: Callable[[bytes], None] = lambda packet: None
        self._spool = spool
        self._jobs = jobs
        self._mixer = mixer
        self._pictures = pictures
        self._mirror = Mirror(mixer, self._tell_track)
        self._cursor = Cursor(lambda t: self.broadcast(say("/avstem/cursor", time_s=t)))
        self._stop = stop
        self._tasks: set[asyncio.Task[None]] = set()
        self._handlers: dict[str, Callable[[Reply, Call], None]] = {
            "/avstem/hello": self._hello,
            "/avstem/submit": self._submit,
            "/avstem/cancel": self._cancel,
            "/avstem/rerun": self._rerun,
            "/avstem/list": self._list,
            "/avstem/about": self._about,
            "/avstem/result": self._result,
            "/avstem/frame": self._frame,
            "/avstem/thumbnail": self._thumbnail,
            "/avstem/mixer": self._listen,
            "/avstem/player/solo": self._solo,
            "/avstem/player/add": self._add,
            "/avstem/player/mute": self._mute,
            "/avstem/player/enhance": self._enhance,
            "/avstem/take": self._take,
            "/avstem/quit": self._quit,
        }

    @property
    def addresses(self) -> set[str]:
        """Every address that has a handler."""
        return set(self._handlers)

    def receive(self, message: Message | Unreadable, reply: Reply, panel: bool) -> None:
        """Deal with one message; whatever it is, the service goes on."""
        if isinstance(message, Unreadable):
            LOG.warning("unreadable packet: %s", message.why)
            hint = "Send OSC 1.0 messages as listed in docs/protocol.md."
            return self._refuse("", RequestError(f"Unreadable: {message.why}.", hint), reply)
        try:
            call = check(message, Way.TO_SERVICE, Way.FROM_REAPER)
            if call.entry.address == "/time":
                self._cursor.hear(float(call.arguments["time_s"] or 0.0))
            elif call.entry.way is Way.FROM_REAPER:
                self._mixer.hear(call)
            else:
                self._handlers[call.entry.address](reply, call)
        except AvstemError as error:
            LOG.warning("refused message: %s", error.message)
            # REAPER sends whatever its pattern file says; it wants no answers.
            if panel or message.address.startswith(OURS):
                self._refuse(message.address, error, reply)
        except Exception as error:
            LOG.exception("a message could not be handled")
            text = f"Unexpected {type(error).__name__}."
            self._refuse(message.address, RequestError(text, "See the log."), reply)
        return None

    def announce(self, status: Status) -> None:
        """Tell every panel where a job is."""
        for packet in packets(status):
            self.broadcast(packet)

    def farewell(self) -> None:
        """Tell every panel that the service ends."""
        self.broadcast(say("/avstem/stopping"))

    # ------------------------------------------------------------------ handlers

    def _hello(self, reply: Reply, _: Call) -> None:
        reply(
            say(
                "/avstem/service",
                avstem=__version__,
                contract=CONTRACT,
                pid=os.getpid(),
                spool=str(self._spool.root),
                log=str(self._spool.log),
            )
        )

    def _submit(self, reply: Reply, call: Call) -> None:
        answer(reply, self._jobs.submit(_text(call, "job")))

    def _cancel(self, reply: Reply, call: Call) -> None:
        answer(reply, self._jobs.cancel(_text(call, "job")))

    def _rerun(self, reply: Reply, call: Call) -> None:
        job = _text(call, "job")
        new = self._jobs.rerun(job, _settings(_text(call, "settings")))
        reply(say("/avstem/rerun/job", new=new.job, job=job))

    def _list(self, reply: Reply, _: Call) -> None:
        statuses = self._jobs.ledger.all()
        for status in statuses:
            answer(reply, status)
        reply(say("/avstem/list/end", count=len(statuses)))

    def _result(self, reply: Reply, call: Call) -> None:
        job = _text(call, "job")
        self._tracks(job)  # raises where there is nothing to show
        reply(say("/avstem/result/file", job=job, file=self._spool.job(job).result.name))

    def _about(self, reply: Reply, call: Call) -> None:
        status = self._jobs.ledger.status(_text(call, "job"))
        known = status.about
        submitted = datetime.fromtimestamp(known.submitted_s, UTC) if known.submitted_s else None
        told = {"job": status.job, "family": status.family, "project": known.project[:200]}
        told["submitted"] = submitted.strftime("%Y-%m-%dT%H:%M:%S") if submitted else ""
        offers = {"video": int(known.video), "score": int(known.score)}
        reply(say("/avstem/job/about", **told, conditioning=known.conditioning, **offers))

    def _frame(self, reply: Reply, call: Call) -> None:
        job, time_s, width_px = call.arguments.values()
        self._jobs.ledger.status(str(job))
        picture = self._pictures.frame(str(job), float(time_s), int(width_px))  # type: ignore[arg-type]
        self._show(reply, "/avstem/frame", {"job": job, "time_s": time_s}, picture)

    def _thumbnail(self, reply: Reply, call: Call) -> None:
        job, part = _text(call, "job"), _text(call, "part")
        stems = self._stems(job)["stems"]
        stem = next((s for s in stems if s["part"] == part), None)
        if stem is None:
            raise _no_part(part, [s["part"] for s in stems])
        picture = self._pictures.thumbnail(job, Path(stem["file"]))
        self._show(reply, "/avstem/thumbnail", {"job": job, "part": part}, picture)

    def _show(self, reply: Reply, address: str, about: dict[str, Any], picture: Any) -> None:
        """Answer with a picture once it is there, or with why there is none."""

        async def show() -> None:
            try:
                reply(say(f"{address}/file", **about, **await picture))
            except AvstemError as error:
                told = {"message": error.message, "hint": error.hint}
                reply(say(f"{address}/failed", **about, **told))

        self._begin(show())

    def _listen(self, _: Reply, call: Call) -> None:
        job = _text(call, "job")
        self._begin(self._mirror.watch(job, *self._tracks(job)))

    def _tell_track(self, job: str, part: str, state: TrackState) -> None:
        """REAPER's user changed a stem's track: every panel hears of it."""
        self.broadcast(track_state(job, part, state))
        self.broadcast(track_muted(job, part, state))

    def _solo(self, reply: Reply, call: Call) -> None:
        folder, tracks = self._tracks(_text(call, "job"))
        track, on = _track(tracks, _text(call, "part")), bool(call.arguments["on"])
        self._steer(reply, call, self._mixer.solo(folder, list(tracks.values()), track, on))

    def _add(self, reply: Reply, call: Call) -> None:
        folder, tracks = self._tracks(_text(call, "job"))
        track, on = _track(tracks, _text(call, "part")), bool(call.arguments["on"])
        self._steer(reply, call, self._mixer.solo(folder, [], track, on))

    def _mute(self, reply: Reply, call: Call) -> None:
        folder, tracks = self._tracks(_text(call, "job"))
        track, on = _track(tracks, _text(call, "part")), bool(call.arguments["on"])
        self._steer(reply, call, self._mixer.mute(folder, track, on))

    def _enhance(self, reply: Reply, call: Call) -> None:
        folder, tracks = self._tracks(_text(call, "job"))
        track, gain_db = _track(tracks, _text(call, "part")), call.arguments["gain_db"]
        self._steer(reply, call, self._mixer.enhance(folder, track, float(gain_db or 0.0)))

    def _take(self, reply: Reply, call: Call) -> None:
        job = _text(call, "job")
        self._tracks(job)  # raises where there is nothing to hear
        action = action_id(read_json_or_none(self._spool.reaper) or {})
        if action is None:
            raise RequestError(
                "REAPER has not told how to reach it.", "Run the action avstem_Setup check."
            )
        self._spool.job(job).activate.touch()
        self._mixer.act(action)
        reply(say("/avstem/take/asked", job=job))

    def _quit(self, reply: Reply, _: Call) -> None:
        reply(say("/avstem/stopping"))
        self._stop()

    # ------------------------------------------------------------------ helpers

    def _steer(self, reply: Reply, call: Call, order: Any) -> None:
        """Have the mixer do something that waits for REAPER, then answer."""

        async def steer() -> None:
            try:
                state: TrackState = await order
            except AvstemError as error:
                LOG.warning("mixer: %s", error.message)
                self._refuse(call.entry.address, error, reply)
                return
            muted = call.entry.address == "/avstem/player/mute"
            packet = track_muted if muted else track_state
            reply(packet(_text(call, "job"), _text(call, "part"), state))

        self._begin(steer())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps no hold of tasks
        task.add_done_callback(self._tasks.discard)

    def _tracks(self, job: str) -> tuple[str, dict[str, str]]:
        """The folder track of a job, and its stems' tracks by part."""
        result = self._stems(job)
        return result["folder_track"], {s["part"]: s["track"] for s in result["stems"]}

    def _stems(self, job: str) -> dict[str, Any]:
        self._jobs.ledger.status(job)
        try:
            result = read_json(self._spool.job(job).result)
        except UnreadableFile as error:
            raise RequestError(f"{error}.", "Run the job again.") from error
        if result is None:
            raise RequestError(f"The job {job} has no stems yet.", "Wait until it is done.")
        return result

    def _refuse(self, address: str, error: AvstemError, reply: Reply) -> None:
        told = {"message": error.message, "hint": error.hint, "log": str(self._spool.log)}
        reply(say("/avstem/error", address=address[:200], **told))


def _text(call: Call, name: str) -> str:
    return str(call.arguments[name])


def _settings(text: str) -> dict[str, Any]:
    try:
        settings = json.loads(text or "{}")
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise RequestError(
            f"Expected changed settings as a JSON object, found {text[:60]!r}.",
            'Example: {"conditioning": "score+motion"}',
        )
    return settings


def _track(tracks: dict[str, str], part: str) -> str:
    if part not in tracks:
        raise _no_part(part, list(tracks))
    return tracks[part]


def _no_part(part: str, parts: list[str]) -> RequestError:
    return RequestError(f"There is no part {part!r}.", f"There are: {', '.join(parts)}.")
