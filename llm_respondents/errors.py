"""Errors of the panels, all of them. Pure, so that every room can raise them.

CounterpartError
└── PanelError                 a refusal (see `codes.Refusal`) with what varies in its sentence
    ├── PanelSpecError         a specification that cannot be recruited
    ├── PanelStateError        a panel that cannot do this in its state
    ├── MissingKey             the key of an endpoint is not set where it should be
    └── MissingClient          the client of an endpoint's interface is not installed
ValueError
└── MistakesError              something that is written, with every mistake in it and its place
    ├── SpecError              a specification of a panel
    ├── EndpointFileError      the operator's list of endpoints
    └── UnreadableError        a text that is neither TOML nor JSON

Over REST a request is refused by an error of the framework, `api.serializers.RecruitingError`.
"""

from collections.abc import Sequence
from typing import Any

from llm_respondents.codes import Refusal
from llm_respondents.mistakes import Mistake
from surveys.codes import Translate
from surveys.errors import CounterpartError


class PanelError(CounterpartError):
    """A panel of model sessions said no. Its message is the refusal's sentence, in English."""

    def __init__(self, refusal: Refusal, **arguments: Any) -> None:
        super().__init__(refusal.sentence % arguments, code=refusal.value)
        self.refusal = refusal
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return translate(self.refusal.sentence) % self.arguments


class PanelSpecError(PanelError):
    """A specification that cannot be recruited; nothing was made."""


class PanelStateError(PanelError):
    """A panel that cannot do this in its present state."""


class MissingKey(PanelError):
    """The environment variable that should hold an endpoint's key is not set."""

    def __init__(self, variable: str) -> None:
        super().__init__(Refusal.KEY_MISSING, variable=variable)


class MissingClient(PanelError):
    """An interface needs a client that comes with an extra of the installation."""

    def __init__(self, api: str, extra: str) -> None:
        super().__init__(Refusal.CLIENT_MISSING, api=api, extra=extra)


class MistakesError(ValueError):
    """Something that cannot be used, with every mistake in it."""

    code = "invalid"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(" ".join(str(one) for one in mistakes))
        self.mistakes = tuple(mistakes)

    @property
    def details(self) -> dict[str, Any]:
        """The mistakes as plain values, for programs."""
        return {"mistakes": [one.as_json() for one in self.mistakes]}


class SpecError(MistakesError):
    """A specification that cannot be run."""

    code = "panel_spec_invalid"


class EndpointFileError(MistakesError):
    """The operator's file cannot be used; every mistake has its line where it can be told."""

    code = "endpoints_file_invalid"


class UnreadableError(MistakesError):
    """A text that is neither TOML nor JSON; the mistake has the line where reading ended."""

    code = "unreadable"
