"""The page that an editor looks at: ``report.html``."""

from avstem.report.data import ReportData
from avstem.report.page import write_report

__all__ = ["ReportData", "write_report"]
