"""Saying no to what was to be arranged, with everything that is wrong with it at once."""

from collections.abc import Sequence
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.errors import StudyError


class ArrangementRefused(StudyError):
    """Terms, quotas, a list or a mail that cannot be as they are; `problems` is all of it."""

    def __init__(self, refused: SentenceCode, problems: Sequence[Problem], **named: Any) -> None:
        first = problems[0]
        super().__init__(
            refused,
            details={one.where: one.message for one in problems},
            count=len(problems),
            problem=first.saying,
            **named,
        )
        self.problems = tuple(problems)
