"""How the people were sampled, how models agree with their subgroups, and what moderates paths."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.compare.companions import Moderation, ParityGap, Sampling, SubgroupAgreement
from analysis.compare.intervals import FEWEST_CLUSTERS
from analysis.compare.plan import Adjustment
from analysis.compare.subgroups.fits import SMALLEST_SUBGROUP
from analysis.report.content import ReportContent
from analysis.report.results import bounds
from analysis.report.typesetting.formatting import (
    chi_square,
    count,
    decimal,
    estimate_with_interval,
    listed,
    p_clause,
)
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.writer import Writer

CANNOT_TELL = "cannot tell"
_WHY = {
    "too_few": f"{CANNOT_TELL}: fewer than {SMALLEST_SUBGROUP} people",
    "too_few_clusters": f"{CANNOT_TELL}: fewer than {FEWEST_CLUSTERS} clusters",
    "not_estimable": f"{CANNOT_TELL}: no path could be estimated",
    "undirected": f"{CANNOT_TELL}: these people leave the directions open",
    "metric_invariance": f"{CANNOT_TELL}: no metric invariance across subgroups",
}
_MEASURES = {"direction": "Direction", "size": "Size"}


def write(report: Writer, content: ReportContent) -> None:
    """The section, where the plan says anything of these."""
    comparison = content.comparison
    people = comparison.plan.people
    if comparison.sampling is None and not people.subgroups and not people.adjustments:
        return
    report.section("subgroups", "Sampling of the people, and subgroups")
    if comparison.sampling is not None:
        _sampling(report, comparison.sampling)
    if people.adjustments:
        report.text(_adjusted(content, people.adjustments))
    if comparison.subgroups:
        _agreement(report, content)
    if comparison.moderation:
        _moderation(report, content, comparison.moderation)


def weighting(sampling: Sampling | None) -> str:
    """What weights were used in this analysis, in words."""
    if sampling is None or not sampling.weighted:
        return "None: every respondent counts once"
    return (
        f"Sampling weights in every model of the people (n = {sampling.n:,}, effective n "
        f"{sampling.weights_effective_n:,.0f} by Kish, design effect "
        f"{sampling.weights_design_effect:.2f}); other statistics unweighted"
    )


def _sampling(report: Writer, sampling: Sampling) -> None:
    report.text(_counted(sampling))
    rows = [row("People analysed", count(sampling.n), "")]
    if sampling.weighted:
        effect = decimal(sampling.weights_design_effect)
        rows.append(row("Worth of unequal weights", _whole(sampling.weights_effective_n), effect))
    if sampling.clustered_in:
        effect = decimal(sampling.clusters_design_effect)
        rows.append(
            row(f"Clusters ({plain(sampling.clustered_in)})", count(sampling.clusters), effect)
        )
    if sampling.stratified_by:
        rows.append(row(f"Strata ({plain(sampling.stratified_by)})", count(sampling.strata), ""))
    rows.append(row("Effective n", _whole(sampling.effective_n), decimal(_whole_effect(sampling))))
    report.table(
        "table-sampling",
        "How the people were sampled",
        (words("", 52), numbers("Number", 24), numbers("Design effect", 24)),
        rows,
        note=(
            "Weights: n over Kish’s (Σw)²/Σw². Clusters: 1 + (m − 1) ICC with the largest ICC "
            "of a construct’s score; that of a path may be smaller. Effective n divides by both."
        ),
        width=0.72,
    )


def _counted(sampling: Sampling) -> str:
    parts = []
    if sampling.weighted:
        parts.append(
            "Every model of the people is fitted with their sampling weights (pseudo maximum "
            "likelihood with robust standard errors). Distributions of answers, reliabilities and "
            "correlations of scores are unweighted."
        )
    else:
        parts.append("The people are unweighted.")
    if sampling.clustered_in:
        parts.append("Standard errors and tests of the people’s models count clusters.")
    if sampling.stratified_by:
        parts.append(
            "Intervals of agreement draw clusters within strata; standard errors of single fits "
            "leave strata out, which makes them too large rather than too small."
        )
    return " ".join(parts)


def _whole(value: float) -> str:
    return count(round(value))


def _whole_effect(sampling: Sampling) -> float:
    return sampling.weights_design_effect * sampling.clusters_design_effect


def _adjusted(content: ReportContent, adjustments: Sequence[Adjustment]) -> str:
    named = []
    for one in adjustments:
        outcomes = listed(content.construct_label(outcome) for outcome in one.outcomes)
        reference = f" (reference: {one.reference})" if one.reference else ""
        named.append(f"{one.by}{reference} as a predictor of {outcomes}")
    return (
        f"Beside the paths the models have {plain(listed(named))}. What does not vary in a group "
        "is not adjusted for there."
    )


# ---------------------------------------------------------------- subgroups


def _agreement(report: Writer, content: ReportContent) -> None:
    rows = content.comparison.subgroups
    report.text(
        "Each subgroup is fitted by itself and each model compared with it. <i>Direction</i> is 1 "
        "where the model is as sure of the subgroup’s directions as the subgroup’s data "
        "allow and 0 where it might toss a coin. <i>Size</i> is 1 minus the root mean square of "
        "the differences of standardised paths beyond sampling error. All sessions of a model are "
        "compared with every subgroup."
    )
    entries: list[Row | Band] = []
    for group in dict.fromkeys(each.group for each in rows):
        entries.append(Band(content.label(group)))
        own = [each for each in rows if each.group == group]
        for by, name in dict.fromkeys((each.by, each.subgroup) for each in own):
            pair = {each.measure: each for each in own if (each.by, each.subgroup) == (by, name)}
            entries.append(_agreement_row(by, name, pair["direction"], pair["size"]))
    report.table(
        "table-subgroups",
        "Agreement with subgroups of the people",
        (
            words("Subgroup", 32),
            numbers("<i>n</i>", 8),
            numbers("Effective <i>n</i>", 12),
            numbers("Direction", 24),
            numbers("Size", 24),
        ),
        entries,
    )
    _parity(report, content, content.comparison.parity)


def _agreement_row(
    by: str, name: str, direction: SubgroupAgreement, size: SubgroupAgreement
) -> Row:
    cells = [
        _WHY[each.reason]
        if each.agreement is None
        else estimate_with_interval(each.agreement, bounds(each.interval))
        for each in (direction, size)
    ]
    effective = _whole(direction.effective_n)
    return row(plain(f"{by}: {name}"), count(direction.n), effective, *cells)


def _parity(report: Writer, content: ReportContent, gaps: Sequence[ParityGap]) -> None:
    report.table(
        "table-parity",
        "Parity gap: best minus worst subgroup",
        (
            words("Model", 26),
            words("By", 14),
            words("Measure", 12),
            words("Best, worst", 22),
            words("Gap", 26),
        ),
        [
            row(
                plain(content.label(each.group)),
                plain(each.by),
                _MEASURES[each.measure],
                plain(f"{each.best}, {each.worst}" if each.best else "—"),
                _gap_text(each),
            )
            for each in gaps
        ],
        note=(
            "Intervals are widened for the number of pairs that best and worst were picked from. "
            "“Cannot tell” is no sign that a model agrees with all subgroups alike."
        ),
    )


def _gap_text(gap: ParityGap) -> str:
    if gap.gap is None:
        return f"{CANNOT_TELL}: {gap.compared} of {gap.subgroups} subgroups have a number"
    text = estimate_with_interval(gap.gap, bounds(gap.interval))
    return text if gap.resolved else f"{text}; {CANNOT_TELL}"


# ---------------------------------------------------------------- moderation


def _moderation(report: Writer, content: ReportContent, found: Sequence[Moderation]) -> None:
    paths = {path.key: path for path in content.comparison.plan.paths}
    entries: list[Row | Band] = []
    for each in found:
        entries.append(Band(plain(f"{content.path_label(paths[each.path])}, by {each.by}")))
        entries += [
            row(
                plain(slope.subgroup),
                count(slope.n),
                decimal(slope.est),
                decimal(slope.se),
            )
            for slope in each.slopes
        ]
        entries.append(row(_test_text(each), "", "", ""))
    shared = any(each.clusters_shared for each in found)
    report.table(
        "table-moderation",
        "Paths of the people by subgroup",
        (
            words("Subgroup", 52),
            numbers("<i>n</i>", 14),
            numbers("Slope", 18),
            numbers("<i>SE</i>", 16),
        ),
        entries,
        note="Unstandardised slopes of one fit with loadings equal across subgroups; Wald’s test "
        "of equal slopes."
        + (" Clusters reach across subgroups, which are taken for independent." if shared else ""),
    )


def _test_text(each: Moderation) -> str:
    if each.chisq is None:
        return f"Equal slopes: {_WHY[each.reason]}"
    return f"Equal slopes: {chi_square(each.chisq, each.df)}, {p_clause(each.pvalue)}"
