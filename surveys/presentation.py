"""One questionnaire and one seed become the pages a respondent reads.

The web form and the prompt both take their text, option labels and order from `present`, so that a
person and a model with the same seed read the same words in the same order. How an answer is given
is the business of `surveys.questions`. Nothing here knows Django, HTML or prompts.

References are stable names, unique within a questionnaire: ``<block>.<item>`` for items and
``check.<key>`` for attention checks.

    PresentationError(ValueError)
    ├── OptionNotShown       an answer names an option that the question does not show
    ├── UnknownReference     a reference that the presentation does not contain
    ├── OrderMismatch        an order that is no rearrangement of the questionnaire
    └── MalformedQuestionnaire   repeated references, a check outside its block, no options
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

from surveys.questions import (
    CHOICE,
    AnswerFormat,
    Declared,
    Given,
    Mistaken,
    OpenFormat,
    Stored,
)

QuestionKind = Literal["item", "attention"]
SCALE_DIRECTIONS = ("forward", "reversed")
Need = Literal["asked", "required", "free"]
"""What becomes of a question left open: asked once more, asked until answered, or let go."""
NEEDS: tuple[Need, ...] = ("asked", "required", "free")


class PresentationError(ValueError):
    """A questionnaire cannot be presented, or an answer does not fit what was presented."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class OptionNotShown(PresentationError):
    """The code is none of the codes on display; the answer is outside the response scale."""


class UnknownReference(PresentationError):
    """The reference names no question of this presentation."""


class OrderMismatch(PresentationError):
    """The order asked for is not a rearrangement of the questionnaire's own parts."""


class MalformedQuestionnaire(PresentationError):
    """The questionnaire contradicts itself and must be corrected before it is shown."""


def refs_of(ref: str, answered: AnswerFormat) -> tuple[str, ...]:
    """What an answer is stored under: the question's reference, or one for each part of it."""
    return tuple(f"{ref}_{part}" for part in answered.parts) or (ref,)


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """One item in one language; `options` are (scored value, label), ascending by value.

    There are none where its `format` is an open one.
    """

    ref: str
    text: str
    options: tuple[tuple[int, str], ...]
    format: AnswerFormat = CHOICE
    need: Need = "asked"

    @property
    def refs(self) -> tuple[str, ...]:
        """What its answer is stored under; see `Question.refs`."""
        return refs_of(self.ref, self.format)


@dataclass(frozen=True, slots=True)
class CheckContent:
    """One attention check, shown when `after` items of its block have been shown (0: first)."""

    ref: str
    text: str
    options: tuple[tuple[int, str], ...]
    after: int


@dataclass(frozen=True, slots=True)
class InformationContent:
    """A text that is read before the item that follows it: `after` so many items of its block."""

    ref: str
    text: str
    after: int


