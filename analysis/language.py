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
