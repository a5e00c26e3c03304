"""What a model replied becomes an answer, or the reason why there is none. Values, not exceptions.

Strict on purpose: a reply is an answer only if it is nothing but an answer, and a reply to several
questions only if it is nothing but answers. "I would say 4, perhaps 5" and "Error 429: try again in
5 seconds" contain numbers and are no answers. Typography, a bullet, a code fence and the option's
own label beside its number change nothing in what was said and are tolerated. Words of refusal are
looked for only where no answer can be read, and never in JSON that parses.
"""

from __future__ import annotations

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.reading.finish_reasons import ending_of
from llm_respondents.conversation.reading.objects import from_json
from llm_respondents.conversation.reading.outcomes import (
    Answered,
    ContentFiltered,
    Missing,
    NoAnswer,
    OutOfRange,
    Parsed,
    Refusal,
    SchemaViolation,
    Truncated,
    Unparsable,
    excerpt,
)
from llm_respondents.conversation.reading.phrases import FENCE, LONGEST_ANSWER, from_text
from llm_respondents.conversation.turns import Turn
from llm_respondents.conversation.typography import unwrapped, whole, without_thoughts

__all__ = (
    "PARSER_VERSION",
    "Answered",
    "ContentFiltered",
    "Missing",
    "NoAnswer",
    "OutOfRange",
    "Parsed",
    "Refusal",
    "SchemaViolation",
    "Truncated",
    "Unparsable",
    "judge",
)

PARSER_VERSION = "7"


def judge(
    *, text: str, turn: Turn, arm: Arm, finish_reason: str = "stop", refusal: str = ""
) -> tuple[Parsed, ...]:
    """Return one outcome for each question of the turn, in the order asked. Never raises.

    `finish_reason` and `refusal` are the API's own fields; they outrank whatever the text says.
    What depends on the session's seed (`Turn.seed`), the order of options and what is drawn from a
    distribution, comes out the same whenever the reply is read again.
    """
    blanket = _from_envelope(text, finish_reason, refusal)
    if blanket is not None:
        return (blanket,) * len(turn.questions)
    said = _unfenced(unwrapped(whole(without_thoughts(text))), turn)
    return from_json(said, turn, arm) if arm.needs_schema else from_text(said, turn, arm)


def _unfenced(text: str, turn: Turn) -> str:
    """What stands in a fence that goes round the whole reply."""
    fenced = FENCE.fullmatch(text) if len(text) <= LONGEST_ANSWER * len(turn.questions) else None
    return fenced["inside"] if fenced else text


def _from_envelope(text: str, finish_reason: str, refusal: str) -> Missing | None:
    ending = ending_of(finish_reason)
    if ending == "withheld":
        return ContentFiltered(excerpt(text))
    if refusal or ending == "declined":
        return Refusal(excerpt(refusal or text))
    if ending == "cut":
        return Truncated(excerpt(text))
    if ending != "complete":
        return NoAnswer(f"the reply ended with {finish_reason[:40]!r}: {excerpt(text)}")
    return None
