"""The fits of a run as something to refit elsewhere: a name, the columns, the group order."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from analysis.compare.models.attempt import FitOptions
from analysis.compare.plan import ORDINAL, Rung
from analysis.compare.results import Comparison, FitSummary
from analysis.sem.model.language.syntax import parse
from analysis.sem.model.roles import roles_of


@dataclass(frozen=True, slots=True)
class Refit:
    """One fit under a name that files share. ``columns`` are the observed variables it needs.

    ``repeating`` are those of its groups whose standard errors and scaled tests are those of
    clusters. ``ordered`` are the columns that are taken as ordered categories, ``weight`` the
    column of sampling weights. ``present`` says whether the data hold every column: what people
    said of themselves may be left out, and an earlier version called scores otherwise.
    """

    id: str
    summary: FitSummary
    columns: tuple[str, ...]
    repeating: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    weight: str = ""
    present: bool = True

    @property
    def ordinal(self) -> bool:
        """Whether items are fitted as ordered categories."""
        return self.summary.estimator.upper() in ORDINAL

    @property
    def information(self) -> str:
        """Which information matrix standard errors are made of; said aloud, because programs
        differ in what they take where rows are clustered.
        """
        summary = self.summary
        if self.ordinal:
            return "expected"
        robust = summary.estimator.upper() == "MLR" or self.clustered or bool(self.weight)
        observed = robust or summary.missing != "listwise"
        return "observed" if observed else "expected"

    @property
    def clustered(self) -> bool:
        """Whether standard errors and scaled tests are those of clusters."""
        return bool(self.repeating)

    @property
    def lavaan_has_clusters(self) -> bool:
        """lavaan takes no clusters where they have one row each in some of the groups, and takes
        them without a word where items are ordered, but counts rows as independent.
        """
        return self.clustered and not self.ordinal and self.repeating == self.summary.groups

    @property
    def repeatable(self) -> bool:
        """Whether there is a solution that another program can be compared with."""
        return self.summary.converged and self.present


def refits(
    comparison: Comparison, repeating: Collection[str] = (), known: Collection[str] | None = None
) -> tuple[Refit, ...]:
    """Every fit of a run, in its order.

    ``repeating`` names the groups with repeated clusters, ``known`` the columns of the data.
    """
    found = []
    seen: Counter[str] = Counter()
    plan = comparison.plan
    ordered = FitOptions.of(plan).ordered
    for summary in comparison.fits:
        name = "_".join([summary.model, summary.label, *summary.groups, summary.rung.value])
        seen[name] += 1
        columns = roles_of(parse(summary.syntax).terms).observed
        ordinal = summary.estimator.upper() in ORDINAL
        found.append(
            Refit(
                id=name if seen[name] == 1 else f"{name}_{seen[name]}",
                summary=summary,
                columns=columns,
                repeating=tuple(group for group in summary.groups if group in repeating),
                ordered=tuple(one for one in ordered if ordinal and one in columns),
                weight=plan.people.weight if plan.reference_group in summary.groups else "",
                present=known is None or set(columns) <= set(known),
            )
        )
    return tuple(found)


def own_fit(fits: Sequence[Refit], model: str, group: str, rung: Rung) -> Refit | None:
    """The fit of one group alone on a rung; None where there is none."""
    wanted = (model, (group,), rung)
    for fit in fits:
        if (fit.summary.model, fit.summary.groups, fit.summary.rung) == wanted:
            return fit
    return None
