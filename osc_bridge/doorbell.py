"""Ringing REAPER until a finished job's stems are inserted: three tries (docs/spool.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from osc_bridge.protocol import Way, message_bytes
from osc_bridge.spool import Spool, read_json_or_none

WAITS_S = (3.0, 6.0, 9.0)  # after each try: REAPER may be drawing, or asking the user
STALE_S = 10.0  # REAPER was away if its heartbeat paused for longer
_ACTION = re.compile(r"_?[A-Za-z0-9_]+")


class Doorbell:
    """Rings while jobs are done and not inserted; ``attend`` is called at every poll.

    ring : sends a packet to REAPER.
    give_up : told the jobs that three tries did not get inserted.
    """

    def __init__(
        self, spool: Spool, ring: Callable[[bytes], None], give_up: Callable[[str], None]
    ) -> None:
        self._spool = spool
        self._ring = ring
        self._give_up = give_up
        self._pending: frozenset[str] = frozenset()
        self._stamp = 0
        self._action: str | None = None
        self._beat_s = 0.0
        self._tries = 0
        self._next_s = 0.0

    def attend(self, pending: Collection[str], now_s: float) -> None:
        """Ring if it is time. A job newly done, or news from REAPER, starts the tries anew."""
        news = self._read_action()
        if news or not frozenset(pending) <= self._pending:
            self._tries, self._next_s = 0, now_s
        self._pending = frozenset(pending)
        if not pending or self._action is None or now_s < self._next_s:
            return
        if self._tries < len(WAITS_S):
            self._ring(message_bytes(Way.TO_REAPER, "/action/@", self._action))
            self._next_s = now_s + WAITS_S[self._tries]
            self._tries += 1
        elif self._tries == len(WAITS_S):
            self._tries += 1
            for job in sorted(pending):
                self._give_up(job)

    def _read_action(self) -> bool:
        """Look at ``reaper.json``; True if REAPER came, came back, or came with another action.

        Its heartbeat alone is no news: a script that watches a job writes it all the time. Nor is
        a file that cannot be read: Windows removes it for a moment whenever it is written anew.
        """
        told = self._rewritten()
        if told is None:
            return False
        action, beat_s = action_id(told), _beat_s(told)
        news = action != self._action or beat_s - self._beat_s > STALE_S
        self._action, self._beat_s = action, beat_s
        return news

    def _rewritten(self) -> dict[str, object] | None:
        """What ``reaper.json`` says, if it was written since the last look."""
        try:
            stamp = self._spool.reaper.stat().st_mtime_ns
        except OSError:
            return None
        if stamp == self._stamp:
            return None
        told = read_json_or_none(self._spool.reaper)
        if told is not None:  # else half of it: the next look finds the rest
            self._stamp = stamp
        return told


def _beat_s(reaper: dict[str, object]) -> float:
    beat_s = reaper.get("heartbeat_s")
    return float(beat_s) if isinstance(beat_s, int | float) else 0.0


def action_id(reaper: dict[str, object]) -> str | None:
    """The insert action's name with its leading ``_``; None if there is none that OSC can carry."""
    actions = reaper.get("actions")
    name = actions.get("insert") if isinstance(actions, dict) else None
    if not isinstance(name, str) or not _ACTION.fullmatch(name):
        return None
    return name if name.startswith("_") else f"_{name}"
