"""Why something is refused, halts, ends or is remarked: a code, its arguments, and one sentence.

    Refusal        a use case said no
    HaltReason     a run gave up although sessions are open
    EndReason      a panel is over, and why
    BatchRemark    what became of a batch, or stands in its way
    CostNote       what qualifies a figure of what a panel will cost
    CallFlag       what is suspicious about a reply
    ClusterNote    what the analysis will make of so many sessions

What can be wrong with something that is written has its codes in `mistakes`.

Programs go by the code. People are told the sentence, the same on a page, over REST, by a command
and in a log; it names in ``%(name)s`` what varies, and `readout.sentences` says it in the reader's
language. Pure, so that the runner can deal in codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.codes import SentenceCode
from surveys.codes import marked as _

# The argument that holds the words of an endpoint or a provider, which are quoted and not ours.
SAID = "said"


class Refusal(SentenceCode):
    """What a use case of the panels says no to."""

    BATCH_HELD = (
        "batch_held",
        _("A worker is busy with batch %(batch)s. Pause the panel, then say it again."),
    )
    BATCH_MISSING = "batch_missing", _("Panel %(panel)s has no batch %(batch)s.")
    BATCH_NOT_LOST = (
        "batch_not_lost",
        _(
            "Batch %(batch)s is %(state)s. Only one that its provider did not know when it was "
            "last looked for can be counted as lost."
        ),
    )
    BATCH_NOT_OFFERED = (
        "batch_not_offered",
        _(
            "Nothing is known of batches at this panel's endpoint. If it takes them, whoever "
            "operates the server can write batch = true with the endpoint; else run the panel "
            "without."
        ),
    )
    BATCH_SCRIPTED = (
        "batch_scripted",
        _("A scripted panel replies at once; run it without batches."),
    )
    BLOCK_UNKNOWN = (
        "block_unknown",
        _("The study has no block %(block)s to ask. Its blocks: %(known)s."),
    )
    CAP_NEGATIVE = "cap_negative", _("A spend cap is 0 or more.")
    ENDPOINT_UNKNOWN = (
        "endpoint_unknown",
        _(
            "There is no endpoint %(endpoint)s. Choose one of those listed (%(known)s); whoever "
            "operates the server lists them in endpoints.toml."
        ),
    )
    ENDPOINTS_UNREADABLE = (
        "endpoints_unreadable",
        _(
            "The list of endpoints cannot be read, so that no endpoint is called. Whoever operates "
            "the server can mend it: manage.py check says what is wrong with it."
        ),
    )
    CLIENT_MISSING = (
        "api_client_missing",
        _(
            "The client of this endpoint's interface (%(api)s) is not installed. Whoever operates "
            "the server installs it with: pip install -c config/constraints.txt -e '.[%(extra)s]'"
        ),
    )
    GROUP_KEY_TAKEN = (
        "group_key_taken",
        _(
            "The study has a group %(key)s already; choose another name, or go on with the panel "
            "that has it."
        ),
    )
    HISTORY_GROUP_EMPTY = (
        "history_group_empty",
        _(
            "Nobody in group %(group)s has completed the study yet; recruit the panel when "
            "somebody has."
        ),
    )
    HISTORY_GROUP_UNKNOWN = (
        "history_group_unknown",
        _("The study has no group %(group)s to take a history from. Its groups: %(known)s."),
    )
    KEY_MISSING = (
        "api_key_missing",
        _("Set the environment variable %(variable)s to the endpoint's key."),
    )
    LANGUAGE_NOT_OFFERED = (
        "language_not_offered",
        _("The study is not available in %(language)s; choose one of: %(offered)s."),
    )
    LANGUAGE_WITHOUT_PROMPTS = (
        "language_without_prompts",
        _("There are no prompts in %(language)s yet; they exist in: %(known)s."),
    )
    NO_OPEN_READING = (
        "no_open_reading",
        _("No replies of panel %(panel)s wait to be read; draw a sample first."),
    )
    NOBODY_TO_MATCH = (
        "nobody_to_match",
        _("Nobody has completed this study yet; match the panel when people have."),
    )
    NOTHING_TO_TELL = (
        "nothing_to_tell",
        _("Every block of the study is asked, so that no answer is left to tell."),
    )
    NOTHING_TO_PROBE = (
        "nothing_to_probe",
        _("A scripted panel calls no endpoint, so that there is nothing to probe."),
    )
    NOTHING_TO_READ = (
        "nothing_to_read",
        _(
            "Panel %(panel)s has no reply yet that its parser read by its words; stated "
            "percentages are not among them."
        ),
    )
    NOTHING_LOST = (
        "nothing_lost",
        _("Panel %(panel)s has no turn that was lost for such a reason and could be asked again."),
    )
    PANEL_BUSY = (
        "panel_busy",
        _(
            "Workers hold sessions of panel %(panel)s, or a batch of it is under way. Pause it, or "
            "wait for the batch, then say it again."
        ),
    )
    PANEL_CANCELLED = (
        "panel_cancelled",
        _("Panel %(panel)s was cancelled; recruit a new one."),
    )
    PANEL_OVER = "panel_over", _("Panel %(panel)s is over; recruit a new one to go on.")
    PANEL_UNKNOWN = (
        "panel_unknown",
        _("There is no panel %(panel)s here; calls are kept where a panel was run."),
    )
    PILOT_TOO_SMALL = "pilot_too_small", _("A pilot has 1 session or more.")
    PRICE_UNKNOWN = (
        "price_unknown",
        _(
            "There is a spend cap, and no price is known for %(model)s. Lift the cap, or let "
            "whoever operates the server list the price with the endpoint's models."
        ),
    )
    PROMPT_VERSION_CHANGED = (
        "prompt_version_changed",
        _(
            "This panel was recruited for prompts %(recruited)s, and this installation has "
            "%(installed)s. Finish it with the version that it began with, or recruit anew."
        ),
    )
    READING_OPEN = (
        "reading_open",
        _("Replies of panel %(panel)s wait to be read already; read them first."),
    )
    READING_SIZE = "reading_size", _("A sample has from 2 to %(most)s replies.")
    READING_UNKNOWN = (
        "reading_unknown",
        _("%(reading)s is no reading of one of the replies that were drawn."),
    )
    SPEC_UNREADABLE = "panel_spec_unreadable", _("%(file)s cannot be read: %(reason)s.")
    STUDY_NEEDED = "study_needed", _("Say --study NAME, or --panel ID.")
    STUDY_NOT_OPEN = "study_not_open", _("Panels are recruited for an open study only.")


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
