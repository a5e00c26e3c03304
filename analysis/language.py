"""The language of a document: its sentences, from the catalogue that all pages use.

Printing needs no Django, so the compiled catalogue is read by Python's own ``gettext``. The
language is that of the document being written, not of whoever asked for it; see ``speaking``.
"""

from __future__ import annotations

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

SOURCE = "en"
_CATALOGUES = Path(__file__).resolve().parents[1] / "locale"


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    languages = [] if language == SOURCE else [language]
    return catalogues.translation(
        "django", localedir=_CATALOGUES, languages=languages, fallback=True
    )


_LANGUAGE: ContextVar[str] = ContextVar("language of the document", default=SOURCE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within, sentences and numbers are those of this language; unknown ones read as English."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language() -> str:
    """The language being written."""
    return _LANGUAGE.get()


def gettext(sentence: str) -> str:
    """The sentence in the language being written; without a translation as it is."""
    if not sentence:  # the catalogue's own head
        return sentence
    return _catalogue(_LANGUAGE.get()).gettext(sentence)


def gettext_noop(sentence: str) -> str:
    """The sentence as it is, for the catalogue to know; said with ``gettext`` later."""
    return sentence


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form for a number in the language being written."""
    return _catalogue(_LANGUAGE.get()).ngettext(singular, plural, number)


MINUS = "\N{MINUS SIGN}"
# Points, and commas between thousands, as a language has them where it is not as in English.
_MARKS = {"de": str.maketrans(".,", ",.")}
# What stands between a number and its percent sign, and between the two ends of an interval.
_BEFORE_PERCENT, _BETWEEN_ENDS = {"de": "\N{NO-BREAK SPACE}"}, {"de": "; "}


def digits(written: str) -> str:
    """A number as Python writes it ("-1,234.50"), as the language being written has it."""
    marks = _MARKS.get(_LANGUAGE.get())
    shown = written.translate(marks) if marks else written
    if not shown.startswith("-"):
        return shown
    # A rounded zero carries no sign.
    return MINUS + shown[1:] if shown.strip("-0.,") else shown[1:]


def bounded_digits(written: str) -> str:
    """The same of what cannot exceed 1, in English without the zero before its point."""
    if _LANGUAGE.get() not in _MARKS and written.lstrip("-").startswith("0."):
        written = written.replace("0.", ".", 1)
    return digits(written)


def percent(share: float, places: int = 0) -> str:
    """A share between 0 and 1 as a percentage."""
    return f"{digits(f'{100 * share:,.{places}f}')}{_BEFORE_PERCENT.get(_LANGUAGE.get(), '')}%"


def ends(lower: str, upper: str) -> str:
    """An interval between two numbers that are written."""
    return f"[{lower}{_BETWEEN_ENDS.get(_LANGUAGE.get(), ', ')}{upper}]"
