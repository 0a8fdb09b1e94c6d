"""The window in the user's language: ``translations/<language>.ts``, files of Qt Linguist.

They are read as they are, so that a translator needs no compiler; a text without a translation
stays English. ``tests/panel/texts.py`` brings the files up to date.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from PyQt5.QtCore import QCoreApplication, QLocale, QObject, QTranslator

FOLDER = Path(__file__).parent / "translations"


class Translator(QTranslator):
    """Finds texts by their English; where they stand does not matter."""

    def __init__(self, texts: dict[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts

    def translate(  # type: ignore[override]
        self, _context: str, text: str, _comment: str | None = None, _count: int = -1
    ) -> str:
        """The translation; English where there is none, for an empty text would be shown empty."""
        return self._texts.get(text, text)

    def isEmpty(self) -> bool:
        """Whether nothing is translated."""
        return not self._texts


def install(application: QCoreApplication, locale: QLocale) -> bool:
    """Translate the application where there is a file for the language; whether there was."""
    wanted = (locale.name(), locale.name().partition("_")[0])  # de_AT, then de
    file = next((FOLDER / f"{n}.ts" for n in wanted if (FOLDER / f"{n}.ts").is_file()), None)
    texts = read_texts(file) if file else {}
    return bool(texts) and application.installTranslator(Translator(texts, application))


def read_texts(file: Path) -> dict[str, str]:
    """English text -> translation; empty when the file is damaged."""
    try:
        messages = ElementTree.parse(file).getroot().iter("message")
    except (OSError, ElementTree.ParseError):
        return {}
    pairs = ((m.findtext("source") or "", m.findtext("translation") or "") for m in messages)
    return {source: translation for source, translation in pairs if source and translation}


def told(text: str) -> str:
    """A text that is made where Qt is not known (``model.mark``), or by the service, translated."""
    return QCoreApplication.translate("panel", text) if text else ""
