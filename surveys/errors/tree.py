"""The classes of errors; their tree stands at the top of the package."""

from collections.abc import Sequence
from typing import Any

from surveys.codes import Problem, Saying, SentenceCode, Translate, said
from surveys.errors.refusals import Refused

PROBLEMS_SHOWN = 20


class CounterpartError(Exception):
    """A use case said no. `code` is for programs, the sentence tells a person what to do.

    `details` holds what belongs to the answer beside the sentence, such as refs of fields.
    """

    def __init__(self, message: str, *, code: str, details: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details or {}

    def said(self, translate: Translate = str) -> str:  # noqa: ARG002 - for those with a catalogue
        """The sentence, in the language of `translate` where it is in the catalogue."""
        return self.message


class SurveyError(CounterpartError):
    """A use case of the survey app said no. Its message is the refusal's sentence in English."""

    def __init__(
        self, refused: SentenceCode, *, details: dict[str, str] | None = None, **arguments: Any
    ) -> None:
        super().__init__(said(refused, arguments), code=refused.value, details=details)
        self.refused = refused
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)


class InstrumentError(SurveyError):
    """An instrument definition that cannot be published."""


class QuestionnaireError(SurveyError):
    """A questionnaire of another program that cannot be taken over as it was said."""


class StudyError(SurveyError):
    """A study that cannot do this in its present state."""


class StudyNotReady(StudyError):
    """A study that is not written to the end; `problems` is all that is missing, said at once."""

    def __init__(self, refused: Refused, study: str, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(
            refused,
            details={one.where: one.message for one in problems},
            study=study,
            count=len(problems),
            problem=Saying(Refused.SETTING, {"path": first.where, "problem": first.saying}),
        )
        self.problems = tuple(problems)


class EnrolmentError(SurveyError):
    """A person who cannot begin through this link."""


class AnswerError(SurveyError):
    """Answers that cannot be recorded; nothing of the submission was stored."""


class AccountError(SurveyError):
    """A user who is not there, or is not named."""


class ImportFileError(CounterpartError):
    """A data file or a mapping that cannot be read; nothing of it was stored.

    The code is that of the first problem; `details` has all of them.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        details = {problem.where: problem.message for problem in problems}
        super().__init__(self.said(), code=problems[0].code.value, details=details)

    def said(self, translate: Translate = str) -> str:
        """One line for each of the first problems, in the language of `translate`."""
        lines = [f"{self.file}: {p.where}: {p.said(translate)}" for p in self.problems]
        if len(lines) > PROBLEMS_SHOWN:
            more = len(lines) - PROBLEMS_SHOWN
            lines[PROBLEMS_SHOWN:] = [f"{self.file}: + {more}"]
        return "\n".join(lines)


class JobError(CounterpartError):
    """Work that cannot go on; nothing half-done is stored."""


class JobCancelled(JobError):
    """Somebody asked the work to stop."""


class LeaseLost(JobError):
    """Whoever did the work gave no sign of life for too long, and holds it no more."""
