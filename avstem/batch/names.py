"""``--name "{project}/{index:02d} {part} - {player}"``: folders and stem names by a template.

All up to the last ``/`` names the folder of a recording, the rest the files of its stems. The whole
template is tried before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from avstem.errors import RequestError
from avstem.stems.naming import safe_name

DEFAULT = "{project}/{name}/{index:02d} {part}"
_LONG = re.compile(r"\d{4}|[{}]")  # of a format: names that fill the memory, fields in fields
_FOLDER = {"project": "Concert", "name": "Take 1"}
_STEM = {"index": 1, "part": "Violin 1", "instrument": "violin", "player": "player 0"}


@dataclass(frozen=True)
class Names:
    """A checked template."""

    folder: str
    stem: str

    def folder_of(self, project: str, name: str) -> str:
        """Folder of a recording; a project's own folders stay folders, all else is made safe."""
        path = self.folder.format(project=project, name=name.replace("/", "-"))
        pieces = [piece for piece in path.split("/") if piece.strip(". ")]
        return "/".join(safe_name(piece) for piece in pieces) or safe_name(name)


def parse_names(template: str) -> Names:
    """Check a template; RequestError says which field or format is wrong."""
    folder, slash, stem = template.rpartition("/")
    if not slash:
        raise RequestError(
            f"--name is a folder and a file name with / between them, found {template!r}.",
            f"The default is {DEFAULT!r}.",
        )
    _require_inside(template)
    _check(folder, _FOLDER, "the folder")
    used = _check(stem, _STEM, "the file name")
    if not used & {"index", "part"}:
        raise RequestError(
            f"All stems of a recording would be one file {stem!r}.", "Use {index} or {part}."
        )
    return Names(folder, stem)


def _require_inside(template: str) -> None:
    """RequestError for what would lead out of the output folder, or cannot be in a name."""
    pieces = template.split("/")
    outside = ".." in pieces or pieces[0] in ("", "~") or "\\" in template
    if outside or not template.isprintable():
        raise RequestError(
            f"--name stays inside the output folder, in plain characters; found {template!r}.",
            f"Separate folders by /, such as {DEFAULT!r}.",
        )


def _check(template: str, fields: Mapping[str, object], place: str) -> set[str]:
    known = ", ".join(f"{{{name}}}" for name in fields)
    try:
        fields_used = [f for f in Formatter().parse(template) if f[1] is not None]
        if any(_LONG.search(spec or "") for _, _, spec, _ in fields_used):
            raise ValueError("a format is at most three digits and holds no field")
        used = {name for _, name, _, _ in fields_used if name is not None}
        unknown = used - set(fields)
        if unknown:
            raise RequestError(
                f"--name holds {{{min(unknown)}}}, which is unknown in {place}.", f"Known: {known}."
            )
        template.format(**fields)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise RequestError(f"--name does not work: {error}.", f"Known in {place}: {known}.") from (
            error
        )
    return used
