"""Signals that answers may not be a person's own: each a flag with its reason, and no more.

A flag leaves nobody out and refuses nobody payment: a member looks at it, and a plan may have a
rule that goes by the same figures. Everything is worked out from what is stored, so that it can be
worked out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.codes import SentenceCode, said
from surveys.codes import marked as _
from surveys.paradata.figures import Behaviour
from surveys.paradata.patterns import Pattern
from surveys.paradata.work import HOURS

# Another number when anything below changes what is flagged: everybody is looked at again.
VERSION = 1
# Huang et al. 2012 take two seconds an item for careless; under one nobody has read it.
SECONDS_AN_ANSWER = 1.0
# Half of a usual page of twenty items, and above the cut-offs of Costa & McCrae 2008 (6 to 14).
LONGEST_RUN = 12
TIMES_LEFT = 5
# Dhakal et al. 2018: the fastest of 168,000 people typed ten characters a second.
SIGNS_A_SECOND = 12.0


class FlagCode(SentenceCode):
    """What was seen of a person, with the figures that it came from."""

    TRAP_FIELD = (
        "trap_field",
        _("Something was entered in a field that nobody sees: programs fill in every field."),
    )
    TRAP_QUESTION = (
        "trap_question",
        _("A question was answered that nobody sees, and that only programs read."),
    )
    TOO_FAST = (
        "too_fast",
        _("The quickest page took %(seconds)s seconds an answer; flagged below %(threshold)s."),
    )
    STRAIGHT_LINE = (
        "straight_line",
        _("One option throughout in %(lines)s of %(scales)s scales with items of both directions."),
    )
    LONG_RUN = (
        "long_run",
        _("%(run)s answers in a row were the same option; flagged from %(threshold)s on."),
    )
    REPEATED = (
        "repeated",
        _("All %(answers)s answers are the same as those of somebody who came earlier."),
    )
    SAME_ID = "same_id", _("The same id has also come from another recruiter.")
    PASTED = "pasted", _("%(pasted)s of %(texts)s texts were pasted for the most part.")
    TYPED_TOO_FAST = (
        "typed_too_fast",
        _("A text came at %(signs)s characters a second; flagged above %(threshold)s."),
    )
    LEFT = (
        "left",
        _(
            "The pages were left %(times)s times, for %(seconds)s seconds in all; flagged from "
            "%(threshold)s times on."
        ),
    )
    FAILED_CHECKS = (
        "failed_checks",
        _("Attention checks that were not answered as they ask: %(failed)s."),
    )
    NO_WORK = (
        "no_work",
        _("No proof of work: the browser runs no scripts, or a program sent the form."),
    )
    WRONG_WORK = (
        "wrong_work",
        _("The proof of work was made up, or made for another form or one sent before."),
    )
    LATE_WORK = (
        "late_work",
        _("The proof of work came too late: the form is good for %(hours)s hours."),
    )


# What each is called in a list or a filter.
CALLED: Mapping[FlagCode, str] = {
    FlagCode.TRAP_FIELD: _("hidden field filled in"),
    FlagCode.TRAP_QUESTION: _("hidden question answered"),
    FlagCode.TOO_FAST: _("too fast to have read"),
    FlagCode.STRAIGHT_LINE: _("straight line"),
    FlagCode.LONG_RUN: _("long run of one option"),
    FlagCode.REPEATED: _("same answers as another"),
    FlagCode.SAME_ID: _("same id elsewhere"),
    FlagCode.PASTED: _("text pasted"),
    FlagCode.TYPED_TOO_FAST: _("text faster than typing"),
    FlagCode.LEFT: _("page left often"),
    FlagCode.FAILED_CHECKS: _("failed attention check"),
    FlagCode.NO_WORK: _("no proof of work"),
    FlagCode.WRONG_WORK: _("wrong proof of work"),
    FlagCode.LATE_WORK: _("late proof of work"),
}


@dataclass(frozen=True, slots=True)
class Passage:
    """What is stored of one person who has ended, as far as flags go by it."""

    behaviour: Behaviour
    pattern: Pattern
    texts: int = 0
    failed_checks: int = 0
    repeats: bool = False
    same_id: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag with the figures in its sentence, plain values."""

    code: FlagCode
    figures: Mapping[str, Any]

    def said(self, translate: Any = str) -> str:
        """The sentence, translated."""
        return said(self.code, self.figures, translate)


def flags_of(passage: Passage) -> tuple[Raised, ...]:
    """Every flag of a person, in the order of the codes."""
    return tuple(Raised(code, figures) for code, figures in _flags(passage))


def _flags(one: Passage) -> Iterator[tuple[FlagCode, dict[str, Any]]]:
    how = one.behaviour
    if "field" in (how.traps or ()):
        yield FlagCode.TRAP_FIELD, {}
    if "question" in (how.traps or ()):
        yield FlagCode.TRAP_QUESTION, {}
    if how.fastest is not None and how.fastest < SECONDS_AN_ANSWER:
        yield FlagCode.TOO_FAST, _held(seconds=round(how.fastest, 2), threshold=SECONDS_AN_ANSWER)
    yield from _flags_of_pattern(one)
    if one.same_id:
        yield FlagCode.SAME_ID, {}
    if how.pasted:
        yield FlagCode.PASTED, {"pasted": how.pasted, "texts": one.texts}
    if how.signs is not None and how.signs > SIGNS_A_SECOND:
        yield FlagCode.TYPED_TOO_FAST, _held(signs=round(how.signs, 1), threshold=SIGNS_A_SECOND)
    if how.left is not None and how.left >= TIMES_LEFT:
        away = round(how.away or 0)
        yield FlagCode.LEFT, _held(times=how.left, seconds=away, threshold=TIMES_LEFT)
    if one.failed_checks:
        yield FlagCode.FAILED_CHECKS, {"failed": one.failed_checks}
    yield from _flags_of_work(how)


def _flags_of_work(how: Behaviour) -> Iterator[tuple[FlagCode, dict[str, Any]]]:
    if how.work == "absent":
        yield FlagCode.NO_WORK, {}
    if how.work == "wrong":
        yield FlagCode.WRONG_WORK, {}
    if how.work == "late":
        yield FlagCode.LATE_WORK, {"hours": HOURS}


def _flags_of_pattern(one: Passage) -> Iterator[tuple[FlagCode, dict[str, Any]]]:
    lines, scales = one.pattern.lines
    if lines:
        yield FlagCode.STRAIGHT_LINE, {"lines": lines, "scales": scales}
    if one.pattern.longest >= LONGEST_RUN:
        yield FlagCode.LONG_RUN, _held(run=one.pattern.longest, threshold=LONGEST_RUN)
    if one.repeats:
        yield FlagCode.REPEATED, {"answers": one.pattern.answers}


def _held(**figures: float) -> dict[str, float]:
    return figures
