"""What a questionnaire asks in one language, before any order is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from surveys.flow import NO_FLOW, Flow
from surveys.media import Medium
from surveys.presentation.errors import MalformedQuestionnaire
from surveys.questions import CHOICE, AnswerFormat, OpenFormat

Need = Literal["asked", "required", "free"]
"""What becomes of a question left open: asked once more, asked until answered, or let go."""
NEEDS: tuple[Need, ...] = ("asked", "required", "free")


def refs_of(ref: str, answered: AnswerFormat) -> tuple[str, ...]:
    """What an answer is stored under: the question's reference, or one for each part of it."""
    return tuple(f"{ref}_{part}" for part in answered.parts) or (ref,)


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """One item in one language; `options` are (scored value, label), ascending by value.

    There are none where its `format` is an open one. `media` are shown above its text.
    """

    ref: str
    text: str
    options: tuple[tuple[int, str], ...]
    format: AnswerFormat = CHOICE
    need: Need = "asked"
    media: tuple[Medium, ...] = ()

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
    media: tuple[Medium, ...] = ()


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

    With `shuffle_blocks` each seed has an order of blocks of its own. `flow` says what is varied
    between respondents, and who is shown what.
    """

    title: str
    language: str
    blocks: tuple[BlockContent, ...]
    shuffle_blocks: bool = False
    flow: Flow = NO_FLOW


Entry = QuestionContent | CheckContent


def entries_of(block: BlockContent) -> tuple[Entry, ...]:
    """Everything of a block that is answered: its items, then its checks."""
    return (*block.questions, *block.checks)


def require_well_formed(questionnaire: Questionnaire) -> None:
    """Raise `MalformedQuestionnaire` for what contradicts itself."""
    seen: set[str] = set()
    for block in questionnaire.blocks:
        for entry in entries_of(block):
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


def _is_open(entry: Entry) -> bool:
    return isinstance(entry, QuestionContent) and isinstance(entry.format, OpenFormat)


def _require_checks_inside(block: BlockContent) -> None:
    for check in block.checks:
        if not 0 <= check.after <= len(block.questions):
            raise MalformedQuestionnaire(
                f"{check.ref!r} stands after item {check.after} of block {block.key!r}, which has "
                f"{len(block.questions)}; choose 0 to {len(block.questions)}",
                code="check_outside_block",
            )
