"""Who plays when: from the players' movement, and from the aligned score."""

from avstem.activity.agreement import disagreements
from avstem.activity.features import STEP_S
from avstem.activity.motion import from_motion
from avstem.activity.score import SHORT_REST_S, from_notes

__all__ = ["SHORT_REST_S", "STEP_S", "disagreements", "from_motion", "from_notes"]
