"""The choices of a re-run: conditioning, players, files, effects, and presets of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from avstem.panel.preferences import Preferences

CONDITIONINGS = ("score", "score+motion", "motion", "pose", "labels", "appearance", "audio")
_FORMATS = (("WAV 32-bit float", "wav32"), ("WAV 24 bit", "wav24"), ("FLAC", "flac"))
_CHOOSE = object()


class RerunBar(QWidget):
    """One line of choices with the buttons that use them."""

    run = pyqtSignal(bool)  # whether locked rows keep their players

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        tr = self.tr
        self.conditioning = _box(tr("Conditioning"), [(name, name) for name in CONDITIONINGS])
        counts = [(str(n), n) for n in range(1, 17)]
        choices = [(tr("one per part"), None), (tr("found"), "auto"), *counts]
        self.players = _box(tr("Players"), choices)
        self.stem_format = _box(tr("Stem files"), list(_FORMATS))
        self.effects = _box(tr("Effects"), [])
        self.effects.setMaximumWidth(150)
        self.effects.activated.connect(self._effects_chosen)
        self.presets = _box(tr("Preset"), [])
        self.presets.setMinimumWidth(90)
        self.presets.activated.connect(self._preset_chosen)
        self.run_unlocked = QPushButton(tr("Re-run &unlocked"))
        self.run_unlocked.setObjectName("primary")
        self.run_unlocked.setToolTip(tr("Run again; locked rows keep their players (Ctrl+R)"))
        self.run_unlocked.clicked.connect(lambda: self.run.emit(True))
        self.run_all = QPushButton(tr("Re-run &all"))
        self.run_all.setToolTip(tr("Run again and find every player anew (Ctrl+Shift+R)"))
        self.run_all.clicked.connect(lambda: self.run.emit(False))
        self._lay_out()
        self._fill_presets()
        self._fill_effects("")

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for box in (self.presets, self.conditioning, self.players, self.stem_format, self.effects):
            label = QLabel(box.accessibleName())
            label.setObjectName("quiet")
            label.setBuddy(box)
            layout.addWidget(label)
            layout.addWidget(box)
            if box is self.presets:
                layout.addWidget(self._tool("+", self.tr("Save these settings as a preset")))
        layout.addStretch(1)
        layout.addWidget(self.run_all)
        layout.addWidget(self.run_unlocked)

    def _tool(self, text: str, meaning: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(meaning)
        button.setAccessibleName(meaning)
        button.clicked.connect(self._save_preset)
        return button

    def chosen(self) -> dict[str, Any]:
        """The settings for ``/avstem/rerun``."""
        return {
            "conditioning": self.conditioning.currentData(),
            "players": self.players.currentData(),
            "stem_format": self.stem_format.currentData(),
            "effects": self.effects.currentData() or None,
        }

    def show_settings(self, settings: Any) -> None:
        """Start from the settings of a job or a preset."""
        for name in ("conditioning", "players", "stem_format"):
            box: QComboBox = getattr(self, name)
            place = box.findData(settings.get(name))
            if place >= 0:
                box.setCurrentIndex(place)
        self._fill_effects(str(settings.get("effects") or ""))

    def enable(self, ready: bool) -> None:
        """Whether there is something to run again."""
        self.run_all.setEnabled(ready)
        self.run_unlocked.setEnabled(ready)

    # ------------------------------------------------------------------ effects

    def _fill_effects(self, chosen: str) -> None:
        self.effects.clear()
        self.effects.addItem(self.tr("none"), "")
        folder = self._preferences.effects_folder
        files = sorted(Path(folder).glob("*.toml")) if folder else []
        if chosen and Path(chosen) not in files:
            files.append(Path(chosen))
        for file in files:
            self.effects.addItem(file.stem, str(file))
        self.effects.addItem(self.tr("Choose a folder …"), _CHOOSE)
        self.effects.setCurrentIndex(max(self.effects.findData(chosen), 0))

    def _effects_chosen(self, place: int) -> None:
        if self.effects.itemData(place) is _CHOOSE:
            title = self.tr("Folder of effect chains (.toml)")
            folder = QFileDialog.getExistingDirectory(self, title, self._preferences.effects_folder)
            if folder:
                self._preferences.effects_folder = folder
            self._fill_effects("")

    # ------------------------------------------------------------------ presets

    def save_preset(self, name: str) -> None:
        """Keep the present choices under a name."""
        self._preferences.presets = self._preferences.presets | {name: self.chosen()}
        self._fill_presets(name)

    def _save_preset(self) -> None:
        name, good = QInputDialog.getText(self, self.tr("Save preset"), self.tr("Name"))
        if good and name.strip():
            self.save_preset(name.strip())

    def _preset_chosen(self, place: int) -> None:
        settings = self._preferences.presets.get(self.presets.itemText(place))
        if settings is not None and place > 0:
            self.show_settings(settings)

    def _fill_presets(self, chosen: str = "") -> None:
        self.presets.clear()
        self.presets.addItem("–")
        self.presets.addItems(sorted(self._preferences.presets))
        self.presets.setCurrentIndex(max(self.presets.findText(chosen), 0))


def _box(name: str, choices: list[tuple[str, Any]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.AdjustToContents)
    for text, value in choices:
        box.addItem(text, value)
    return box
