"""What cannot be presented, or was not."""


class PresentationError(ValueError):
    """A questionnaire cannot be presented, or an answer does not fit what was presented."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class OptionNotShown(PresentationError):
    """The code is none of the codes on display; the answer is outside the response scale."""


class UnknownReference(PresentationError):
    """The reference names no question of this presentation."""


class OrderMismatch(PresentationError):
    """The order asked for is not a rearrangement of the questionnaire's own parts."""


class MalformedQuestionnaire(PresentationError):
    """The questionnaire contradicts itself and must be corrected before it is shown."""
