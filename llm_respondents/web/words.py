"""Values of the shared schema and of providers in words, in the reader's language.

States and reasons are named by their models, and what has a code by `codes`.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from llm_respondents.models import Attempt
from llm_respondents.providers.fitting import Rejected
from surveys.models import Administration, MissingReason, ScaleDirection

_ANSWERED: dict[str, Any] = {Attempt.ANSWERED: _("answered")}
_PART: Mapping[str, Any] = {
    "said": _("Asked:"),
    "reply": _("Reply:"),
    "refusal": _("Refusal:"),
    "detail": _("Remark:"),
}
_PROVIDER: Mapping[str, Any] = {
    "validating": _("being checked by the provider"),
    "in_progress": _("under way at the provider"),
    "finalizing": _("being finished by the provider"),
    "completed": _("finished by the provider"),
    "failed": _("refused by the provider"),
    "expired": _("expired at the provider"),
    "cancelling": _("being cancelled at the provider"),
    "cancelled": _("cancelled at the provider"),
    "unknown": _("not known to the provider any more"),
}
_FINDING: Mapping[str, Any] = {
    "honoured": _("honoured"),
    "ignored": _("ignored"),
    "rejected": _("rejected"),
    "absent": _("not part of this interface"),
    "unknown": _("unknown"),
}


def _labels(choices: type[TextChoices]) -> dict[str, Any]:
    return {one.value: one.label for one in choices}


_WORDS: Mapping[str, Mapping[str, Any]] = {
    # It waits in this state from recruiting on, before anything is asked.
    "session": {
        **_labels(Administration.Status),
        Administration.Status.IN_PROGRESS.value: _("Not ended"),
    },
    "direction": _labels(ScaleDirection),
    "outcome": _ANSWERED | _labels(MissingReason),
    "part": _PART,
    "provider": _PROVIDER,
    "finding": _FINDING,
}


def left_out_in_words(findings: Mapping[str, Any]) -> list[str]:
    """What requests leave out because the endpoint was found to reject it."""
    rejected = Rejected.found(findings)
    said = []
    if rejected.left_out:
        left_out = gettext("Rejected, and left out of every request: %(names)s.")
        said.append(left_out % {"names": ", ".join(rejected.left_out)})
    if rejected.renamed:
        renamed = gettext("Taken by its other name only: %(names)s.")
        said.append(renamed % {"names": ", ".join(rejected.renamed)})
    if findings.get("instruction") == "question":
        said.append(
            gettext("System messages are rejected: the first question begins with the instruction.")
        )
    return said


def in_words(kind: str, value: str) -> str:
    """A value of one kind in words, in the reader's language; the kinds are those of `_WORDS`.

    What has no words here is said as it is, with spaces.
    """
    return str(_WORDS[kind].get(value, value.replace("_", " ")))
