"""A presentation, a persona and an arm become the messages that a model reads.

Pure: no Django, no network, no clock. The words of items and options come from
`surveys.presentation`, the same that fill the web form; only the frame around them is written here.
Whatever changes a single character of a message changes `PROMPT_VERSION`, which is stored with
every panel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_respondents.conversation.arms import (
    ELICITATIONS,
    HISTORIES,
    ITEMS_PER_TURN,
    OPTION_MARKS,
    OPTION_ORDERS,
    REASONINGS,
    SESSION_VERSION,
    SESSION_VERSIONS,
    Arm,
    ItemsPerTurn,
)
from llm_respondents.conversation.choices import Choice, choices_of
from llm_respondents.conversation.turns import Correction, Exchange, Message, Turn
from llm_respondents.conversation.wording import PROMPT_LANGUAGES, Words, words_in
from surveys.presentation import Page, Presentation, Question
from surveys.questions import OpenFormat

__all__ = (
    "ELICITATIONS",
    "HISTORIES",
    "ITEMS_PER_TURN",
    "OPTION_MARKS",
    "OPTION_ORDERS",
    "PROMPT_LANGUAGES",
    "PROMPT_VERSION",
    "REASONINGS",
    "SESSION_VERSION",
    "SESSION_VERSIONS",
    "Arm",
    "Correction",
    "Exchange",
    "Message",
    "Turn",
    "correction",
    "exchange",
    "longest_note",
    "messages",
    "plan_turns",
    "reminder",
    "response_format",
    "system_prompt",
    "told_in_question",
)

PROMPT_VERSION = "1"
# So much of a reply that was no answer is shown when the question is asked again, in characters.
_LONGEST_QUOTE = 2000


def system_prompt(
    language: str,
    *,
    arm: Arm,
    persona: Sequence[tuple[str, str]] = (),
    wording: str = "",
) -> str:
    """Return the system message: how to reply and, if given, as whom.

    `persona` is a sequence of (label, value) as a respondent would read them. `wording` replaces
    the standard text when a panel varies it; the persona is appended in either case.
    """
    words = words_in(language)
    text = wording or words.system(arm)
    if not persona:
        return text
    lines = "\n".join(f"- {label}: {value}" for label, value in persona)
    return f"{text}\n\n{words.persona}\n{lines}"


def reminder(language: str) -> str:
    """The sentence added to a question that is asked again, in sessions of version 1."""
    return words_in(language).reminder


def correction(turn: Turn, arm: Arm, language: str, *, outcome: str, reply: str) -> Correction:
    """What a question that is asked again shows of the reply, and says of it.

    `outcome` is the reason why the reply is no answer.
    """
    quoted = reply if len(reply) <= _LONGEST_QUOTE else f"{reply[:_LONGEST_QUOTE]} …"
    return Correction(quoted, _note(turn, arm, language, outcome))


def longest_note(turn: Turn, arm: Arm, language: str) -> str:
    """The longest of what can be said when a question is asked again."""
    words = words_in(language)
    return max((_note(turn, arm, language, outcome) for outcome in words.wrong), key=len)


def _note(turn: Turn, arm: Arm, language: str, outcome: str) -> str:
    words = words_in(language)
    wrong = (words.wrong_open if turn.has_open else words.wrong)[outcome]
    return f"{wrong} {words.again} {_closing(words, arm, language, turn.questions)}"


def plan_turns(
    presentation: Presentation,
    arm: Arm,
    donated: Collection[str] | None = None,
    *,
    version: str = SESSION_VERSION,
) -> tuple[Turn, ...]:
    """Cut a presentation into the turns of one session, in the order shown to people.

    `version` is how the session is conducted, one of `SESSION_VERSIONS`.

    `donated` are the items to which a swapped or an own history can hold an answer. A turn with
    another one is never in sight of later ones, so that its block opens again after it.
    """
    turns: list[Turn] = []
    total = len(presentation.questions)
    language = presentation.language
    frame = _Frame(words_in(language), language, arm, presentation.seed, total, version)
    seen_blocks: set[str] = set()
    for page, questions in _portions(presentation.pages, arm.items_per_turn):
        opening = page.block not in seen_blocks or arm.repeats_instruction
        if donated is None or all(
            ref in donated for question in questions for ref in question.refs
        ):
            seen_blocks.add(page.block)
        said = "\n\n".join(part for part in (page.title, page.instruction) if part)
        text = _turn_text(frame, said if opening else "", questions)
        turns.append(
            Turn(
                len(turns),
                page.block,
                questions,
                text,
                presentation.seed,
                "" if opening else said,
                version,
            )
        )
    return tuple(turns)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same for all turns of a session: its words, arm, seed and number of questions."""

    words: Words
    language: str
    arm: Arm
    seed: int
    total: int
    version: str


def _portions(
    pages: Sequence[Page], items_per_turn: ItemsPerTurn
) -> Iterator[tuple[Page, tuple[Question, ...]]]:
    if items_per_turn == "one":
        for page in pages:
            for question in page.questions:
                yield page, (question,)
    elif items_per_turn == "page":
        for page in pages:
            yield page, page.questions
    else:
        by_block: dict[str, list[Page]] = {}
        for page in pages:
            by_block.setdefault(page.block, []).append(page)
        for group in by_block.values():
            yield group[0], tuple(question for page in group for question in page.questions)


def _turn_text(frame: _Frame, opening: str, questions: Sequence[Question]) -> str:
    parts = [opening] if opening else []
    for question in questions:
        parts += question.preface
        heading = frame.words.question.format(position=question.position, total=frame.total)
        below = _below(frame, question, many=len(questions) > 1)
        parts.append("\n".join(part for part in (heading, question.text, below) if part))
    parts.append(_closing(frame.words, frame.arm, frame.language, questions))
    return "\n\n".join(parts)


