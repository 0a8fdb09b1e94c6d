"""avstem: one clean, labeled stem per player from the video of a recorded ensemble.

Importing this package does nothing but define it; ``avstem.pipeline.run`` does the work.
"""

__version__ = "0.1.0"
