"""What a model replied becomes an answer, or the reason why there is none. Values, not exceptions.

Strict on purpose: a reply is an answer only if it is nothing but an answer. "I would say 4, perhaps
5" and "Error 429: try again in 5 seconds" contain numbers and are no answers. Markdown marks, a
final full stop, a code fence and the option's own label beside its number change nothing in what
was said and are tolerated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.distributions import Stated, drawn, read_percentages
from llm_respondents.conversation.prompts import Turn
from surveys.presentation import Question

PARSER_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Answered:
    """The displayed code of exactly one option.

    Where a distribution was asked for, `code` is drawn from it and `stated` is the whole:
    (displayed code, share) of each option, in the order of the codes.
    """

    code: int
    stated: Stated = ()
    reason: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model declined in words or through the API's refusal field."""

    detail: str
    reason: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True)
class ContentFiltered:
    """The provider withheld the reply."""

    detail: str = ""
    reason: ClassVar[str] = "content_filter"


@dataclass(frozen=True, slots=True)
class Truncated:
    """The reply ended at the token limit; even a number in it may be cut short."""

    detail: str = ""
    reason: ClassVar[str] = "truncated"


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """JSON was asked for and something else came, or JSON of another shape."""

    detail: str
    reason: ClassVar[str] = "schema_violation"


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Text in which no single answer can be recognised without guessing."""

    detail: str
    reason: ClassVar[str] = "unparsable"


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A number or letter that stands before none of the options on display."""

    detail: str
    reason: ClassVar[str] = "out_of_range"


Missing = Refusal | ContentFiltered | Truncated | SchemaViolation | Unparsable | OutOfRange
Parsed = Answered | Missing

