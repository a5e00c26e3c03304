"""In which languages the program has words for people who take part, and how languages are called.

A study asks in any language. The words around its questions (buttons, errors, what is stored) come
from ``locale/<language>/``; a language without them gets the English ones, marked as English.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.translation import get_language_info, gettext, override
from django.utils.translation.trans_real import parse_accept_lang_header

FALLBACK = "en"


def has_words(language: str) -> bool:
    """Whether the program has words in a language; a regional variant has those of its base."""
    return base_of(language) in settings.PARTICIPANT_LANGUAGES


def words_in(language: str | None) -> str:
    """The language in which somebody reads the words around questions asked in `language`."""
    return language if language and has_words(language) else FALLBACK


def has_sentences(language: str, sentences: Iterable[str]) -> bool:
    """Whether somebody who reads `language` is told each of these (English) in it."""
    if base_of(language) == FALLBACK:
        return True
    with override(words_in(language)):
        return all(gettext(sentence) != sentence for sentence in sentences)


def base_of(language: str) -> str:
    """A language without its region or script: ``pt`` of ``pt-BR``."""
    return language.partition("-")[0].lower()


def is_rtl(language: str | None) -> bool:
    """Whether a language is written from right to left; one that nobody knows is not."""
    try:
        return bool(language and get_language_info(language)["bidi"])
    except KeyError:
        return False


def name_of(language: str) -> str:
    """What a language is called by those who speak it; its tag where that is not known."""
    try:
        return str(get_language_info(language)["name_local"])
    except KeyError:
        return language


def best_of(accepted: str, offered: Sequence[str]) -> str | None:
    """The offered language that an ``Accept-Language`` header wants most; None if it wants none.

    A browser that asks for ``fr-CA`` takes ``fr``, and one that asks for ``pt`` takes ``pt-BR``.
    """
    by_tag = {one.lower(): one for one in reversed(offered)}
    by_base = {base_of(one): one for one in reversed(offered)}
    for wish, _weight in parse_accept_lang_header(accepted[:_LONGEST]):
        if found := by_tag.get(wish) or by_base.get(base_of(wish)):
            return found
    return None


def first_known(wishes: Iterable[str | None], offered: Sequence[str]) -> str | None:
    """The first wish that is offered just so."""
    return next((wish for wish in wishes if wish and wish in offered), None)


# Longer headers are nobody's browser's.
_LONGEST = 500
