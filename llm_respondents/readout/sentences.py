"""Codes in words: the one sentence of each, in the reader's language, for every door.

What an endpoint or a provider said itself is quoted behind the sentence, without the addresses and
keys that it may hold.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from llm_respondents.codes import SAID, BatchRemark, EndReason, Halt, HaltReason, SharedDraw
from llm_respondents.design.clusters import ClusterCount
from llm_respondents.design.margins import LineError
from llm_respondents.mistakes import Mistake
from llm_respondents.models import Panel
from surveys.codes import SentenceCode
from surveys.errors import CounterpartError
from surveys.independence import FEWEST_CLUSTERS

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


def sentence_of(code: SentenceCode, arguments: Mapping[str, Any] | None = None) -> str:
    """The sentence of a code, with its arguments put in."""
    return _(code.sentence) % (arguments or {})


def refusal_sentence(error: CounterpartError) -> str:
    """What a use case of any app said no to."""
    return error.said(_)


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


def _stored(code: SentenceCode | None, arguments: Mapping[str, Any]) -> Told:
    """What is told of a stored code. One of another version has no sentence, only its quote."""
    quote = without_secrets(str(arguments.get(SAID, "")))
    if code is None or not code.arguments <= set(arguments):
        return Told("", quote)
    return Told(sentence_of(code, arguments), quote)


def clusters_sentence(count: ClusterCount) -> str:
    """How many independent draws sessions are, and what the analysis will make of them."""
    shared = SharedDraw.of(count.shared)
    arguments = {
        "sessions": count.sessions,
        "clusters": count.clusters,
        "shared": "" if shared is None else sentence_of(shared),
        "needed": FEWEST_CLUSTERS,
    }
    return sentence_of(count.note, arguments)


def mistake_sentence(mistake: Mistake) -> str:
    """What is wrong, without the place."""
    return _(mistake.code.sentence) % mistake.arguments


def placed_sentence(mistake: Mistake) -> str:
    """What is wrong, after the line and the field where it is."""
    said = mistake_sentence(mistake)
    if mistake.path:
        said = _("%(field)s: %(what)s") % {"field": mistake.path, "what": said}
    if mistake.line:
        said = _("Line %(line)s: %(what)s") % {"line": mistake.line, "what": said}
    return said


def sentences_by_path(mistakes: Iterable[Mistake]) -> dict[str, list[str]]:
    """Path -> what is wrong there; of the whole under ``non_field_errors``."""
    found: dict[str, list[str]] = {}
    for one in mistakes:
        found.setdefault(one.path or "non_field_errors", []).append(mistake_sentence(one))
    return found


def line_sentence(error: LineError) -> str:
    """A mistake in a line of margins."""
    what = _(error.mistake.sentence) % {"about": error.about}
    return _("Line %(line)s: %(what)s.") % {"line": error.line, "what": what}
