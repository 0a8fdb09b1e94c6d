"""Every record that crosses a stage.

Conventions (docs/conventions.md): time is the last axis; names carry units; times are
**media time** unless they say otherwise: seconds from the video's first presented frame (from
the mixture's first sample when there is no picture). Records are frozen and checked when made.
"""

from avstem.datatypes.activity import Activity
from avstem.datatypes.alignment import Alignment, TimeMap
from avstem.datatypes.association import Affinity, Association, Match
from avstem.datatypes.base import FloatArray, IntArray, Progress, Stage, no_progress
from avstem.datatypes.media import NO_NOTES, Frame, Mixture, Notes, Part, Score, Video
from avstem.datatypes.players import (
    Box,
    MotionClusters,
    MotionField,
    Player,
    Players,
    Region,
    Similarity,
    View,
)
from avstem.datatypes.separation import (
    Absent,
    Condition,
    Conditions,
    Separator,
    SourceBlock,
    conditioning_name,
)
from avstem.datatypes.stems import Stem
from avstem.datatypes.voices import Voices

__all__ = [
    "NO_NOTES",
    "Absent",
    "Activity",
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
    "MotionClusters",
    "MotionField",
    "Notes",
    "Part",
    "Player",
    "Players",
    "Progress",
    "Region",
    "Score",
    "Separator",
    "Similarity",
    "SourceBlock",
    "Stage",
    "Stem",
    "TimeMap",
    "Video",
    "Voices",
    "View",
    "conditioning_name",
    "no_progress",
]
