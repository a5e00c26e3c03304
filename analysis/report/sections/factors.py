"""What the plan asks of factors and items: latent means, bias, alignment, sizes of fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from analysis.compare.results import (
    AlignedFactor,
    Comparison,
    FactorMean,
    FitSize,
    Interval,
    ItemBias,
    Untold,
)
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.readout.results import open_interval
from analysis.report.typesetting.formatting import (
    bounded,
    count,
    decimal,
    listed,
    p_value,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import FIT_LABELS, UNTOLD
from analysis.report.writer import Writer

SECTION = "factors"
_Told = TypeVar("_Told", FactorMean, ItemBias)


def asked(comparison: Comparison) -> bool:
    """Whether there is anything for the section."""
    return bool(
        comparison.latent_means
        or comparison.item_bias
        or comparison.alignment
        or comparison.fit_sizes
    )


def write(report: Writer, content: ReportContent) -> None:
    """The section, where the plan asks for any of these."""
    comparison = content.comparison
    if not asked(comparison):
        return
    report.section(SECTION, gettext_noop("Factors and items"))
    if comparison.latent_means:
        _means(report, content, comparison.latent_means)
    if comparison.item_bias:
        _bias(report, content, comparison.item_bias)
    if comparison.alignment:
        _alignment(report, content, comparison.alignment)
    if comparison.fit_sizes:
        _sizes(report, content, comparison.fit_sizes)


def _untold(reason: Untold) -> str:
    return _("not told: {why}").format(why=UNTOLD[reason])


def _band(content: ReportContent, group: str, model: str) -> Band:
    label = content.label(group)
    several = len(content.comparison.plan.models) > 1
    named = _("{group}, model {model}").format(group=label, model=model)
    return Band(named if several else label)


# ---------------------------------------------------------------- latent means


def _means(report: Writer, content: ReportContent, found: Sequence[FactorMean]) -> None:
    report.table(
        "table-latent-means",
        gettext_noop("Latent means of models less those of people"),
        (
            words(_("Construct"), 34),
            words(_("Difference [95% CI]"), 26),
            words(_("<i>d</i> [95% CI]"), 26),
            numbers("<i>p</i>", 14),
        ),
        _banded(content, found, _mean_row),
        note=_(
            "From the joint fit with loadings and intercepts equal, but for those freed. The "
            "difference is in units of the first indicator, d in standard deviations of the "
            "factor, pooled over both groups (Hancock 2001)."
        ),
    )


def _banded(
    content: ReportContent, found: Sequence[_Told], row_of: Callable[[ReportContent, _Told], Row]
) -> list[Row | Band]:
    """A band for each group and model, with its rows below."""
    entries: list[Row | Band] = []
    for group, model in dict.fromkeys((each.group, each.model) for each in found):
        entries.append(_band(content, group, model))
        own = [each for each in found if (each.group, each.model) == (group, model)]
        entries += [row_of(content, each) for each in own]
    return entries


def _mean_row(content: ReportContent, each: FactorMean) -> Row:
    label = content.construct_label(each.construct)
    if each.reason is not None:
        return row(label, _untold(each.reason), "", "")
    withheld = each.pvalue is None
    return row(
        label,
        _open(each.difference, each.difference_ci),
        _open(each.d, each.d_ci),
        "withheld" if withheld else p_value(each.pvalue),
    )


def _open(value: float | None, interval: Interval | None) -> str:
    """A number on an open scale with its interval."""
    if interval is None:
        return decimal(value)
    return f"{decimal(value)} {open_interval(interval)}"


# ---------------------------------------------------------------- bias of items


def _bias(report: Writer, content: ReportContent, found: Sequence[ItemBias]) -> None:
    report.table(
        "table-item-bias",
        gettext_noop("Bias of indicators: dMACS"),
        (
            words(_("Indicator"), 30),
            words(_("Construct"), 26),
            words(_("Anchor"), 20),
            words("dMACS", 12),
            numbers(_("Shift"), 12),
        ),
        _banded(content, found, _bias_row),
        note=_(
            "dMACS: how far answers differ at the same standing on the construct, in standard "
            "deviations of the indicator (Nye & Drasgow 2011). Shift: what that adds to the "
            "model's mean. The anchor is taken to measure alike in people and model."
        ),
    )


def _bias_row(content: ReportContent, each: ItemBias) -> Row:
    construct = content.construct_label(each.construct)
    if each.reason is not None:
        return row(plain(each.indicator), construct, _untold(each.reason), "", "")
    size, shift = decimal(each.size), decimal(each.shift)
    return row(plain(each.indicator), construct, plain(each.anchor), size, shift)


# ---------------------------------------------------------------- alignment


def _alignment(report: Writer, content: ReportContent, found: Sequence[AlignedFactor]) -> None:
    report.table(
        "table-alignment",
        gettext_noop("Aligned means and variances of factors"),
        (
            words(_("Group"), 40),
            words(_("Mean [95% CI]"), 30),
            words(_("Variance [95% CI]"), 30),
        ),
        _alignment_rows(content, found),
        note=_(
            "Alignment (Asparouhov & Muthén 2014) of all groups that bear the model, in units of "
            "the people's factor: loadings and intercepts are not held equal, but as few as "
            "possible differ. Intervals by the delta method."
        ),
    )
    if told := [each for each in found if each.indicators]:
        _aligned_indicators(report, content, told)


def _alignment_rows(content: ReportContent, found: Sequence[AlignedFactor]) -> list[Row | Band]:
    entries: list[Row | Band] = []
    for each in found:
        entries.append(Band(_aligned_name(content, each)))
        if each.reason is not None:
            entries.append(row(_untold(each.reason), "", ""))
        entries += [
            row(
                content.label(one.group),
                _open(one.mean, one.mean_ci),
                _open(one.variance, one.variance_ci),
            )
            for one in each.means
        ]
    return entries


def _aligned_name(content: ReportContent, each: AlignedFactor) -> str:
    label = content.construct_label(each.construct)
    if len(content.comparison.plan.models) == 1:
        return label
    return _("{group}, model {model}").format(group=label, model=each.model)


def _aligned_indicators(
    report: Writer, content: ReportContent, found: Sequence[AlignedFactor]
) -> None:
    entries: list[Row | Band] = []
    for each in found:
        name = _aligned_name(content, each)
        told = _("{construct}; minima found: {count}")
        entries.append(Band(told.format(construct=name, count=count(each.minima))))
        entries += [
            row(plain(one.indicator), bounded(one.r2_loading), bounded(one.r2_intercept))
            for one in each.indicators
        ]
    report.table(
        "table-aligned-indicators",
        gettext_noop("How far alignment explains the indicators"),
        (
            words(_("Indicator"), 52),
            numbers(_("<i>R</i>² of loadings"), 24),
            numbers(_("<i>R</i>² of intercepts"), 24),
        ),
        entries,
        note=_(
            "Share of an indicator's differences over groups that factor means and variances "
            "explain: near 1 where it measures alike in all groups."
        ),
        width=0.72,
    )


# ---------------------------------------------------------------- sizes of fit


def _sizes(report: Writer, content: ReportContent, found: Sequence[FitSize]) -> None:
    report.table(
        "table-fit-sizes",
        gettext_noop("T-size fit: what misfit the data exclude"),
        (
            words(_("Group"), 44),
            words(_("T-size RMSEA"), 28),
            words(_("T-size CFI"), 28),
        ),
        [_size_row(content, each) for each in found],
        note=_(
            "With 95 % confidence RMSEA is below, CFI above the value (Yuan et al. 2016), by the "
            "unscaled χ², which skewed answers and clusters mostly make larger. Labels are by "
            "cutoffs for this size of sample and model."
        ),
        width=0.86,
    )


def _size_row(content: ReportContent, each: FitSize) -> Row:
    label = content.label(each.group)
    if len(content.comparison.plan.models) > 1:
        label = _("{group}, model {model}").format(group=label, model=each.model)
    if each.reason is not None:
        return row(label, _untold(each.reason), "")
    return row(
        label,
        _labelled(bounded(each.rmsea, 3), each.rmsea_label),
        _labelled(bounded(each.cfi, 3), each.cfi_label),
    )


def _labelled(value: str, label: str) -> str:
    return f"{value} ({_(FIT_LABELS[label])})" if label else value


# ---------------------------------------------------------------- in the report itself


def pointers(report: Writer, content: ReportContent) -> str:
    """Where the supplement has what the plan asks for; empty where it asks for nothing."""
    comparison = content.comparison
    tables = (
        (comparison.latent_means, "table-latent-means", _("latent means")),
        (comparison.item_bias, "table-item-bias", _("bias of indicators")),
        (comparison.alignment, "table-alignment", _("alignment")),
        (comparison.fit_sizes, "table-fit-sizes", _("T-size fit")),
    )
    named = [f"{name} ({report.see(key)})" for found, key, name in tables if found]
    if not named:
        return ""
    return _("The plan also asks for {what}.").format(what=listed(named))
