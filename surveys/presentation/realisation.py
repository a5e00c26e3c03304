"""From a questionnaire and a seed to pages: order, codes from top to bottom, what shares a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from surveys.presentation.content import (
    BlockContent,
    CheckContent,
    Entry,
    QuestionContent,
    Questionnaire,
    require_well_formed,
)
from surveys.presentation.errors import PresentationError
from surveys.presentation.order import ordered_blocks, replayed, shuffled
from surveys.presentation.pages import Option, Page, Presentation, Question

SCALE_DIRECTIONS = ("forward", "reversed")


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
    require_well_formed(questionnaire)
    if order is not None:
        runs = replayed(questionnaire, order, block_order)
    else:
        blocks = ordered_blocks(questionnaire, block_order, seed)
        runs = [(block, shuffled(block, seed)) for block in blocks]
    pages = _pages(runs, descending=scale_direction == "reversed")
    return Presentation(questionnaire.language, seed, scale_direction, tuple(pages))


def _pages(runs: Iterable[tuple[BlockContent, list[Entry]]], *, descending: bool) -> Iterator[Page]:
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


def _sheets(entries: Iterable[Entry], items_per_page: int) -> Iterator[list[Entry]]:
    """Cut a block into pages; a full page is closed only by the next item, never by a check."""
    sheet: list[Entry] = []
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


def _prefaces(block: BlockContent, entries: Iterable[Entry]) -> dict[str, tuple[str, ...]]:
    """What is read before each item, by the item that is shown in that place."""
    items = [entry for entry in entries if isinstance(entry, QuestionContent)]
    found: dict[str, tuple[str, ...]] = {}
    for one in block.information:
        ref = items[one.after].ref
        found[ref] = (*found.get(ref, ()), one.text)
    return found


def _question(
    entry: Entry, block: str, position: int, preface: tuple[str, ...], *, descending: bool
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
