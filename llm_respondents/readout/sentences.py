"""Codes in words: the one sentence of each, in the reader's language, for every door.

What an endpoint or a provider said itself is quoted behind the sentence, without the addresses and
keys that it may hold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from llm_respondents.codes import (
    SAID,
    BatchRemark,
    Code,
    EndReason,
    Halt,
    HaltReason,
)
from llm_respondents.errors import PanelError
from llm_respondents.models import Panel
from surveys.errors import CounterpartError

# What errors of connections and of providers may quote: addresses, and parts of keys.
_SECRET = re.compile(
    r"""https?://\S+ | \('[^']+',\s*\d+\) | \[[0-9a-f:]*:[0-9a-f:]*\](?::\d+)?
    | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b | \bsk-\S+ | \bBearer\s+\S+""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence in the reader's language, and what the endpoint or provider said itself."""

    sentence: str
    quote: str = ""

    def __bool__(self) -> bool:
        return bool(self.sentence or self.quote)

    def __str__(self) -> str:
        quoted = f"{_('In its own words:')} {self.quote}" if self.quote else ""
        return " ".join(filter(None, (self.sentence, quoted)))


def without_secrets(detail: str) -> str:
    """What is said about a call that failed, without addresses and keys that it may quote."""
    return _SECRET.sub("…", detail)


def sentence_of(code: Code, arguments: Mapping[str, Any] | None = None) -> str:
    """The sentence of a code, with its arguments put in."""
    return _(code.sentence) % (arguments or {})


def refusal_sentence(error: CounterpartError) -> str:
    """What a use case said no to; that of another app is said as it is."""
    if isinstance(error, PanelError):
        return sentence_of(error.refusal, error.arguments)
    return error.message


def told(halt: Halt) -> Told:
    """Why a run gave up."""
    return _stored(halt.code, halt.arguments)


def halt_of(panel: Panel) -> Told:
    """Why a panel halted; nothing for one that did not."""
    return _stored(HaltReason.of(panel.halt_code), panel.halt_args)


def end_of(panel: Panel) -> Told:
    """Why a panel is over; nothing while it is not."""
    return _stored(EndReason.of(panel.ended_reason), {})


def remark_of(remark: str, arguments: Mapping[str, Any]) -> Told:
    """What is to be known of a batch, by its remark."""
    return _stored(BatchRemark.of(remark), arguments)


def _stored(code: Code | None, arguments: Mapping[str, Any]) -> Told:
    """What is told of a stored code. One of another version has no sentence, only its quote."""
    quote = without_secrets(str(arguments.get(SAID, "")))
    if code is None or not code.arguments <= set(arguments):
        return Told("", quote)
    return Told(sentence_of(code, arguments), quote)
