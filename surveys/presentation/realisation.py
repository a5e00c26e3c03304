"""From a questionnaire and a seed to pages: order, codes from top to bottom, what shares a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from surveys.flow import Flow, answers_in, filled
from surveys.presentation.content import (
    BlockContent,
    CheckContent,
    Entry,
    InformationContent,
    QuestionContent,
    Questionnaire,
    require_well_formed,
)
from surveys.presentation.errors import PresentationError
from surveys.presentation.order import ordered_blocks, replayed, shuffled
from surveys.presentation.pages import Option, Page, Preface, Presentation, Question

SCALE_DIRECTIONS = ("forward", "reversed")
NO_CONDITION: Mapping[str, str] = MappingProxyType({})


def present(
    questionnaire: Questionnaire,
    *,
    seed: int,
    scale_direction: str = "forward",
    block_order: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
    condition: Mapping[str, str] = NO_CONDITION,
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

    `condition` (factor to level) says what is varied for this respondent: texts say the words of
    its levels. Nothing is left out of the pages; a page ends where an answer on it decides what
    comes next.

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
        runs = _drawn(questionnaire, seed, block_order)
    pages = _Pages(questionnaire, condition, descending=scale_direction == "reversed").of(runs)
    return Presentation(
        questionnaire.language,
        seed,
        scale_direction,
        tuple(pages),
        dict(condition),
        questionnaire.flow,
    )


def drawn_order(
    questionnaire: Questionnaire, *, seed: int, block_order: Sequence[str] | None = None
) -> tuple[str, ...]:
    """The `order` of the pages that `present` returns for this seed, without the pages."""
    runs = _drawn(questionnaire, seed, block_order)
    return tuple(entry.ref for _, entries in runs for entry in entries)


def _drawn(
    questionnaire: Questionnaire, seed: int, block_order: Sequence[str] | None
) -> list[tuple[BlockContent, list[Entry]]]:
    blocks = ordered_blocks(questionnaire, block_order, seed)
    return [(block, shuffled(block, seed)) for block in blocks]


class _Pages:
    """Makes the pages of one respondent."""

    def __init__(
        self, questionnaire: Questionnaire, condition: Mapping[str, str], *, descending: bool
    ) -> None:
        self._flow = questionnaire.flow
        self._condition = condition
        self._descending = descending
        asked = [one for block in questionnaire.blocks for one in block.questions]
        # An answer can be one of several that a question has.
        self._question_of = {ref: one.ref for one in asked for ref in (*one.refs, one.ref)}

    def of(self, runs: Iterable[tuple[BlockContent, list[Entry]]]) -> Iterator[Page]:
        position = 0
        number = 0
        for block, entries in runs:
            prefaces = _prefaces(block, entries)
            for sheet, decided in self._sheets(block, entries, prefaces):
                number += 1
                questions = tuple(
                    self._question(entry, block.key, position + offset, prefaces)
                    for offset, entry in enumerate(sheet, start=1)
                )
                position += len(questions)
                title, instruction = map(self._worded, (block.title, block.instruction))
                yield Page(number, block.key, title, instruction, questions, decided)

    def _sheets(
        self, block: BlockContent, entries: Iterable[Entry], prefaces: _Prefaces
    ) -> Iterator[tuple[list[Entry], bool]]:
        """Cut a block into pages, and tell of each whether pages before it decide it.

        A full page is closed only by the next item, never by a check; one with an answer that
        decides what comes next, or that is repeated there, by whatever comes next.
        """
        sheet: list[Entry] = []
        items = 0
        # Pages that can be asked together, as far as they are known.
        together: set[str] = set()
        for entry in entries:
            is_item = isinstance(entry, QuestionContent)
            full = is_item and items == block.items_per_page
            refs = {one.ref for one in sheet}
            if sheet and (full or self._decide(refs, block, [entry], prefaces)):
                decided = self._decide(together, block, sheet, prefaces)
                together = refs if decided else together | refs
                yield sheet, decided
                sheet, items = [], 0
            sheet.append(entry)
            items += is_item
        if sheet:
            yield sheet, self._decide(together, block, sheet, prefaces)

    def _decide(
        self, refs: set[str], block: BlockContent, entries: Iterable[Entry], prefaces: _Prefaces
    ) -> bool:
        """Whether answers to these questions decide what comes of the entries after them."""
        if refs & {self._question_of.get(one, one) for one in self._flow.deciding}:
            return True
        return any(refs & self._needed(block, entry, prefaces) for entry in entries)

    def _needed(self, block: BlockContent, entry: Entry, prefaces: _Prefaces) -> set[str]:
        """The questions whose answers must be known before an entry can be shown."""
        before = prefaces.get(entry.ref, ())
        return {
            self._question_of.get(name, name)
            for one in (entry, *before)
            for name in (*self._flow.answers_for(one.ref, block.key), *answers_in(one.text))
        }

    def _question(self, entry: Entry, block: str, position: int, prefaces: _Prefaces) -> Question:
        shown = reversed(entry.options) if self._descending else entry.options
        options = tuple(Option(code, *option) for code, option in enumerate(shown, start=1))
        text = self._worded(entry.text)
        if isinstance(entry, CheckContent):
            return Question(entry.ref, text, options, position, "attention", block)
        before = prefaces.get(entry.ref, ())
        return Question(
            entry.ref,
            text,
            options,
            position,
            "item",
            block,
            entry.format,
            entry.need,
            tuple(Preface(one.ref, self._worded(one.text), one.media) for one in before),
            entry.media,
        )

    def _worded(self, text: str) -> str:
        return filled(text, condition=lambda name: self._level(self._flow, name))

    def _level(self, flow: Flow, factor: str) -> str | None:
        return flow.words_for(factor, self._condition.get(factor, ""))


_Prefaces = Mapping[str, tuple[InformationContent, ...]]


def _prefaces(block: BlockContent, entries: Iterable[Entry]) -> _Prefaces:
    """What is read before each item, by the item that is shown in that place."""
    items = [entry for entry in entries if isinstance(entry, QuestionContent)]
    found: dict[str, tuple[InformationContent, ...]] = {}
    for one in block.information:
        ref = items[one.after].ref
        found[ref] = (*found.get(ref, ()), one)
    return found
