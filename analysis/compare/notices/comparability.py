"""What of two groups may be compared, and what is never added up."""

from collections.abc import Iterator

from analysis.compare.models.invariance import told_of
from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.plan import Kind
from analysis.compare.results import Comparison, InvarianceVerdict, Notice
from analysis.language import gettext as _


def metric_invariance_fails(comparison: Comparison) -> Iterator[Notice]:
    """No comparison of latent paths where loadings differ."""
    for verdict in _pairs(comparison):
        if not verdict.paths_comparable and not _untested(verdict):
            yield _not_compared(comparison, verdict, "metric_invariance_fails")


def invariance_not_tested(comparison: Comparison) -> Iterator[Notice]:
    """No comparison of latent paths where nobody could see whether loadings differ."""
    for verdict in _pairs(comparison):
        if not verdict.paths_comparable and _untested(verdict):
            yield _not_compared(comparison, verdict, "invariance_not_tested")


def invariance_undecided(comparison: Comparison) -> Iterator[Notice]:
    """What is compared although it could not be told whether invariance holds."""
    for verdict in _pairs(comparison):
        if verdict.paths_comparable and verdict.undecided:
            means_alone = all("scalar" in level for level in verdict.undecided)
            told = (
                _(
                    "Latent means of {group} are compared with people's, but at this n it cannot "
                    "be told whether invariance holds ({levels})."
                )
                if means_alone
                else _(
                    "Latent paths of {group} are compared with people's, but at this n it cannot "
                    "be told whether invariance holds ({levels})."
                )
            )
            yield notice(
                "warning",
                "invariance_undecided",
                told.format(
                    group=label(comparison, verdict.groups[1]),
                    levels=", ".join(map(_, verdict.undecided)),
                ),
                group=verdict.groups[1],
                subject=verdict.model,
            )


def means_not_comparable(comparison: Comparison) -> Iterator[Notice]:
    """No latent means without (partial) scalar invariance."""
    for verdict in _pairs(comparison):
        if not verdict.means_comparable:
            tested = any("scalar" in step.level and step.reason is None for step in verdict.steps)
            told = (
                _(
                    "Latent means of {group} are not compared with people's: scalar invariance "
                    "does not hold."
                )
                if tested
                else _(
                    "Latent means of {group} are not compared with people's: scalar invariance "
                    "was not tested."
                )
            )
            yield notice(
                "refusal",
                "means_not_comparable",
                told.format(group=label(comparison, verdict.groups[1])),
                group=verdict.groups[1],
                subject=verdict.model,
            )


def _pairs(comparison: Comparison) -> list[InvarianceVerdict]:
    """Verdicts of one model against the people."""
    return [verdict for verdict in comparison.invariance if len(verdict.groups) == 2]


def _untested(verdict: InvarianceVerdict) -> bool:
    """Whether the level that is missing could not be fitted, or none could."""
    return not verdict.steps or verdict.steps[-1].reason is not None


def _not_compared(comparison: Comparison, verdict: InvarianceVerdict, code: str) -> Notice:
    return notice(
        "refusal",
        code,
        _("Latent paths of {group} are not compared with people's. {verdict}").format(
            group=label(comparison, verdict.groups[1]), verdict=told_of(verdict)
        ),
        group=verdict.groups[1],
        subject=verdict.model,
    )


def kinds_kept_apart(comparison: Comparison) -> Iterator[Notice]:
    """People and model sessions are counted side by side; the reminder has both counts."""
    people = sum(group.n for group in comparison.groups if group.kind == Kind.HUMAN)
    sessions = sum(group.n for group in models_of(comparison))
    yield notice(
        "refusal",
        "people_and_models_added",
        _(
            "{people} people and {sessions} model sessions are counted apart and never added."
        ).format(people=f"{people:,}", sessions=f"{sessions:,}"),
    )
