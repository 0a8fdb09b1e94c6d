"""Every error that avstem raises on purpose.

AvstemError                 (exit code)
├── RequestError            2   what was asked for contradicts itself or the material
├── MediaError              3   a video or sound file cannot serve
├── ScoreError              4   a score file cannot serve
├── AlignmentError          5   the score does not belong to the recording
├── OutputError             6   results cannot be written where they should go
├── MissingExtra            7   an optional dependency is not installed
└── Cancelled             130   the user stopped the job: an outcome, not a failure

A message says what was expected and what was found; ``hint`` says what to do next.
"""


class AvstemError(Exception):
    """Base of all: ``message`` says what is wrong, ``hint`` what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """Stable machine name of the kind of error, such as ``MediaError``."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class RequestError(AvstemError):
    """What was asked for contradicts itself or the material."""

    exit_code = 2


class MediaError(AvstemError):
    """A video or sound file is missing, empty, damaged or of the wrong kind."""

    exit_code = 3


class ScoreError(AvstemError):
    """A score file is missing, damaged or holds no pitched notes."""

    exit_code = 4


class AlignmentError(AvstemError):
    """The score does not belong to the recording."""

    exit_code = 5


class OutputError(AvstemError):
    """Results cannot be written where they should go."""

    exit_code = 6


class MissingExtra(AvstemError):
    """An optional dependency is not installed."""

    exit_code = 7


class Cancelled(AvstemError):
    """The user stopped the job; whatever was being written has been removed."""

    exit_code = 130
