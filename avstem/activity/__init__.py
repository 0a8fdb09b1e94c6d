"""Who plays when: from the players' movement, and from the aligned score."""

from avstem.activity.score import from_notes

__all__ = ["from_notes"]
