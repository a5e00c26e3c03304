"""Everything that a plan asks of factors and items, in one call."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.compare.factors.alignment import aligned_factors
from analysis.compare.factors.bias import item_bias
from analysis.compare.factors.means import factor_means
from analysis.compare.factors.sizes import fit_sizes
from analysis.compare.models.differences import Tested
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.plan import Plan


def measured(
    people: GroupAnalysis,
    models: Sequence[GroupAnalysis],
    tested: Mapping[str, Mapping[str, Tested]],
    plan: Plan,
) -> dict[str, Any]:
    """The tables of a comparison that ``plan.measurement`` asks for; those left out are empty.

    ``tested`` holds, by group and model of the plan, the joint fits of people and that group.
    """
    asked = plan.measurement
    found: dict[str, Any] = {}
    if asked.latent_means:
        found["latent_means"] = tuple(
            row for one in models for row in factor_means(one, people, tested[one.spec.key], plan)
        )
    if asked.item_bias:
        found["item_bias"] = tuple(
            row for one in models for row in item_bias(one, people, tested[one.spec.key])
        )
    if asked.alignment != "none":
        found["alignment"] = tuple(aligned_factors(people, models, plan))
    if asked.fit_sizes:
        found["fit_sizes"] = tuple(row for one in (people, *models) for row in fit_sizes(one))
    return found
