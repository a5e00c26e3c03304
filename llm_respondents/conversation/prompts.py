"""A presentation, a persona and an arm become the messages that a model reads.

Pure: no Django, no network, no clock. The words of items and options come from
`surveys.presentation`, the same that fill the web form; only the frame around them is written here.
Whatever changes a single character of a message changes `PROMPT_VERSION`, which is stored with
every panel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
)
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.turn_plan import TurnPlan, closing, plan_turns
from llm_respondents.conversation.turns import Correction, Exchange, Message, Turn
from llm_respondents.conversation.wording import PROMPT_LANGUAGES, words_in
from surveys.presentation import Question

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
    "TurnPlan",
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
    return f"{wrong} {words.again} {closing(words, arm, language, turn.questions)}"


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
    asked = turn.message(f"{turn.text}\n\n{note}" if note else turn.text)
    for said in corrections:
        if said.reply:
            sent.append(asked)
            sent.append({"role": "assistant", "content": said.reply})
            asked = {"role": "user", "content": said.note}
        else:
            # Not every endpoint takes an empty message, or two of the same role in a row.
            asked = {**asked, "content": f"{asked['content']}\n\n{said.note}"}
    sent.append(asked)
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
    return Exchange(turn.block, turn.message(turn.text), said)
