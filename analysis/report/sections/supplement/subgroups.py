"""How the people were sampled, how models agree with their subgroups, and what moderates paths."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.compare.companions import Moderation, ParityGap, Sampling, SubgroupAgreement
from analysis.compare.plan import Adjustment
from analysis.compare.subgroups.fits import SMALLEST_SUBGROUP
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.readout.results import bounds
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
from surveys.independence import FEWEST_CLUSTERS

_WHY = {
    "too_few": gettext_noop("cannot tell: fewer than {people} people"),
    "too_few_clusters": gettext_noop("cannot tell: fewer than {clusters} clusters"),
    "not_estimable": gettext_noop("cannot tell: no path could be estimated"),
    "undirected": gettext_noop("cannot tell: these people leave the directions open"),
    "metric_invariance": gettext_noop("cannot tell: no metric invariance across subgroups"),
}
_MEASURES = {"direction": gettext_noop("Direction"), "size": gettext_noop("Size")}


def write(report: Writer, content: ReportContent) -> None:
    """The section, where the plan says anything of these."""
    comparison = content.comparison
    people = comparison.plan.people
    if comparison.sampling is None and not people.subgroups and not people.adjustments:
        return
    report.section("subgroups", gettext_noop("Sampling of the people, and subgroups"))
    if comparison.sampling is not None:
        _sampling(report, comparison.sampling)
    if people.adjustments:
        report.text(_adjusted(content, people.adjustments))
    if comparison.subgroups:
        _agreement(report, content)
    if comparison.moderation:
        _moderation(report, content, comparison.moderation)


def _why(reason: str) -> str:
    return _(_WHY[reason]).format(people=SMALLEST_SUBGROUP, clusters=FEWEST_CLUSTERS)


# ---------------------------------------------------------------- sampling


def _sampling(report: Writer, sampling: Sampling) -> None:
    report.text(_counted(sampling))
    report.table(
        "table-sampling",
        gettext_noop("How the people were sampled"),
        (words("", 52), numbers(_("Number"), 24), numbers(_("Design effect"), 24)),
        _sampling_rows(sampling),
        note=_(
            "Weights: n over Kish's (Σw)²/Σw². Clusters: 1 + (m − 1) ICC with the largest ICC of "
            "a construct's score; that of a path may be smaller. Effective n divides by both."
        ),
        width=0.72,
    )


def _sampling_rows(sampling: Sampling) -> list[Row]:
    weights, clusters = sampling.weights_design_effect, sampling.clusters_design_effect
    rows = [row(_("People analysed"), count(sampling.n), "")]
    if sampling.weighted:
        worth = _whole(sampling.weights_effective_n)
        rows.append(row(_("Worth of unequal weights"), worth, decimal(weights)))
    if sampling.clustered_in:
        name = _("Clusters ({name})").format(name=plain(sampling.clustered_in))
        rows.append(row(name, count(sampling.clusters), decimal(clusters)))
    if sampling.stratified_by:
        name = _("Strata ({name})").format(name=plain(sampling.stratified_by))
        rows.append(row(name, count(sampling.strata), ""))
    both = decimal(weights * clusters)
    return [*rows, row(_("Effective n"), _whole(sampling.effective_n), both)]


def _counted(sampling: Sampling) -> str:
    parts = [
        _(
            "Every model of the people is fitted with their sampling weights (pseudo maximum "
            "likelihood with robust standard errors). Distributions of answers, reliabilities and "
            "correlations of scores are unweighted."
        )
        if sampling.weighted
        else _("The people are unweighted.")
    ]
    if sampling.clustered_in:
        parts.append(_("Standard errors and tests of the people's models count clusters."))
    if sampling.stratified_by:
        parts.append(
            _(
                "Intervals of agreement draw clusters within strata; standard errors of single "
                "fits leave strata out, which makes them too large rather than too small."
            )
        )
    return " ".join(parts)


def _whole(value: float) -> str:
    return count(round(value))


def _adjusted(content: ReportContent, adjustments: Sequence[Adjustment]) -> str:
    named = []
    for one in adjustments:
        outcomes = listed(content.construct_label(outcome) for outcome in one.outcomes)
        sentence = (
            _("{name} (reference: {reference}) as a predictor of {outcomes}")
            if one.reference
            else _("{name} as a predictor of {outcomes}")
        )
        named.append(sentence.format(name=one.by, reference=one.reference, outcomes=outcomes))
    return _(
        "Beside the paths the models have {predictors}. What does not vary in a group is not "
        "adjusted for there."
    ).format(predictors=plain(listed(named)))


# ---------------------------------------------------------------- subgroups


def _agreement(report: Writer, content: ReportContent) -> None:
    report.text(
        _(
            "Each subgroup is fitted by itself and each model compared with it. Direction is 1 "
            "where the model is as sure of the subgroup's directions as the subgroup's data allow "
            "and 0 where it might toss a coin. Size is 1 minus the root mean square of the "
            "differences of standardised paths beyond sampling error. All sessions of a model are "
            "compared with every subgroup."
        )
    )
    report.table(
        "table-subgroups",
        gettext_noop("Agreement with subgroups of the people"),
        (
            words(_("Subgroup"), 32),
            numbers("<i>n</i>", 8),
            numbers(_("Effective n"), 12),
            words(_("Direction"), 24),
            words(_("Size"), 24),
        ),
        _agreement_rows(content, content.comparison.subgroups),
    )
    _parity(report, content, content.comparison.parity)


def _agreement_rows(content: ReportContent, rows: Sequence[SubgroupAgreement]) -> list[Row | Band]:
    entries: list[Row | Band] = []
    for group in dict.fromkeys(each.group for each in rows):
        entries.append(Band(content.label(group)))
        own = [each for each in rows if each.group == group]
        for by, name in dict.fromkeys((each.by, each.subgroup) for each in own):
            pair = {each.measure: each for each in own if (each.by, each.subgroup) == (by, name)}
            entries.append(_agreement_row(by, name, pair["direction"], pair["size"]))
    return entries


def _agreement_row(
    by: str, name: str, direction: SubgroupAgreement, size: SubgroupAgreement
) -> Row:
    cells = [
        _why(each.reason)
        if each.agreement is None
        else estimate_with_interval(each.agreement, bounds(each.interval))
        for each in (direction, size)
    ]
    effective = _whole(direction.effective_n)
    return row(plain(f"{by}: {name}"), count(direction.n), effective, *cells)


def _parity(report: Writer, content: ReportContent, gaps: Sequence[ParityGap]) -> None:
    report.table(
        "table-parity",
        gettext_noop("Parity gap: best minus worst subgroup"),
        (
            words(_("Model"), 26),
            words(_("By"), 14),
            words(_("Measure"), 12),
            words(_("Best, worst"), 22),
            words(_("Gap"), 26),
        ),
        [
            row(
                plain(content.label(each.group)),
                plain(each.by),
                _(_MEASURES[each.measure]),
                plain(f"{each.best}, {each.worst}" if each.best else "—"),
                _gap_text(each),
            )
            for each in gaps
        ],
        note=_(
            "Intervals are widened for the number of pairs that best and worst were picked from. "
            "That a gap cannot be told is no sign that a model agrees with all subgroups alike."
        ),
    )


def _gap_text(gap: ParityGap) -> str:
    if gap.gap is None:
        return _("cannot tell: {compared} of {all} subgroups have a number").format(
            compared=gap.compared, all=gap.subgroups
        )
    text = estimate_with_interval(gap.gap, bounds(gap.interval))
    return text if gap.resolved else f"{text}; {_('cannot tell')}"


# ---------------------------------------------------------------- moderation


def _moderation(report: Writer, content: ReportContent, found: Sequence[Moderation]) -> None:
    shared = any(each.clusters_shared for each in found)
    note = _(
        "Unstandardised slopes of one fit with loadings equal across subgroups; Wald's test of "
        "equal slopes."
    )
    also = _("Clusters reach across subgroups, which are taken for independent.")
    report.table(
        "table-moderation",
        gettext_noop("Paths of the people by subgroup"),
        (
            words(_("Subgroup"), 52),
            numbers("<i>n</i>", 14),
            numbers(_("Slope"), 18),
            numbers("<i>SE</i>", 16),
        ),
        _moderation_rows(content, found),
        note=f"{note} {also}" if shared else note,
    )


def _moderation_rows(content: ReportContent, found: Sequence[Moderation]) -> list[Row | Band]:
    entries: list[Row | Band] = []
    for each in found:
        path = content.comparison.plan.path(each.path)
        title = _("{path}, by {name}").format(path=content.path_label(path), name=each.by)
        entries.append(Band(title))
        entries += [
            row(plain(one.subgroup), count(one.n), decimal(one.est), decimal(one.se))
            for one in each.slopes
        ]
        entries.append(row(_test_text(each), "", "", ""))
    return entries


def _test_text(each: Moderation) -> str:
    if each.chisq is None:
        return _("Equal slopes: {why}").format(why=_why(each.reason))
    test = f"{chi_square(each.chisq, each.df)}, {p_clause(each.pvalue)}"
    return _("Equal slopes: {test}").format(test=test)
