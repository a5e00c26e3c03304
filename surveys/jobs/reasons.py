"""Why jobs end without a result: codes with arguments, each with one sentence beside it.

An app registers its own enum of refusals, so that a page says in its reader's language what a
worker stored as a code.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """Base of an enum of reasons: the label is a sentence with named places for arguments."""

    def sentence(self, **arguments: Any) -> str:
        """The sentence in the language of the moment."""
        return str(self.label) % arguments if arguments else str(self.label)


class JobEnd(Reason):
    """How a job of any kind can end, whatever it was to do."""

    WORKER_DIED = (
        "worker_died",
        _(
            "The worker that did this was killed or lost, at attempt %(attempts)s of %(allowed)s. "
            "Nothing half-done was stored; start it again."
        ),
    )
    CANCELLED = "cancelled", _("Stopped on request.")
    INTERRUPTED = "interrupted", _("Stopped at the keyboard; start it again.")
    INTERNAL = "internal", _("Something went wrong that should not: %(error)s")


_enums: list[type[Reason]] = [JobEnd]


def register_reasons(reasons: type[Reason]) -> None:
    """Let pages say the reasons of an app in their reader's language."""
    if reasons not in _enums:
        _enums.append(reasons)


def sentence_of(code: str, arguments: Mapping[str, Any], said: str) -> str:
    """The sentence of a code; `said`, the words of the moment, where no enum has the code.

    So it is with the pure packages, whose errors bring their own English sentence.
    """
    for reasons in _enums:
        if code in reasons.values:
            return reasons(code).sentence(**arguments)
    return said
