"""The texts of the window, and its translations brought up to date.

``python tests/panel/texts.py`` adds what is new to every ``.ts`` file, to be translated there, and
drops what is gone; ``test_translation.py`` fails while a file is not complete.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

PANEL = Path(__file__).resolve().parents[2] / "avstem" / "panel"
FOLDER = PANEL / "translations"


def texts() -> dict[str, list[str]]:
    """Every text that is marked for translation -> the modules that it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted(PANEL.glob("*.py")):
        for text in marked(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, []).append(path.name)
    return found


def marked(tree: ast.AST) -> Iterator[str]:
    """The texts in calls of ``tr`` and ``mark``; a ``tr`` of anything else is an error."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in ("tr", "mark"):
            text = node.args[0]
            if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
                raise ValueError(f"line {node.lineno}: only a text itself can be translated")
            yield text.value


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def update(file: Path) -> int:
    """Write a file anew with what is known already; the number of texts without translation."""
    sys.path.insert(0, str(PANEL.parents[1]))
    from avstem.panel.translation import read_texts

    known = read_texts(file) if file.is_file() else {}
    root = ElementTree.Element("TS", version="2.1", language=file.stem, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = "panel"
    for text, modules in sorted(texts().items()):
        message = ElementTree.SubElement(context, "message")
        for module in sorted(set(modules)):
            ElementTree.SubElement(message, "location", filename=f"../{module}")
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        if text in known:
            translation.text = known[text]
        else:
            translation.set("type", "unfinished")
    ElementTree.indent(root, " ")
    body = ElementTree.tostring(root, encoding="unicode")
    file.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8"
    )
    return len(set(texts()) - set(known))


if __name__ == "__main__":
    for found in sorted(FOLDER.glob("*.ts")):
        print(f"{found.name}: {update(found)} to be translated")
