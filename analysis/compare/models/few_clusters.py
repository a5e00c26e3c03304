"""Standard errors of paths where clusters are few: each cluster is left out in turn."""

from dataclasses import dataclass

import numpy as np

from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.slopes import Slopes, implied_variances
from analysis.sem import jackknife

# Where more samples have no solution, how far an estimate moves cannot be told.
MOST_WITHOUT_SOLUTION = 0.10


@dataclass(frozen=True, slots=True)
class PathErrors:
    """Raw and standardised standard error of a path, and the degrees of freedom of their t.

    None: one less than there are clusters.
    """

    se: float
    std_se: float
    freedom: float | None = None
    std_freedom: float | None = None


def errors_of_few_clusters(model: GroupModel) -> dict[str, PathErrors]:
    """The errors of every path that has an estimate, by its key.

    Empty where too many of the samples that lack a cluster have no solution.
    """
    assert model.fit is not None
    found = jackknife(model.fit)
    if np.mean(~found.converged) > MOST_WITHOUT_SOLUTION:
        return {}
    paths = [path for path in model.spec.paths if model.reason_for(path) is None]
    layout = model.fit.estimation.layout
    slopes = Slopes.of(model, layout, paths)
    every = [layout.matrices(values) for values in found.estimates[found.converged]]
    beta, psi = (np.array([one[name][0] for one in every]) for name in ("beta", "psi"))
    raw, std = (np.full((len(found.converged), len(paths)), np.nan) for _ in range(2))
    raw[found.converged] = slopes.raw(beta)
    std[found.converged] = slopes.standardised(beta, implied_variances(beta, psi))
    rows = [
        model.fit.parameter(model.names[path.outcome], "~", model.names[path.predictor])
        for path in paths
    ]
    se, freedom = found.spread(raw, np.array([row.est for row in rows]))
    std_se, std_freedom = found.spread(std, np.array([row.std_all for row in rows]))
    table = np.column_stack([se, std_se, freedom, std_freedom])
    return {
        path.key: PathErrors(*map(float, line)) for path, line in zip(paths, table, strict=True)
    }