def _below(frame: _Frame, question: Question, *, many: bool) -> str:
    """What stands under a question: its options, or what an open one says of its answer."""
    if question.open is None:
        choices = choices_of(question, frame.arm, frame.seed, version=frame.version)
        return _options_text(choices, frame.arm)
    asked_for = frame.words.wanted.format(wanted=_wanted(question.open, frame.language))
    return "\n".join(part for part in (question.open.told(), asked_for if many else "") if part)


def _closing(words: Words, arm: Arm, language: str, questions: Sequence[Question]) -> str:
    """The sentence that closes a turn: in which form to reply."""
    asked = questions[0].open
    if len(questions) == 1 and asked:
        return words.open_form(arm).format(wanted=_wanted(asked, language))
    if any(question.open for question in questions):
        return words.mixed_form(arm)
    return words.form(arm, many=len(questions) > 1)


def _wanted(asked: OpenFormat, language: str) -> str:
    """What an answer is, and the words that may be given instead of one."""
    instead = "".join(words_in(language).instead.format(label=one.label) for one in asked.unscored)
    return f"{asked.wanted(language)}{instead}"


def _options_text(choices: Sequence[Choice], arm: Arm) -> str:
    if arm.elicitation == "label":
        return "\n".join(f"- {choice.label}" for choice in choices)
    return "\n".join(map(_option_text, choices))


def _option_text(choice: Choice) -> str:
    """A label that shows its mark is not numbered again."""
    return choice.label if choice.shows_mark else f"{choice.mark} = {choice.label}"


def response_format(turn: Turn, arm: Arm) -> dict[str, Any] | None:
    """Return the JSON schema that admits exactly the choices on display; None for text arms.

    Strict in the API's sense: every key is required and no other is allowed. With several
    questions in a turn, each has a schema of its own under its number.
    """
    if not arm.needs_schema:
        return None
    if len(turn.questions) == 1:
        properties = _answer_properties(turn, turn.questions[0], arm)
    else:
        answers = {str(q.position): _nested_schema(turn, q, arm) for q in turn.questions}
        properties = {"answers": _object_schema(answers)}
    schema = {"name": "answer", "strict": True, "schema": _object_schema(properties)}
    return {"type": "json_schema", "json_schema": schema}


def _answer_properties(turn: Turn, question: Question, arm: Arm) -> dict[str, Any]:
    answer = {"answer": _schema_of(turn, question, arm)}
    return {"reason": {"type": "string"}, **answer} if arm.elicitation == "reason" else answer


def _nested_schema(turn: Turn, question: Question, arm: Arm) -> dict[str, Any]:
    if arm.elicitation == "reason":
        return _object_schema(_answer_properties(turn, question, arm))
    return _schema_of(turn, question, arm)


def _schema_of(turn: Turn, question: Question, arm: Arm) -> dict[str, Any]:
    if question.open is None:
        return _value_schema(turn.choices(question, arm), arm)
    schema = question.open.schema()
    labels = [str(one.label) for one in question.open.unscored]
    return {"anyOf": [schema, {"type": "string", "enum": labels}]} if labels else schema


def _value_schema(choices: Sequence[Choice], arm: Arm) -> dict[str, Any]:
    if arm.elicitation == "distribution":
        # No bounds: not every endpoint takes them in a strict schema. The parser holds them.
        return _object_schema({choice.mark: {"type": "integer"} for choice in choices})
    if arm.option_marks == "letter":
        return {"type": "string", "enum": [choice.mark for choice in choices]}
    return {"type": "integer", "enum": [int(choice.mark) for choice in choices]}


def _object_schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def messages(
    system: str,
    exchanges: Sequence[Exchange],
    turn: Turn,
    arm: Arm,
    *,
    note: str = "",
    corrections: Sequence[Correction] = (),
) -> list[Message]:
    """Return the messages of one request: system, the earlier turns in sight, the question.

    Earlier turns are real chat turns: the question as asked and the reply as received. When the
    question is asked again, `corrections` are the replies to it so far, each followed by what is
    said to it, or (version 1) `note` is appended; later turns never see either.
    """
    sent: list[Message] = [{"role": "system", "content": system}]
    for exchange in _in_sight(exchanges, turn, arm):
        sent.append(exchange.question)
        sent.append(exchange.reply)
    text = f"{turn.text}\n\n{note}" if note else turn.text
    for said in corrections:
        if said.reply:
            sent.append({"role": "user", "content": text})
            sent.append({"role": "assistant", "content": said.reply})
            text = said.note
        else:
            # Not every endpoint takes an empty message, or two of the same role in a row.
            text = f"{text}\n\n{said.note}"
    sent.append({"role": "user", "content": text})
    return sent


def told_in_question(sent: Sequence[Message]) -> list[Message]:
    """The messages of a request for an endpoint that takes no system message: the first question
    begins with what it says.
    """
    system, first, *rest = sent
    text = f"{system['content']}\n\n{first['content']}"
    return [{**first, "content": text}, *rest]


def _in_sight(exchanges: Sequence[Exchange], turn: Turn, arm: Arm) -> Sequence[Exchange]:
    if arm.history in ("full", "swapped", "own"):
        return exchanges
    if arm.history == "window":
        return exchanges[-arm.window :] if arm.window else ()
    if arm.history == "block":
        return [exchange for exchange in exchanges if exchange.block == turn.block]
    return ()


def exchange(turn: Turn, reply: str, carried: Sequence[Any] = ()) -> Exchange:
    """Return a closed turn for the history of later ones; the reply is kept word for word."""
    said: Message = {"role": "assistant", "content": reply}
    if carried:
        said["carried"] = list(carried)
    return Exchange(turn.block, {"role": "user", "content": turn.text}, said)
