"""A strict stand-in for REAPER: runs the real scripts against projects loaded from ``.rpp``."""

from fake_reaper.host import CANCEL, NO, OK, YES, Box, FakeReaper
from fake_reaper.loading import load_project
from fake_reaper.model import Item, Project, Source, Take, Track, describe

__all__ = [
    "CANCEL",
    "NO",
    "OK",
    "YES",
    "Box",
    "FakeReaper",
    "Item",
    "Project",
    "Source",
    "Take",
    "Track",
    "describe",
    "load_project",
]
