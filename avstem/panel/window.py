"""The window: lays the parts out and connects them with the presenter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QCloseEvent, QGuiApplication, QImage
from PyQt5.QtWidgets import QLabel, QMainWindow, QSlider, QSplitter, QWidget

from avstem.panel.actions import add_actions
from avstem.panel.background import Background
from avstem.panel.frame_view import FrameView
from avstem.panel.job_bar import JobBar
from avstem.panel.lanes import LanesView
from avstem.panel.layouts import clock, column, row
from avstem.panel.link import Link, service_arguments, start_service
from avstem.panel.notice import Notice
from avstem.panel.parts_table import PartsTable
from avstem.panel.preferences import Preferences
from avstem.panel.presenter import Presenter
from avstem.panel.rerun_bar import RerunBar
from avstem.panel.reveal import open_path
from avstem.panel.translation import told

_SLIDER_PER_S = 100


class Window(QMainWindow):
    """One window on the service of one spool."""

    def __init__(self, spool: Path, preferences: Preferences) -> None:
        super().__init__()
        self.spool = spool
        self.preferences = preferences
        self.background = Background(self)
        self.presenter = Presenter(spool, self._send, self._load, self._changed)
        self.link = Link(spool, self.presenter.hear, self.presenter.linked, self.presenter.lost)
        self._make_widgets()
        self._lay_out()
        self.table.setFocus()
        self.actions_by_name = add_actions(self)
        preferences.place(self)
        self._show_link()
        self.link.start()
        self._watch = QTimer(self)
        self._watch.timeout.connect(self._show_link)
        self._watch.start(2000)
        QTimer.singleShot(
            0, self.add_evidence
        )  # its library takes a moment: the window comes first

    # ------------------------------------------------------------------ layout

    def _make_widgets(self) -> None:
        tr = self.tr
        self.bar = JobBar(self.presenter)
        self.jobs = self.bar.jobs
        self.frame = FrameView(self.presenter)
        self.frame.clicked.connect(self._player_clicked)
        self.time = QSlider(Qt.Horizontal)
        self.time.setAccessibleName(tr("Time in the video"))
        self.time.setSingleStep(_SLIDER_PER_S)
        self.time.setPageStep(10 * _SLIDER_PER_S)
        self.time.valueChanged.connect(self._scrubbed)
        self.clock = QLabel("0:00.0")
        self.clock.setFixedWidth(110)
        self.clock.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self.lanes = LanesView(self.presenter)
        self.legend = QLabel(tr("Who plays when"))
        self.legend.setObjectName("quiet")
        self.legend.setFixedWidth(110)
        self.legend.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self.table = PartsTable(self.presenter)
        self.rerun = RerunBar(self.preferences)
        self.rerun.run.connect(self.run_again)
        self.notice = Notice()
        self.notice.start.clicked.connect(lambda: start_service(self.spool))
        self.notice.copy.clicked.connect(self.copy_details)
        self.notice.log.clicked.connect(self.open_log)
        self.notice.dismiss.clicked.connect(lambda: self.presenter.tell(None))
        self.evidence: Any = None  # until its library is loaded

    def _lay_out(self) -> None:
        self.setWindowTitle("avstem")
        times = column(row(self.time, self.clock), row(self.lanes, self.legend))
        times.layout().setSpacing(2)
        picture = column(self.frame, times)
        picture.layout().setStretch(0, 1)
        self.upper = QSplitter(Qt.Horizontal)
        self.upper.setObjectName("split_picture")
        self.upper.setChildrenCollapsible(False)
        self.upper.addWidget(picture)
        self.side = QWidget()
        self.side.setMinimumWidth(260)
        self.upper.addWidget(self.side)
        self.upper.setSizes([760, 400])
        split = QSplitter(Qt.Vertical)
        split.setObjectName("split_table")
        split.setChildrenCollapsible(False)
        split.addWidget(self.upper)
        split.addWidget(self.table)
        split.setSizes([520, 170])
        split.setStretchFactor(0, 1)
        whole = column(self.bar, split, self.rerun)
        whole.layout().setContentsMargins(8, 6, 8, 6)
        whole.layout().setStretch(1, 1)
        outer = column(whole, self.notice)
        outer.layout().setSpacing(0)
        outer.layout().setStretch(0, 1)
        self.setCentralWidget(outer)
        self.setMinimumSize(980, 600)

    def add_evidence(self) -> None:
        """Load the plot."""
        if self.evidence is None and self.isVisible():
            from avstem.panel.evidence_view import EvidenceView

            self.evidence = EvidenceView(self.presenter)
            sizes = self.upper.sizes()
            self.upper.replaceWidget(1, self.evidence)
            self.evidence.setMinimumWidth(260)
            self.upper.setSizes(sizes)
            self.evidence.refresh()
            self.evidence.show_around()

    def zoom(self, factor: float) -> None:
        """Show more or less of the time in the evidence; 0: all of it."""
        if self.evidence is not None:
            self.evidence.zoom(factor)

    # ------------------------------------------------------------------ presenter -> widgets

    def _send(self, address: str, **arguments: object) -> None:
        self.link.send(address, **arguments)

    def _load(self, job: str, folder: Path, file: str) -> None:
        self.background.read(job, folder, file, self.presenter.loaded)

    def _changed(self, what: str) -> None:
        getattr(self, f"_show_{what}")()

    def _show_link(self) -> None:
        known, connected = self.presenter, self.presenter.connected
        if connected:
            self._show_problem()
        elif self.link.other_version():
            text = self.tr("The service is of another version of avstem than this panel.")
            hint = self.tr("Update both, end the old service, then start it again.")
            self.notice.tell("offer", text, hint, (self.notice.log,))
        else:
            hint = "python " + " ".join(f'"{a}"' if " " in a else a for a in self._command())
            text = self.tr(
                "No service is running for this REAPER. Start it here, or in a terminal:"
            )
            self.notice.tell("offer", text, hint, (self.notice.start, self.notice.log))
        self.rerun.enable(known.ready)
        self.bar.refresh()
        self.frame.update()

    def _command(self) -> list[str]:
        return service_arguments(self.spool)

    def _show_jobs(self) -> None:
        self.bar.refresh()
        current = self.presenter.current
        self.rerun.enable(self.presenter.ready)
        self.rerun.offer(*((current.score, current.video) if current else (True, True)))

    def _show_showing(self) -> None:
        showing = self.presenter.showing
        self.setWindowTitle(f"{self._name()} – avstem" if showing else "avstem")
        self.table.sounds.clear()
        if showing is not None:
            self.rerun.show_settings(showing.settings)
        self.lanes.update()
        if self.evidence is not None:
            self.evidence.show_around()
        if self.presenter.connected:
            self._show_problem()

    def _name(self) -> str:
        return self.presenter.current.name if self.presenter.current else ""

    def _show_rows(self) -> None:
        self.table.refresh()
        self._show_boxes()
        if self.evidence is not None:
            self.evidence.refresh()

    def _show_boxes(self) -> None:
        self.frame.refresh()

    def _show_thumbnails(self) -> None:
        colours = {row.part: row.colour for row in self.presenter.rows}
        for part, file in self.presenter.thumbnails.items():
            if part not in self.table.sounds and part in colours:
                self.table.sounds[part] = self.background.no_image  # is on its way
                self.background.tint(file, colours[part], self._tinted)

    def _tinted(self, file: Path, image: QImage) -> None:
        parts = [p for p, made in self.presenter.thumbnails.items() if made == file]
        for part in parts:
            self.table.show_sound(part, image)

    def _show_selection(self) -> None:
        self.table.show_selection()
        self.frame.update()
        if self.evidence is not None:
            self.evidence.refresh()

    def _show_frame(self) -> None:
        frame = self.presenter.frame
        if frame is None:
            self.frame.set_image(self.background.no_image)
        else:
            self.background.decode(frame.file, self._decoded)
        self._show_time()

    def _decoded(self, file: Path, image: object) -> None:
        current = self.presenter.frame
        if current is not None and current.file == file:
            if image.isNull():  # type: ignore[attr-defined]
                self.presenter.frame_problem = self.tr("This frame cannot be drawn.")
            self.frame.set_image(image)  # type: ignore[arg-type]

    def _show_time(self) -> None:
        self.time.blockSignals(True)
        self.time.setMaximum(round(self.presenter.duration_s * _SLIDER_PER_S))
        self.time.setValue(round(self.presenter.time_s * _SLIDER_PER_S))
        self.time.blockSignals(False)
        self.clock.setText(f"{clock(self.presenter.time_s)} / {clock(self.presenter.duration_s)}")
        self.lanes.update()
        self.table.viewport().update()
        if self.evidence is not None:
            self.evidence.show_time()

    def _show_problem(self) -> None:
        problem, notice = self.presenter.problem, self.notice
        if problem is None:
            warnings = self.presenter.showing.warnings if self.presenter.showing else ()
            text = self.tr("Click a player to solo the stem; Ctrl adds, Alt enhances.")
            notice.tell("", text if self.presenter.rows else "", " · ".join(warnings), ())
        else:
            buttons = (notice.copy, notice.log, notice.dismiss)
            notice.tell("problem", told(problem.message), told(problem.hint), buttons)

    # ------------------------------------------------------------------ widgets -> presenter

    def _scrubbed(self, value: int) -> None:
        self.presenter.seek(value / _SLIDER_PER_S)

    def _player_clicked(self, player: int, modifiers: Qt.KeyboardModifiers) -> None:
        row = self.presenter.part_of(player)
        if row < 0:
            return
        self.presenter.select(row)
        if modifiers & Qt.AltModifier:
            self.presenter.enhance(row, self.preferences.gain_db)
        else:
            self.presenter.solo(row, add=bool(modifiers & Qt.ControlModifier))

    def run_again(self, only_unlocked: bool) -> None:
        """Re-run with the choices made."""
        self.presenter.rerun(self.rerun.chosen(), only_unlocked)

    def copy_details(self) -> None:
        """Put everything about the problem on the clipboard."""
        problem = self.presenter.problem
        if problem is not None:
            version = self.presenter.service.get("avstem", "?")
            text = f"{problem.details()}\nJob: {self.presenter.job}\navstem: {version}\n"
            QGuiApplication.clipboard().setText(text)

    def open_log(self) -> None:
        """Show the service's log."""
        log = Path(self.presenter.problem.log) if self.presenter.problem else Path()
        open_path(log if log.is_file() else self.spool / "log" / "service.log")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep where the window was."""
        self.preferences.keep(self)
        self._watch.stop()
        self.link.close()
        self.background.finish()
        super().closeEvent(event)
