"""Versions of all that results depend on: workers elsewhere must make what would be made here."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from avstem import __version__

_CHECKED = ("av", "numpy", "scipy", "torch", "librosa", "soundfile")


def versions() -> dict[str, str]:
    """Of avstem, Python and the libraries, as they are where this is called."""
    found = {"avstem": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    for name in _CHECKED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """What a worker has otherwise, in words; "" for nothing."""
    known = {name: here.get(name, "missing") for name in there}
    return ", ".join(f"{n} {v} (here {known[n]})" for n, v in there.items() if v != known[n])