_SAYING = (
    r"(?:(?:my|the|meine|die)\s+)?"
    r"(?:(?:answer|response|choice|option|antwort|wahl)(?:\s+(?:is|ist|lautet))?\s*[:=]?\s*)?"
)
_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)?"
# What a reply that names an option by its mark may look like, by the marks on display. Behind a
# letter something other than a word must follow, or every word would begin with an answer.
_ANSWER_FORMS = {
    "number": re.compile(
        rf"{_SAYING}[(\[]?(?P<mark>{_NUMBER})[)\]]?(?:\s*(?:=|[-–—:.)])?\s*(?P<label>\D.*))?",
        re.IGNORECASE | re.DOTALL,
    ),
    "letter": re.compile(
        rf"{_SAYING}[(\[]?(?P<mark>[A-Z])(?!\w)[)\]]?(?:\s*(?:=|[-–—:.)])?\s*(?P<label>.+))?",
        re.IGNORECASE | re.DOTALL | re.ASCII,
    ),
}
_LINE_FORM = re.compile(
    r"\s*(?:question|frage)?\s*(?P<position>[0-9]+)\s*[:.)]\s*(?P<answer>.+)", re.IGNORECASE
)
_FENCE = re.compile(r"```[a-z]*\s*(?P<inside>.*?)\s*```", re.DOTALL | re.IGNORECASE)
_MARKS = " \t\r\n*_`\"'“”„«».!"
_REFUSALS = re.compile(
    r"""
    \b(?:i|we)\s+(?:can\s?not|can't|cannot|won't|will\s+not|am\s+(?:not\s+able|unable)|
        must\s+decline|decline|refuse|would\s+(?:prefer|rather)\s+not|prefer\s+not|
        (?:do\s+not|don't)\s+have\s+(?:any\s+)?(?:personal|an?\s+opinion|opinions|feelings|
        preferences|experiences|beliefs))
    | \bi'm\s+(?:not\s+able|unable|sorry)
    | \b(?:i|we)'d\s+(?:prefer|rather)\s+not\b
    | \bas\s+an?\s+(?:ai|artificial|large\s+language|language\s+model)\b
    | \bprefer\s+not\s+to\s+(?:answer|say)\b
    | \b(?:ich|wir)\s+(?:kann|können|möchte|möchten|darf|will|werde)\b[^.!?]{0,80}\bnicht\b
    | \b(?:kann|möchte|darf|werde)\s+ich\b[^.!?]{0,80}\b(?:nicht|keine)\b
    | \bich\s+(?:habe|besitze)\s+(?:als\s+\S+\s+)?keine\s+(?:eigene|persönliche|meinung|gefühle)
    | \b(?:habe|besitze)\s+ich\s+keine\s+(?:eigene|persönliche|meinung|gefühle)
    | \bals\s+(?:eine?\s+)?(?:ki|künstliche\s+intelligenz|sprachmodell)\b
    | \bkeine\s+angabe\b
    | \btut\s+mir\s+leid\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A reply is one short answer; what is longer is no answer, and need not be searched for one.
_LONGEST_ANSWER = 2_000


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
    outcomes = _from_json(text, turn, arm) if arm.needs_schema else _from_text(text, turn, arm)
    if any(isinstance(outcome, Answered | OutOfRange) for outcome in outcomes):
        return outcomes
    if _REFUSALS.search(_straight(text[:_LONGEST_ANSWER])):
        return (Refusal(_excerpt(text)),) * len(turn.questions)
    return outcomes


def _from_envelope(text: str, finish_reason: str, refusal: str) -> Missing | None:
    if finish_reason == "content_filter":
        return ContentFiltered(_excerpt(text))
    if refusal:
        return Refusal(_excerpt(refusal))
    if finish_reason == "length":
        return Truncated(_excerpt(text))
    return None


def _from_json(text: str, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    fenced = _FENCE.fullmatch(text.strip()[: _LONGEST_ANSWER * len(turn.questions)])
    try:
        found = json.loads(fenced["inside"] if fenced else text, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError):
        return (SchemaViolation(f"not JSON: {_excerpt(text)}"),) * len(turn.questions)
    if len(turn.questions) == 1:
        return (_from_object(found, turn, turn.questions[0], arm),)
    if not isinstance(found, dict) or set(found) != {"answers"}:
        return (SchemaViolation("expected an object with answers"),) * len(turn.questions)
    return _from_answers(found["answers"], turn, arm)


def _from_object(found: object, turn: Turn, question: Question, arm: Arm) -> Parsed:
    expected = {"answer", "reason"} if arm.elicitation == "reason" else {"answer"}
    if not isinstance(found, dict) or set(found) != expected:
        return SchemaViolation(f"expected an object with {', '.join(sorted(expected))}")
    return _from_value(found["answer"], turn, question, arm)


def _from_answers(answers: object, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    if not isinstance(answers, Mapping):
        return (SchemaViolation("answers is no object"),) * len(turn.questions)
    read = _from_object if arm.elicitation == "reason" else _from_value
    return tuple(
        read(answers[str(question.position)], turn, question, arm)
        if str(question.position) in answers
        else SchemaViolation(f"no answer to question {question.position}")
        for question in turn.questions
    )


def _from_value(value: object, turn: Turn, question: Question, arm: Arm) -> Parsed:
    choices = turn.choices(question, arm)
    if arm.elicitation == "distribution":
        return _from_percentages(value, turn, question, choices)
    if arm.option_marks == "letter":
        if not isinstance(value, str):
            return SchemaViolation(f"expected a letter, found {_excerpt(repr(value))}")
        return _from_mark(value, choices)
    # bool is an int in Python and `true` is no option.
    if not isinstance(value, int) or isinstance(value, bool):
        return SchemaViolation(f"expected a whole number, found {_excerpt(repr(value))}")
    return _from_mark(str(value), choices)


def _from_percentages(
    value: object, turn: Turn, question: Question, choices: Sequence[Choice]
) -> Parsed:
    percentages = read_percentages(value, choices)
    if isinstance(percentages, str):
        return SchemaViolation(percentages)
    code, stated = drawn(percentages, seed=turn.seed, ref=question.ref)
    return Answered(code, stated)


def _from_mark(mark: str, choices: Sequence[Choice]) -> Parsed:
    for choice in choices:
        if choice.mark == mark:
            return Answered(choice.code)
    return OutOfRange(f"{_excerpt(mark)} is none of {choices[0].mark} to {choices[-1].mark}")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject an object that names a key twice: which of the two answers is meant is unknown."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def _from_text(text: str, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    if len(text) > _LONGEST_ANSWER * len(turn.questions):
        return (Unparsable("longer than any answer"),) * len(turn.questions)
    if len(turn.questions) == 1:
        return (_from_phrase(text, turn, turn.questions[0], arm),)
    lines = [found for line in text.splitlines() if (found := _LINE_FORM.fullmatch(line))]
    phrases: dict[int, str | None] = {}
    for found in lines:
        position = int(found["position"][:6])
        # Two lines for one question contradict each other unless they agree; neither is taken.
        phrases[position] = None if position in phrases else found["answer"]
    return tuple(_from_line(phrases, turn, question, arm) for question in turn.questions)


def _from_line(
    phrases: Mapping[int, str | None], turn: Turn, question: Question, arm: Arm
) -> Parsed:
    if question.position not in phrases:
        return Unparsable(f"no line for question {question.position}")
    phrase = phrases[question.position]
    if phrase is None:
        return Unparsable(f"several lines for question {question.position}")
    return _from_phrase(phrase, turn, question, arm)


def _from_phrase(text: str, turn: Turn, question: Question, arm: Arm) -> Parsed:
    phrase = _straight(text).strip(_MARKS)
    named = [option.code for option in question.options if _same(option.label, phrase)]
    if len(named) == 1:
        return Answered(named[0])
    form = _ANSWER_FORMS[arm.option_marks].fullmatch(phrase)
    if form is None or arm.elicitation == "label":
        return Unparsable(_excerpt(text) or "empty reply")
    label = (form["label"] or "").strip(_MARKS + "()[]")
    outcome = _from_named(form["mark"], turn.choices(question, arm))
    if label and not (
        isinstance(outcome, Answered) and _same(question.option(outcome.code).label, label)
    ):
        return Unparsable(_excerpt(text))
    return outcome


def _from_named(mark: str, choices: Sequence[Choice]) -> Parsed:
    """The option with a mark as it may be written in text: ``4``, ``+4``, ``04``, ``b``."""
    number = mark.strip("+").replace(",", ".")
    if "." in number or len(number) > 9:
        return OutOfRange(f"{number[:20]} is no option")
    return _from_mark(number.upper() if number.isalpha() else str(int(number)), choices)


def _same(label: str, phrase: str) -> bool:
    return _straight(label).strip(_MARKS).casefold() == phrase.casefold()


def _straight(text: str) -> str:
    """Straighten apostrophes and join white space, so that typography decides nothing."""
    return " ".join(text.replace("’", "'").replace("ʼ", "'").split())


def _excerpt(text: str) -> str:
    return text.strip()[:200]
