"""The notice that the operator's list of endpoints cannot be read, where endpoints matter."""

from dataclasses import dataclass

from django.http import HttpRequest

from llm_respondents.endpoint_list import list_mistakes
from llm_respondents.readout.sentences import placed_sentence


@dataclass(frozen=True, slots=True)
class BrokenList:
    """What is wrong with the list, line by line; told to staff only: it is a file of the server."""

    mistakes: tuple[str, ...] = ()


def broken_list(request: HttpRequest) -> BrokenList | None:
    """What to say of the list to whoever asks; None while it can be read."""
    mistakes = list_mistakes()
    if not mistakes:
        return None
    may_mend = request.user.is_authenticated and request.user.is_staff
    return BrokenList(tuple(map(placed_sentence, mistakes)) if may_mend else ())
