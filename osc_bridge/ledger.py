"""The statuses of all jobs: in memory, in the spool, and told to whoever listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from avstem.errors import RequestError
from osc_bridge.spool import Spool, write_json
from osc_bridge.status import State, Status

LOG = logging.getLogger("osc_bridge")

Announce = Callable[[Status], None]


class Ledger:
    """Every change of a status goes through here: counted, written, announced."""

    def __init__(self, spool: Spool, announce: Announce) -> None:
        self._spool = spool
        self._announce = announce
        self._statuses: dict[str, Status] = {}
        self._last_number = 0

    def __contains__(self, job: str) -> bool:
        return job in self._statuses

    def all(self) -> list[Status]:
        """All jobs, in the order of submission."""
        return sorted(self._statuses.values(), key=lambda s: s.number)

    def status(self, job: str) -> Status:
        """One job; RequestError if there is none."""
        found = self._statuses.get(job)
        if found is None:
            raise RequestError(f"There is no job {job!r}.", "List the jobs with /avstem/list.")
        return found

    def count(self, state: State) -> int:
        """How many jobs are in a state."""
        return sum(status.state is state for status in self._statuses.values())

    def next_number(self) -> int:
        """The number of a new job: its place in the order of submission."""
        self._last_number += 1
        return self._last_number

    def enter(self, status: Status) -> None:
        """Take a job in, new or of an earlier service; nobody is told yet."""
        self._statuses[status.job] = status
        self._last_number = max(self._last_number, status.number)
        self._save(status)

    def change(self, job: str, **changes: Any) -> Status:
        """Change a status, write it and tell it."""
        status = self._statuses[job]
        status = replace(status, seq=status.seq + 1, **changes)
        self._statuses[job] = status
        self._save(status)
        self._announce(status)
        return status

    def _save(self, status: Status) -> None:
        folder = self._spool.job(status.job)
        try:
            write_json(folder.status, status.to_json(str(self._spool.log)))
        except OSError as error:  # the user may have deleted the folder
            LOG.warning("cannot write %s: %s", folder.status, error)
