"""Data quality and description, group by group."""

from __future__ import annotations

from analysis.report.content import ReportContent
from analysis.report.facts import facts_of
from analysis.report.typesetting.formatting import (
    NOT_RECORDED,
    bounded,
    count,
    listed,
    percent,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import numbers, row, words
from analysis.report.writer import Writer

_COMPLETE = "none missing"


def write(report: Writer, content: ReportContent) -> None:
    """Missing answers, item tables, answer distributions, response style."""
    report.section("quality", "Data quality and description")
    report.subsection("missing", "Missing answers")
    _missing(report, content)
    report.subsection("response-style", "Response style")
    _styles(report, content)
    report.subsection("items", "Items")
    _items(report, content)


# ---------------------------------------------------------------- missing answers


def _missing(report: Writer, content: ReportContent) -> None:
    facts = {fact.name: fact for fact in facts_of(content.modelling, "estimation")}
    mechanism, handling = facts["missing_mechanism"], facts["missing_handling"]
    report.text(
        f"{mechanism.label}: {plain(mechanism.text)}. {handling.label}: {plain(handling.text)}. "
        "A failed answer is missing with a coded reason and is never filled."
    )
    if not content.missing:
        report.text(f"Missing answers by item: {NOT_RECORDED}.")
    else:
        _missing_table(report, content)
    _patterns(report, content)


def _missing_table(report: Writer, content: ReportContent) -> None:
    reasons = list(dict.fromkeys(key for each in content.missing for key in each.reasons))
    columns = [words("Group", 30), numbers("Missing", 18)]
    columns += [numbers(reason.replace("_", " ").capitalize(), 14) for reason in reasons]
    entries = []
    for group in content.groups:
        own = [each for each in content.missing if each.group == group.key]
        asked = group.rows * len(content.comparison.plan.items)
        gone = sum(each.total for each in own)
        share = f" ({percent(gone / asked, 2)})" if asked else ""
        counts = [sum(each.reasons.get(reason, 0) for each in own) for reason in reasons]
        entries.append(row(group.label, f"{count(gone)}{share}", *(count(n) for n in counts)))
    report.table(
        "table-missing",
        "Missing answers by group and coded reason",
        columns,
        entries,
        note="In brackets: share of all answers asked for, which is respondents times items. Item "
        f"by item: {report.see('appendix-item-statistics')}.",
    )


def _patterns(report: Writer, content: ReportContent) -> None:
    if not content.missing_patterns:
        report.text(f"Patterns of missing answers: {NOT_RECORDED}.")
        return
    report.table(
        "table-patterns",
        "Patterns of missing answers",
        (words("Group", 34), words("Items missing together", 50), numbers("Rows", 16)),
        [
            row(
                content.label(each.group),
                listed(each.items, none=_COMPLETE),
                count(each.count),
            )
            for each in content.missing_patterns
        ],
        width=0.8,
    )


# ---------------------------------------------------------------- items


def _items(report: Writer, content: ReportContent) -> None:
    report.text(
        f"Every item in every group, with its moments, stands in "
        f"{report.see('appendix-item-statistics')}. {_constant(content)}"
    )
    for figure in report.figures.items:
        report.figure(figure)


def _constant(content: ReportContent) -> str:
    """Which items are constant, and which nobody answered, group by group."""
    sentences = []
    for group in content.groups:
        own = [each for each in content.comparison.items if each.group == group.key]
        if silent := [each.item for each in own if not each.n]:
            items = "any item" if len(silent) == len(own) else plain(listed(silent))
            sentences.append(f"Nobody in {plain(group.label)} answered {items}.")
        constant = [each.item for each in own if each.n and each.distinct <= 1]
        if len(constant) > 1 and len(constant) == len(own):
            sentences.append(f"Constant in {plain(group.label)}: every item.")
        elif constant:
            sentences.append(f"Constant in {plain(group.label)}: {plain(listed(constant))}.")
    if not content.comparison.items:
        return f"Item statistics: {NOT_RECORDED}."
    return " ".join(sentences) or "No item is constant in any group."


# ---------------------------------------------------------------- response style


def _styles(report: Writer, content: ReportContent) -> None:
    if not content.comparison.styles:
        report.text(f"Straight-lining, acquiescence and long strings: {NOT_RECORDED}.")
        return
    report.table(
        "table-style",
        "Response style, whatever was answered",
        (
            words("Group", 30),
            numbers("Straight-lining", 16),
            numbers("Longest run", 13),
            numbers("Acquiescence", 15),
            numbers("Pairs", 8),
            numbers("Orthogonality", 15),
        ),
        [
            row(
                content.label(each.group),
                percent(each.straight_lining),
                percent(each.longest_run),
                bounded(each.acquiescence),
                count(each.acquiescence_pairs),
                bounded(each.orthogonality),
            )
            for each in content.comparison.styles
        ],
        note="Straight-lining: share of complete scales answered with one option throughout. "
        "Longest run: mean longest string of one answer, as a share of its scale. Acquiescence: "
        "from −1 (denies items and their opposites) to 1 (agrees to both), with the number of "
        "opposed pairs. Orthogonality: share of dimensions the answers use, 1 where items have "
        "nothing in common.",
    )
