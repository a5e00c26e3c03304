"""Errors of the survey app. Only the edges (views, API, commands) know HTTP and exit codes.

CounterpartError
├── InstrumentError        a definition that cannot be published
├── StudyError             a study that cannot do this in its state
├── EnrolmentError         a person who cannot begin here
├── AnswerError            answers that cannot be recorded
└── ImportFileError        a data file or mapping that cannot be read

ValueOutsideScale(ValueError)   a value that the response scale does not have
"""


class CounterpartError(Exception):
    """A use case said no. `code` is for programs, the sentence tells a person what to do.

    `details` holds what belongs to the answer beside the sentence, such as refs of fields.
    """

    def __init__(self, message: str, *, code: str, details: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details or {}


class InstrumentError(CounterpartError):
    """An instrument definition that cannot be published."""


class StudyError(CounterpartError):
    """A study that cannot do this in its present state."""


class EnrolmentError(CounterpartError):
    """A person who cannot begin through this link."""


class AnswerError(CounterpartError):
    """Answers that cannot be recorded; nothing of the submission was stored."""


class ImportFileError(CounterpartError):
    """A data file or a mapping that cannot be read; nothing of it was stored."""


class ValueOutsideScale(ValueError):
    """The value lies outside the response scale; it must be corrected or recorded as missing."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code
