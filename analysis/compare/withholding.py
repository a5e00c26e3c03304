"""What a report must say, and what it must not print: one rule, one coded notice.

A warning is printed beside the numbers it is about. A refusal keeps numbers from being printed:
``withheld`` answers whether one applies. Rules read a finished comparison and change nothing in it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal

from analysis.compare.companions import GroupFidelity, OutcomeFidelity
from analysis.compare.plan import Kind, Plan, Rung, SignSource
from analysis.compare.results import Comparison, GroupSummary, Notice, VaarScore

Rule = Callable[[Comparison], Iterator[Notice]]

HIGH_VAAR = 0.80
LOW_VARIANCE_RATIO = 0.60
R2_RATIO_NEAR = (0.50, 2.00)
MANY_FAILED_REFITS = 0.10
FEWEST_PATHS = 2

# Codes of the refusals, by what they keep from being printed.
RANKING = ("ranking_refused",)
LATENT_PATHS = ("metric_invariance_fails",)
LATENT_MEANS = ("means_not_comparable",)
P_VALUES = ("pooled_repeats",)


def notices(comparison: Comparison) -> tuple[Notice, ...]:
    """Every warning and refusal that applies, refusals first."""
    found = [notice for rule in RULES for notice in rule(comparison)]
    return tuple(sorted(found, key=lambda notice: notice.severity != "refusal"))


def with_notices(comparison: Comparison) -> Comparison:
    """The comparison with its notices, and without what they refuse.

    Ranking is emptied and p-values of pooled repeats are taken out, so that no reader of the
    result can print them by mistake.
    """
    said = notices(comparison)
    comparison = replace(comparison, notices=said)
    if withheld(said, RANKING):
        comparison = replace(comparison, ranking=())
    paths = tuple(
        replace(row, pvalue=None, pvalue_holm=None) if withheld(said, P_VALUES, row.group) else row
        for row in comparison.paths
    )
    return replace(comparison, paths=paths)


def withheld(said: Iterable[Notice], codes: tuple[str, ...], group: str | None = None) -> bool:
    """True where one of these refusals applies: to this group or to all, or (None) to any."""
    return any(
        notice.severity == "refusal"
        and notice.code in codes
        and (group is None or notice.group in ("", group))
        for notice in said
    )


def models_of(comparison: Comparison) -> list[GroupSummary]:
    """The model groups."""
    return [group for group in comparison.groups if group.kind == Kind.LLM]


def _notice(
    severity: Literal["warning", "refusal"],
    code: str,
    sentence: str,
    *,
    group: str = "",
    subject: str = "",
) -> Notice:
    return Notice(code, severity, sentence, group, subject)


def _label(comparison: Comparison, key: str) -> str:
    return next((group.label for group in comparison.groups if group.key == key), key)


# ---------------------------------------------------------------- high VAAR on thin answers


def variance_ratio_low(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the model's answers vary much less than people's."""
    for score, fidelity in _high(comparison):
        ratio = fidelity.variance_ratio
        if ratio is not None and ratio < LOW_VARIANCE_RATIO:
            yield _notice(
                "warning",
                "variance_ratio_low",
                f"{_label(comparison, score.group)} has a high VAAR, but its answers vary only "
                f"{ratio:.2f} times as much as people's: directions agree, people do not.",
                group=score.group,
            )


