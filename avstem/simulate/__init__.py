"""Simulation: from a score to a performed ensemble on video with known truth.

The public verb is `simulate`; see `avstem.simulate.ensemble` for the flow.
"""

from avstem.simulate.ensemble import simulate
from avstem.simulate.settings import SimulationSettings

__all__ = ["SimulationSettings", "simulate"]
