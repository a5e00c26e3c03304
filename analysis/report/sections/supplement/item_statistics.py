"""Appendix: every item in every group, answered and missing."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.compare.results import ItemFidelity
from analysis.language import gettext as _
from analysis.report.content import InstrumentFacts, ReportContent
from analysis.report.readout.refusals import against_key
from analysis.report.typesetting.formatting import NOT_RECORDED, count, decimal, percent
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, side_by_side, words
from analysis.report.words import missing_reason
from analysis.report.writer import Writer
from analysis.runs.datasheet import ItemMissing

Statistics = Mapping[tuple[str, str], ItemFidelity]
# So many groups have a column each whose words need not be broken.
_ABREAST = 4


def write(report: Writer, content: ReportContent) -> None:
    """Moments by instrument, then missing answers by item."""
    report.section("appendix-item-statistics", "Item statistics")
    report.text(
        _(
            "Values are oriented by the key: high means the same for every item of a scale{but}. "
            "Kurtosis is excess kurtosis; floor and ceiling are the shares of the lowest and the "
            "highest answer; values are distinct answers. A constant item is printed in red and "
            "named so."
        ).format(but=plain(against_key(content)))
    )
    found = {(each.group, each.item): each for each in content.comparison.items}
    for instrument in content.instruments:
        _moments(report, content, instrument, found)
    _missing(report, content)


def _moments(
    report: Writer, content: ReportContent, instrument: InstrumentFacts, found: Statistics
) -> None:
    entries: list[Row | Band] = []
    for group in content.groups:
        own = [
            _moment_row(instrument.item_label(item), found[group.key, item.variable])
            for item in instrument.items
            if (group.key, item.variable) in found
        ]
        if own:
            entries += [Band(group.label), *own]
    if not entries:
        told = _("Item statistics of {scale}: not recorded.")
        report.text(told.format(scale=plain(instrument.title)))
        return
    report.table(
        f"table-items-{instrument.key}",
        _("Items of {scale}").format(scale=instrument.title),
        (
            words("Item", 30),
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
        note="(R) = reverse-keyed.",
        to_archive=True,
    )


def _moment_row(label: str, each: ItemFidelity) -> Row:
    constant = each.distinct <= 1
    name = f"{label}, {_('constant')}" if constant else label
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


def _missing(report: Writer, content: ReportContent) -> None:
    cells = {(each.group, each.item): each for each in content.missing}
    items = list(dict.fromkeys(each.item for each in content.missing if each.total))
    if not items:
        told = "Missing answers by item: not recorded."
        report.text("Missing answers by item: none." if content.missing else told)
        return
    groups = content.groups
    parts = [("", groups)] if len(groups) <= _ABREAST else side_by_side(groups)
    for at, (suffix, part) in enumerate(parts):
        columns = [words("Item", 20)]
        columns += [words(plain(group.label), 80 / len(part)) for group in part]
        report.table(
            f"table-missing-items-{at}",
            _("Missing answers by item and group, with coded reasons") + suffix,
            columns,
            [
                row(item, *(_reasons(cells.get((group.key, item))) for group in part))
                for item in items
            ],
            note="Items without a missing answer in any group are left out.",
            to_archive=True,
        )


def _reasons(found: ItemMissing | None) -> str:
    if found is None or not found.total:
        return "0"
    parts = [f"{missing_reason(reason)} {n}" for reason, n in found.reasons.items() if n]
    share = percent(found.total / found.asked, 1) if found.asked else NOT_RECORDED
    return f"{found.total} ({share}): {', '.join(parts)}"
