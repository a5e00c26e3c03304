"""The fits of a run as something to refit elsewhere: a name, the columns, the group order."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analysis.compare.data.measurement import latent_name, variable
from analysis.compare.plan import Plan, Rung
from analysis.compare.results import Comparison, FitSummary, PathEstimate
from analysis.sem.model.language.syntax import parse
from analysis.sem.model.roles import roles_of


@dataclass(frozen=True, slots=True)
class Refit:
    """One fit under a name that files share. ``columns`` are the observed variables it needs.

    ``repeating`` are those of its groups in which clusters have several rows: where there are any,
    standard errors and scaled tests are those of clusters.
    """

    id: str
    summary: FitSummary
    columns: tuple[str, ...]
    repeating: tuple[str, ...] = ()

    @property
    def information(self) -> str:
        """Which information matrix standard errors are made of; said aloud, because programs
        differ in what they take where rows are clustered.
        """
        summary = self.summary
        robust = summary.estimator.upper() == "MLR" or self.clustered
        observed = robust or summary.missing != "listwise"
        return "observed" if observed else "expected"

    @property
    def clustered(self) -> bool:
        """Whether standard errors and scaled tests are those of clusters."""
        return bool(self.repeating)

    @property
    def lavaan_has_clusters(self) -> bool:
        """lavaan takes no clusters where they have one row each in some of the groups."""
        return self.clustered and self.repeating == self.summary.groups

    @property
    def repeatable(self) -> bool:
        """Whether there is a solution that another program can be compared with."""
        return self.summary.converged


def refits(comparison: Comparison, repeating: Collection[str] = ()) -> tuple[Refit, ...]:
    """Every fit of a run, in its order. ``repeating`` names the groups with repeated clusters."""
    found = []
    seen: Counter[str] = Counter()
    for summary in comparison.fits:
        name = "_".join([summary.model, summary.label, *summary.groups, summary.rung.value])
        seen[name] += 1
        found.append(
            Refit(
                id=name if seen[name] == 1 else f"{name}_{seen[name]}",
                summary=summary,
                columns=roles_of(parse(summary.syntax).terms).observed,
                repeating=tuple(group for group in summary.groups if group in repeating),
            )
        )
    return tuple(found)


def own_fit(fits: Sequence[Refit], model: str, row: PathEstimate) -> Refit | None:
    """The fit that an estimate of a path comes from; None where there is no estimate."""
    wanted = (model, (row.group,), row.rung)
    for fit in fits:
        if (fit.summary.model, fit.summary.groups, fit.summary.rung) == wanted:
            return fit
    return None


def name_on(plan: Plan, construct: str, rung: Rung) -> str:
    """What a construct is called in the syntax of a rung."""
    if rung is Rung.COMPOSITE:
        return construct
    if rung is Rung.SINGLE_INDICATOR:
        return latent_name(construct)
    return variable(plan.construct(construct))