@dataclass(frozen=True, slots=True)
class BlockContent:
    """The questions of one instrument under one title and instruction.

    `items_per_page` counts items only: a check shares the page of the item that it follows.
    """

    key: str
    title: str
    instruction: str
    questions: tuple[QuestionContent, ...]
    checks: tuple[CheckContent, ...] = ()
    items_per_page: int = 8
    shuffle: bool = True
    information: tuple[InformationContent, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Everything a respondent is asked, in one language, before any order is chosen.

    With `shuffle_blocks` each seed has an order of blocks of its own.
    """

    title: str
    language: str
    blocks: tuple[BlockContent, ...]
    shuffle_blocks: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One answer on display: `code` is 1..k from top to bottom, `value` is what is scored."""

    code: int
    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question as shown; `position` counts from 1 over the whole presentation.

    `preface` are the texts that are read before it. Answers that are offered and not scored follow
    the options, with the codes that come next.
    """

    ref: str
    text: str
    options: tuple[Option, ...]
    position: int
    kind: QuestionKind
    block: str
    format: AnswerFormat = CHOICE
    need: Need = "asked"
    preface: tuple[str, ...] = ()

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
    """Questions shown together; `number` counts from 1, `block` is the block's key."""

    number: int
    block: str
    title: str
    instruction: str
    questions: tuple[Question, ...]


# No slots: cached_property keeps its value in the instance's __dict__.
@dataclass(frozen=True)
class Presentation:
    """The pages of one administration, fully ordered and coded."""

    language: str
    seed: int
    scale_direction: str
    pages: tuple[Page, ...]

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
        canonical = json.dumps([self.language, shown], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _as_shown(question: Question) -> list[object]:
    options: list[object] = [[one.code, one.value, one.label] for one in question.options]
    shown: list[object] = [question.ref, question.text, options]
    # Sessions of the time when there were options alone keep their checksums.
    values = question.format.values()
    beside = [question.format.kind if question.open else "", values, list(question.preface)]
    return [*shown, beside] if any(beside) else shown


def present(
    questionnaire: Questionnaire,
    *,
    seed: int,
    scale_direction: str = "forward",
    block_order: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> Presentation:
    """Return the pages that a respondent with this seed sees.

    Items of a block with ``shuffle`` are sorted by SHA-256 of ``f"{seed}:{ref}"``. The rule is part
    of the record of every study that was ever run and never changes; it needs no random number
    generator, so the same order can be worked out in any language.

    ``scale_direction="reversed"`` shows the options from the highest value to the lowest. Codes
    are numbered 1..k as displayed in either direction, and each option keeps its scored value.

    Blocks keep the order of the questionnaire or, with its ``shuffle_blocks``, are sorted by
    SHA-256 of ``f"{seed}:block:{key}"``. `block_order` (block keys) replaces their order. `order`
    (references, checks included) replays a realised order and takes precedence over the seed; it
    cannot be combined with `block_order`.

    Raises `MalformedQuestionnaire`, `OrderMismatch`, or `PresentationError` for an unknown
    direction.
    """
    if scale_direction not in SCALE_DIRECTIONS:
        raise PresentationError(
            f"unknown scale direction {scale_direction!r}; use 'forward' or 'reversed'",
            code="unknown_scale_direction",
        )
    _require_well_formed(questionnaire)
    if order is not None:
        runs = _replayed(questionnaire, order, block_order)
    else:
        blocks = _ordered_blocks(questionnaire, block_order, seed)
        runs = [(block, _shuffled(block, seed)) for block in blocks]
    pages = _pages(runs, descending=scale_direction == "reversed")
    return Presentation(questionnaire.language, seed, scale_direction, tuple(pages))


_Entry = QuestionContent | CheckContent


def _entries(block: BlockContent) -> tuple[_Entry, ...]:
    return (*block.questions, *block.checks)


def _require_well_formed(questionnaire: Questionnaire) -> None:
    seen: set[str] = set()
    for block in questionnaire.blocks:
        for entry in _entries(block):
            if entry.ref in seen:
                raise MalformedQuestionnaire(
                    f"reference {entry.ref!r} occurs twice; give every question its own",
                    code="repeated_reference",
                )
            if not entry.options and not _is_open(entry):
                raise MalformedQuestionnaire(
                    f"{entry.ref!r} has no options; give it a response scale", code="no_options"
                )
            seen.add(entry.ref)
        _require_checks_inside(block)
        if block.items_per_page < 1:
            raise MalformedQuestionnaire(
                f"block {block.key!r}: items_per_page must be 1 or more", code="items_per_page"
            )


def _is_open(entry: _Entry) -> bool:
    return isinstance(entry, QuestionContent) and isinstance(entry.format, OpenFormat)


def _require_checks_inside(block: BlockContent) -> None:
    for check in block.checks:
        if not 0 <= check.after <= len(block.questions):
            raise MalformedQuestionnaire(
                f"{check.ref!r} stands after item {check.after} of block {block.key!r}, which has "
                f"{len(block.questions)}; choose 0 to {len(block.questions)}",
                code="check_outside_block",
            )


def _ordered_blocks(
    questionnaire: Questionnaire, block_order: Sequence[str] | None, seed: int
) -> Sequence[BlockContent]:
    blocks = questionnaire.blocks
    if block_order is None:
        return _shuffled_blocks(blocks, seed) if questionnaire.shuffle_blocks else blocks
    by_key = {block.key: block for block in blocks}
    if sorted(block_order) != sorted(by_key):
        raise OrderMismatch(
            f"block order {list(block_order)} does not rearrange the blocks {list(by_key)}",
            code="block_order_mismatch",
        )
    return [by_key[key] for key in block_order]


def _shuffled_blocks(blocks: Sequence[BlockContent], seed: int) -> list[BlockContent]:
    def place(block: BlockContent) -> bytes:
        return hashlib.sha256(f"{seed}:block:{block.key}".encode()).digest()

    return sorted(blocks, key=place)


def _shuffled(block: BlockContent, seed: int) -> list[_Entry]:
    items = list(block.questions)
    if block.shuffle:
        items.sort(key=lambda item: hashlib.sha256(f"{seed}:{item.ref}".encode()).digest())
    entries: list[_Entry] = []
    for shown in range(len(items) + 1):
        entries.extend(check for check in block.checks if check.after == shown)
        entries.extend(items[shown : shown + 1])
    return entries


def _replayed(
    questionnaire: Questionnaire, order: Sequence[str], block_order: Sequence[str] | None
) -> list[tuple[BlockContent, list[_Entry]]]:
    if block_order is not None:
        raise OrderMismatch(
            "give either an order or a block order, not both", code="two_orders_given"
        )
    home: dict[str, tuple[BlockContent, _Entry]] = {
        entry.ref: (block, entry) for block in questionnaire.blocks for entry in _entries(block)
    }
    if sorted(order) != sorted(home):
        differing = sorted(set(order) ^ set(home)) or ["a repeated reference"]
        raise OrderMismatch(
            "the order to replay does not contain every question once; look at "
            + ", ".join(differing[:5]),
            code="order_mismatch",
        )
    runs: list[tuple[BlockContent, list[_Entry]]] = []
    for _, run in groupby((home[ref] for ref in order), key=lambda placed: placed[0].key):
        blocks, entries = zip(*run, strict=True)
        runs.append((blocks[0], list(entries)))
    if len(runs) != len({block.key for block, _ in runs}):
        raise OrderMismatch(
            "the order to replay leaves a block and comes back to it; keep each block together",
            code="block_interrupted",
        )
    return runs


def _pages(
    runs: Iterable[tuple[BlockContent, list[_Entry]]], *, descending: bool
) -> Iterator[Page]:
    position = 0
    number = 0
    for block, entries in runs:
        prefaces = _prefaces(block, entries)
        for sheet in _sheets(entries, block.items_per_page):
            number += 1
            questions = tuple(
                _question(
                    entry,
                    block.key,
                    position + offset,
                    prefaces.get(entry.ref, ()),
                    descending=descending,
                )
                for offset, entry in enumerate(sheet, start=1)
            )
            position += len(questions)
            yield Page(number, block.key, block.title, block.instruction, questions)


def _sheets(entries: Iterable[_Entry], items_per_page: int) -> Iterator[list[_Entry]]:
    """Cut a block into pages; a full page is closed only by the next item, never by a check."""
    sheet: list[_Entry] = []
    items = 0
    for entry in entries:
        is_item = isinstance(entry, QuestionContent)
        if is_item and items == items_per_page:
            yield sheet
            sheet, items = [], 0
        sheet.append(entry)
        items += is_item
    if sheet:
        yield sheet


def _prefaces(block: BlockContent, entries: Iterable[_Entry]) -> dict[str, tuple[str, ...]]:
    """What is read before each item, by the item that is shown in that place."""
    items = [entry for entry in entries if isinstance(entry, QuestionContent)]
    found: dict[str, tuple[str, ...]] = {}
    for one in block.information:
        ref = items[one.after].ref
        found[ref] = (*found.get(ref, ()), one.text)
    return found


def _question(
    entry: _Entry, block: str, position: int, preface: tuple[str, ...], *, descending: bool
) -> Question:
    shown = reversed(entry.options) if descending else entry.options
    options = tuple(Option(code, *option) for code, option in enumerate(shown, start=1))
    if isinstance(entry, CheckContent):
        return Question(entry.ref, entry.text, options, position, "attention", block)
    return Question(
        entry.ref,
        entry.text,
        options,
        position,
        "item",
        block,
        entry.format,
        entry.need,
        preface,
    )


def first_open_page(presentation: Presentation, answered: Container[str]) -> int:
    """The number of the first page with an unanswered question; one more than the last if none."""
    for page in presentation.pages:
        if any(question.ref not in answered for question in page.questions):
            return page.number
    return len(presentation.pages) + 1
