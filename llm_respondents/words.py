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
    "halt": _HALT,
    "cost_note": _COST_NOTE,
}
FLAGS = tuple(_FLAG)


def in_words(kind: str, value: str) -> str:
    """A value of one kind in words, in the reader's language; the kinds are those of `_WORDS`.

    What has no words here is said as it is, with spaces; a reason to halt is left to its sentence.
    """
    if value in _WORDS[kind]:
        return str(_WORDS[kind][value])
    return "" if kind == "halt" else value.replace("_", " ")
