"""Every record that crosses a stage.

Conventions (docs/conventions.md): time is the last axis; names carry units; times are
**media time** unless they say otherwise: seconds from the video's first presented frame (from
the mixture's first sample when there is no picture). Records are frozen and checked when made.
"""

from avstem.datatypes.alignment import Alignment, TimeMap
from avstem.datatypes.association import Affinity, Association, Match
from avstem.datatypes.base import FloatArray, IntArray, Progress, Stage, no_progress
from avstem.datatypes.media import Frame, Mixture, Notes, Part, Score, Video
from avstem.datatypes.players import Box, MotionField, Player, Players
from avstem.datatypes.separation import Absent, Condition, Conditions, Separator, SourceBlock
from avstem.datatypes.stems import Stem

__all__ = [
    "Absent",
    "Affinity",
    "Alignment",
    "Association",
    "Box",
    "Condition",
    "Conditions",
    "FloatArray",
    "Frame",
    "IntArray",
    "Match",
    "Mixture",
    "MotionField",
    "Notes",
    "Part",
    "Player",
    "Players",
    "Progress",
    "Score",
    "Separator",
    "SourceBlock",
    "Stage",
    "Stem",
    "TimeMap",
    "Video",
    "no_progress",
]
