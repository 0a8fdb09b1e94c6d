"""Who is in the picture, and how they move.

``motion`` reduces the picture to a grid of velocities in one pass; ``detect`` finds the players
in it. Nothing here knows of sound or score.
"""

from avstem.players.detect import find_players
from avstem.players.motion import measure_motion

__all__ = ["find_players", "measure_motion"]