def r2_ratio_far(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the attitudes explain far more, or less, than in people."""
    for score, fidelity in _high(comparison):
        for outcome in fidelity.outcomes:
            if _is_far(outcome):
                yield _notice(
                    "warning",
                    "r2_ratio_far",
                    f"{_label(comparison, score.group)} has a high VAAR, but R-squared of "
                    f"{outcome.outcome} is {outcome.ratio:.2f} times that of people.",
                    group=score.group,
                    subject=outcome.outcome,
                )


def _is_far(outcome: OutcomeFidelity) -> bool:
    low, high = R2_RATIO_NEAR
    return outcome.ratio is not None and not low <= outcome.ratio <= high


def _high(comparison: Comparison) -> Iterator[tuple[VaarScore, GroupFidelity]]:
    fidelity = {row.group: row for row in comparison.fidelity}
    for score in comparison.vaar:
        high = max(score.hard, score.agree, score.evidence or 0.0) >= HIGH_VAAR
        if score.signs is SignSource.THEORY and high and score.group in fidelity:
            yield score, fidelity[score.group]


# ---------------------------------------------------------------- ranking


def ranking_refused(comparison: Comparison) -> Iterator[Notice]:
    """No ranking on too few sessions or too few paths; one notice with every reason."""
    reasons = [*too_few_sessions(comparison), *too_few_paths(comparison)]
    if reasons:
        yield _notice("refusal", "ranking_refused", f"Models are not ranked: {'; '.join(reasons)}.")


def too_few_sessions(comparison: Comparison) -> list[str]:
    """Models below the plan's smallest effective n."""
    least = comparison.plan.minimum_effective_n
    return [
        f"{group.label} has an effective n of {group.effective_n:.0f}, below {least}"
        for group in models_of(comparison)
        if group.effective_n < least
    ]


def too_few_paths(comparison: Comparison) -> list[str]:
    """Families of two or more planned paths with fewer than two estimable."""
    return [
        f"in {_label(comparison, score.group)} only {family.estimable} of {family.paths} paths of "
        f"{family.name} could be estimated"
        for score in comparison.vaar
        if score.signs is SignSource.THEORY
        for family in score.by_family
        if family.paths >= FEWEST_PATHS > family.estimable
    ]


# ---------------------------------------------------------------- comparability


def metric_invariance_fails(comparison: Comparison) -> Iterator[Notice]:
    """No comparison of latent paths without (partial) metric invariance."""
    for verdict in comparison.invariance:
        if not verdict.paths_comparable and len(verdict.groups) == 2:
            yield _notice(
                "refusal",
                "metric_invariance_fails",
                f"Latent paths of {_label(comparison, verdict.groups[1])} are not compared with "
                f"people's. {verdict.sentence}",
                group=verdict.groups[1],
                subject=verdict.model,
            )


def means_not_comparable(comparison: Comparison) -> Iterator[Notice]:
    """No latent means without (partial) scalar invariance."""
    for verdict in comparison.invariance:
        if not verdict.means_comparable and len(verdict.groups) == 2:
            yield _notice(
                "refusal",
                "means_not_comparable",
                f"Latent means of {_label(comparison, verdict.groups[1])} are not compared with "
                "people's: scalar invariance does not hold.",
                group=verdict.groups[1],
                subject=verdict.model,
            )


def pooled_repeats(comparison: Comparison) -> Iterator[Notice]:
    """No p-value on repeats pooled as if independent; with clusters in the estimator, a warning.

    Copies are repeats too, of which no estimator knows.
    """
    for group in comparison.groups:
        # Copies that fall within clusters are counted with them; others nobody counts.
        if group.copies and not group.clusters <= group.distinct_rows < group.n:
            sentence = (
                f"p-values of {group.label} are not printed: its {group.n} sessions are largely "
                "copies of each other, which no estimator counts once."
            )
            yield _notice("refusal", "pooled_repeats", sentence, group=group.key)
            continue
        if group.clusters >= group.n:
            continue
        counted = (
            f"the {group.n} sessions of {group.label} are {group.clusters} clusters (design effect "
            f"{group.design_effect:.2f})"
        )
        if _is_robust(comparison.plan):
            sentence = f"Note that {counted}: tests count clusters, not sessions."
            yield _notice("warning", "pooled_repeats", sentence, group=group.key)
        else:
            sentence = (
                f"p-values of {group.label} are not printed: {counted}, which "
                f"{comparison.plan.estimator} takes for independent. MLR counts clusters."
            )
            yield _notice("refusal", "pooled_repeats", sentence, group=group.key)


def _is_robust(plan: Plan) -> bool:
    return plan.estimator.upper() == "MLR"


def kinds_kept_apart(comparison: Comparison) -> Iterator[Notice]:
    """People and model sessions are counted side by side; the reminder has both counts."""
    people = sum(group.n for group in comparison.groups if group.kind == Kind.HUMAN)
    sessions = sum(group.n for group in models_of(comparison))
    yield _notice(
        "refusal",
        "people_and_models_added",
        f"{people:,} people and {sessions:,} model sessions are counted apart and never added.",
    )


# ---------------------------------------------------------------- what stands behind a number


def rung_differs(comparison: Comparison) -> Iterator[Notice]:
    """A group stands on another rung than the planned model."""
    for row in comparison.estimability:
        if row.rung in (Rung.ITEMS_DROPPED, Rung.COMPOSITE, Rung.SINGLE_INDICATOR):
            dropped = f" Left out: {', '.join(row.dropped_items)}." if row.dropped_items else ""
            standing = f"{row.rung.value} ({row.reason})".replace("_", " ")
            yield _notice(
                "warning",
                "rung_differs",
                f"{_label(comparison, row.group)} stands not on the planned model but on "
                f"{standing}.{dropped}",
                group=row.group,
                subject=row.model,
            )


def not_estimable(comparison: Comparison) -> Iterator[Notice]:
    """A path without an estimate, with the reason."""
    for row in comparison.paths:
        if not row.estimable and row.reason is not None:
            yield _notice(
                "warning",
                "not_estimable",
                f"{row.path} could not be estimated in {_label(comparison, row.group)}: "
                f"{row.reason.value.replace('_', ' ')}.",
                group=row.group,
                subject=row.path,
            )


def copied_rows(comparison: Comparison) -> Iterator[Notice]:
    """Sessions that are (near-)copies of each other."""
    for group in models_of(comparison):
        if group.copies:
            yield _notice(
                "warning",
                "copied_rows",
                f"The {group.n} sessions of {group.label} are largely copies of each other and "
                f"hold about as much as {_independent(group)}: standard errors are far too small.",
                group=group.key,
            )


def _independent(group: GroupSummary) -> str:
    number = f"{group.effective_n:.0f}"
    return f"{number} independent {'one' if number == '1' else 'ones'}"


def human_unresolved(comparison: Comparison) -> Iterator[Notice]:
    """Paths whose direction the people leave open."""
    for path in dict.fromkeys(path for score in comparison.vaar for path in score.unresolved):
        yield _notice(
            "warning",
            "human_unresolved",
            f"The human direction of {path} is unresolved: it carries almost no weight in "
            "evidence and lowers the ceiling of joint.",
            subject=path,
        )


def signs_disagree(comparison: Comparison) -> Iterator[Notice]:
    """Theory and people point different ways; VAAR-T and VAAR-H are both printed."""
    if any(score.signs is SignSource.HUMAN for score in comparison.vaar):
        yield _notice(
            "warning",
            "signs_disagree",
            "Theory and the people of this study point different ways on at least one path: "
            "VAAR-T and VAAR-H are both given.",
        )


def suppressed_paths(comparison: Comparison) -> Iterator[Notice]:
    """A resolved path against the sign of its zero-order correlation."""
    for row in comparison.paths:
        if row.suppressed:
            yield _notice(
                "warning",
                "suppression",
                f"{row.path} in {_label(comparison, row.group)} has the opposite sign of its "
                "zero-order correlation: both are given.",
                group=row.group,
                subject=row.path,
            )


def failed_refits(comparison: Comparison) -> Iterator[Notice]:
    """Many resamples without a solution."""
    for score in comparison.vaar:
        share = score.failed_refit_share
        if score.signs is SignSource.THEORY and share is not None and share > MANY_FAILED_REFITS:
            yield _notice(
                "warning",
                "failed_refits",
                f"{share:.0%} of the bootstrap refits of {_label(comparison, score.group)} did not "
                "converge and count one half.",
                group=score.group,
            )


def orientation_unclear(comparison: Comparison) -> Iterator[Notice]:
    """Most loadings of a construct run against its marker: high does not mean what it should."""
    for fit in comparison.fits:
        if fit.label != "own":
            continue
        for construct in comparison.plan.constructs:
            rows = [
                row for row in fit.parameters if (row["lhs"], row["op"]) == (construct.key, "=~")
            ]
            against = [row for row in rows if isinstance(row["est"], float) and row["est"] < 0.0]
            if rows and 2 * len(against) >= len(rows):
                yield _notice(
                    "warning",
                    "orientation_unclear",
                    f"Half or more of the loadings of {construct.key} in "
                    f"{_label(comparison, fit.groups[0])} are negative: check which items are "
                    "reverse-keyed.",
                    group=fit.groups[0],
                    subject=construct.key,
                )


def ordinal_estimator(comparison: Comparison) -> Iterator[Notice]:
    """What an ordinal estimator leaves to normal theory."""
    if comparison.plan.is_ordinal:
        yield _notice(
            "warning",
            "ordinal_estimator",
            f"Each group's paths are estimated by {comparison.plan.estimator}; joint models of "
            "people and models (invariance, differences) by MLR, and intervals of VAAR are not "
            "resampled.",
        )


RULES: tuple[Rule, ...] = (
    ranking_refused,
    metric_invariance_fails,
    means_not_comparable,
    pooled_repeats,
    kinds_kept_apart,
    variance_ratio_low,
    r2_ratio_far,
    rung_differs,
    not_estimable,
    copied_rows,
    human_unresolved,
    signs_disagree,
    suppressed_paths,
    failed_refits,
    orientation_unclear,
    ordinal_estimator,
)
