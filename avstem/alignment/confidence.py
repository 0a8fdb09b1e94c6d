"""How well an aligned score explains the recording, per second and overall.

Each frame's spectrum is compared with the spectrum that the score expects there. A score that
belongs to the recording fits far better where it was put than moved away from there by a few
seconds; one that does not fits as badly everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from avstem.datatypes import FloatArray

_RATE_HZ = 10.0
_SHIFTS_S = (-9.0, -6.5, -4.5, -3.0, 3.0, 4.5, 6.5, 9.0)


@dataclass(frozen=True, eq=False)
class Fit:
    """Evidence for the score, per frame of 0.1 s from the first onset.

    here : (frames,) cosine similarity of sound and score as aligned.
    elsewhere : (frames,) the same, mean over shifts in time of the score.
    """

    here: FloatArray
    elsewhere: FloatArray
