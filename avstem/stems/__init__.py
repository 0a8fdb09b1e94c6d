"""Stems as files: naming, writing, Broadcast Wave, effects, and the folder that holds them."""

from avstem.stems.effects import Effects, load_effects
from avstem.stems.folder import ResultFolder
from avstem.stems.naming import file_names, safe_name, template_names
from avstem.stems.onsets import onsets_in
from avstem.stems.staging import settle, written_by_avstem
from avstem.stems.writing import StemSet, write_stems

__all__ = [
    "Effects",
    "ResultFolder",
    "StemSet",
    "file_names",
    "load_effects",
    "onsets_in",
    "safe_name",
    "settle",
    "template_names",
    "write_stems",
    "written_by_avstem",
]
