"""The choices of a re-run: conditioning, players, files, effects, and presets of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from avstem.panel.conditionings import CONDITIONINGS, why_not
from avstem.panel.preferences import Preferences
from avstem.panel.translation import told

_FORMATS = (("WAV 32-bit float", "wav32"), ("WAV 24 bit", "wav24"), ("FLAC", "flac"))
_CHOOSE = object()


class RerunBar(QWidget):
    """One line of choices with the buttons that use them."""

    run = pyqtSignal(bool)  # whether locked rows keep their players

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        tr = self.tr
        self.conditioning = _box(tr("Conditioning"), [(c.name, c.name) for c in CONDITIONINGS])
        self.conditioning.setToolTip(tr("What the separation leans on"))
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
        self.preset_menu = self._make_preset_menu()
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
                layout.addWidget(self.preset_menu)
        layout.addStretch(1)
        layout.addWidget(self.run_all)
        layout.addWidget(self.run_unlocked)

    def _make_preset_menu(self) -> QToolButton:
        tr, button = self.tr, QToolButton()
        button.setText("…")
        button.setToolTip(tr("Save, rename or delete a preset"))
        button.setAccessibleName(tr("Save, rename or delete a preset"))
        button.setPopupMode(QToolButton.InstantPopup)
        menu = QMenu(button)
        menu.addAction(tr("Save these settings as a preset …"), self._save_preset)
        named = (
            menu.addAction(tr("Rename the preset …"), self._rename_preset),
            menu.addAction(tr("Delete the preset"), self.delete_preset),
        )
        for action in named:
            menu.aboutToShow.connect(lambda a=action: a.setEnabled(self.presets.currentIndex() > 0))
        button.setMenu(menu)
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
            if place >= 0 and box.model().item(place).isEnabled():
                box.setCurrentIndex(place)
        self._fill_effects(str(settings.get("effects") or ""))

    def offer(self, score: bool, video: bool) -> None:
        """Grey out the conditionings that a job does not offer, and say why."""
        box = self.conditioning
        for place, choice in enumerate(CONDITIONINGS):
            why = why_not(choice, score, video)
            box.model().item(place).setEnabled(not why)
            box.setItemData(place, told(why) or None, Qt.ToolTipRole)
        if not box.model().item(box.currentIndex()).isEnabled():
            fitting = (k for k, c in enumerate(CONDITIONINGS) if not why_not(c, score, video))
            box.setCurrentIndex(next(fitting))
        self.players.setEnabled(video or not score)

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
        title, old = self.tr("Save preset"), self.presets.currentText()
        old = old if self.presets.currentIndex() > 0 else ""
        name, good = QInputDialog.getText(self, title, self.tr("Name"), text=old)
        if good and name.strip():
            self.save_preset(name.strip())

    def rename_preset(self, name: str) -> None:
        """Give the chosen preset another name."""
        presets, old = self._preferences.presets, self.presets.currentText()
        if old in presets and name != old:
            self._preferences.presets = {name if k == old else k: v for k, v in presets.items()}
            self._fill_presets(name)

    def delete_preset(self) -> None:
        """Forget the chosen preset; the settings stay as they are."""
        presets = self._preferences.presets
        presets.pop(self.presets.currentText(), None)
        self._preferences.presets = presets
        self._fill_presets()

    def _rename_preset(self) -> None:
        title, old = self.tr("Rename preset"), self.presets.currentText()
        name, good = QInputDialog.getText(self, title, self.tr("Name"), text=old)
        if good and name.strip():
            self.rename_preset(name.strip())

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
