"""Data quality and description, group by group."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.facts import facts_of
from analysis.report.typesetting.formatting import (
    bounded,
    count,
    listed,
    percent,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import numbers, row, words
from analysis.report.words import missing_reason
from analysis.report.writer import Writer

_COMPLETE = gettext_noop("none missing")


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
        f"{mechanism.label}: {plain(_(mechanism.text))}. "
        f"{handling.label}: {plain(_(handling.text))}. "
        + _("A failed answer is missing with a coded reason and is never filled.")
    )
    if not content.missing:
        report.text("Missing answers by item: not recorded.")
    else:
        _missing_table(report, content)
    _patterns(report, content)


def _missing_table(report: Writer, content: ReportContent) -> None:
    reasons = list(dict.fromkeys(key for each in content.missing for key in each.reasons))
    columns = [words("Group", 30), numbers("Missing", 18)]
    columns += [numbers(missing_reason(reason).capitalize(), 14) for reason in reasons]
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
        note=_(
            "In brackets: share of all answers asked for, which is respondents times items. Item "
            "by item: {where}."
        ).format(where=report.see("appendix-item-statistics")),
    )


def _patterns(report: Writer, content: ReportContent) -> None:
    if not content.missing_patterns:
        report.text("Patterns of missing answers: not recorded.")
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
        _("Every item in every group, with its moments, stands in {where}.").format(
            where=report.see("appendix-item-statistics")
        )
        + f" {_constant(content)}"
    )
    for figure in report.figures.items:
        report.figure(figure)


def _constant(content: ReportContent) -> str:
    """Which items are constant, and which nobody answered, group by group."""
    sentences = []
    for group in content.groups:
        own = [each for each in content.comparison.items if each.group == group.key]
        if silent := [each.item for each in own if not each.n]:
            items = _("any item") if len(silent) == len(own) else plain(listed(silent))
            told = _("Nobody in {group} answered {items}.")
            sentences.append(told.format(group=plain(group.label), items=items))
        constant = [each.item for each in own if each.n and each.distinct <= 1]
        if len(constant) > 1 and len(constant) == len(own):
            items = _("every item")
        elif constant:
            items = plain(listed(constant))
        else:
            continue
        told = _("Constant in {group}: {items}.")
        sentences.append(told.format(group=plain(group.label), items=items))
    if not content.comparison.items:
        return _("Item statistics: not recorded.")
    return " ".join(sentences) or _("No item is constant in any group.")


# ---------------------------------------------------------------- response style


def _styles(report: Writer, content: ReportContent) -> None:
    if not content.comparison.styles:
        report.text("Straight-lining, acquiescence and long strings: not recorded.")
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
