"""Mistakes in specifications, margins and endpoints, in the reader's language."""

from collections.abc import Iterable

from django.utils.translation import gettext

from llm_respondents.design.margins import LineError
from llm_respondents.mistakes import Mistake


def mistake_sentence(mistake: Mistake) -> str:
    """What is wrong, without the place."""
    return gettext(mistake.code.sentence) % mistake.arguments


def placed_sentence(mistake: Mistake) -> str:
    """What is wrong, after the line and the field where it is."""
    said = mistake_sentence(mistake)
    if mistake.path:
        said = gettext("%(field)s: %(what)s") % {"field": mistake.path, "what": said}
    if mistake.line:
        said = gettext("Line %(line)s: %(what)s") % {"line": mistake.line, "what": said}
    return said


def sentences_by_path(mistakes: Iterable[Mistake]) -> dict[str, list[str]]:
    """Path -> what is wrong there; of the whole under ``non_field_errors``."""
    found: dict[str, list[str]] = {}
    for one in mistakes:
        found.setdefault(one.path or "non_field_errors", []).append(mistake_sentence(one))
    return found


def line_sentence(error: LineError) -> str:
    """A mistake in a line of margins."""
    what = gettext(error.mistake.sentence) % {"about": error.about}
    return gettext("Line %(line)s: %(what)s.") % {"line": error.line, "what": what}
