"""The numbers that a figure shows, as a table with a head: for whoever draws it in their own way.

Names of columns are those of the results (`analysis.compare.results`) and stay English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analysis.compare.results import PathSpec, VaarScore
from analysis.report.content import InstrumentFacts, ReportContent, Specification
from analysis.runs.datasheet import ModelFlow, PeopleFlow

Cell = str | int | float | None
Numbers = tuple[tuple[Cell, ...], ...]

_SHARES = ("agree", "contradict", "undetermined", "not_estimable")
_SCORES = (*_SHARES, "hard", "evidence", "joint", "log")
_PEOPLE_STEPS = (
    *("visited", "started", "consented", "completed", "kept", "declined", "withdrawn", "erased"),
)
_MODEL_STEPS = ("recruited", "begun", "finished", "kept")


def path_numbers(content: ReportContent, paths: Sequence[PathSpec]) -> Numbers:
    """Every path in every group: standardised with its interval, as estimated with its error."""
    head = (
        *("group", "label", "path", "predictor", "outcome", "expected_sign", "n"),
        *("std", "std_ci_lower", "std_ci_upper", "est", "se", "reason"),
    )
    rows = []
    for path in paths:
        for group in content.groups:
            one = content.comparison.path_estimate(group.key, path.key)
            rows.append(
                (
                    *(group.key, group.label, path.key, path.predictor, path.outcome),
                    *(content.expected_sign(path), one.n, one.std),
                    *(one.std_ci_lower, one.std_ci_upper, one.est, one.se),
                    one.reason.value if one.reason else "",
                )
            )
    return (head, *rows)


def answer_numbers(content: ReportContent, instrument: InstrumentFacts) -> Numbers:
    """How often each answer was given to each item in each group."""
    items = {item.variable for item in instrument.items}
    rows = (
        (one.group, content.label(one.group), one.item, value, number)
        for one in content.distributions
        if one.item in items
        for value, number in sorted(one.counts.items())
    )
    return (("group", "label", "item", "answer", "respondents"), *rows)


def flow_numbers(content: ReportContent) -> Numbers:
    """How many of each group came to each step; people and sessions are never added together."""
    rows = [
        *(row for one in content.people_flow[:1] for row in _steps(content, one, _PEOPLE_STEPS)),
        *(row for one in content.model_flow for row in _steps(content, one, _MODEL_STEPS)),
    ]
    return (("group", "label", "step", "respondents"), *rows)


def _steps(
    content: ReportContent, flow: PeopleFlow | ModelFlow, steps: Sequence[str]
) -> Iterator[tuple[Cell, ...]]:
    label = content.label(flow.group)
    for step in steps:
        yield flow.group, label, step, getattr(flow, step)
    for one in flow.exclusions:
        wave = f", wave {one.wave}" if one.wave else ""
        yield flow.group, label, f"excluded: {one.rule}{wave}", one.count


def score_numbers(content: ReportContent, scores: Sequence[VaarScore]) -> Numbers:
    """The numbers of VAAR of each model, by source of the expected signs."""
    rows = (
        (
            *(score.group, content.label(score.group), score.signs.value),
            *(getattr(score, name) for name in _SCORES),
        )
        for score in scores
    )
    return (("group", "label", "signs", *_SCORES), *rows)


def specification_numbers(content: ReportContent, rows: Sequence[Specification]) -> Numbers:
    """One measure of each model under every declared combination of choices."""
    choices: Mapping[str, None] = dict.fromkeys(name for row in rows for name in row.choices)
    found = (
        (
            *(row.group, content.label(row.group), row.measure, int(row.main), row.value),
            *((row.interval.lower, row.interval.upper) if row.interval else (None, None)),
            *(row.choices.get(name, "") for name in choices),
        )
        for row in rows
    )
    head = ("group", "label", "measure", "planned", "value", "ci_lower", "ci_upper", *choices)
    return (head, *found)
