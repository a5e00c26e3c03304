"""Tables of what a plan makes of its people: how they were sampled, subgroups, gaps, moderation."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file
from analysis.compare.companions import Moderation, Sampling
from analysis.compare.intervals import Interval
from analysis.compare.results import Comparison

TABLES = "results/tables"
SUBGROUP_MEANINGS: Mapping[str, str] = {
    **{
        f"sampling_{name}": words
        for name, words in (
            ("weighted", "1 where the people's fits take sampling weights"),
            ("n", "People analysed"),
            ("weights_effective_n", "What unequal weights are worth, by Kish"),
            ("weights_design_effect", "n over that"),
            ("clustered_in", "What people are clustered in; empty where in nothing"),
            ("clusters", "Clusters of people"),
            ("clusters_design_effect", "1 + (m - 1) ICC of the clusters"),
            ("stratified_by", "What people are stratified by; empty where by nothing"),
            ("strata", "Strata of people"),
            ("lone_strata", "Strata with a single cluster"),
            ("effective_n", "n over both design effects"),
        )
    },
    "divided_by": "Question about the person that divides the people",
    "subgroup": "Subgroup of the people by that question",
    "measure": "direction or size of paths; docs of the program define both",
    "subgroup_n": "People of the subgroup",
    "subgroup_effective_n": "The same by Kish, where they are weighted",
    "agreement": "Agreement of the model with the subgroup, 1 at best",
    "agreement_lower": "Lower end of its bootstrap interval",
    "agreement_upper": "Upper end of its bootstrap interval",
    "cannot_tell": "Why there is no number",
    "subgroups": "Subgroups of the question",
    "compared": "Those with a number",
    "best": "Subgroup with the highest agreement",
    "worst": "Subgroup with the lowest agreement",
    "gap": "The one minus the other",
    "gap_lower": "Lower end of its interval, widened for the pairs that were picked from",
    "gap_upper": "Upper end of its interval",
    "resolved": "1 where the interval lies at .01 or above; 0 is no sign of equality",
    "slope": "Unstandardised slope, loadings equal over subgroups",
    "slope_se": "Its standard error",
    "slope_n": "People that it rests on",
    "equal_slopes_chisq": "Wald's test of slopes equal over subgroups",
    "equal_slopes_df": "Its degrees of freedom",
    "equal_slopes_pvalue": "Its p-value",
    "clusters_shared": "1 where clusters reach across subgroups, which the test leaves out",
}


def subgroup_files(comparison: Comparison) -> Iterator[ArchiveFile]:
    """The tables that there is something for."""
    if comparison.sampling is not None:
        names = [field.name for field in fields(Sampling)]
        values = [getattr(comparison.sampling, name) for name in names]
        header = [f"sampling_{name}" for name in names]
        yield csv_file(f"{TABLES}/sampling.csv", header, [values])
    if comparison.subgroups:
        yield _agreement(comparison)
        yield _parity(comparison)
    if comparison.moderation:
        yield _moderation(comparison)


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.lower, interval.upper)


def _agreement(comparison: Comparison) -> ArchiveFile:
    header = [
        *("group", "divided_by", "subgroup", "measure", "subgroup_n", "subgroup_effective_n"),
        *("agreement", "agreement_lower", "agreement_upper", "cannot_tell"),
    ]
    rows = (
        [
            *(one.group, one.by, one.subgroup, one.measure, one.n, one.effective_n),
            *(one.agreement, *_ends(one.interval), one.reason),
        ]
        for one in comparison.subgroups
    )
    return csv_file(f"{TABLES}/subgroups.csv", header, rows)


def _parity(comparison: Comparison) -> ArchiveFile:
    header = [
        *("group", "divided_by", "measure", "subgroups", "compared", "best", "worst"),
        *("gap", "gap_lower", "gap_upper", "resolved"),
    ]
    rows = (
        [
            *(one.group, one.by, one.measure, one.subgroups, one.compared, one.best, one.worst),
            *(one.gap, *_ends(one.interval), one.resolved),
        ]
        for one in comparison.parity
    )
    return csv_file(f"{TABLES}/parity.csv", header, rows)


def _slopes(one: Moderation) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = [(row.subgroup, row.est, row.se, row.n) for row in one.slopes]
    return found or [("", None, None, None)]


def _moderation(comparison: Comparison) -> ArchiveFile:
    """One row per slope; a path that could not be tested has one row that says why."""
    header = [
        *("path", "divided_by", "subgroup", "slope", "slope_se", "slope_n"),
        *("equal_slopes_chisq", "equal_slopes_df", "equal_slopes_pvalue"),
        *("cannot_tell", "clusters_shared"),
    ]
    rows = (
        [
            *(one.path, one.by, *slope),
            *(one.chisq, one.df, one.pvalue, one.reason, one.clusters_shared),
        ]
        for one in comparison.moderation
        for slope in _slopes(one)
    )
    return csv_file(f"{TABLES}/moderation.csv", header, rows)
