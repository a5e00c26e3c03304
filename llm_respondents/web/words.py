"""States, outcomes and flags in words, so that pages can say them in their reader's language.

Templates translate what the models say in English; the strings are named here for the catalogue.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from llm_respondents.models import Attempt, Batch, Panel
from surveys.models import Administration, MissingReason, ScaleDirection

_Status, _Session, _Reason = Panel.Status, Administration.Status, MissingReason

_PANEL: Mapping[str, Any] = {
    _Status.READY: _("Ready"),
    _Status.RUNNING: _("Running"),
    _Status.PAUSED: _("Paused"),
    _Status.HALTED: _("Halted"),
    _Status.COMPLETE: _("Complete"),
    _Status.CANCELLED: _("Cancelled"),
}
_SESSION: Mapping[str, Any] = {
    _Session.IN_PROGRESS: _("Under way"),
    _Session.COMPLETED: _("Completed"),
    _Session.DECLINED: _("Declined"),
    _Session.WITHDRAWN: _("Withdrawn"),
    _Session.STOPPED: _("Stopped"),
}
_BATCH: Mapping[str, Any] = {
    Batch.Status.PREPARING: _("being prepared"),
    Batch.Status.SUBMITTED: _("submitted"),
    Batch.Status.COLLECTED: _("collected"),
    Batch.Status.FAILED: _("failed"),
}
_DIRECTION: Mapping[str, Any] = {
    ScaleDirection.FORWARD: _("from low to high"),
    ScaleDirection.REVERSED: _("from high to low"),
}
_OUTCOME: Mapping[str, Any] = {
    Attempt.ANSWERED: _("answered"),
    _Reason.SKIPPED: _("skipped"),
    _Reason.NOT_SHOWN: _("not shown"),
    _Reason.REFUSED: _("refused"),
    _Reason.NO_ANSWER: _("no answer"),
    _Reason.CONTENT_FILTER: _("content filter"),
    _Reason.TRUNCATED: _("truncated"),
    _Reason.SCHEMA_VIOLATION: _("schema violation"),
    _Reason.UNPARSABLE: _("unparsable"),
    _Reason.OUT_OF_RANGE: _("out of range"),
    _Reason.TRANSPORT_ERROR: _("transport error"),
    _Reason.BUDGET_STOP: _("budget stop"),
    _Reason.CANCELLED: _("cancelled"),
}
_FLAG: Mapping[str, Any] = {
    "history_lost": _("The endpoint had dropped earlier turns of the session when it replied."),
}
_PART: Mapping[str, Any] = {
    "said": _("Asked:"),
    "reply": _("Reply:"),
    "refusal": _("Refusal:"),
    "detail": _("Remark:"),
}
_HALT: Mapping[str, Any] = {
    "budget_spent": _("The spend cap leaves no room for another call. Raise it, then go on."),
    "study_budget_spent": _(
        "The cap of all panels of the study leaves no room for another call. Raise it, then go on."
    ),
    "no_progress": _(
        "Calls were made and none closed a turn. Look at the last calls: an endpoint that is "
        "overloaded, replies that are no chat completions, or limits that are higher than what the "
        "endpoint allows. Then run the panel again."
    ),
    "schema_not_honoured": _(
        "The endpoint does not enforce a JSON schema. Recruit a panel in which the number of an "
        "option is given."
    ),
    "context_too_short": _(
        "The endpoint forgets the beginning of the longest session. Give the model a longer "
        "context, or recruit a panel that sends only the last turns again."
    ),
    "batch_unknown": _(
        "The provider does not know the batch, or has its replies no more; they may have been "
        "billed. See that the key is of the account that the batch was sent from, and run the "
        "panel again. If the batch is gone, whoever operates the server gives it up with "
        "manage.py panel_batches, so that its questions are asked anew."
    ),
}
# Reasons whose message is the endpoint's own words, which are shown beside the sentence.
_HALT_QUOTED: Mapping[str, Any] = {
    "auth": _("The endpoint refused the key. Whoever operates the server can set it right."),
    "quota": _("The account at the endpoint is empty, or its quota is used up."),
    "not_found": _("The endpoint knows no such model, or has another address."),
    "bad_request": _("The endpoint does not take what is sent to it."),
    "context_length": _("A session does not fit the context of the model."),
    "rate_limit": _("The endpoint asked for a pause that is too long to wait for. Go on later."),
    "server": _("The endpoint failed. Go on later."),
    "timeout": _("The endpoint did not reply in time. Go on later."),
    "connection": _("The endpoint cannot be reached. Go on when it can be."),
    "malformed": _("What the endpoint replied is no chat completion."),
    "endpoint_down": _("Too many calls in a row failed. Go on when the endpoint is up again."),
    "batch_failed": _("The provider did not accept the batch."),
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
    "unknown": _("unknown"),
}
_COST_NOTE: Mapping[str, Any] = {
    "price_unknown": _("No price is listed for this model, so that there are tokens only."),
    "no_session_over": _("No session is over yet."),
    "few_sessions": _("Few sessions are over yet, so that the range is a rough one."),
    "no_interval": _("One session gives no range."),
    "cells_unseen": _(
        "Not every cell of the design has two sessions yet, and cells may differ in what they cost."
    ),
    "cached": _(
        "Part of the prompt tokens came from the endpoint's cache; without it a session costs more."
    ),
    "not_counted": _(
        "Some calls have no count of tokens; they are held to cost the most that they can."
    ),
    "simulated": _("A scripted respondent calls no endpoint and costs nothing."),
}
_WORDS: Mapping[str, Mapping[str, Any]] = {
    "panel": _PANEL,
    "session": _SESSION,
    "batch": _BATCH,
    "direction": _DIRECTION,
    "outcome": _OUTCOME,
    "flag": _FLAG,
    "part": _PART,
    "halt": {**_HALT, **_HALT_QUOTED},
    "provider": _PROVIDER,
    "finding": _FINDING,
    "cost_note": _COST_NOTE,
}
FLAGS = tuple(_FLAG)


def quotes_endpoint(halt_code: str) -> bool:
    """Whether the message of such a halt is the endpoint's own."""
    return halt_code in _HALT_QUOTED


def in_words(kind: str, value: str) -> str:
    """A value of one kind in words, in the reader's language; the kinds are those of `_WORDS`.

    What has no words here is said as it is, with spaces; a reason to halt is left to its sentence.
    """
    if value in _WORDS[kind]:
        return str(_WORDS[kind][value])
    return "" if kind == "halt" else value.replace("_", " ")
