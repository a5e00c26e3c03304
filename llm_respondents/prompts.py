"""A presentation, a persona and an arm become the messages that a model reads.

Pure: no Django, no network, no clock. The words of items and options come from
`surveys.presentation`, the same that fill the web form; only the frame around them is written here.
Whatever changes a single character of a message changes `PROMPT_VERSION`, which is stored with
every panel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from surveys.presentation import Page, Presentation, Question

PROMPT_VERSION = "1"

ItemsPerTurn = Literal["one", "page", "block"]
Elicitation = Literal["schema", "number", "label", "reason"]
History = Literal["full", "window", "block", "none"]

ITEMS_PER_TURN: tuple[ItemsPerTurn, ...] = ("one", "page", "block")
ELICITATIONS: tuple[Elicitation, ...] = ("schema", "number", "label", "reason")
HISTORIES: tuple[History, ...] = ("full", "window", "block", "none")


class Message(TypedDict):
    """One chat message, as it goes over the wire."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Arm:
    """How a session is conducted: what is varied between the arms of a design.

    ``history`` says which earlier turns are sent again: all ("full"), the last `window` ("window"),
    those of the same block ("block"), or none ("none").
    """

    items_per_turn: ItemsPerTurn = "one"
    elicitation: Elicitation = "schema"
    history: History = "full"
    window: int = 0

    @property
    def repeats_instruction(self) -> bool:
        """Whether earlier turns may be out of sight, so that each turn carries the instruction."""
        return self.history in ("window", "none")


