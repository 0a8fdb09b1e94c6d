"""The page that an editor looks at: ``report.html``."""

from avstem.report.data import ReportData
from avstem.report.page import write_report
from avstem.report.sources import link, picture_of

__all__ = ["ReportData", "link", "picture_of", "write_report"]
