"""Why jobs end without a result: codes with arguments, each with one sentence beside it.

An app registers its own enum of refusals, so that a page says in its reader's language what a
worker stored as a code.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from surveys.codes import SentenceCode, said
from surveys.codes import marked as _


class JobEnd(SentenceCode):
    """How a job of any kind can end, whatever it was to do."""

    WORKER_DIED = (
        "worker_died",
        _(
            "The worker that did this was killed or lost, at attempt %(attempts)s of %(allowed)s. "
            "Nothing half-done was stored; start it again."
        ),
    )
    CANCELLED = "cancelled", _("Stopped on request.")
    RESTORED = (
        "restored",
        _("It was under way or waited when the backup was made; start it again."),
    )
    INTERRUPTED = "interrupted", _("Stopped at the keyboard; start it again.")
    INTERNAL = "internal", _("Something went wrong that should not: %(error)s")


_enums: list[type[SentenceCode]] = [JobEnd]


def register_reasons(reasons: type[SentenceCode]) -> None:
    """Let pages say the reasons of an app in their reader's language."""
    if reasons not in _enums:
        _enums.append(reasons)


def sentence_of(code: str, arguments: Mapping[str, Any], words: str) -> str:
    """The sentence of a code; `words`, those of the moment, where no enum has the code.

    So it is with the pure packages, whose errors bring their own English sentence.
    """
    for reasons in _enums:
        if member := reasons.of(code):
            return said(member, arguments, gettext)
    return words
