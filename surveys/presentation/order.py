"""In which order a seed shows blocks and questions, and how a realised order is shown again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby

from surveys.presentation.content import BlockContent, Entry, Questionnaire, entries_of
from surveys.presentation.errors import OrderMismatch


def ordered_blocks(
    questionnaire: Questionnaire, block_order: Sequence[str] | None, seed: int
) -> Sequence[BlockContent]:
    """The blocks in `block_order`, else as they stand or, where they are shuffled, by the seed."""
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


def shuffled(block: BlockContent, seed: int) -> list[Entry]:
    """The items of a block in the order of the seed, each check in its place among them."""
    items = list(block.questions)
    if block.shuffle:
        items.sort(key=lambda item: hashlib.sha256(f"{seed}:{item.ref}".encode()).digest())
    entries: list[Entry] = []
    for shown in range(len(items) + 1):
        entries.extend(check for check in block.checks if check.after == shown)
        entries.extend(items[shown : shown + 1])
    return entries


def replayed(
    questionnaire: Questionnaire, order: Sequence[str], block_order: Sequence[str] | None
) -> list[tuple[BlockContent, list[Entry]]]:
    """Blocks with their entries in a realised order; `OrderMismatch` if it rearranges others."""
    if block_order is not None:
        raise OrderMismatch(
            "give either an order or a block order, not both", code="two_orders_given"
        )
    home: dict[str, tuple[BlockContent, Entry]] = {
        entry.ref: (block, entry) for block in questionnaire.blocks for entry in entries_of(block)
    }
    if sorted(order) != sorted(home):
        differing = sorted(set(order) ^ set(home)) or ["a repeated reference"]
        raise OrderMismatch(
            "the order to replay does not contain every question once; look at "
            + ", ".join(differing[:5]),
            code="order_mismatch",
        )
    runs: list[tuple[BlockContent, list[Entry]]] = []
    for _, run in groupby((home[ref] for ref in order), key=lambda placed: placed[0].key):
        blocks, entries = zip(*run, strict=True)
        runs.append((blocks[0], list(entries)))
    if len(runs) != len({block.key for block, _ in runs}):
        raise OrderMismatch(
            "the order to replay leaves a block and comes back to it; keep each block together",
            code="block_interrupted",
        )
    return runs
