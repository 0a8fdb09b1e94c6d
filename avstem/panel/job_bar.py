"""The line on top: which job is looked at, how far it is, Cancel, and A/B."""

from __future__ import annotations

from PyQt5.QtCore import QDateTime, QLocale, Qt
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from avstem.panel.model import LIVE, Job, mark
from avstem.panel.presenter import Presenter
from avstem.panel.translation import told

_STATES = {
    "queued": mark("queued"),
    "running": mark("running"),
    "done": mark("done"),
    "failed": mark("failed"),
    "cancelled": mark("cancelled"),
    "inserted": mark("inserted"),
}
_STAGES = {
    "starting": mark("Starting"),
    "media": mark("Reading the media"),
    "alignment": mark("Aligning the score"),
    "players": mark("Looking for the players"),
    "association": mark("Matching players and parts"),
    "separation": mark("Separating"),
    "stems": mark("Writing the stems"),
}
# What the service says of a job that is not running; the rest is shown as it comes.
_SAID = (
    mark("Waiting"),
    mark("Cancelling"),
    mark("Done, waiting for REAPER"),
    mark("In the project."),
    mark("Cancelled, nothing was left behind"),
)


class JobBar(QWidget):
    """One line."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__()
        self._presenter = presenter
        tr = self.tr
        self.jobs = QComboBox()
        self.jobs.setAccessibleName(tr("Job"))
        self.jobs.setFixedWidth(440)
        self.jobs.view().setMinimumWidth(560)
        self.jobs.activated.connect(lambda k: presenter.pick(self.jobs.itemData(k)))
        self.state = QLabel()
        self.state.setMinimumWidth(60)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.compare = QPushButton(tr("A/B"))
        self.compare.clicked.connect(presenter.compare)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setToolTip(tr("Stop the job (Ctrl+.)"))
        self.cancel.clicked.connect(presenter.cancel)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.jobs)
        layout.addWidget(self.compare)
        layout.addWidget(self.state, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self.cancel)

    def refresh(self) -> None:
        """Show what the presenter holds."""
        presenter, current = self._presenter, self._presenter.current
        self._refresh_list(list(reversed(presenter.jobs.values())))  # the newest on top
        live = current is not None and current.state in LIVE
        self.progress.setValue(round(current.percent) if current and live else 0)
        text = self.state_of(current)
        self.state.setText(text)
        self.state.setToolTip(text)
        self._refresh_compare()
        self.enable()

    def enable(self) -> None:
        """What can be pressed now."""
        self.cancel.setEnabled(self._presenter.running)

    def title(self, job: Job) -> str:
        """A job in the list: item, project, conditioning, state, time."""
        state = told(_STATES.get(job.state, job.state))
        names = (_short(job.name, 30), _short(job.project, 24))
        words = (*names, job.conditioning, state, _when(job.submitted))
        return " · ".join(word for word in words if word)

    def state_of(self, job: Job | None) -> str:
        """Where a job is, in words."""
        if job is None:
            return self.tr("No job")
        if job.state == "running" and job.stage in _STAGES and job.message != "Cancelling":
            return f"{told(_STAGES[job.stage])} ({job.percent:.0f} %)"
        if job.state == "queued" and job.ahead:
            return self.tr("Waiting, {0} before it").format(job.ahead)
        return told(job.message)

    def _refresh_list(self, jobs: list[Job]) -> None:
        box = self.jobs
        box.blockSignals(True)
        for place, job in enumerate(jobs):
            text = self.title(job)
            if place >= box.count():
                box.addItem(text, job.job)
            elif (box.itemText(place), box.itemData(place)) != (text, job.job):
                box.setItemText(place, text)
                box.setItemData(place, job.job)
        while box.count() > len(jobs):
            box.removeItem(box.count() - 1)
        box.setCurrentIndex(box.findData(self._presenter.job))
        box.setToolTip(box.currentText())
        box.setEnabled(bool(jobs))
        box.setPlaceholderText(self.tr("No job yet"))
        box.blockSignals(False)

    def _refresh_compare(self) -> None:
        runs, job = self._presenter.runs, self._presenter.job
        several = len(runs) > 1 and job in runs
        place = f" {runs.index(job) + 1}/{len(runs)}" if several else ""
        self.compare.setText(self.tr("A/B") + place)
        self.compare.setEnabled(self._presenter.connected and bool(set(runs) - {job}))
        self.compare.setToolTip(
            self.tr("Hear the next run of this item, as the active take in REAPER (Ctrl+B)")
        )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _when(submitted: str) -> str:
    """The time of today, else the date too; "" when it is not known."""
    time = QDateTime.fromString(submitted, Qt.ISODate)
    if not time.isValid():
        return ""
    time.setTimeSpec(Qt.UTC)
    time = time.toLocalTime()
    clock = time.toString("HH:mm")
    if time.date() == QDateTime.currentDateTime().date():
        return str(clock)
    return f"{QLocale().toString(time.date(), QLocale.ShortFormat)} {clock}"
