"""Editing who plays what, and steering the stems in REAPER; the half of the presenter on rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from avstem.panel.model import (
    NOBODY,
    Box,
    Problem,
    Row,
    clipped,
    mark,
    overlap,
    reassigned,
    row_of_player,
)

STEPS = 200  # that can be undone
OVERLAPPING = 0.6  # intersection over union above which two boxes look like one player
Send = Callable[..., None]  # address, then arguments by name
_Edited = tuple[tuple[Row, ...], tuple[Box, ...], bool]  # rows, boxes, whether these changed


class Editing:
    """The rows and boxes of the job that is looked at."""

    def __init__(self, send: Send, changed: Callable[[str], None]) -> None:
        self._send = send
        self._changed = changed
        self.connected = False
        self.job = ""  # the one that is looked at
        self.rows: tuple[Row, ...] = ()
        self.boxes: tuple[Box, ...] = ()
        self.boxes_changed = False
        self.size_px = (0, 0)
        self.selected = -1  # row
        self.problem: Problem | None = None
        self._alone = ""  # the part whose solo is to release the others
        self._done: list[_Edited] = []
        self._undone: list[_Edited] = []

    def start_editing(self, rows: tuple[Row, ...], boxes: tuple[Box, ...]) -> None:
        """Take over what a job found; what was done to another cannot be undone any more."""
        self.rows, self.boxes, self.boxes_changed = rows, boxes, False
        self.selected = 0 if rows else -1
        self._done, self._undone = [], []

    def select(self, row: int) -> None:
        """Mark a part, and with it its player."""
        if row != self.selected and -1 <= row < len(self.rows):
            self.selected = row
            self._changed("selection")

    def assign(self, row: int, player: int) -> None:
        """Have another player play a part; the two swap."""
        if self.rows[row].player != player:
            self._remember()
            self._set_rows(reassigned(self.rows, row, player))
            self._changed("boxes")

    def edit(self, row: int, **fields: Any) -> None:
        """Change ``locked``, ``name`` or ``new_instrument`` of a row."""
        if any(getattr(self.rows[row], name) != value for name, value in fields.items()):
            self._remember()
            self._set_row(row, **fields)

    def _set_row(self, row: int, **fields: Any) -> None:
        made = list(self.rows)
        made[row] = replace(made[row], **fields)
        self._set_rows(tuple(made))

    def move_box(self, player: int, box: Box) -> bool:
        """Give a player another box; what lies outside the picture is cut off."""
        return self._set_box(player, box)

    def add_box(self, box: Box) -> bool:
        """One more player."""
        return self._set_box(len(self.boxes), box)

    def remove_box(self, player: int) -> None:
        """One player less; the part becomes nobody's."""
        self._remember()
        self.boxes = self.boxes[:player] + self.boxes[player + 1 :]
        self.boxes_changed = True
        shifted = {player: NOBODY} | {k: k - 1 for k in range(player + 1, len(self.boxes) + 1)}
        rows = (replace(r, player=shifted.get(r.player, r.player)) for r in self.rows)
        self._set_rows(tuple(rows))
        self._changed("boxes")

    def _set_box(self, player: int, box: Box) -> bool:
        inside = clipped(box, *map(float, self.size_px))
        if inside is None:
            self._changed("boxes")
            return False
        self._remember()
        made = list(self.boxes)
        made[player : player + 1] = [inside]
        self.boxes, self.boxes_changed = tuple(made), True
        others = [k for k, other in enumerate(made) if k != player]
        if any(overlap(inside, made[k]) > OVERLAPPING for k in others):
            self.tell(
                Problem(
                    mark("Two boxes lie over each other: they look like one player."),
                    mark("Pull them apart, or remove one with a right click."),
                )
            )
        self._changed("boxes")
        return True

    def _set_rows(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._changed("rows")

    # ------------------------------------------------------------------ undo

    @property
    def changed(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._done)

    def undo(self) -> None:
        """Take the last edit back; what REAPER's mixer does stays."""
        self._swap(self._done, self._undone)

    def redo(self) -> None:
        """Make the edit again that was taken back."""
        self._swap(self._undone, self._done)

    def _remember(self) -> None:
        self._done = [*self._done[-STEPS + 1 :], (self.rows, self.boxes, self.boxes_changed)]
        self._undone = []

    def _swap(self, taken: list[_Edited], kept: list[_Edited]) -> None:
        if not taken:
            return
        kept.append((self.rows, self.boxes, self.boxes_changed))
        rows, self.boxes, self.boxes_changed = taken.pop()
        pairs = zip(rows, self.rows, strict=True)
        made = (replace(r, solo=n.solo, mute=n.mute, gain_db=n.gain_db) for r, n in pairs)
        self._set_rows(tuple(made))
        self._changed("boxes")

    # ------------------------------------------------------------------ the mixer

    def part_of(self, player: int) -> int:
        """Row of the part a player plays in the stems as they are; -1 for none."""
        found = next((r for r in self.rows if r.found == player), None)
        row = found if not self.boxes_changed else row_of_player(self.rows, player)
        return row.index if row is not None else -1

    def solo(self, row: int, add: bool = False) -> None:
        """Solo a stem in REAPER, or release it; ``add`` leaves the others as they are."""
        if not 0 <= row < len(self.rows):
            return
        address = "/avstem/player/add" if add else "/avstem/player/solo"
        self._alone = "" if add else self.rows[row].part
        self._steer(address, row, on=int(not self.rows[row].solo))

    def mute(self, row: int) -> None:
        """Mute a stem in REAPER, or let it sound."""
        if 0 <= row < len(self.rows):
            self._steer("/avstem/player/mute", row, on=int(not self.rows[row].mute))

    def gain(self, row: int, gain_db: float) -> None:
        """Set the level of a stem in REAPER."""
        self._steer("/avstem/player/enhance", row, gain_db=min(max(gain_db, -60.0), 12.0))

    def enhance(self, row: int, gain_db: float) -> None:
        """Raise a stem by the chosen gain, or bring it back to 0 dB."""
        if 0 <= row < len(self.rows):
            raised = abs(self.rows[row].gain_db - gain_db) < 0.05
            self._alone = ""
            self.gain(row, 0.0 if raised else gain_db)

    def _steer(self, address: str, row: int, **order: Any) -> None:
        if self.connected and 0 <= row < len(self.rows):
            self._send(address, job=self.job, part=self.rows[row].part, **order)

    def _on_player_state(self, said: Mapping[str, Any]) -> None:
        row = self._row_named(said)
        if row >= 0:
            if said["on"] and said["part"] == self._alone:
                self.rows = tuple(replace(other, solo=False) for other in self.rows)
                self._alone = ""
            self._set_row(row, solo=bool(said["on"]), gain_db=round(said["gain_db"], 1))
            self._changed("boxes")

    def _on_player_muted(self, said: Mapping[str, Any]) -> None:
        row = self._row_named(said)
        if row >= 0:
            self._set_row(row, mute=bool(said["on"]))
            self._changed("boxes")

    def _row_named(self, said: Mapping[str, Any]) -> int:
        if said["job"] != self.job:
            return -1
        return next((r.index for r in self.rows if r.part == said["part"]), -1)

    # ------------------------------------------------------------------ problems

    def tell(self, problem: Problem | None) -> None:
        """Show what went wrong, or put it away."""
        self.problem = problem
        self._changed("problem")
