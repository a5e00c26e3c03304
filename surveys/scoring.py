"""What an item measures, and its answers turned so that high always means much of it.

Scores of facets and constructs are means of oriented answers (`analysis.compare.data.samples`), so
they stay on the response scale and high means what the instrument's orientation says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.instrument_files import InstrumentDefinition, item_ref


class ValueOutsideScale(ValueError):
    """The value lies outside the response scale; it must be corrected or recorded as missing."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ItemKey:
    """What an item measures, and whether agreement speaks against it."""

    construct: str
    facet: str | None
    reverse_keyed: bool


def item_keys(by_block: Mapping[str, InstrumentDefinition]) -> dict[str, ItemKey]:
    """Return reference -> item key for the instruments of a study (block key -> instrument)."""
    return {
        item_ref(block, item.key): ItemKey(instrument.construct, item.facet, item.reverse_keyed)
        for block, instrument in by_block.items()
        for item in instrument.items
    }


def oriented(value: float, *, reverse_keyed: bool, minimum: float, maximum: float) -> float:
    """Return the value, or for a reverse-keyed item its mirror ``minimum + maximum - value``.

    Raises `ValueOutsideScale`.
    """
    if not minimum <= value <= maximum:
        raise ValueOutsideScale(
            f"{value} is outside the response scale; it runs from {minimum} to {maximum}",
            code="value_outside_scale",
        )
    return minimum + maximum - value if reverse_keyed else value
