"""Language tags of other programs, and the words that a question's type implies. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from surveys.questionnaire_files.questionnaire import Option, Texts

ASSUMED = "en"
# Those that a bare header of two letters is taken for.
LANGUAGES = frozenset(
    [
        "ar",
        "bg",
        "cs",
        "cy",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fr",
        "ga",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "is",
        "it",
        "ja",
        "ko",
        "lt",
        "lv",
        "mk",
        "ms",
        "nb",
        "nl",
        "nn",
        "no",
        "pl",
        "pt",
        "ro",
        "ru",
        "sk",
        "sl",
        "sq",
        "sr",
        "sv",
        "th",
        "tr",
        "uk",
        "ur",
        "vi",
        "zh",
    ]
)
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST = 12
# What Qualtrics calls languages that have a tag of their own.
_CALLED = {
    "zh-s": "zh-Hans",
    "zh-t": "zh-Hant",
    "pt-br": "pt-BR",
    "es-es": "es-ES",
    "en-gb": "en-GB",
    "en_us": "en-US",
    "fr-ca": "fr-CA",
    "sr-me": "sr-ME",
}
_ENGLISH: Mapping[str, str] = {
    "yes": "Yes",
    "no": "No",
    "uncertain": "Uncertain",
    "increase": "Increase",
    "same": "Same",
    "decrease": "Decrease",
    "female": "Female",
    "male": "Male",
    "true": "True",
    "false": "False",
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": _ENGLISH,
    "de": {
        "yes": "Ja",
        "no": "Nein",
        "uncertain": "Unsicher",
        "increase": "Zunahme",
        "same": "Gleich",
        "decrease": "Abnahme",
        "female": "Weiblich",
        "male": "Männlich",
        "true": "Wahr",
        "false": "Falsch",
    },
    "fr": {
        "yes": "Oui",
        "no": "Non",
        "uncertain": "Incertain",
        "increase": "Augmente",
        "same": "Sans changement",
        "decrease": "Diminue",
        "female": "Féminin",
        "male": "Masculin",
        "true": "Vrai",
        "false": "Faux",
    },
    "es": {"yes": "Sí", "no": "No", "true": "Verdadero", "false": "Falso"},
    "it": {"yes": "Sì", "no": "No", "true": "Vero", "false": "Falso"},
    "nl": {"yes": "Ja", "no": "Nee", "true": "Waar", "false": "Onwaar"},
    "pt": {"yes": "Sim", "no": "Não", "true": "Verdadeiro", "false": "Falso"},
}


def language_tag(given: object) -> str:
    """The tag that a language is kept under; empty for what names no language."""
    if not isinstance(given, str):
        return ""
    name = given.strip().replace("_", "-")
    if name.lower() in _CALLED:
        return _CALLED[name.lower()]
    head, *rest = name.split("-")
    tag = "-".join([head.lower(), *rest])
    return tag if _TAG.fullmatch(tag) and len(tag) <= _LONGEST else ""


def implied(options: Sequence[tuple[str, str]], languages: Iterable[str]) -> tuple[Option, ...]:
    """Options whose words are not in the file: pairs of code and word, such as ``("Y", "yes")``.

    A language whose words are not known here has the English ones.
    """
    languages = tuple(languages)
    return tuple(Option(code, _words(word, languages)) for code, word in options)


def numbered(least: int, most: int) -> tuple[Option, ...]:
    """Options that are numbers without words."""
    return tuple(Option(str(value)) for value in range(least, most + 1))


def _words(word: str, languages: tuple[str, ...]) -> Texts:
    return {
        language: _WORDS.get(language.split("-")[0], _ENGLISH).get(word, _ENGLISH[word])
        for language in languages
    }


def in_order(first: str, others: Iterable[str]) -> tuple[str, ...]:
    """Languages without repetition, the one that the file was written in first."""
    return tuple(dict.fromkeys(one for one in (first, *others) if one))
