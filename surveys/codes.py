"""Codes that carry the sentence which a person is told. No Django.

Programs go by the code, people read the sentence; it names in ``%(name)s`` what varies. Pages say
it in their reader's language by handing `gettext` on:

    problem.said(gettext)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Self

Translate = Callable[[str], str]
_ARGUMENT = re.compile(r"%\((\w+)\)")


def marked(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated where the reader is known."""
    return sentence


_ = marked


class SentenceCode(StrEnum):
    """A code for programs; `sentence` is what a person is told, in English."""

    sentence: str

    def __new__(cls, value: str, sentence: str = "") -> Self:
        """Make a member that is its code, with the sentence beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    @property
    def arguments(self) -> frozenset[str]:
        """The names of what varies in the sentence."""
        return frozenset(_ARGUMENT.findall(self.sentence))

    @classmethod
    def of(cls, value: str) -> Self | None:
        """The member of this code; None for one that this version does not know."""
        return next((member for member in cls if member.value == value), None)


@dataclass(frozen=True, slots=True)
class Saying:
    """A code with what varies in its sentence; a `Saying` among the arguments is said within it."""

    code: SentenceCode
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def said(self, translate: Translate = str) -> str:
        """Return the sentence, translated; in English if nobody translates."""
        return said(self.code, self.arguments, translate)

    def __str__(self) -> str:
        return self.said()


def said(code: SentenceCode, arguments: Mapping[str, Any], translate: Translate = str) -> str:
    """Return the sentence of a code with its arguments."""
    words = {
        name: value.said(translate) if isinstance(value, Saying) else value
        for name, value in arguments.items()
    }
    return translate(code.sentence) % words


def plain(arguments: Mapping[str, Any]) -> dict[str, str | int | float]:
    """Return arguments as JSON values, for programs."""
    return {
        name: value if isinstance(value, int | float | str) else str(value)
        for name, value in arguments.items()
    }


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: where (key path, or line and column), a stable code, and what varies.

    `message` is the code's sentence in English; `said` says it in another language.
    """

    where: str
    code: SentenceCode
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What is wrong and what to do, in English."""
        return self.said()

    @property
    def saying(self) -> Saying:
        """What is wrong and what to do, as a part of another sentence."""
        return Saying(self.code, self.arguments)

    def said(self, translate: Translate = str) -> str:
        """What is wrong and what to do, in the language of `translate`."""
        return said(self.code, self.arguments, translate)

    def as_json(self, translate: Translate = str) -> dict[str, Any]:
        """Return plain values for programs."""
        return {
            "path": self.where,
            "code": self.code.value,
            "arguments": plain(self.arguments),
            "sentence": self.said(translate),
        }


class Advice(SentenceCode):
    """What to do about a name that there is not; part of a sentence."""

    NEAREST = "nearest", _("did you mean %(nearest)r?")
    ONE_OF = "one_of", _("use one of %(known)s")
    REMOVE = "remove", _("remove it")


def advice(given: object, known: Collection[str]) -> Saying:
    """Return the nearest known name, else all of them: "did you mean 'licence'?"."""
    near = get_close_matches(given, known, n=1) if isinstance(given, str) else []
    if near:
        return Saying(Advice.NEAREST, {"nearest": near[0]})
    if not known:
        return Saying(Advice.REMOVE)
    return Saying(Advice.ONE_OF, {"known": ", ".join(repr(one) for one in known)})
