"""One page of questions as a form: what was sent, and what is shown again.

Written by hand instead of with `django.forms`: the questions come ordered and coded from
`surveys.presentation`, and a page of 56 radio buttons should cost no 56 widgets.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from surveys.models import MissingReason
from surveys.presentation import Page, Question
from surveys.services import GivenAnswer

# Longer than this on one page says nothing about reading time; it also fits the column.
LONGEST_MS = 24 * 60 * 60 * 1000

StoredValues = Mapping[str, int | None]
"""Question ref -> stored value; None where a reason is stored instead."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """What one submission of a page says; codes that are not on display count as no answer."""

    codes: Mapping[str, int]
    missing: tuple[str, ...]
    prefers_not: bool
    goes_back: bool
    # Whether the page was opened from the last look at everything.
    returns: bool
    key: str
    started_ms: int | None

    def elapsed_ms(self, now_ms: int) -> int | None:
        """Milliseconds since the page was first shown; None if that cannot be."""
        if self.started_ms is None:
            return None
        elapsed = now_ms - self.started_ms
        return elapsed if 0 <= elapsed <= LONGEST_MS else None

    def idempotency_key(self, page: Page) -> str:
        """The same for the same answers from the same form, and for nothing else.

        Without the answers in it, a form that the browser kept, changed and sent again would pass
        for a repetition, and the change would be lost.
        """
        content = repr((self.key, sorted(self.codes.items()), self.prefers_not))
        return f"{page.number}-{hashlib.sha256(content.encode()).hexdigest()[:40]}"


def read_entry(page: Page, data: Mapping[str, str]) -> PageEntry:
    """Read the fields of a submitted page."""
    codes = {}
    for question in page.questions:
        code = _whole_number(data.get(question.ref))
        if code is not None and 1 <= code <= len(question.options):
            codes[question.ref] = code
    return PageEntry(
        codes=codes,
        missing=tuple(q.ref for q in page.questions if q.ref not in codes),
        prefers_not="prefers_not" in data,
        goes_back=data.get("go") == "back",
        returns=data.get("return") == "review",
        key=data.get("key", ""),
        started_ms=_whole_number(data.get("started")),
    )


def given_answers(entry: PageEntry, skipped: tuple[str, ...]) -> list[GivenAnswer]:
    """The answers of `entry`, and `skipped` for what somebody prefers not to answer."""
    elapsed = entry.elapsed_ms(now_ms())
    answers = [GivenAnswer(ref, code, elapsed_ms=elapsed) for ref, code in entry.codes.items()]
    answers += [
        GivenAnswer(ref, None, missing_reason=MissingReason.SKIPPED, elapsed_ms=elapsed)
        for ref in skipped
    ]
    return answers


def now_ms() -> int:
    """Milliseconds since 1970, for the time that a page takes."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One question on the page: which option is chosen, whether it must still be answered."""

    question: Question
    chosen: int | None
    skipped: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Questions that follow each other and share their labels: one table on a wide screen."""

    labels: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with what is stored or was just sent."""

    page: Page
    rows: tuple[Row, ...]

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """The rows, grouped by the labels of their options."""
        runs = groupby(self.rows, key=lambda row: tuple(o.label for o in row.question.options))
        return tuple(Matrix(labels, tuple(rows)) for labels, rows in runs)

    @property
    def missing(self) -> tuple[Row, ...]:
        """The rows that must still be answered or declined."""
        return tuple(row for row in self.rows if row.missing)

    @property
    def skipped(self) -> tuple[Row, ...]:
        """The rows that the respondent preferred not to answer."""
        return tuple(row for row in self.rows if row.skipped)


def view_of(
    page: Page, stored: StoredValues, entry: PageEntry | None = None, missing: tuple[str, ...] = ()
) -> PageView:
    """The page with the stored answers, or with those of `entry` where one was sent."""
    return PageView(
        page, tuple(_row(question, stored, entry, missing) for question in page.questions)
    )


def _row(
    question: Question, stored: StoredValues, entry: PageEntry | None, missing: tuple[str, ...]
) -> Row:
    value = stored.get(question.ref)
    chosen = None if value is None else question.code_of(value)
    if entry is not None:
        chosen = entry.codes.get(question.ref, chosen)
    skipped = chosen is None and question.ref in stored
    return Row(question, chosen, skipped, question.ref in missing)


def _whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
