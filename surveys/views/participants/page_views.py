"""One page of questions as it is rendered: rows of a matrix, lists, fields, and what they hold.

A row of a matrix is kept (`framed`) where its texts are the study's own, and nobody's words.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from surveys.media import Medium
from surveys.presentation import Page, Preface, Question
from surveys.questions import Declared, Entry, Given, OpenFormat
from surveys.views.participants.page_entries import (
    UNSCORED,
    PageEntry,
    StoredAnswers,
    given_before,
)
from surveys.views.visitors.frames import framed

_ROW = "surveys/_row.html"


class Box(NamedTuple):
    """One thing to choose in a field: its value, what it reads, and whether it is chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an open question, with what it holds."""

    name: str
    entry: Entry
    text: str = ""
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One question on the page: what is chosen or typed, whether it must still be answered.

    `boxes` are what can be chosen of a list of options, those that are not scored at its end;
    `fields` the fields of an open question, and `unscored` its answers that are not scored.
    """

    question: Question
    skipped: bool
    missing: bool
    error: str = ""
    boxes: tuple[Box, ...] = ()
    fields: tuple[Field, ...] = ()
    unscored: Field | None = None
    # Whether its words are the study's own, and none of somebody's answers.
    frozen: bool = False

    @property
    def html(self) -> SafeString:
        """The row of a matrix."""
        same = {
            "ref": self.question.ref,
            "text": self.question.text,
            "boxes": self.boxes,
            "missing": self.missing,
            "skipped": self.skipped,
            "error": self.error,
        }
        place = {"place": str(self.question.position)}
        if self.frozen and not self.error:
            return framed(_ROW, same, place)
        return render_to_string(_ROW, {**same, **place})


@dataclass(frozen=True, slots=True)
class Matrix:
    """Questions that follow each other and share their labels: one table on a wide screen.

    `preface` is what is read before them. An open question is alone and has no labels, and so is
    one that shows a picture.
    """

    labels: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def preface(self) -> tuple[Preface, ...]:
        """What is read before the first of them; none of the others has anything before it."""
        return self.rows[0].question.preface

    @property
    def media(self) -> tuple[Medium, ...]:
        """What is shown above the first of them, which is then the only one."""
        return self.rows[0].question.media

    @property
    def html(self) -> SafeString:
        """The table, of rows that have labels."""
        rows = mark_safe("".join(row.html for row in self.rows))  # noqa: S308 - of templates
        return framed("surveys/_matrix.html", {"labels": self.labels}, {"rows": rows})


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with what is stored or was just sent."""

    page: Page
    rows: tuple[Row, ...]

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """The rows, grouped by the labels of their options."""
        return tuple(_matrices(self.rows))

    def questions(self, language: str) -> SafeString:
        """Everything that is asked."""
        return render_to_string("surveys/_questions.html", {"view": self, "language": language})

    @property
    def around(self) -> dict[str, Hashable]:
        """What the page says around its questions."""
        return {
            "page_title": self.page.title,
            "instruction": self.page.instruction,
            "number": self.page.number,
            "missing": self.missing,
            "declinable": len(self.may_be_declined),
            "draws_lines": self.draws_lines,
        }

    @property
    def missing(self) -> tuple[Row, ...]:
        """The rows that must still be answered or declined."""
        return tuple(row for row in self.rows if row.missing)

    @property
    def may_be_declined(self) -> tuple[Row, ...]:
        """Those of the missing rows that somebody may prefer not to answer."""
        return tuple(row for row in self.missing if row.question.need != "required")

    @property
    def skipped(self) -> tuple[Row, ...]:
        """The rows that the respondent preferred not to answer."""
        return tuple(row for row in self.rows if row.skipped)

    @property
    def draws_lines(self) -> bool:
        """Whether there is a line to set a mark on, which a script draws."""
        return any(row.question.open and row.question.open.control == "slider" for row in self.rows)


def _matrices(rows: Sequence[Row]) -> Iterator[Matrix]:
    run: list[Row] = []
    for row in rows:
        if run and not _together(run[-1], row):
            yield Matrix(_labels(run[-1]), tuple(run))
            run = []
        run.append(row)
    if run:
        yield Matrix(_labels(run[-1]), tuple(run))


def _together(above: Row, row: Row) -> bool:
    alone = row.question.preface or row.question.media or above.question.media
    return not alone and _labels(above) == _labels(row) != ()


def _labels(row: Row) -> tuple[str, ...]:
    return tuple(box.label for box in row.boxes)


def view_of(
    page: Page,
    stored: StoredAnswers,
    entry: PageEntry | None = None,
    missing: tuple[str, ...] = (),
    *,
    frozen: bool = False,
) -> PageView:
    """The page with the stored answers, or with those of `entry` where one was sent.

    `frozen` says that no text on it repeats an answer.
    """
    rows = (_row(question, stored, entry, missing, frozen) for question in page.questions)
    return PageView(page, tuple(rows))


def _row(
    question: Question,
    stored: StoredAnswers,
    entry: PageEntry | None,
    missing: tuple[str, ...],
    frozen: bool,
) -> Row:
    given = given_before(question, stored.get(question.ref))
    skipped = given is None and question.ref in stored
    if entry is not None:
        given = entry.given.get(question.ref, None if question.open else given)
        skipped = skipped and question.ref not in entry.given
    mistake = entry.mistakes.get(question.ref) if entry else None
    error = gettext(mistake.code.sentence) % mistake.arguments if mistake else ""
    if question.open is None:
        shown = [(option.code, option.label) for option in question.options]
        boxes = tuple(
            Box(str(code), label, code == given) for code, label in (*shown, *question.unscored)
        )
        return Row(question, skipped, question.ref in missing, error, boxes, frozen=frozen)
    typed = entry.typed.get(question.ref, ()) if entry else _texts_of(question.open, given)
    return Row(
        question,
        skipped,
        question.ref in missing,
        error,
        fields=_fields(question, question.open, typed),
        unscored=_declared(question, given),
    )


def _texts_of(asked: OpenFormat, given: Given | None) -> tuple[str, ...]:
    return () if given is None or isinstance(given, Declared) else asked.fields_of(given)


def _fields(question: Question, asked: OpenFormat, typed: Sequence[str]) -> tuple[Field, ...]:
    entries = asked.entries
    if asked.control == "checkboxes":
        return (Field(question.ref, entries[0], boxes=_boxes(entries[0], typed)),)
    texts = typed or ("",) * len(entries)
    return tuple(
        Field(f"{question.ref}{entry.suffix}", entry, text, _boxes(entry, (text,)))
        for entry, text in zip(entries, texts, strict=True)
    )


def _boxes(entry: Entry, chosen: Sequence[str]) -> tuple[Box, ...]:
    return tuple(Box(value, label, value in chosen) for value, label in entry.choices)


def _declared(question: Question, given: Given | None) -> Field | None:
    offered = question.format.unscored
    if not offered:
        return None
    chosen = given.reason if isinstance(given, Declared) else ""
    boxes = tuple(Box(one.reason, str(one.label), one.reason == chosen) for one in offered)
    return Field(f"{question.ref}{UNSCORED}", Entry(), boxes=boxes)
