"""Audio-to-score alignment: when each note of the score sounds in the recording."""

from avstem.alignment.align import align

__all__ = ["align"]
