"""Quotas as they are asked for: the one model to which page and REST are held, and its mistakes.

A rule of a quota is written as rules of a study are, and may name what is asked about the person:

    gender == 'female' and screen.age >= 18 and recipient == 'company'
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from pydantic.dataclasses import dataclass

from surveys.codes import Problem, SentenceCode, advice
from surveys.codes import marked as _
from surveys.flow import LONGEST, Comparison, ExpressionError, FlowMistake, is_answer, parse
from surveys.instrument_files.definitions import DemographicField, StudyDefinition
from surveys.instrument_files.flows.fit import Instruments, wrong_comparisons
from surveys.instrument_files.flows.sections import impossible, wrong_condition
from surveys.instrument_files.strict import STRICT, Count, OptionalText, Text, read

MOST_QUOTAS = 200
_LONGEST_LABEL = 120


class QuotaMistake(SentenceCode):
    """What is wrong with quotas that are asked for."""

    TOO_MANY = "too_many_quotas", _("These are %(given)s quotas, and %(most)s is the most.")
    SAME_NAME = "same_name", _("Two quotas are called %(given)r; give each a name of its own.")
    TOO_LONG = "too_long", _("This is longer than %(most)s signs; write it shorter.")
    UNKNOWN_LINK = "unknown_link", _("The study has no link %(given)s; choose one of its own.")
    UNKNOWN_NAME = (
        "unknown_name",
        _("There is no condition and no question about the person %(given)r; %(advice)s"),
    )
    NOT_NUMERIC = (
        "not_numeric",
        _("%(name)r is answered by a whole number; compare it with one, without quotation marks"),
    )


@dataclass(frozen=True, slots=True, config=STRICT)
class QuotaDraft:
    """One quota: a name, how many people, by which rule (empty: all), of which link's key."""

    label: Text
    most: Count
    when: OptionalText = ""
    link: int | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class QuotaPlan:
    """All quotas of a study at once."""

    quotas: tuple[QuotaDraft, ...] = ()


def read_quotas(values: Mapping[str, Any]) -> tuple[QuotaPlan | None, list[Problem]]:
    """Return what was asked for, or None and everything that is no quota."""
    return read(QuotaPlan, values)


def quota_problems(
    plan: QuotaPlan, study: StudyDefinition, instruments: Instruments, links: Collection[int]
) -> list[Problem]:
    """Everything that does not fit the study; a problem names its quota by number, from 1."""
    found = []
    if len(plan.quotas) > MOST_QUOTAS:
        about = {"given": len(plan.quotas), "most": MOST_QUOTAS}
        found.append(Problem("quotas", QuotaMistake.TOO_MANY, about))
    seen: set[str] = set()
    for number, one in enumerate(plan.quotas, start=1):
        where = f"quotas[{number}]"
        if one.label in seen:
            found.append(Problem(f"{where}.label", QuotaMistake.SAME_NAME, {"given": one.label}))
        seen.add(one.label)
        found += _too_long(where, one)
        if one.link is not None and one.link not in links:
            found.append(Problem(f"{where}.link", QuotaMistake.UNKNOWN_LINK, {"given": one.link}))
        found += _rule_problems(f"{where}.when", one.when, study, instruments)
    return found


def _too_long(where: str, one: QuotaDraft) -> Iterator[Problem]:
    for part, most in (("label", _LONGEST_LABEL), ("when", LONGEST)):
        if len(getattr(one, part)) > most:
            yield Problem(f"{where}.{part}", QuotaMistake.TOO_LONG, {"most": most})


def _rule_problems(
    where: str, text: str, study: StudyDefinition, instruments: Instruments
) -> Iterator[Problem]:
    if not text or len(text) > LONGEST:
        return
    try:
        rule = parse(text)
    except ExpressionError as error:
        yield Problem(where, error.code, error.arguments)
        return
    yield from wrong_comparisons(where, rule.comparisons, study, instruments)
    conditions = {one.key for one in study.flow.conditions}
    fields = {one.key: one for one in study.demographics}
    for comparison in rule.comparisons:
        name = comparison.name
        if is_answer(name):
            continue
        if name in conditions:
            yield from wrong_condition(where, comparison, study.flow.conditions)
        elif name in fields:
            yield from _wrong_field(where, comparison, fields[name])
        else:
            about = {"given": name, "advice": advice(name, [*conditions, *fields])}
            yield Problem(where, QuotaMistake.UNKNOWN_NAME, about)


def _wrong_field(where: str, comparison: Comparison, field: DemographicField) -> Iterator[Problem]:
    if field.kind == "integer":
        if any(isinstance(one, str) for one in comparison.literals):
            yield Problem(where, QuotaMistake.NOT_NUMERIC, {"name": comparison.name})
        return
    known = [value for value, _label in field.options]
    if comparison.sign not in ("==", "!="):
        yield Problem(where, FlowMistake.NOT_ORDERED, {"name": comparison.name})
    for literal in comparison.literals:
        if literal not in known:
            yield impossible(where, comparison.name, literal, map(repr, known))


Cell = tuple[str, str]
"""What people of a cell are called, and the rule that they meet."""


def crossed(variables: Sequence[Sequence[Cell]], *, most: int) -> list[QuotaDraft]:
    """One quota of `most` people for each combination of the variables' cells, in their order.

    More combinations than a study may have quotas give none.
    """
    if not variables or prod(map(len, variables)) > MOST_QUOTAS:
        return []
    return [
        QuotaDraft(
            label=" · ".join(name for name, _rule in cells)[:_LONGEST_LABEL],
            most=most,
            when=" and ".join(rule for _name, rule in cells),
        )
        for cells in product(*variables)
    ]


_RANGE = re.compile(r"(\d{1,9})?\s*[-–]\s*(\d{1,9})?")


def range_cells(name: str, text: str) -> list[Cell]:
    """The cells of a number by ranges such as ``18-29, 30-49, 50-``; none where one is no range."""
    cells = []
    for part in (one.strip() for one in text.split(",")):
        found = _RANGE.fullmatch(part)
        if found is None or not any(found.groups()):
            return []
        low, high = found.groups()
        rules = [f"{name} >= {int(low)}"] if low else []
        rules += [f"{name} <= {int(high)}"] if high else []
        cells.append((f"{low or ''}–{high or ''}", " and ".join(rules)))
    return cells


def option_cells(name: str, options: Sequence[tuple[str | int, str]]) -> list[Cell]:
    """The cells of options, each as (value, what it is called)."""
    return [
        (label, f"{name} == {value!r}" if isinstance(value, str) else f"{name} == {value}")
        for value, label in options
    ]
