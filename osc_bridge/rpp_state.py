"""What the scripts keep in a project (``SetProjExtState``), as its file holds it.

``lib/project.lua`` keeps the project's id there, and for each item the **family** of its results:
those share their tracks, whichever way they come. REAPER does not tell small letters from capitals.
"""

from __future__ import annotations

from collections.abc import Iterator

from osc_bridge.rpp import Block, Row
from osc_bridge.rpp_edit import Edits
from osc_bridge.rpp_takes import is_of_batch
from osc_bridge.spool import is_uuid

_SECTION, _FAMILY = "avstem", "family"


def project_id(root: Block) -> str:
    """As the scripts gave it, "" when they never did."""
    return next((row.values[1] for row in _rows(root) if row.name.lower() == "id"), "")


def families(root: Block) -> dict[str, str]:
    """The family of results by the GUID of the item they belong to, in capitals."""
    found = {}
    for row in _rows(root):
        name = row.name.lower()
        if name.startswith(_FAMILY) and is_uuid(row.values[1].lower()):
            found[name.removeprefix(_FAMILY).upper()] = row.values[1].lower()
    return found


def remember(root: Block, guid: str, family: str, before: int, edits: Edits) -> None:
    """Keep the family of an item, unless one is kept; ``before`` : line for a block of its own."""
    if guid.upper() in families(root):
        return
    state = root.block("EXTSTATE")
    section = next(_sections(root), None)
    lines = [f"      {_FAMILY.upper()}{guid} {family}"]
    if section is None:
        lines = [f"    <{_SECTION.upper()}", *lines, "    >"]
    if state is None:
        lines = ["  <EXTSTATE", *lines, "  >"]
    home = section or state
    edits.insert(home.last_line if home else before, lines)


def forget(root: Block, family: str, edits: Edits) -> None:
    """Take out the rows of a family that a batch began, and what is empty without them."""
    gone = [r for r in _rows(root) if is_of_batch(family) and r.values[1].lower() == family]
    for state in root.blocks("EXTSTATE"):
        emptied = [s for s in state.blocks() if s.children and all(c in gone for c in s.children)]
        if emptied and len(emptied) == len(state.children):
            edits.remove(state.first_line, state.last_line)
        for section in emptied:
            edits.remove(section.first_line, section.last_line)
    for row in gone:
        edits.remove(row.line, row.line)


def _sections(root: Block) -> Iterator[Block]:
    for state in root.blocks("EXTSTATE"):
        yield from (s for s in state.blocks() if s.name.lower() == _SECTION)


def _rows(root: Block) -> Iterator[Row]:
    for section in _sections(root):
        yield from (row for row in section.rows() if len(row.values) > 1)
