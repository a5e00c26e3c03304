"""One respondent's way through the pages: what of them is shown, given what was answered so far.

People and models go the same way: the web form shows `Walk.page`, a session of a model asks the
questions of it turn by turn, and the one writer of answers records as ``not_shown`` what `hidden`
names.

    walk = Walk(presentation, {"screen.age": StoredAnswer((17,))})
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from surveys.flow import NOTHING, Literal, Missing, Truth, filled, is_answer
from surveys.presentation.errors import PresentationError
from surveys.presentation.pages import Page, Presentation, Question
from surveys.questions import Stored, number_shown

# The missing reason of what a walk leaves out.
NOT_SHOWN = "not_shown"
# What the mark-up of questions would take for emphasis.
_EMPHASIS = re.compile(r"\*{2,}")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What is stored of a question: its values in the order of its parts, or the reason."""

    values: tuple[Stored, ...] = ()
    reason: str = ""


Told = Mapping[str, StoredAnswer]
"""Question ref -> what was said, of every question that was answered or let go."""


# No slots: cached_property keeps its values in the instance's __dict__.
@dataclass(frozen=True)
class Walk:
    """A presentation beside what is `told`.

    An answer that is not there may still come. With `over` it will not: what would depend on it is
    not shown.
    """

    presentation: Presentation
    told: Told
    over: bool = False

    @cached_property
    def _truths(self) -> dict[str, Truth]:
        """Question -> whether it is shown, as far as rules alone say so."""
        truths: dict[str, Truth] = {}
        flow = self.presentation.flow
        for one in self.presentation.questions:
            truths[one.ref] = flow.shows(one.ref, one.block, lambda name: self._read(name, truths))
        return truths

    def _read(self, name: str, truths: Mapping[str, Truth]) -> Literal | Missing | None:
        if not is_answer(name):
            return self.presentation.condition.get(name) or Missing("")
        question, place = self.presentation.place_of(name)
        shown = truths.get(question.ref, Truth.PENDING)
        if shown in (Truth.FALSE, Truth.UNKNOWN):
            return Missing(NOT_SHOWN)
        said = self.told.get(question.ref)
        if said is None:
            return Missing("") if self.over else None
        return said.values[place or 0] if said.values else Missing(said.reason)

    def read(self, name: str) -> Literal | Missing | None:
        """What a rule reads of an answer or a condition; None while it may still come."""
        return self._read(name, self._truths)

    @cached_property
    def screened_by(self) -> str:
        """The exit that was reached; empty while none is."""
        if not self.presentation.branches:
            return ""
        for one in self.presentation.flow.exits:
            if one.when.truth(self.read) is Truth.TRUE:
                return one.key
        return ""

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The questions that are certainly not shown; behind an exit all that are not answered."""
        if not self.presentation.branches:
            return frozenset()
        return frozenset(ref for ref in self._truths if self._leaves_out(ref))

    def _leaves_out(self, ref: str) -> bool:
        if self._truths[ref] in (Truth.FALSE, Truth.UNKNOWN):
            return True
        said = self.told.get(ref)
        return bool(self.screened_by) and (said is None or said.reason == NOT_SHOWN)

    def shows(self, ref: str) -> bool:
        """Whether a question is certainly shown."""
        if not self.presentation.branches:
            return True
        return self._truths[ref] is Truth.TRUE and ref not in self.hidden

    def must_be_left_out(self, ref: str, *, goes_back: bool) -> bool:
        """Whether what is stored of a question has to say that it is not shown.

        Who `goes_back` leaves answers behind. Else nothing that was answered is left out, nor what
        is missing for a reason of its own unless its rule is certainly false.
        """
        if ref not in self.hidden:
            return False
        said = self.told.get(ref)
        if said is None:
            return True
        if said.reason == NOT_SHOWN:
            return False
        return goes_back or (not said.values and self._truths[ref] is Truth.FALSE)

    def was_left_out(self, question: Question) -> bool:
        """Whether a question is stored as not shown that other answers bring back."""
        said = self.told.get(question.ref)
        depends = self.presentation.flow.answers_for(question.ref, question.block)
        left_out = said is not None and said.reason == NOT_SHOWN
        return bool(left_out and depends and question.ref not in self.hidden)

    def page(self, number: int) -> Page:
        """A page as it is shown: without what is hidden, with the words of earlier answers."""
        page = self.presentation.pages[number - 1]
        if not self.presentation.branches:
            return page
        shown = tuple(self.worded(one) for one in page.questions if self.shows(one.ref))
        return replace(page, questions=shown)

    @cached_property
    def open_page(self) -> int:
        """The first page with a question that is still to be answered; one more than the last."""
        for page in self.presentation.pages:
            if any(self.is_open(question.ref) for question in page.questions):
                return page.number
        return len(self.presentation.pages) + 1

    def is_open(self, ref: str) -> bool:
        """Whether a question is still to be answered, as far as is known by now."""
        return ref not in self.told and ref not in self.hidden

    def beside(self, number: int, step: int) -> int:
        """The nearest page that shows anything, forwards (1) or backwards (-1) from a page.

        0 before the first one, one more than the last behind it.
        """
        pages = self.presentation.pages
        number += step
        while 1 <= number <= len(pages) and not self.page(number).questions:
            number += step
        return number

    def worded(self, question: Question) -> Question:
        """A question as it is read: with the words of answers, after what is shown before it."""
        before = tuple(
            replace(one, text=self._filled(one.text))
            for one in question.preface
            if self._tells(one.ref, question.block)
        )
        return replace(question, text=self._filled(question.text), preface=before)

    def _tells(self, ref: str, block: str) -> bool:
        return self.presentation.flow.shows(ref, block, self.read) is Truth.TRUE

    def _filled(self, text: str) -> str:
        return filled(text, answer=self._words_of)

    def _words_of(self, name: str) -> str:
        """What somebody said, in one line; the sign for nothing where they said nothing."""
        question, place = self.presentation.place_of(name)
        said = self.told.get(question.ref)
        if said is None or question.ref in self.hidden:
            return NOTHING
        words = _said(question, said, place)
        return _EMPHASIS.sub("*", " ".join(words.split())) or NOTHING


def _said(question: Question, said: StoredAnswer, place: int | None) -> str:
    if not said.values:
        offered = said.reason in question.declarable
        return question.format.label_of(said.reason) if offered else ""
    if question.format.parts and place is not None:
        value = said.values[place]
        return value if isinstance(value, str) else number_shown(value)
    try:
        given = question.given(said.values)
    except PresentationError:
        return ""
    return question.open.shown(given) if question.open else question.option(int(given)).label  # type: ignore[arg-type]
