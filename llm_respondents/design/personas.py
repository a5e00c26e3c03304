"""Personas whose attributes have the margins of a population: exact quotas, dealt by chance.

Each attribute is dealt by itself. What is known is how often each value occurs, not how often two
occur together: the joint distribution is that of independent attributes. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Persona = tuple[tuple[str, str], ...]
# (value, share) pairs of one attribute, in the order given; the shares add up to 1.
Shares = tuple[tuple[str, float], ...]
# (label, shares) of each attribute, in the order in which a model reads them.
Margins = tuple[tuple[str, Shares], ...]


def quotas(shares: Shares, people: int) -> list[int]:
    """Return how many of `people` have each value, by largest remainders; they add up to `people`.

    Each quota is the exact one rounded down or up. Of equal remainders the earlier value is served.
    """
    exact = [share * people for _, share in shares]
    # A share such as 0.29 of 100 is a little less than 29 in binary fractions.
    counts = [int(part + 1e-9) for part in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: counts[index] - exact[index])
    for index in by_remainder[: people - sum(counts)]:
        counts[index] += 1
    return counts


def personas_with_margins(margins: Margins, people: int, seed: int) -> list[Persona]:
    """Return `people` personas; the same margins, number and seed give the same ones.

    The values of a label are sorted by SHA-256 of ``f"{seed}:margins:{label}:{number}"``, numbered
    from 0 through the quotas: an order of its own for every label.
    """
    dealt = [_dealt(label, shares, people, seed) for label, shares in margins]
    labels = [label for label, _ in margins]
    return [tuple(zip(labels, values, strict=True)) for values in zip(*dealt, strict=True)]


def _dealt(label: str, shares: Shares, people: int, seed: int) -> Sequence[str]:
    counts = quotas(shares, people)
    values = [value for (value, _), count in zip(shares, counts, strict=True) for _ in range(count)]

    def place(number: int) -> bytes:
        return hashlib.sha256(f"{seed}:margins:{label}:{number}".encode()).digest()

    return [values[number] for number in sorted(range(people), key=place)]
