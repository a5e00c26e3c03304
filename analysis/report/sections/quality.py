"""Data quality and description, group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.compare.types import ItemFidelity
from analysis.report.content import InstrumentFacts, ItemMissing, ReportContent
from analysis.report.facts import facts_of
from analysis.report.figures.distributions import distribution_figure
from analysis.report.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    listed,
    percent,
)
from analysis.report.style import plain
from analysis.report.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer

_WHOLE_ROWS = "complete"


def write(report: Writer, content: ReportContent) -> None:
    """Missing answers, item tables, answer distributions, response style."""
    report.section("quality", "Data quality and description")
    report.subsection("missing", "Missing answers")
    _missing(report, content)
    report.subsection("items", "Items")
    _items(report, content)
    report.subsection("response-style", "Response style")
    _styles(report, content)


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
    cells = {(each.group, each.item): each for each in content.missing}
    items = list(dict.fromkeys(each.item for each in content.missing if each.total))
    groups = content.groups
    columns = [words("Item", 14)]
    columns += [words(plain(group.label), 86 / len(groups)) for group in groups]
    totals = [
        sum(each.total for each in content.missing if each.group == group.key) for group in groups
    ]
    entries = [
        row(item, *(_reasons(cells.get((group.key, item))) for group in groups)) for item in items
    ]
    entries.append(row("all items", *(count(total) for total in totals)))
    report.table(
        "table-missing",
        "Missing answers by item, group and coded reason",
        columns,
        entries,
        note="Items without a missing answer in any group are left out.",
    )


def _reasons(found: ItemMissing | None) -> str:
    if found is None or not found.total:
        return "0"
    parts = [f"{reason.replace('_', ' ')} {n}" for reason, n in found.reasons.items() if n]
    share = percent(found.total / found.asked, 1) if found.asked else NOT_RECORDED
    return f"{found.total} ({share}): {', '.join(parts)}"


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
                listed(each.items, none=_WHOLE_ROWS),
                count(each.count),
            )
            for each in content.missing_patterns
        ],
        width=0.8,
    )


# ---------------------------------------------------------------- items


def _items(report: Writer, content: ReportContent) -> None:
    report.text(
        "Values are oriented: high means the same for every item of a scale. Skewness and excess "
        "kurtosis are those of the sample; floor and ceiling are the shares of the lowest and the "
        "highest answer. A constant item is printed in red and named so."
    )
    rows = {(each.group, each.item): each for each in content.comparison.items}
    for instrument in content.instruments:
        _item_table(report, content, instrument, rows)
        figure = distribution_figure(content, instrument)
        if figure is not None:
            report.figure(figure)


def _item_table(
    report: Writer,
    content: ReportContent,
    instrument: InstrumentFacts,
    rows: Mapping[tuple[str, str], ItemFidelity],
) -> None:
    entries: list[Row | Band] = []
    for group in content.groups:
        found = [
            _item_row(item.ref, rows[group.key, item.variable], reverse=item.reverse_keyed)
            for item in instrument.items
            if (group.key, item.variable) in rows
        ]
        if found:
            entries += [Band(group.label), *found]
    if not entries:
        report.text(f"Item statistics of {plain(instrument.title)}: {NOT_RECORDED}.")
        return
    report.table(
        f"table-items-{instrument.key}",
        f"Items of {instrument.title}",
        (
            words("Item", 24),
            numbers("<i>n</i>", 7),
            numbers("<i>M</i>", 8),
            numbers("<i>SD</i>", 8),
            numbers("Skewness", 13),
            numbers("Kurtosis", 13),
            numbers("Floor", 8),
            numbers("Ceiling", 9),
            numbers("Values", 8),
        ),
        entries,
        note="(R) = reverse-keyed. Values = number of distinct answers.",
    )


def _item_row(ref: str, each: ItemFidelity, *, reverse: bool) -> Row:
    constant = each.distinct <= 1
    name = f"{ref}{' (R)' if reverse else ''}{', constant' if constant else ''}"
    return row(
        name,
        count(each.n),
        decimal(each.mean),
        decimal(each.sd),
        decimal(each.skewness),
        decimal(each.kurtosis),
        percent(each.floor_share),
        percent(each.ceiling_share),
        count(each.distinct),
        alert=constant,
    )


# ---------------------------------------------------------------- response style


def _styles(report: Writer, content: ReportContent) -> None:
    styles = {each.group: each for each in content.comparison.styles}
    if not styles:
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
        _style_rows(content, styles),
        note="Straight-lining: share of blocks answered with one option. Longest run: mean length "
        "of the longest string of one answer. Acquiescence: agreement with both items of opposite "
        "keying, from the number of pairs given. Orthogonality: how far answers follow content "
        "rather than position on the scale.",
    )


def _style_rows(content: ReportContent, styles: Mapping[str, object]) -> Sequence[Row]:
    entries = []
    for each in content.comparison.styles:
        if each.group not in styles:
            continue
        entries.append(
            row(
                content.label(each.group),
                percent(each.straight_lining),
                decimal(each.longest_run, 1),
                bounded(each.acquiescence) if each.acquiescence is not None else NOT_ESTIMABLE,
                count(each.acquiescence_pairs),
                bounded(each.orthogonality),
            )
        )
    return entries
