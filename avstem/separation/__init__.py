"""Separation: one source estimate per part from the mixture and its conditions."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from avstem.datatypes import Condition, Separator, conditioning_name
from avstem.errors import RequestError

SCORE = frozenset({Condition.SCORE})
MOTION = frozenset({Condition.MOTION})
AUDIO = frozenset({Condition.AUDIO})


@dataclass(frozen=True)
class Method:
    """Where a method lives: a module of this package, and its function that makes a separator.

    needs : the conditions it leans on, as its separator says too.
    listens : whether it wants ``Conditions.voices``, in the order of the parts.
    """

    module: str
    needs: frozenset[Condition] = SCORE
    function: str = "method"
    listens: bool = False


METHODS = {
    "harmonic_space": Method("harmonic_space"),
    "score_nmf": Method("score_nmf"),
    "harmonic_masks": Method("harmonic_masks"),
    "motion_space": Method("motion_space", MOTION, listens=True),
    "sound_space": Method("motion_space", AUDIO, "by_sound"),
    "mel_nmf": Method("mel_nmf", AUDIO),
    "ls": Method("component_masks", MOTION, "ls"),
    "spls": Method("component_masks", MOTION, "spls"),
    "jls_rand": Method("component_masks", MOTION, "jls_rand"),
    "jls_nmf": Method("component_masks", MOTION, "jls_nmf"),
    "smcnmf": Method("component_masks", MOTION, "soft_coupling"),
}

# The best method of each conditioning; a conditioning that is not here is not available.
DEFAULTS = {
    SCORE: "harmonic_space",
    SCORE | MOTION: "harmonic_space",
    MOTION: "motion_space",
    AUDIO: "sound_space",
}


def separator(method: str = "default", conditioning: frozenset[Condition] = SCORE) -> Separator:
    """The separator of a method; its module is imported only now. Raises as ``find_method``."""
    found = find_method(method, conditioning)
    module = import_module(f"avstem.separation.{found.module}")
    made: Separator = getattr(module, found.function)()
    return made


def find_method(method: str, conditioning: frozenset[Condition]) -> Method:
    """The method of that name, or the best for a conditioning where it is ``"default"``.

    Raises RequestError for a conditioning that is not in ``DEFAULTS``, a name that is not in
    ``METHODS``, and a method that needs what the conditioning does not offer.
    """
    if conditioning not in DEFAULTS:
        raise RequestError(
            f"Conditioning {conditioning_name(conditioning)!r} is not available.",
            f"Available: {', '.join(conditioning_name(known) for known in DEFAULTS)}.",
        )
    fitting = [name for name in METHODS if METHODS[name].needs <= conditioning]
    if method != "default" and method not in METHODS:
        raise RequestError(
            f"There is no separation method {method!r}.",
            f"Choose one of: default, {', '.join(fitting)}.",
        )
    chosen = METHODS[DEFAULTS[conditioning] if method == "default" else method]
    if not chosen.needs <= conditioning:
        raise RequestError(
            f"The method {method!r} needs {conditioning_name(chosen.needs)}, "
            f"the conditioning is {conditioning_name(conditioning)}.",
            f"Choose --conditioning {conditioning_name(chosen.needs)}, "
            f"or one of these methods: default, {', '.join(fitting)}.",
        )
    return chosen


def device_name() -> str:
    """What separation computes on here: ``cuda`` where torch sees a GPU, else ``cpu``."""
    from avstem.separation.spectra import device

    return str(device())
