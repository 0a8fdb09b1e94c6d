"""Reading fields of foreign JSON: every refusal names the field, the expectation, the find."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from avstem.errors import RequestError

_HINT = "Update the REAPER scripts and the avstem package so that they go together."


class BadRequest(RequestError):
    """A file from the other side does not follow the contract."""


class Fields:
    """An object of a JSON file, with the path to it for messages such as ``items[2].playrate``."""

    def __init__(self, data: Mapping[str, Any], path: str) -> None:
        self._data = data
        self._path = path

    def get(self, name: str) -> Any:
        """The raw value; None when absent."""
        return self._data.get(name)

    def names(self) -> list[str]:
        """Names of all fields."""
        return list(self._data)

    def require(self, good: bool, name: str, expected: str, found: Any) -> None:
        """Raise BadRequest unless ``good``."""
        if not good:
            text = repr(found)
            text = text if len(text) <= 80 else text[:79] + "…"
            place = f"{self._path}{name}"
            raise BadRequest(f"{place}: expected {expected}, found {text}.", _HINT)

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        return str(self._value(name, str, "a text", default))

    def boolean(self, name: str, default: bool | None = None) -> bool:
        """true or false."""
        return bool(self._value(name, bool, "true or false", default))

    def number(self, name: str, above: float = -math.inf) -> float:
        """A finite number larger than ``above``."""
        value = self._value(name, (int, float), "a number", None)
        self._require_number(value, name)
        expected = f"a number above {above:g}"
        self.require(value > above, name, expected, value)
        return float(value)

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number; 3.0 counts as one, for Lua may write it so."""
        value = self._value(name, (int, float), "a whole number", default)
        self._require_number(value, name)
        self.require(value == int(value), name, "a whole number", value)
        return int(value)

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.text(name, default)
        self.require(value in choices, name, "one of " + ", ".join(choices), value)
        return value

    def object(self, name: str, optional: bool = False) -> Any:
        """The fields of an object; an empty list counts as an empty one (Lua cannot tell)."""
        value = self.get(name)
        if value is None and optional:
            return None
        if value == []:
            value = {}
        self.require(isinstance(value, dict), name, "an object", value)
        return Fields(value, f"{self._path}{name}.")

    def objects(self, name: str) -> list[Fields]:
        """A list of objects; an empty object counts as an empty list."""
        value = self._list(name, required=True)
        for index, entry in enumerate(value):
            self.require(isinstance(entry, dict), f"{name}[{index}]", "an object", entry)
        return [Fields(e, f"{self._path}{name}[{i}].") for i, e in enumerate(value)]

    def rows(self, name: str, width: int, required: bool = False) -> list[tuple[float, ...]]:
        """A list of rows of ``width`` finite numbers."""
        value = self._list(name, required)
        return [self._row(f"{name}[{i}]", row, width) for i, row in enumerate(value)]

    def numbers(self, name: str, width: int) -> tuple[float, ...] | None:
        """``width`` finite numbers, or None when absent."""
        value = self.get(name)
        return None if value is None else self._row(name, value, width)

    def _list(self, name: str, required: bool) -> list[Any]:
        value = self.get(name)
        if value == {} or (value is None and not required):
            return []
        self.require(isinstance(value, list), name, "a list", value)
        return value  # type: ignore[no-any-return]

    def _row(self, name: str, row: Any, width: int) -> tuple[float, ...]:
        good = isinstance(row, list) and len(row) == width and all(map(_is_number, row))
        self.require(good, name, f"{width} numbers", row)
        return tuple(row)

    def _value(self, name: str, kind: Any, expected: str, default: Any) -> Any:
        value = self.get(name)
        if value is None:
            value = default
        self.require(isinstance(value, kind), name, expected, value)
        return value

    def _require_number(self, value: Any, name: str) -> None:
        self.require(_is_number(value), name, "a finite number", value)


def _is_number(value: Any) -> bool:
    # In Python a bool is an int; in the contract it is not.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e15  # inf, nan and whatever no timeline reaches
