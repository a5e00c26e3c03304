"""Errors of the panels. Pure, so that every room can raise them.

CounterpartError
└── PanelError             a refusal (see `codes.Refusal`) with what varies in its sentence
    ├── PanelSpecError     a specification that cannot be recruited
    ├── PanelStateError    a panel that cannot do this in its state
    └── MissingKey         the key of an endpoint is not set where it should be
"""

from typing import Any

from llm_respondents.codes import Refusal
from surveys.errors import CounterpartError


class PanelError(CounterpartError):
    """A panel of model sessions said no. Its message is the refusal's sentence, in English."""

    def __init__(self, refusal: Refusal, **arguments: Any) -> None:
        super().__init__(refusal.sentence % arguments, code=refusal.value)
        self.refusal = refusal
        self.arguments = arguments


class PanelSpecError(PanelError):
    """A specification that cannot be recruited; nothing was made."""


class PanelStateError(PanelError):
    """A panel that cannot do this in its present state."""


class MissingKey(PanelError):
    """The environment variable that should hold an endpoint's key is not set."""

    def __init__(self, variable: str) -> None:
        super().__init__(Refusal.KEY_MISSING, variable=variable)
