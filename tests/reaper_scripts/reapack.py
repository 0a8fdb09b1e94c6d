"""What ``index.xml`` has to say, from the headers of the scripts: run me to write it.

The one script with a ``@description`` is the package; the others are ``@noindex`` and come with it.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

SCRIPTS = Path(__file__).resolve().parents[2] / "reaper_scripts"
CATEGORY = "Stems"
# Where a release is published; set it before the first one.
URL = "https://example.org/avstem/v{version}/reaper_scripts/{path}"


def header(path: Path) -> dict[str, str]:
    """Tags of a script's first comment; lines that are further indented belong to their tag."""
    tags: dict[str, str] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        match = re.match(r"-- @(\w+) ?(.*)", line)
        if match:
            name, tags[match[1]] = match[1], match[2]
        elif name:
            tags[name] = f"{tags[name]}\n{line.removeprefix('--').strip()}".strip()
    return tags


def packages() -> list[Path]:
    """Scripts that are packages of their own."""
    return [p for p in sorted(SCRIPTS.rglob("*.lua")) if "description" in header(p)]


def provided(package: Path) -> list[tuple[Path, bool]]:
    """Files of a package, and whether each is an action."""
    found: dict[Path, bool] = {}
    for line in header(package)["provides"].splitlines():
        kind, pattern = re.fullmatch(r"\[(main|nomain)\] (\S.*)", line).groups()  # type: ignore[union-attr]
        for path in sorted(package.parent.glob(pattern)):
            found[path] = kind == "main"
    return list(found.items())


def index() -> str:
    """The whole ``index.xml``."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<index version="1" name="avstem">']
    lines.append(f"  <category name={quoteattr(CATEGORY)}>")
    for package in packages():
        lines += _package(package)
    return "\n".join([*lines, "  </category>", "</index>", ""])


def _package(package: Path) -> list[str]:
    tags = header(package)
    head = f'name={quoteattr(package.name)} type="script" desc={quoteattr(tags["description"])}'
    version, author = tags["version"], tags["author"]
    lines = [
        f"    <reapack {head}>",
        f"      <version name={quoteattr(version)} author={quoteattr(author)}>",
        f"        <changelog>{escape(tags['changelog'])}</changelog>",
    ]
    for path, main in provided(package):
        inside = path.relative_to(SCRIPTS).as_posix()
        file = path.relative_to(package.parent).as_posix()
        kind = 'main="main" ' if main else ""
        url = URL.format(version=version, path=quote(inside))
        lines.append(f"        <source {kind}file={quoteattr(file)}>{escape(url)}</source>")
    return [*lines, "      </version>", "    </reapack>"]


if __name__ == "__main__":
    (SCRIPTS / "index.xml").write_text(index(), encoding="utf-8")
