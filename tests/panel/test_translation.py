"""Every text of the window can be translated, and the translations are complete."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from panel_bench import QUARTET
from texts import FOLDER, PANEL, marked, texts

FILES = sorted(FOLDER.glob("*.ts"))
# Calls whose text an editor sees or hears.
SHOWING = re.compile(
    r"set(Text|ToolTip|WindowTitle|AccessibleName|PlaceholderText)|add(Action|Item|Menu)"
    r"|QLabel|QPushButton|Problem|showText"
)
# Names of the product and of formats, and signs, are the same in every language.
SAME = re.compile(r"avstem|WAV .*|FLAC|[\W\d]*")


def test_there_is_a_translation() -> None:
    assert [file.stem for file in FILES] == ["de"]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_translation_is_complete(file: Path) -> None:
    messages = list(ElementTree.parse(file).getroot().iter("message"))
    found = {m.findtext("source"): m.findtext("translation") or "" for m in messages}
    told = "run: python tests/panel/texts.py, then translate what it adds"
    assert set(found) == set(texts()), told
    assert all(found.values()), told
    for source, translation in found.items():
        fields = [sorted(re.findall(r"\{[^}]*\}", t)) for t in (source, translation)]
        assert fields[0] == fields[1], f"{source!r}: other fields in the translation"
        for text in (source, translation):
            assert text.count("&") <= 1


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Texts that are handed to a widget as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            for argument in node.args if SHOWING.fullmatch(name) else ():
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value


@pytest.mark.parametrize("path", sorted(PANEL.glob("*.py")), ids=lambda p: p.name)
def test_no_text_is_shown_as_it_stands_in_the_code(path: Path) -> None:
    for line, text in literals(path):
        assert SAME.fullmatch(text), f"{path.name}:{line}: {text!r} is not marked by tr or mark"


def test_only_texts_themselves_are_marked() -> None:
    with pytest.raises(ValueError, match="only a text itself"):
        list(marked(ast.parse("tr(f'{a}')")))


def test_a_damaged_file_leaves_english(tmp_path: Path) -> None:
    from avstem.panel.translation import read_texts

    (tmp_path / "xx.ts").write_text("<TS><context>", encoding="utf-8")
    assert read_texts(tmp_path / "xx.ts") == {}
    assert read_texts(tmp_path / "none.ts") == {}


@pytest.fixture
def translated(qtbot: Any) -> Iterator[Any]:
    """Translators that go again with the test."""
    from PyQt5.QtWidgets import QApplication

    from avstem.panel.translation import Translator

    application, installed = QApplication.instance(), []

    def install(texts: dict[str, str]) -> None:
        installed.append(Translator(texts, application))
        application.installTranslator(installed[-1])

    yield install
    for translator in installed:
        application.removeTranslator(translator)


def test_everything_in_the_window_is_translated(
    qtbot: Any, bench: Any, make_window: Any, translated: Any
) -> None:
    """In a language that puts every text in brackets, no text is without."""
    translated({text: f"⟦{text}⟧" for text in texts()})
    bench.start_panel()
    bench.wait(bench.ask("ambiguous"))
    window = make_window()
    qtbot.waitUntil(lambda: bool(window.presenter.rows), timeout=30_000)
    window.add_evidence()
    qtbot.wait(50)
    data = {*QUARTET, "ambiguous", "p", "score", "score+motion", "motion", "audio"}
    for text in seen(window):
        bare = re.sub(r"⟦[^⟧]*⟧", "", text)
        left = " ".join(word for word in bare.split(" · ") if word not in data)
        left = re.sub(r"Violin [12]|Viola|Cello|player \d fits almost as well|WAV|FLAC", "", left)
        assert not re.search(r"[A-Za-z]{3}", left.replace("ambiguous – avstem", "")), text


def seen(window: Any) -> Iterator[str]:
    """All texts of a window: labels, buttons, menus, lists, the table, tool tips, names."""
    from PyQt5.QtCore import Qt
    from PyQt5.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

    for widget in [window, *window.findChildren(QWidget)]:
        if widget.objectName().startswith("qt_"):
            continue
        yield from (widget.toolTip(), widget.accessibleName(), widget.windowTitle())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        if isinstance(widget, QComboBox) and widget is not window.rerun.stem_format:
            yield from (widget.itemText(k) for k in range(widget.count()))
    menus = [a.menu() for a in window.menuBar().actions()] + [window.rerun.preset_menu.menu()]
    for menu in menus:  # those of the plotting library are never opened
        yield from (action.text() for action in [menu.menuAction(), *menu.actions()])
    model = window.table.model()
    for column in range(model.columnCount()):
        for role in (Qt.DisplayRole, Qt.ToolTipRole):
            yield str(model.headerData(column, Qt.Horizontal, role) or "")
        for row in range(model.rowCount()):
            for role in (Qt.DisplayRole, Qt.AccessibleTextRole):
                yield str(model.index(row, column).data(role) or "")


def test_the_language_of_the_system_is_taken(qtbot: Any) -> None:
    from PyQt5.QtCore import QCoreApplication, QLocale
    from PyQt5.QtWidgets import QApplication

    from avstem.panel import translation

    application = QApplication.instance()
    assert not translation.install(application, QLocale("en_GB"))
    before = QCoreApplication.translate("Window", "Who plays when")
    assert translation.install(application, QLocale("de_AT"))
    try:
        assert before == "Who plays when"
        assert QCoreApplication.translate("Window", "Who plays when") == "Wer wann spielt"
        assert translation.told("not a text of ours") == "not a text of ours"
    finally:
        for translator in application.findChildren(translation.Translator):
            application.removeTranslator(translator)
            translator.deleteLater()
