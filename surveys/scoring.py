"""From answers to scores: orientation, means with a missing-answer rule, and acquiescence.

A score is a mean of oriented answers, so it stays on the response scale (1 to 7, say) and high
always means what the instrument's orientation says. A missing answer is never replaced by a
number: a mean is taken over the answers given, or there is no score (None).

    ScoringError(ValueError)
    └── ValueOutsideScale    a value that the response scale does not have
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from surveys.instrument_files import InstrumentDefinition, item_ref

MAX_MISSING_SHARE = 1 / 3
"""Share of a scale's items that may be unanswered: one of three, two of six."""

Answers = Mapping[str, int | None]
"""Reference -> scored value as answered (not oriented), None where the answer is missing."""

_Group = TypeVar("_Group")


class ScoringError(ValueError):
    """Answers that cannot be scored."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class ValueOutsideScale(ScoringError):
    """The value lies outside the response scale; it must be corrected or recorded as missing."""


@dataclass(frozen=True, slots=True)
class ItemKey:
    """What an item measures, and whether agreement speaks against it."""

    construct: str
    facet: str | None
    reverse_keyed: bool


@dataclass(frozen=True, slots=True)
class ScoringKey:
    """An item's key with the lowest and highest value of its response scale."""

    item: ItemKey
    minimum: int
    maximum: int

    def oriented(self, value: int) -> int:
        """Turn an answer so that high means much of the construct; see `oriented`."""
        return oriented(
            value,
            reverse_keyed=self.item.reverse_keyed,
            minimum=self.minimum,
            maximum=self.maximum,
        )


def scoring_keys(by_block: Mapping[str, InstrumentDefinition]) -> dict[str, ScoringKey]:
    """Return reference -> scoring key for the instruments of a study (block key -> instrument)."""
    keys = {}
    for block, instrument in by_block.items():
        ranges = {scale.key: scale.values for scale in instrument.response_scales}
        for item in instrument.items:
            values = ranges[item.response_scale]
            key = ItemKey(instrument.construct, item.facet, item.reverse_keyed)
            keys[item_ref(block, item.key)] = ScoringKey(key, values[0], values[-1])
    return keys


def item_keys(by_block: Mapping[str, InstrumentDefinition]) -> dict[str, ItemKey]:
    """Return reference -> item key for the instruments of a study (block key -> instrument)."""
    return {ref: key.item for ref, key in scoring_keys(by_block).items()}


def oriented(value: int, *, reverse_keyed: bool, minimum: int, maximum: int) -> int:
    """Return the value, or for a reverse-keyed item its mirror ``minimum + maximum - value``.

    Raises `ValueOutsideScale`.
    """
    if not minimum <= value <= maximum:
        raise ValueOutsideScale(
            f"{value} is outside the response scale; it runs from {minimum} to {maximum}",
            code="value_outside_scale",
        )
    return minimum + maximum - value if reverse_keyed else value


def oriented_answers(answers: Answers, keys: Mapping[str, ScoringKey]) -> dict[str, int | None]:
    """Orient the answers of every item that has a key; what was never answered is None."""
    found = {ref: answers.get(ref) for ref in keys}
    return {
        ref: None if value is None else keys[ref].oriented(value) for ref, value in found.items()
    }


def scale_score(
    values: Sequence[float | None], *, max_missing_share: float = MAX_MISSING_SHARE
) -> float | None:
    """Return the mean of the oriented values given, or None if too many are missing.

    None is also the score of nothing answered at all, whatever share is allowed.
    """
    given = [value for value in values if value is not None]
    # The small term lets 1/3 of 3 be 1 in binary arithmetic.
    too_many = len(values) - len(given) > max_missing_share * len(values) + 1e-9
    return None if too_many or not given else fmean(given)


def construct_scores(
    answers: Answers,
    keys: Mapping[str, ScoringKey],
    *,
    max_missing_share: float = MAX_MISSING_SHARE,
) -> dict[str, float | None]:
    """Return construct -> mean over all its items (each item weighs the same)."""
    return _scores(answers, keys, lambda key: key.construct, max_missing_share)


def facet_scores(
    answers: Answers,
    keys: Mapping[str, ScoringKey],
    *,
    max_missing_share: float = MAX_MISSING_SHARE,
) -> dict[tuple[str, str], float | None]:
    """Return (construct, facet) -> mean over the facet's items (facet-less items aside)."""
    with_facet = {ref: key for ref, key in keys.items() if key.item.facet is not None}
    return _scores(
        answers, with_facet, lambda key: (key.construct, key.facet or ""), max_missing_share
    )


def _scores(
    answers: Answers,
    keys: Mapping[str, ScoringKey],
    group_of: Callable[[ItemKey], _Group],
    max_missing_share: float,
) -> dict[_Group, float | None]:
    values: dict[_Group, list[int | None]] = {}
    for ref, value in oriented_answers(answers, keys).items():
        values.setdefault(group_of(keys[ref].item), []).append(value)
    return {
        group: scale_score(members, max_missing_share=max_missing_share)
        for group, members in values.items()
    }


def acquiescence_pairs(keys: Mapping[str, ItemKey]) -> tuple[tuple[str, str], ...]:
    """Pair every reverse-keyed item with a forward item of the same construct and facet.

    Each item is used once, in the order of `keys`; a reverse-keyed item without a free partner is
    left out. Each pair is (forward, reverse-keyed).
    """
    forward: dict[tuple[str, str | None], list[str]] = {}
    for ref, key in keys.items():
        if not key.reverse_keyed:
            forward.setdefault((key.construct, key.facet), []).append(ref)
    pairs = []
    for ref, key in keys.items():
        partners = forward.get((key.construct, key.facet), [])
        if key.reverse_keyed and partners:
            pairs.append((partners.pop(0), ref))
    return tuple(pairs)


def acquiescence_index(
    answers: Answers, keys: Mapping[str, ScoringKey], pairs: Sequence[tuple[str, str]]
) -> float | None:
    """Return the tendency to agree whatever is said, from -1 to 1; 0 is none.

    The mean of the answers as given (not oriented) over pairs of opposite items, as a distance
    from the midpoint in half scale widths: what a pair has in common cannot be the trait, which
    cancels. None if no pair is answered on both sides. After Soto, John, Gosling & Potter (2008),
    Journal of Personality and Social Psychology, 94(4), 718-737, who use the same pairs to centre
    answers within persons.
    """
    distances = []
    for forward, reverse in pairs:
        given = [(answers.get(ref), keys[ref]) for ref in (forward, reverse)]
        sides = [_from_midpoint(value, key) for value, key in given if value is not None]
        if len(sides) == 2:
            distances.append(fmean(sides))
    return fmean(distances) if distances else None


def _from_midpoint(value: int, key: ScoringKey) -> float:
    return (2 * value - key.minimum - key.maximum) / (key.maximum - key.minimum)


def passes_check(value: int | None, *, expected: Collection[int]) -> bool:
    """Tell whether an attention check was passed; an unanswered check was not."""
    return value in expected
