"""Which pitch of which part may sound in which frame, from the aligned notes.

Aligned onsets and written note lengths are both uncertain, so gates open wider than the notes;
what lies outside a note is possible but costs something, the more the farther it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from avstem.datatypes import Notes

ATTACK_S = 0.15  # how long before its aligned onset a note may start
RELEASE_S = 0.6  # how long after its end it may ring
ONSET_S = 0.08  # how far around an onset the broadband sound of the attack may lie
EARLY_COST_PER_S = 20.0  # relative extra weight of activations outside the note
LATE_COST_PER_S = 1.0


@dataclass(frozen=True, eq=False)
class Gates:
    """The (part, pitch) pairs that occur and when they may sound.

    parts, pitches : (entries,) sorted by part, then pitch.
    open : (entries, frames) 1 where the pitch may sound, else 0.
    cost : (entries, frames) 0 inside the notes, growing with the distance outside.
    onset : (parts, frames) 1 near an onset of the part, else 0.
    """

    parts: Tensor
    pitches: Tensor
    open: Tensor
    cost: Tensor
    onset: Tensor

    def to(self, device: torch.device) -> Gates:
        """The same on another device."""
        found = (self.parts, self.pitches, self.open, self.cost, self.onset)
        return Gates(*(t.to(device) for t in found))

    def without(self, resting: Tensor) -> Gates:
        """The same, closed where a part (parts, frames) is known to rest."""
        free = (~resting).float()
        opened = self.open * free[self.parts]
        return Gates(self.parts, self.pitches, opened, self.cost, self.onset * free)

    @property
    def sounding(self) -> Tensor:
        """(parts, frames) 1 where any pitch of the part may sound, else 0."""
        played = torch.zeros_like(self.onset)
        return played.index_add_(0, self.parts, self.open).clamp_(max=1.0)


def open_gates(
    notes: tuple[Notes, ...],
    frames: int,
    hop_s: float,
    attack_s: float = ATTACK_S,
    release_s: float = RELEASE_S,
) -> Gates:
    """Gates of ``frames`` frames, the first centred on time 0 of the notes."""
    times_s = torch.arange(frames) * hop_s
    costs: dict[tuple[int, int], Tensor] = {}
    onset = torch.zeros(len(notes), frames)
    for part, played in enumerate(notes):
        for on_s, off_s, pitch in _triples(played):
            row = costs.setdefault((part, pitch), torch.full((frames,), torch.inf))
            torch.minimum(row, _cost(times_s, on_s, off_s, attack_s, release_s), out=row)
            onset[part, (times_s - on_s).abs() <= ONSET_S] = 1.0
    heard = sorted(key for key, row in costs.items() if torch.isfinite(row).any())
    cost = torch.stack([costs[key] for key in heard]) if heard else torch.zeros(0, frames)
    return Gates(
        parts=torch.tensor([part for part, _ in heard], dtype=torch.long),
        pitches=torch.tensor([pitch for _, pitch in heard], dtype=torch.long),
        open=torch.isfinite(cost).float(),
        cost=torch.nan_to_num(cost, posinf=0.0),
        onset=onset,
    )


def _triples(notes: Notes) -> list[tuple[float, float, int]]:
    return list(
        zip(notes.onsets_s.tolist(), notes.offsets_s.tolist(), notes.pitches.tolist(), strict=True)
    )


def _cost(times_s: Tensor, on_s: float, off_s: float, attack_s: float, release_s: float) -> Tensor:
    """Cost of one note at each time; infinite where it cannot sound."""
    early, late = (on_s - times_s).clamp_min(0.0), (times_s - off_s).clamp_min(0.0)
    cost = EARLY_COST_PER_S * early + LATE_COST_PER_S * late
    return torch.where((early <= attack_s) & (late <= release_s), cost, torch.inf)
