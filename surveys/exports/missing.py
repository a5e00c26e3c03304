"""Codes for programs that want a number where a value is missing, and what the reasons mean."""

from collections.abc import Mapping

# Declined, no usable reply, never put to the respondent, an answer that is not scored. SPSS takes
# them as one value and one range.
DECLINED, UNUSABLE, NOT_ASKED, UNSCORED = -99, -98, -97, -96
MISSING_CODES: Mapping[str, tuple[int, str]] = {
    "skipped": (DECLINED, "left unanswered"),
    "refused": (DECLINED, "refused to answer"),
    "content_filter": (DECLINED, "stopped by the provider's content filter"),
    "no_answer": (UNUSABLE, "words that name no option"),
    "unparsable": (UNUSABLE, "a reply from which no answer could be read"),
    "schema_violation": (UNUSABLE, "a reply that broke the form asked for"),
    "out_of_range": (UNUSABLE, "a reply outside the options"),
    "truncated": (UNUSABLE, "a reply that was cut off"),
    "dont_know": (UNSCORED, "the answer offered for not knowing"),
    "not_applicable": (UNSCORED, "the answer offered for what does not apply"),
    "prefer_not_to_say": (DECLINED, "the answer offered for preferring not to say"),
    "no_opinion": (UNSCORED, "the answer offered for having no opinion"),
    "not_shown": (NOT_ASKED, "not shown"),
    "transport_error": (NOT_ASKED, "the call failed"),
    "context_length": (NOT_ASKED, "the session outgrew the model's context"),
    "budget_stop": (NOT_ASKED, "the session reached its bound"),
    "cancelled": (NOT_ASKED, "the panel was cancelled"),
}
CODE_LABELS: Mapping[int, str] = {
    DECLINED: "declined",
    UNUSABLE: "no usable reply",
    NOT_ASKED: "not asked",
    UNSCORED: "not scored",
}
# Stata knows letters where SPSS has numbers.
STATA_LETTERS: Mapping[int, str] = {DECLINED: "a", UNUSABLE: "b", NOT_ASKED: "c", UNSCORED: "d"}


def missing_code(reason: str) -> int:
    """The code of a reason; a reason that this version does not know is no usable reply."""
    return MISSING_CODES.get(reason, (UNUSABLE, ""))[0]
