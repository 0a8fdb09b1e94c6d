"""Separation: one source estimate per part from the mixture and its conditions."""

from __future__ import annotations

from importlib import import_module

from avstem.datatypes import Separator
from avstem.errors import RequestError

# Name of a method to the module that offers ``method() -> Separator``.
METHODS = {
    "default": "avstem.separation.harmonic_space",
    "score_nmf": "avstem.separation.score_nmf",
    "harmonic_masks": "avstem.separation.harmonic_masks",
}


def separator(method: str = "default") -> Separator:
    """The separation method of that name; its module is imported now and not before.

    Raises RequestError for a name that is not in ``METHODS``.
    """
    if method not in METHODS:
        raise RequestError(
            f"There is no separation method {method!r}.",
            f"Choose one of: {', '.join(METHODS)}.",
        )
    found: Separator = import_module(METHODS[method]).method()
    return found


def device_name() -> str:
    """What separation computes on here: ``cuda`` where torch sees a GPU, else ``cpu``."""
    from avstem.separation.spectra import device

    return str(device())