@dataclass(frozen=True, slots=True)
class Turn:
    """The questions of one request and the user message that asks them; `index` counts from 0."""

    index: int
    block: str
    questions: tuple[Question, ...]
    text: str

    @property
    def refs(self) -> tuple[str, ...]:
        """References of the questions, in the order asked."""
        return tuple(question.ref for question in self.questions)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A closed turn as later turns see it: what was asked and what the model itself replied."""

    block: str
    question: Message
    reply: Message


@dataclass(frozen=True, slots=True)
class _Words:
    """The frame around a questionnaire in one language."""

    system_one: str
    system_many: str
    persona: str
    question: str
    schema: str
    schema_many: str
    number: str
    number_many: str
    label: str
    label_many: str
    reason: str
    reminder: str


_WORDS: Mapping[str, _Words] = {
    "en": _Words(
        system_one=(
            "You are answering a questionnaire. The questions come one at a time. There are no "
            "right or wrong answers: choose the answer that fits you best. Reply to each question "
            "in the form it asks for, and with nothing else."
        ),
        system_many=(
            "You are answering a questionnaire. The questions come several at a time. There are no "
            "right or wrong answers: for each question choose the answer that fits you best. Reply "
            "in the form asked for, and with nothing else."
        ),
        persona="Answer as the following person would:",
        question="Question {position} of {total}",
        schema='Reply with JSON: {"answer": the number of one option}.',
        schema_many=(
            'Reply with JSON: {"answers": an object that gives, for the number of each question, '
            "the number of one option}."
        ),
        number="Reply with the number of one option.",
        number_many=(
            "Reply with one line for each question: the number of the question, a colon, the "
            "number of one option."
        ),
        label="Reply with the exact words of one option.",
        label_many=(
            "Reply with one line for each question: the number of the question, a colon, the exact "
            "words of one option."
        ),
        reason=(
            'Reply with JSON: {"reason": your reason in one sentence, "answer": the number of one '
            "option}."
        ),
        reminder="Your last reply did not have the form asked for. Please answer again.",
    ),
    "de": _Words(
        system_one=(
            "Sie beantworten einen Fragebogen. Die Fragen kommen einzeln. Es gibt keine richtigen "
            "oder falschen Antworten: Wählen Sie die Antwort, die am besten auf Sie zutrifft. "
            "Antworten Sie auf jede Frage in der verlangten Form und mit nichts anderem."
        ),
        system_many=(
            "Sie beantworten einen Fragebogen. Es kommen jeweils mehrere Fragen zusammen. Es gibt "
            "keine richtigen oder falschen Antworten: Wählen Sie zu jeder Frage die Antwort, die "
            "am besten auf Sie zutrifft. Antworten Sie in der verlangten Form und mit nichts "
            "anderem."
        ),
        persona="Antworten Sie so, wie die folgende Person antworten würde:",
        question="Frage {position} von {total}",
        schema='Antworten Sie mit JSON: {"answer": die Nummer einer Antwortmöglichkeit}.',
        schema_many=(
            'Antworten Sie mit JSON: {"answers": ein Objekt, das zur Nummer jeder Frage die Nummer '
            "einer Antwortmöglichkeit angibt}."
        ),
        number="Antworten Sie mit der Nummer einer Antwortmöglichkeit.",
        number_many=(
            "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, Nummer einer "
            "Antwortmöglichkeit."
        ),
        label="Antworten Sie mit dem genauen Wortlaut einer Antwortmöglichkeit.",
        label_many=(
            "Antworten Sie mit einer Zeile je Frage: Nummer der Frage, Doppelpunkt, genauer "
            "Wortlaut einer Antwortmöglichkeit."
        ),
        reason=(
            'Antworten Sie mit JSON: {"reason": Ihre Begründung in einem Satz, "answer": die '
            "Nummer einer Antwortmöglichkeit}."
        ),
        reminder=(
            "Ihre letzte Antwort hatte nicht die verlangte Form. Bitte antworten Sie noch einmal."
        ),
    ),
}

PROMPT_LANGUAGES: tuple[str, ...] = tuple(_WORDS)


def _words(language: str) -> _Words:
    """The frame in `language`; a regional variant such as ``de-AT`` uses its base language."""
    return _WORDS.get(language.split("-")[0].lower(), _WORDS["en"])


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
    words = _words(language)
    text = wording or (words.system_one if arm.items_per_turn == "one" else words.system_many)
    if not persona:
        return text
    lines = "\n".join(f"- {label}: {value}" for label, value in persona)
    return f"{text}\n\n{words.persona}\n{lines}"


def reminder(language: str) -> str:
    """The sentence added to a question that is asked again."""
    return _words(language).reminder


def plan_turns(presentation: Presentation, arm: Arm) -> tuple[Turn, ...]:
    """Cut a presentation into the turns of one session, in the order shown to people."""
    turns: list[Turn] = []
    total = len(presentation.questions)
    seen_blocks: set[str] = set()
    for page, questions in _portions(presentation.pages, arm.items_per_turn):
        opening = page.block not in seen_blocks or arm.repeats_instruction
        seen_blocks.add(page.block)
        text = _turn_text(presentation.language, page, questions, total, arm, opening=opening)
        turns.append(Turn(len(turns), page.block, questions, text))
    return tuple(turns)


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


def _turn_text(
    language: str,
    page: Page,
    questions: Sequence[Question],
    total: int,
    arm: Arm,
    *,
    opening: bool,
) -> str:
    words = _words(language)
    parts = [part for part in (page.title, page.instruction) if part and opening]
    for question in questions:
        heading = words.question.format(position=question.position, total=total)
        parts.append(f"{heading}\n{question.text}\n{_options_text(question, arm)}")
    parts.append(_answer_form(words, arm, many=len(questions) > 1))
    return "\n\n".join(parts)


def _options_text(question: Question, arm: Arm) -> str:
    if arm.elicitation == "label":
        return "\n".join(f"- {option.label}" for option in question.options)
    return "\n".join(f"{option.code} = {option.label}" for option in question.options)


def _answer_form(words: _Words, arm: Arm, *, many: bool) -> str:
    if arm.elicitation == "reason":
        return words.reason
    if arm.elicitation == "schema":
        return words.schema_many if many else words.schema
    if arm.elicitation == "number":
        return words.number_many if many else words.number
    return words.label_many if many else words.label


def response_format(turn: Turn, arm: Arm) -> dict[str, Any] | None:
    """Return the JSON schema that admits exactly the displayed codes; None for plain text arms.

    Strict in the API's sense: every key is required and no other is allowed.
    """
    if arm.elicitation not in ("schema", "reason"):
        return None
    if len(turn.questions) == 1:
        properties: dict[str, Any] = {"answer": _codes_schema(turn.questions[0])}
        if arm.elicitation == "reason":
            properties = {"reason": {"type": "string"}, **properties}
    else:
        answers = {str(q.position): _codes_schema(q) for q in turn.questions}
        properties = {"answers": _object_schema(answers)}
    schema = {"name": "answer", "strict": True, "schema": _object_schema(properties)}
    return {"type": "json_schema", "json_schema": schema}


def _codes_schema(question: Question) -> dict[str, Any]:
    return {"type": "integer", "enum": [option.code for option in question.options]}


def _object_schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def messages(
    system: str, exchanges: Sequence[Exchange], turn: Turn, arm: Arm, *, note: str = ""
) -> list[Message]:
    """Return the messages of one request: system, the earlier turns in sight, the question.

    Earlier turns are real chat turns: the question as asked and the reply as received. `note` is
    appended to the question when it is asked again; later turns never see it.
    """
    sent: list[Message] = [{"role": "system", "content": system}]
    for exchange in _in_sight(exchanges, turn, arm):
        sent.append(exchange.question)
        sent.append(exchange.reply)
    text = f"{turn.text}\n\n{note}" if note else turn.text
    sent.append({"role": "user", "content": text})
    return sent


def _in_sight(exchanges: Sequence[Exchange], turn: Turn, arm: Arm) -> Sequence[Exchange]:
    if arm.history == "full":
        return exchanges
    if arm.history == "window":
        return exchanges[-arm.window :] if arm.window else ()
    if arm.history == "block":
        return [exchange for exchange in exchanges if exchange.block == turn.block]
    return ()


def exchange(turn: Turn, reply: str) -> Exchange:
    """Return a closed turn for the history of later ones; the reply is kept word for word."""
    return Exchange(
        turn.block,
        {"role": "user", "content": turn.text},
        {"role": "assistant", "content": reply},
    )
