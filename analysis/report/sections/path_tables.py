"""Tables of paths, for the main model in the report and for the others in its supplement."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.compare.results import PathDifference, PathEstimate, PathSpec
from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.readout.refusals import p_values_refused, why_not_compared
from analysis.report.readout.results import bounds, path_text, raw_bounds
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
from analysis.report.typesetting.parts import cell
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import DECISIONS, EQUIVALENCE, REASONS, RUNGS
from analysis.report.writer import Writer


def main_paths(content: ReportContent) -> list[PathSpec]:
    """The paths of the plan's first model."""
    paths = content.comparison.plan.paths
    return [path for path in paths if path.model == paths[0].model]


def other_paths(content: ReportContent) -> list[PathSpec]:
    """The paths of the plan's other models."""
    paths = content.comparison.plan.paths
    return [path for path in paths if path.model != paths[0].model]


# ---------------------------------------------------------------- estimates


def _path_row(content: ReportContent, row_: PathEstimate) -> Row:
    label = content.label(row_.group)
    if row_.std is None:
        reason = REASONS[row_.reason] if row_.reason else _(NOT_RECORDED)
        return row(
            f"{label}: {reason}", count(row_.n), *[NOT_ESTIMABLE] * 2, "n/a", "n/a", alert=True
        )
    rung = "" if row_.rung.value == "full" else f" ({RUNGS[row_.rung]})"
    if row_.unsettled:
        rung += f", {_('too few clusters to tell')}"
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


def path_table(
    report: Writer, content: ReportContent, paths: Sequence[PathSpec], key: str, title: str
) -> None:
    """Estimates of some paths in every group."""
    entries: list[Row | Band] = []
    for path in paths:
        entries.append(Band(_path_title(content, path)))
        entries += [
            _path_row(content, content.comparison.path_estimate(group.key, path.key))
            for group in content.groups
        ]
    report.table(
        key,
        title,
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
        to_archive=True,
    )


def _path_title(content: ReportContent, path: PathSpec) -> str:
    sign = "+" if content.expected_sign(path) > 0 else "−"
    return _("{path}, expected {sign}").format(path=content.path_label(path), sign=sign)


# ---------------------------------------------------------------- differences


def _difference_rows(content: ReportContent, own: Sequence[PathDifference]) -> list[Row]:
    """A row a path; where nothing is compared, the signs alone in one row."""
    if all(why_not_compared(content, each) for each in own):
        return [row(_("Signs only"), cell(plain(_signs(content, own)), "cell"), span=True)]
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


def difference_table(
    report: Writer, content: ReportContent, paths: Sequence[PathSpec], key: str, title: str
) -> None:
    """Model minus people on some paths."""
    keys = {path.key for path in paths}
    found = [each for each in content.comparison.differences if each.path in keys]
    report.subsection("differences", "Models minus people")
    if not found:
        report.text("Differences of paths: not recorded.")
        return
    entries: list[Row | Band] = []
    for group in content.model_groups:
        own = [each for each in found if each.group == group.key]
        if own:
            entries.append(Band(_differences_title(content, group.key, own)))
            entries += _difference_rows(content, own)
    bound = decimal(content.comparison.plan.equivalence_bound)
    report.table(
        key,
        title,
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
        note=_(
            "TOST: two one-sided tests at ±{bound}; equivalent: yes, no (beyond a bound, by a test "
            "as strict), or it cannot be told at this <i>n</i>. Wald: test of equal paths. "
            "<i>q</i>: Cohen's <i>q</i> of the zero-order correlations. Sign: verdict of the "
            "model's interval on the expected sign. Sizes are compared only where (partial) metric "
            "invariance holds."
        ).format(bound=bound),
        to_archive=True,
    )


def _differences_title(content: ReportContent, group: str, own: Sequence[PathDifference]) -> str:
    title = _("{model} minus {people}").format(
        model=content.label(group), people=content.reference.label
    )
    reasons = [why_not_compared(content, each) for each in own]
    found = listed(dict.fromkeys(filter(None, reasons)))
    if all(reasons):
        return _("{title}; not compared: {reasons}").format(title=title, reasons=found)
    if any(reasons):
        return _("{title}; where not compared: {reasons}").format(title=title, reasons=found)
    return title
