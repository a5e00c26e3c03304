"""Paths: diagrams, forest plots, the table of paths, and model minus people."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Paragraph

from analysis.compare.results import PathDifference, PathEstimate, PathSpec
from analysis.report.content import ReportContent
from analysis.report.drawings.forest import forest_figures
from analysis.report.drawings.path_diagram import path_diagram_figures
from analysis.report.refusals import p_values_refused, why_not_compared
from analysis.report.results import bounds, path_text, raw_bounds
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    NOT_RECORDED,
    bounded,
    count,
    decimal,
    estimate_with_interval,
    listed,
    p_value,
)
from analysis.report.typesetting.style import plain, style
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import DECISIONS, EQUIVALENCE, REASONS, RUNGS
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The section."""
    report.section("paths", "Paths")
    report.text(
        "An arrow states the hypothesis of the plan. It is read as a statistical relation, given "
        "the other predictors of the same outcome, and not as a cause."
    )
    first, *others = forest_figures(content)
    report.figure(first)
    report.figure(path_diagram_figures(content)[0])
    for figure in others:
        report.figure(figure)
    _path_table(report, content)
    _differences(report, content)
    _suppression(report, content)


# ---------------------------------------------------------------- estimates


def _path_row(content: ReportContent, row_: PathEstimate) -> Row:
    label = content.label(row_.group)
    if row_.std is None:
        reason = REASONS[row_.reason] if row_.reason else NOT_RECORDED
        return row(
            f"{label}: {reason}", count(row_.n), *[NOT_ESTIMABLE] * 2, "n/a", "n/a", alert=True
        )
    rung = "" if row_.rung.value == "full" else f" ({RUNGS[row_.rung]})"
    if row_.unsettled:
        rung += ", too few clusters to tell"
    pooled = p_values_refused(content, row_.group)
    raw = estimate_with_interval(row_.est, raw_bounds(row_))
    return row(
        f"{label}{rung}",
        count(row_.n),
        raw,
        path_text(row_),
        "withheld" if pooled else p_value(row_.pvalue),
        "withheld" if pooled else _holm(row_),
    )


def _holm(row_: PathEstimate) -> str:
    return "n/a" if row_.pvalue_holm is None else p_value(row_.pvalue_holm)


def _path_table(report: Writer, content: ReportContent) -> None:
    entries: list[Row | Band] = []
    for path in content.comparison.plan.paths:
        entries.append(Band(_path_title(content, path)))
        entries += [
            _path_row(content, content.comparison.path_estimate(group.key, path.key))
            for group in content.groups
        ]
    report.table(
        "table-paths",
        "Paths in every group",
        (
            words("Group", 37),
            numbers("<i>n</i>", 7),
            numbers("<i>b</i> [95% CI]", 20),
            numbers("β [95% CI]", 20),
            numbers("<i>p</i>", 8),
            numbers("<i>p</i><br/>Holm", 9),
        ),
        entries,
        note="<i>b</i> unstandardised, β standardised by the model-implied standard deviations of "
        "the group. Holm: corrected over the paths of one group. Where rows share clusters, "
        "intervals and <i>p</i> count clusters, and fewer than 30 of them have neither.",
    )


def _path_title(content: ReportContent, path: PathSpec) -> str:
    sign = "+" if content.expected_sign(path) > 0 else "−"
    return f"{content.path_label(path)}, expected {sign}"


# ---------------------------------------------------------------- differences


def _difference_rows(content: ReportContent, own: Sequence[PathDifference]) -> list[Row]:
    """A row a path; where nothing is compared, the signs alone in one row."""
    if all(why_not_compared(content, each) for each in own):
        return [row("Signs only", Paragraph(plain(_signs(content, own)), style("cell")), span=True)]
    return [_difference_row(content, each) for each in own]


def _signs(content: ReportContent, own: Sequence[PathDifference]) -> str:
    """Which paths agree, contradict, are undetermined or not estimable."""
    by_verdict: dict[str, list[str]] = {}
    for each in own:
        label = content.path_label(content.comparison.plan.path(each.path))
        by_verdict.setdefault(_decision(content, each), []).append(label)
    return "; ".join(f"{verdict}: {listed(paths)}" for verdict, paths in by_verdict.items()) + "."


def _difference_row(content: ReportContent, each: PathDifference) -> Row:
    label = content.path_label(content.comparison.plan.path(each.path))
    decision = _decision(content, each)
    if why_not_compared(content, each):
        return row(label, "not compared", *["n/a"] * 4, decision)
    return row(
        label,
        estimate_with_interval(each.std, bounds(each.std_ci)),
        p_value(each.tost_pvalue),
        NOT_ESTIMABLE if each.equivalence is None else EQUIVALENCE[each.equivalence],
        p_value(each.wald_pvalue),
        "n/a" if each.cohen_q is None else bounded(each.cohen_q),
        decision,
    )


def _decision(content: ReportContent, each: PathDifference) -> str:
    for score in content.comparison.vaar:
        for evidence in score.paths:
            if score.group == each.group and evidence.path == each.path:
                return DECISIONS[evidence.decision]
    return NOT_RECORDED


def _differences(report: Writer, content: ReportContent) -> None:
    found = content.comparison.differences
    report.subsection("differences", "Models minus people")
    if not found:
        report.text(f"Differences of paths: {NOT_RECORDED}.")
        return
    entries: list[Row | Band] = []
    for group in content.model_groups:
        own = [each for each in found if each.group == group.key]
        if own:
            entries.append(Band(_differences_title(content, group.key, own)))
            entries += _difference_rows(content, own)
    bound = decimal(content.comparison.plan.equivalence_bound)
    report.table(
        "table-differences",
        "Differences of standardised paths, with tests of equivalence and of equality",
        (
            words("Path", 36),
            numbers("Difference [95% CI]", 20),
            numbers("<i>p</i><br/>TOST", 8),
            numbers("Equivalent", 11),
            numbers("<i>p</i><br/>Wald", 8),
            numbers("<i>q</i>", 7),
            words("Sign", 16),
        ),
        entries,
        note=f"TOST: two one-sided tests at ±{bound}; equivalent: yes, no (beyond a bound, by a "
        "test as strict), or it cannot be told at this <i>n</i>. Wald: test of equal paths. "
        "<i>q</i>: Cohen's <i>q</i> of the zero-order correlations. Sign: verdict of the model's "
        "interval on the expected sign. Sizes are compared only where (partial) metric invariance "
        "holds.",
    )


def _differences_title(content: ReportContent, group: str, own: Sequence[PathDifference]) -> str:
    title = f"{content.label(group)} minus {content.reference.label}"
    reasons = [why_not_compared(content, each) for each in own]
    found = listed(dict.fromkeys(filter(None, reasons)))
    if all(reasons):
        return f"{title}; not compared: {found}"
    return f"{title}; where not compared: {found}" if any(reasons) else title


# ---------------------------------------------------------------- suppression


def _suppression(report: Writer, content: ReportContent) -> None:
    known = [each for each in content.comparison.paths if each.zero_order_r is not None]
    if not known:
        report.text(f"Zero-order beside partial signs: {NOT_RECORDED}.")
        return
    turned = [each for each in known if each.suppressed]
    if not turned:
        report.text("Every estimable path has the sign of its zero-order correlation.")
        return
    report.bullets(
        f"{plain(content.label(each.group))}, "
        f"{plain(content.path_label(content.comparison.plan.path(each.path)))}: the partial path "
        f"({bounded(each.std)}) and the zero-order correlation ({bounded(each.zero_order_r)}) "
        "differ in sign or size as under suppression."
        for each in turned
    )
