"""Which pitch of which part may sound in which frame, from the aligned notes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.datatypes import Notes

ATTACK_S = 0.06  # how long before its aligned onset a note may start
RELEASE_S = 0.22  # how long after its end it may ring


@dataclass(frozen=True, eq=False)
class Gates:
    """The (part, pitch) pairs that occur and when they may sound.

    parts, pitches : (entries,) sorted by part, then pitch.
    open : (entries, frames) 1 where the pitch may sound, else 0.
    onset : (parts, frames) 1 near an onset of the part, else 0.
    """

    parts: Tensor
    pitches: Tensor
    open: Tensor
    onset: Tensor

    def to(self, device: torch.device) -> Gates:
        """The same on another device."""
        return Gates(
            *(t.to(device) for t in (self.parts, self.pitches, self.open, self.onset))
        )

    @property
    def sounding(self) -> Tensor:
        """(parts, frames) 1 where any pitch of the part may sound, else 0."""
        played = torch.zeros_like(self.onset)
        return played.index_add_(0, self.parts, self.open).clamp_(max=1.0)


def open_gates(
    notes: tuple[Notes, ...],
    frames: int,
    hop_s: float,
    start_s: float,
    attack_s: float = ATTACK_S,
    release_s: float = RELEASE_S,
) -> Gates:
    """Gates of ``frames`` frames, the first centred on media time ``start_s``."""
    rows: dict[tuple[int, int], Tensor] = {}
    onset = torch.zeros(len(notes), frames)
    for part, played in enumerate(notes):
        for on_s, off_s, pitch in zip(
            played.onsets_s, played.offsets_s, played.pitches, strict=True
        ):
            first, last = _span(on_s - attack_s, off_s + release_s, start_s, hop_s, frames)
            if first >= last:
                continue
            row = rows.setdefault((part, int(pitch)), torch.zeros(frames))
            row[first:last] = 1.0
            first, last = _span(on_s - attack_s, on_s + attack_s, start_s, hop_s, frames)
            onset[part, first:last] = 1.0
    keys = sorted(rows)
    return Gates(
        parts=torch.tensor([k[0] for k in keys], dtype=torch.long),
        pitches=torch.tensor([k[1] for k in keys], dtype=torch.long),
        open=torch.stack([rows[k] for k in keys]) if keys else torch.zeros(0, frames),
        onset=onset,
    )


def _span(
    from_s: float, to_s: float, start_s: float, hop_s: float, frames: int
) -> tuple[int, int]:
    """First frame and the one after the last whose centres lie between the two times."""
    first = int(-(-(from_s - start_s) // hop_s))
    last = int((to_s - start_s) // hop_s) + 1
    return min(max(first, 0), frames), min(max(last, 0), frames)
