"""What is remarked of batches, costs, replies and clusters of sessions."""

from llm_respondents.codes.halts import HaltReason
from surveys.codes import SentenceCode
from surveys.codes import marked as _


class BatchRemark(SentenceCode):
    """What is to be known of a batch. While one is open, a cap that allows no other stands here."""

    BUDGET_SPENT = HaltReason.BUDGET_SPENT.value, HaltReason.BUDGET_SPENT.sentence
    STUDY_BUDGET_SPENT = (
        HaltReason.STUDY_BUDGET_SPENT.value,
        HaltReason.STUDY_BUDGET_SPENT.sentence,
    )
    REFUSED = HaltReason.BATCH_FAILED.value, HaltReason.BATCH_FAILED.sentence
    COUNTED_AS_LOST = "counted_as_lost", _("Counted as lost.")
    LOST_UNBILLED = "lost_unbilled", _("Counted as lost, and not billed.")
    UNKNOWN = "unknown", _("The provider knows no such batch.")
    NEVER_SENT = "never_sent", _("It was never sent.")
    LINES_LEFT_OUT = (
        "lines_left_out",
        _(
            "Lines of the replies that were left out: %(unreadable)s unreadable, %(unknown)s of "
            "calls that were never sent, %(repeated)s repeated."
        ),
    )


class CostNote(SentenceCode):
    """What a range of costs depends on."""

    PRICE_UNKNOWN = (
        "price_unknown",
        _("No price is listed for this model, so that there are tokens only."),
    )
    FEW_SESSIONS = (
        "few_sessions",
        _("Few sessions are over yet, so that the range is a rough one."),
    )
    NO_INTERVAL = "no_interval", _("One session gives no range.")
    CELLS_UNSEEN = (
        "cells_unseen",
        _(
            "Not every cell of the design has two sessions yet, and cells may differ in what they "
            "cost."
        ),
    )
    CACHED = (
        "cached",
        _(
            "Part of the prompt tokens came from the endpoint's cache; without it a session costs "
            "more."
        ),
    )
    NOT_COUNTED = (
        "not_counted",
        _("Some calls have no count of tokens; they are held to cost the most that they can."),
    )
    SIMULATED = "simulated", _("A scripted respondent calls no endpoint and costs nothing.")


class CallFlag(SentenceCode):
    """What is suspicious about a reply, although it may be an answer."""

    HISTORY_LOST = (
        "history_lost",
        _("The endpoint had dropped earlier turns of the session when it replied."),
    )
    REASONING_DROPPED = (
        "reasoning_dropped",
        _("The endpoint says that it left out earlier reasoning which was sent back to it."),
    )


class ClusterNote(SentenceCode):
    """How many independent draws the sessions of a panel are, and what that suffices for."""

    OWN_DRAWS = "own_draws", _("Each of the %(sessions)s sessions is a draw of its own.")
    FEW_SESSIONS = (
        "few_sessions",
        _(
            "Each of the %(sessions)s sessions is a draw of its own; with fewer than %(needed)s "
            "intervals will be wide and not to be trusted."
        ),
    )
    COUNTED = (
        "counted",
        _(
            "The %(sessions)s sessions are %(clusters)s clusters (%(shared)s): standard errors and "
            "intervals will count clusters, not sessions."
        ),
    )
    TOO_FEW = (
        "too_few",
        _(
            "The %(sessions)s sessions are %(clusters)s clusters (%(shared)s), and %(needed)s are "
            "needed: no standard error, interval or verdict will be given, estimates alone."
        ),
    )


class SharedDraw(SentenceCode):
    """What sessions of one cluster have in common."""

    PERSON = "person", _("sessions of one person")
    PERSONA = "persona", _("sessions of one persona")
    DONOR = "donor", _("sessions that are shown the answers of one respondent")
    WORDING = "wording", _("sessions of one wording")
    PROMPT = "prompt", _("the same prompt at temperature 0")
