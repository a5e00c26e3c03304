"""What one submission of a page says, question by question.

Written by hand instead of with `django.forms`: the questions come ordered and coded from
`surveys.presentation`, and what a field means is the business of the question's format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from surveys.models import MissingReason, Study
from surveys.paradata.collected import BY_SCRIPT
from surveys.paradata.visits import TRAPS, Visit, read_visit
from surveys.presentation import Page, PresentationError, Question
from surveys.questions import Declared, EntryMistake, Given, Mistaken, OpenFormat
from surveys.selectors import StoredAnswer
from surveys.services import GivenAnswer
from surveys.views.participants.page_clock import now_ms, read_stamp

# Longer than this on one page says nothing about reading time; it also fits the column.
LONGEST_MS = 24 * 60 * 60 * 1000
# Behind the name of an open question: its answers that are not scored.
UNSCORED = ".unscored"

StoredAnswers = Mapping[str, StoredAnswer]
"""Question ref -> what is stored of it."""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """What one submission of a page says; codes that are not on display count as no answer.

    `typed` are the texts of the fields of open questions, in the order of the fields; `mistakes`
    say why some of them are no answer.
    """

    given: Mapping[str, Given]
    missing: tuple[str, ...]
    prefers_not: bool
    goes_back: bool
    # Whether the page was opened from the last look at everything.
    returns: bool
    key: str
    started_ms: int | None
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mistakes: Mapping[str, Mistaken] = field(default_factory=dict)

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
        content = repr((self.key, sorted(self.given.items()), self.prefers_not))
        return f"{page.number}-{hashlib.sha256(content.encode()).hexdigest()[:40]}"


def read_entry(page: Page, data: Mapping[str, str]) -> PageEntry:
    """Read the fields of a submitted page."""
    said: dict[str, Given | Mistaken | None] = {}
    typed = {}
    for question in page.questions:
        if question.open:
            typed[question.ref] = _typed(question, question.open, data)
            said[question.ref] = _entered(question, question.open, typed[question.ref], data)
        else:
            said[question.ref] = _chosen(question, data)
    given = {
        ref: one for ref, one in said.items() if one is not None and not isinstance(one, Mistaken)
    }
    return PageEntry(
        given=given,
        missing=tuple(q.ref for q in page.questions if q.ref not in given),
        prefers_not="prefers_not" in data,
        goes_back=data.get("go") == "back",
        returns=data.get("return") == "review",
        key=data.get("key", ""),
        started_ms=read_stamp(data.get("key", ""), data.get("started", "")),
        typed=typed,
        mistakes={ref: one for ref, one in said.items() if isinstance(one, Mistaken)},
    )


def _chosen(question: Question, data: Mapping[str, str]) -> int | None:
    code = _whole_number(data.get(question.ref))
    shown = len(question.options) + len(question.unscored)
    return code if code is not None and 1 <= code <= shown else None


def _typed(question: Question, asked: OpenFormat, data: Mapping[str, str]) -> tuple[str, ...]:
    if asked.control == "checkboxes":
        return tuple(_texts(data, question.ref))
    names = (f"{question.ref}{entry.suffix}" for entry in asked.entries)
    return tuple(next(iter(_texts(data, name)), "") for name in names)


def _entered(
    question: Question, asked: OpenFormat, typed: Sequence[str], data: Mapping[str, str]
) -> Given | Mistaken | None:
    declared = [
        one for one in _texts(data, f"{question.ref}{UNSCORED}") if one in question.declarable
    ]
    said = asked.entered(typed)
    if declared:
        alone = said is None and len(declared) == 1
        return Declared(declared[0]) if alone else Mistaken(EntryMistake.EITHER)
    if said is None or isinstance(said, Mistaken):
        return said
    stored = asked.stored(said)
    return stored if isinstance(stored, Mistaken) else said


def _texts(data: Mapping[str, str], name: str) -> Sequence[str]:
    """All fields of a name: boxes share one."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    return [data[name]] if name in data else []


def still_open(page: Page, entry: PageEntry, stored: StoredAnswers) -> tuple[str, ...]:
    """The questions that the entry leaves to be answered or let go.

    What was stored before stays, but where a field was emptied or holds what is no answer. A
    question that need not be answered is open only while its field holds no answer.
    """
    return tuple(
        question.ref
        for question in page.questions
        if question.ref in entry.missing and _is_open(question, entry, stored)
    )


def _is_open(question: Question, entry: PageEntry, stored: StoredAnswers) -> bool:
    if question.ref in entry.mistakes:
        return True
    held = stored.get(question.ref)
    emptied = bool(question.open and held and held.values)
    return question.need != "free" and (held is None or emptied)


def let_go(
    page: Page, entry: PageEntry, stored: StoredAnswers, open_refs: Sequence[str]
) -> tuple[str, ...]:
    """The questions to which somebody gives no answer: those that need none, and, where they
    prefer so, those that are open and not required.
    """
    free = [
        question.ref
        for question in page.questions
        if question.need == "free" and question.ref in entry.missing
        if question.ref not in entry.mistakes and not entry.goes_back
        if question.ref not in stored or (question.open and stored[question.ref].values)
    ]
    needs = {question.ref: question.need for question in page.questions}
    declined = [ref for ref in open_refs if needs[ref] != "required"] if entry.prefers_not else []
    return (*free, *declined)


def given_answers(entry: PageEntry, skipped: Iterable[str]) -> list[GivenAnswer]:
    """The answers of `entry`, and `skipped` for what somebody prefers not to answer."""
    elapsed = entry.elapsed_ms(now_ms())
    answers = [GivenAnswer(ref, given, elapsed_ms=elapsed) for ref, given in entry.given.items()]
    answers += [
        GivenAnswer(ref, None, missing_reason=MissingReason.SKIPPED, elapsed_ms=elapsed)
        for ref in skipped
    ]
    return answers


def visit_of(study: Study, page: Page, entry: PageEntry, data: Mapping[str, str]) -> Visit:
    """The page as it was sent, with what the study records of how it was answered."""
    return read_visit(
        page=page.number,
        elapsed_ms=entry.elapsed_ms(now_ms()),
        answers=len(entry.given),
        recorded=study.settings.get("paradata", ()),
        fields=data,
        refs={str(question.position): question.ref for question in page.questions},
    )


def recorded_on(study: Study, page: Page) -> dict[str, object]:
    """What a page's form needs for it: what a script reports, and fields that nobody sees.

    The question that only programs read stands once, on the first page.
    """
    recorded = study.settings.get("paradata", ())
    field, question = TRAPS
    traps = "traps" in recorded
    return {
        "by_script": " ".join(one for one in BY_SCRIPT if one in recorded),
        "trap_field": field if traps else "",
        "trap_question": question if traps and page.number == 1 else "",
    }


def given_before(question: Question, stored: StoredAnswer | None) -> Given | None:
    """What was given, of what is stored; None for nothing, or where it was let go."""
    if stored is None:
        return None
    if stored.values:
        try:
            return question.given(stored.values)
        except PresentationError:
            return None
    offered = stored.reason in question.declarable
    return question.given_for(stored.reason) if offered else None


def _whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
