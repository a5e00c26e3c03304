"""The pages as a respondent sees them: options on display, questions in their places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from surveys.flow import NO_FLOW, Flow, answers_in
from surveys.media import Medium
from surveys.presentation.content import Need, refs_of
from surveys.presentation.errors import OptionNotShown, UnknownReference
from surveys.questions import CHOICE, AnswerFormat, Declared, Given, Mistaken, OpenFormat, Stored

QuestionKind = Literal["item", "attention"]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer on display: `code` is 1..k from top to bottom, `value` is what is scored."""

    code: int
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Preface:
    """What is read before a question, with what is shown above its text."""

    ref: str
    text: str
    media: tuple[Medium, ...] = ()

    @property
    def as_shown(self) -> object:
        """What of it counts for what a respondent was shown: a text alone is as it always was."""
        return [self.text, [one.shown for one in self.media]] if self.media else self.text


@dataclass(frozen=True, slots=True)
class Question:
    """One question as shown; `position` counts from 1 over the whole presentation.

    `preface` is what is read before it, `media` are shown above its text.
    Answers that are offered and not scored follow the options, with the codes that come next.
    """

    ref: str
    text: str
    options: tuple[Option, ...]
    position: int
    kind: QuestionKind
    block: str
    format: AnswerFormat = CHOICE
    need: Need = "asked"
    preface: tuple[Preface, ...] = ()
    media: tuple[Medium, ...] = ()

    @property
    def seen(self) -> tuple[Medium, ...]:
        """Everything that is shown before it is answered, in the order of the page."""
        return (*(medium for one in self.preface for medium in one.media), *self.media)

    @property
    def open(self) -> OpenFormat | None:
        """Its format, if its answer is no choice of one option."""
        return self.format if isinstance(self.format, OpenFormat) else None

    @property
    def refs(self) -> tuple[str, ...]:
        """What its answer is stored under: its own reference, or one for each part of it."""
        return refs_of(self.ref, self.format)

    @property
    def unscored(self) -> tuple[tuple[int, str], ...]:
        """(Displayed code, label) of the options that are not scored."""
        if self.open:
            return ()
        first = len(self.options) + 1
        return tuple((first + at, str(one.label)) for at, one in enumerate(self.format.unscored))

    def declared(self, given: Given) -> str:
        """The missing reason that is given by an answer that is not scored; empty for any other."""
        if isinstance(given, Declared):
            return given.reason if given.reason in self.declarable else ""
        place = given - len(self.options) if isinstance(given, int) and not self.open else 0
        return self.format.unscored[place - 1].reason if 0 < place <= len(self.unscored) else ""

    @property
    def declarable(self) -> tuple[str, ...]:
        """The missing reasons that it offers as answers."""
        return tuple(one.reason for one in self.format.unscored)

    def given_for(self, reason: str) -> Given:
        """What is given by its answer that is not scored and has this missing reason."""
        if self.open:
            return Declared(reason)
        return len(self.options) + 1 + self.declarable.index(reason)

    def stored(self, given: Given) -> tuple[Stored, ...]:
        """Return what is stored under each of `refs`; `OptionNotShown` if it is no answer."""
        if self.open is None:
            return (self.value_of(given),)  # type: ignore[arg-type]
        values = self.open.stored(given)
        if isinstance(values, Mistaken):
            sentence = values.code.sentence % values.arguments
            raise OptionNotShown(f"{self.ref}: {sentence}", code=values.code.value)
        return values

    def given(self, stored: Sequence[Stored]) -> Given:
        """Return what was given, of what is stored under each of `refs`."""
        return self.open.given(stored) if self.open else self.code_of(int(stored[0]))

    def option(self, code: int) -> Option:
        """Return the option with this code; `OptionNotShown` if none is on display."""
        for option in self.options:
            if option.code == code:
                return option
        raise OptionNotShown(
            f"{self.ref}: code {code} is not on display; choose 1 to {len(self.options)}",
            code="unknown_code",
        )

    def value_of(self, code: int) -> int:
        """Return the scored value behind a displayed code, whatever the scale direction."""
        return self.option(code).value

    def code_of(self, value: int) -> int:
        """Return the displayed code of a scored value, so that a stored answer can be shown."""
        for option in self.options:
            if option.value == value:
                return option.code
        raise OptionNotShown(
            f"{self.ref}: no option is scored {value}; the scored values are "
            f"{', '.join(str(option.value) for option in self.options)}",
            code="unknown_value",
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Questions shown together; `number` counts from 1, `block` is the block's key.

    `decided` says that it depends on answers to the page before, so that nobody, person or model,
    can be asked both at once.
    """

    number: int
    block: str
    title: str
    instruction: str
    questions: tuple[Question, ...]
    decided: bool = False


# No slots: cached_property keeps its value in the instance's __dict__.
@dataclass(frozen=True)
class Presentation:
    """The pages of one administration, fully ordered and coded.

    Texts say the levels of its `condition`. Where it `branches`, `Walk` says what of it is shown.
    """

    language: str
    seed: int
    scale_direction: str
    pages: tuple[Page, ...]
    condition: Mapping[str, str] = field(default_factory=dict)
    flow: Flow = NO_FLOW

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, items and checks, in the order shown."""
        return tuple(question for page in self.pages for question in page.questions)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The realised order as references; give it to `present` to show the same order again."""
        return tuple(question.ref for question in self.questions)

    @cached_property
    def _by_ref(self) -> dict[str, Question]:
        return {question.ref: question for question in self.questions}

    def question(self, ref: str) -> Question:
        """Return one question; `UnknownReference` if it is not part of this presentation."""
        try:
            return self._by_ref[ref]
        except KeyError:
            raise UnknownReference(
                f"{ref!r} is not a question of this presentation; see its order",
                code="unknown_reference",
            ) from None

    @cached_property
    def branches(self) -> bool:
        """Whether what is shown, or how it is worded, depends on conditions or answers."""
        return bool(self.flow.rules) or self.depends_on_answers

    @cached_property
    def depends_on_answers(self) -> bool:
        """Whether answers decide what comes after them, or are repeated."""
        if self.flow.exits or any(rule.answers for rule in self.flow.rules.values()):
            return True
        texts = (
            text for one in self.questions for text in (one.text, *(p.text for p in one.preface))
        )
        return any(True for text in texts for _ in answers_in(text))

    @cached_property
    def _places(self) -> dict[str, tuple[Question, int]]:
        return {ref: (one, at) for one in self.questions for at, ref in enumerate(one.refs)}

    def place_of(self, name: str) -> tuple[Question, int | None]:
        """The question of an answer, and which of its parts that is; None for all of them."""
        if name in self._by_ref and self.question(name).refs != (name,):
            return self.question(name), None
        if name not in self._places:
            return self.question(name), None
        return self._places[name]

    @cached_property
    def answers(self) -> int:
        """How many answers are stored when every question is answered or let go."""
        return sum(len(question.refs) for question in self.questions)

    def refs_of(self, ref: str) -> tuple[str, ...]:
        """What the answer to a question is stored under; nothing for an unknown question."""
        question = self._by_ref.get(ref)
        return question.refs if question else ()

    @cached_property
    def checksum(self) -> str:
        """SHA-256 (hex) of the words, options and order as shown.

        The seed is left out: two seeds that happen to show the same thing have the same checksum.
        """
        shown = [
            [page.block, page.title, page.instruction, [_as_shown(q) for q in page.questions]]
            for page in self.pages
        ]
        said = [self.language, shown, *([sorted(self.condition.items())] if self.condition else [])]
        canonical = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _as_shown(question: Question) -> list[object]:
    options: list[object] = [[one.code, one.value, one.label] for one in question.options]
    shown: list[object] = [question.ref, question.text, options]
    # Sessions of the time when there were options alone keep their checksums.
    values = question.format.values()
    before = [one.as_shown for one in question.preface]
    beside = [question.format.kind if question.open else "", values, before]
    if question.media:
        beside.append([one.shown for one in question.media])
    return [*shown, beside] if any(beside) else shown
