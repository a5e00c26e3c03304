"""Whose answers stand in the earlier turns of a session with a swapped history. Pure.

A donor is dealt to each session, every donor about equally often. A session does not read the
answers of the person it is matched to, nor of another session matched to that person: its persona
would already say what they say. Only where nobody else is left is it given its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Donor:
    """One respondent who can lend answers; `person` is who they are or are matched to, if known."""

    respondent: int
    administration: int
    person: int | None = None


def deal_donors(
    donors: Sequence[Donor], people: Sequence[int | None], seed: int
) -> Iterator[Donor]:
    """Yield a donor for each session; `people` are those that the sessions are matched to, if any.

    Donors are taken in rounds, each round in the order of SHA-256 of
    ``f"{seed}:donors:{round}:{place}"`` over their places in `donors`. A donor that a session
    cannot have is kept for the next one.
    """
    waiting: list[Donor] = []
    rounds = 0
    for person in people:
        chosen = _first_other(waiting, person)
        if chosen is None:
            waiting.extend(_round(donors, seed, rounds))
            rounds += 1
            chosen = _first_other(waiting, person)
        yield waiting.pop(chosen or 0)


def _first_other(waiting: Sequence[Donor], person: int | None) -> int | None:
    for index, donor in enumerate(waiting):
        if person is None or donor.person != person:
            return index
    return None


def _round(donors: Sequence[Donor], seed: int, number: int) -> list[Donor]:
    def place(index: int) -> bytes:
        return hashlib.sha256(f"{seed}:donors:{number}:{index}".encode()).digest()

    return [donors[index] for index in sorted(range(len(donors)), key=place)]
