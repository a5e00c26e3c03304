"""Answers of one respondent as a pattern: lines, runs, and a digest by which copies are known."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache

# Fewer answers than these are alike by chance: no line (as `SHORTEST_LINE` of comparisons, one more
# because it must hold items of both directions), and no copy.
SHORTEST_LINE = 4
FEWEST_ALIKE = 15
FEWEST_VALUES = 3
_MODULUS = 1 << 64


@dataclass(slots=True)
class Pattern:
    """Takes answers one by one, in the order in which they were asked.

    `longest` is the longest run of one option of one scale (long string, Johnson 2005).
    """

    longest: int = 0
    answers: int = 0
    _run: int = 0
    _last: Hashable = None
    _digest: int = 0
    _values: set[float] = field(default_factory=set)
    _scales: dict[Hashable, _Scale] = field(default_factory=dict)

    def take(self, ref: str, scale: Hashable, value: float, *, reverse_keyed: bool) -> None:
        """Take an answer as it was given; `scale` is what shares one range of options."""
        self._run = self._run + 1 if (scale, value) == self._last else 1
        self._last = (scale, value)
        self.longest = max(self.longest, self._run)
        self.answers += 1
        self._values.add(value)
        # A sum, so that the order in which questions were asked says nothing.
        self._digest = (self._digest + _number(ref, value)) % _MODULUS
        self._scales.setdefault(scale, _Scale()).take(value, reverse_keyed)

    def pass_over(self) -> None:
        """Take a question without an answer: it ends a run."""
        self._run, self._last = 0, None

    @property
    def signature(self) -> str:
        """The same for the same answers to the same questions; empty where copies are chance."""
        if self.answers < FEWEST_ALIKE or len(self._values) < FEWEST_VALUES:
            return ""
        return f"{self.answers}:{self._digest:016x}"

    @property
    def lines(self) -> tuple[int, int]:
        """Scales with items of both directions: how many got one option throughout, of how many."""
        both = [one for one in self._scales.values() if one.can_be_a_line]
        return sum(one.is_a_line for one in both), len(both)


@dataclass(slots=True)
class _Scale:
    answers: int = 0
    values: set[float] = field(default_factory=set)
    directions: set[bool] = field(default_factory=set)

    def take(self, value: float, reverse_keyed: bool) -> None:
        self.answers += 1
        self.values.add(value)
        self.directions.add(reverse_keyed)

    @property
    def can_be_a_line(self) -> bool:
        return self.answers >= SHORTEST_LINE and len(self.directions) == 2

    @property
    def is_a_line(self) -> bool:
        return len(self.values) == 1


@lru_cache(maxsize=100_000)
def _number(ref: str, value: float) -> int:
    content = f"{ref}={value!r}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest())
