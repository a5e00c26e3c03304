"""Why a run gives up although sessions are open, and why a panel is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.codes import SentenceCode
from surveys.codes import marked as _

# The argument that holds the words of an endpoint or a provider, which are quoted and not ours.
SAID = "said"


class HaltReason(SentenceCode):
    """Why a run gives up. Those of calls that fail are the `FailureKind` of the last of them."""

    BUDGET_SPENT = (
        "budget_spent",
        _("The spend cap leaves no room for another call. Raise it, then go on."),
    )
    STUDY_BUDGET_SPENT = (
        "study_budget_spent",
        _(
            "The cap of all panels of the study leaves no room for another call. Raise it, then "
            "go on."
        ),
    )
    WORKERS_DIED = (
        "workers_died",
        _(
            "The worker that was at this panel was killed or lost, and no other one takes it up by "
            "itself any more. See the server's memory and its log, then run the panel again; what "
            "is stored stays."
        ),
    )
    NO_PROGRESS = (
        "no_progress",
        _(
            "Calls were made for %(seconds)s seconds and none closed a turn. Look at the last "
            "calls: an endpoint that is overloaded, replies that are no chat completions, or "
            "limits that are higher than what the endpoint allows. Then run the panel again."
        ),
    )
    NO_USABLE_ANSWERS = (
        "no_usable_answers",
        _(
            "None of the first %(turns)s turns was answered. See the replies: the model may be the "
            "wrong one for this form of question, or its replies are cut or changed on the way. If "
            "they are what is to be studied, go on with run_panel --whatever-comes or with the "
            "button on the panel's page."
        ),
    )
    MOSTLY_UNUSABLE = (
        "mostly_unusable",
        _(
            "%(percent)s %% of the last %(turns)s turns ended without an answer. See the replies. "
            "If they are what is to be studied, go on with run_panel --whatever-comes or with the "
            "button on the panel's page."
        ),
    )
    NO_ANSWERS = (
        "no_answers",
        _(
            "Every session has ended and no question was answered, so that there is nothing to "
            "analyse. See the calls, and recruit a new panel when the cause is found."
        ),
    )
    TOKENS_SPENT_THINKING = (
        "tokens_spent_thinking",
        _(
            "The token limit is too small: replies ended at %(limit)s tokens with no answer, and "
            "%(thought)s of %(tokens)s tokens were thought or not shown. Recruit a panel with a "
            "higher max_tokens, or with less reasoning effort."
        ),
    )
    SCHEMA_NOT_HONOURED = (
        "schema_not_honoured",
        _(
            "The endpoint does not enforce a JSON schema. Recruit a panel in which the number of "
            "an option is given; run_panel --no-probe reads whatever comes strictly."
        ),
    )
    PICTURES_NOT_TAKEN = (
        "pictures_not_taken",
        _(
            "The model takes no pictures, or drops them. Recruit a panel with pictures = "
            '"described", in which their words stand for them; and have the operator take '
            "pictures = true out of the list of endpoints."
        ),
    )
    NO_SYSTEM_MESSAGE = (
        "no_system_message",
        _(
            "The endpoint refuses system messages, and sessions of this panel have begun with "
            "one. Go on when it takes them again; a panel that is recruited now is told how to "
            "reply at the beginning of its first question."
        ),
    )
    CONTEXT_TOO_SHORT = (
        "context_too_short",
        _(
            "The endpoint forgets the beginning of the longest session. Give the model a longer "
            "context, or recruit a panel that sends only the last turns again; run_panel "
            "--no-probe runs it all the same."
        ),
    )
    BATCH_UNKNOWN = (
        "batch_unknown",
        _(
            "The provider does not know batch %(batch)s, or has its replies no more; they may have "
            "been billed. See that the key is of the account that the batch was sent from, and run "
            "the panel again. If the batch is gone, whoever operates the server gives it up with "
            "manage.py panel_batches --panel %(panel)s --count-as-lost %(number)s, so that its "
            "questions are asked anew."
        ),
    )
    BATCH_EXPIRED = (
        "batch_expired",
        _(
            "The same questions were sent in a batch twice, and both expired at the provider "
            "without one reply. No answer is lost. Run the panel again to send them once more, "
            "later or in smaller parts, or without batches."
        ),
    )
    BATCH_FAILED = "batch_failed", _("The provider did not accept the batch.")
    ENDPOINT_DOWN = (
        "endpoint_down",
        _("Too many calls in a row failed. Go on when the endpoint is up again."),
    )
    AUTH = (
        "auth",
        _("The endpoint refused the key. Whoever operates the server can set it right."),
    )
    QUOTA = "quota", _("The account at the endpoint is empty, or its quota is used up.")
    NOT_FOUND = "not_found", _("The endpoint knows no such model, or has another address.")
    BAD_REQUEST = "bad_request", _("The endpoint does not take what is sent to it.")
    CONTEXT_LENGTH = "context_length", _("A session does not fit the context of the model.")
    RATE_LIMIT = (
        "rate_limit",
        _("The endpoint asked for a pause that is too long to wait for. Go on later."),
    )
    SERVER = "server", _("The endpoint failed. Go on later.")
    TIMEOUT = "timeout", _("The endpoint did not reply in time. Go on later.")
    CONNECTION = "connection", _("The endpoint cannot be reached. Go on when it can be.")
    NOT_AN_API = (
        "not_an_api",
        _(
            "The address replies with something else than chat completions. Is /v1 missing at its "
            "end, or a proxy in between?"
        ),
    )
    MALFORMED = "malformed", _("What the endpoint replied is no chat completion.")


# Calls succeed and bring no answers; who knows why can go on all the same.
WITHOUT_ANSWERS = frozenset({HaltReason.NO_USABLE_ANSWERS, HaltReason.MOSTLY_UNUSABLE})
# What another probe may find to be otherwise.
FOUND_BY_CALLING = frozenset(
    {
        HaltReason.SCHEMA_NOT_HONOURED, HaltReason.NO_SYSTEM_MESSAGE, HaltReason.CONTEXT_TOO_SHORT,
        HaltReason.ENDPOINT_DOWN, HaltReason.AUTH, HaltReason.QUOTA, HaltReason.NOT_FOUND,
        HaltReason.BAD_REQUEST, HaltReason.CONTEXT_LENGTH, HaltReason.RATE_LIMIT, HaltReason.SERVER,
        HaltReason.TIMEOUT, HaltReason.CONNECTION, HaltReason.NOT_AN_API, HaltReason.MALFORMED,
    }
)  # fmt: skip
# A cap that leaves no room for another call: the panel's own, or that of all panels of its study.
AT_A_CAP = frozenset({HaltReason.BUDGET_SPENT, HaltReason.STUDY_BUDGET_SPENT})


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a run stopped before its work was done; `arguments` are plain JSON values.

    `SAID` among them holds the endpoint's own words.
    """

    code: HaltReason
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.arguments.get(SAID, "")
        return self.code.sentence % self.arguments + (f" ({said})" if said else "")


class EndReason(SentenceCode):
    """Why a panel is over."""

    COMPLETE = "complete", _("Every session has ended.")
    CANCELLED = "cancelled", _("Cancelled for good; open questions are missing as cancelled.")
    BUDGET_STOP = (
        "budget_stop",
        _(
            "Ended at a spend cap that left no room for the other questions; what a batch brings "
            "is still collected."
        ),
    )
