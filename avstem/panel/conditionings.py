"""What a separation can lean on, and why a job does not offer it; no Qt here."""

from __future__ import annotations

from dataclasses import dataclass

from avstem.panel.model import mark


@dataclass(frozen=True)
class Conditioning:
    """One choice, by its name in the settings; what a selection must hold for it."""

    name: str
    score: bool = False
    video: bool = False


CONDITIONINGS = (
    Conditioning("score", score=True),
    Conditioning("score+motion", score=True, video=True),
    Conditioning("motion", video=True),
    Conditioning("audio"),
)


def why_not(choice: Conditioning, score: bool, video: bool) -> str:
    """What a job lacks for a conditioning, in words to be translated; "" if it offers it."""
    if choice.score and not score:
        return mark("There is no score: no MIDI was selected with this item.")
    if choice.video and not video:
        return mark("There is no picture: this item is sound alone.")
    return ""
