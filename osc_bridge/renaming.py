"""Other names and instruments for the parts of a request, for a re-run."""

from __future__ import annotations

from typing import Any

from avstem.errors import RequestError


def renamed(
    parts: list[dict[str, Any]], changes: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Apply ``names``, then ``instruments``, of ``changes``; the parts and the other changes."""
    parts = _renamed(parts, changes.get("names") or {}, "name")
    parts = _renamed(parts, changes.get("instruments") or {}, "instrument")
    return parts, {k: v for k, v in changes.items() if k not in ("names", "instruments")}


def _renamed(parts: list[dict[str, Any]], changes: Any, what: str) -> list[dict[str, Any]]:
    """The ``parts`` of a request.json with the field ``what`` changed for the parts named.

    changes : present name of a part -> new text. Names are those of the stems: unique, and
        counted over the parts that have notes, as ``notes.score_of`` makes them.

    Raises RequestError for anything but texts, and for a part that there is not.
    """
    from osc_bridge.notes import unique_names  # brings numpy, which the service else does without

    good = isinstance(changes, dict) and all(isinstance(v, str) for v in changes.values())
    if not good:
        raise RequestError(
            f"Expected texts by the name of a part, found {changes!r:.60}.",
            'Example: {"names": {"Viola": "Bratsche"}}',
        )
    if not changes:
        return parts
    filled = [k for k, part in enumerate(parts) if part.get("notes")]
    names = unique_names([str(parts[k].get("name", "")) for k in filled])
    unknown = sorted(set(changes) - set(names))
    if unknown:
        raise RequestError(f"There is no part {unknown[0]!r}.", f"There are: {', '.join(names)}.")
    made = [dict(part) for part in parts]
    for k, name in zip(filled, names, strict=True):
        # A repeated name was counted up: written down so, it stays the same after the renaming.
        made[k]["name"] = name
        made[k][what] = changes.get(name, made[k][what])
    return made
