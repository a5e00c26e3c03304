"""What every path comes to in each condition that the sessions of a model were asked under.

A condition is a level that the researcher chose (a wording, an arm, a scale direction). What is
inferred of a model is conditional on the conditions asked; how far a path moves between them says
how little that may mean for others. Thirty levels or more are a sample, and clusters instead.

Wordings have a test that is valid under them: under the null a path is as likely to have either
sign in a wording, so that the signs of its values over wordings can be flipped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.compare.companions import ConditionValue, PathSpread
from analysis.compare.data.measurement import spec_for
from analysis.compare.data.samples import GroupSample
from analysis.compare.intervals import Interval
from analysis.compare.models.estimability import climb_down
from analysis.compare.models.estimates import path_estimates
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.plan import Plan, Rung
from analysis.compare.results import PathEstimate
from surveys.independence import FEWEST_CLUSTERS

# Fewer sessions than this cannot carry a model of their own.
FEWEST_SESSIONS = 30
WORDING = "wording"
# With fewer wordings no flip of signs is rarer than one in twenty; up to so many all are tried.
FEWEST_FLIPPED = 5
MOST_FLIPPED = 12
FLIPS = 4095
TOO_FEW = "too_few"


def spread_over_conditions(
    one: GroupAnalysis, plan: Plan, reliabilities: Mapping[str, float]
) -> Iterator[PathSpread]:
    """One row per path and factor with two levels or more, in the order of the factors.

    Each condition is fitted alone, on the rung that the model stands on. ``reliabilities`` serve
    the single-indicator rung.
    """
    for factor, levels in one.sample.about.items():
        names = sorted(set(levels.tolist()))
        if not 2 <= len(names) < FEWEST_CLUSTERS:
            continue
        rows = {name: np.flatnonzero(levels == name) for name in names}
        fitted = {name: _estimates(one, plan, at, reliabilities) for name, at in rows.items()}
        for path in plan.paths:
            values = tuple(_value(name, len(rows[name]), fitted[name], path.key) for name in names)
            known = np.array([each.std for each in values if each.std is not None])
            sign = float(path.expected_sign)
            yield PathSpread(
                group=one.spec.key,
                path=path.key,
                factor=factor,
                values=values,
                lowest=float(known.min()) if len(known) else None,
                highest=float(known.max()) if len(known) else None,
                flip_p=flip_p(sign * known) if factor == WORDING and sign else None,
            )


def _estimates(
    one: GroupAnalysis, plan: Plan, rows: NDArray[np.intp], reliabilities: Mapping[str, float]
) -> dict[str, PathEstimate]:
    if len(rows) < FEWEST_SESSIONS:
        return {}
    sample = one.sample.take(rows)
    return {
        row.path: row
        for name, model in one.models.items()
        if model.rung is not Rung.NONE
        for row in _in_model(sample, one, replace(plan, rungs=(model.rung,)), name, reliabilities)
    }


def _in_model(
    sample: GroupSample,
    one: GroupAnalysis,
    plan: Plan,
    name: str,
    reliabilities: Mapping[str, float],
) -> list[PathEstimate]:
    spec = spec_for(sample, plan, name)
    found = climb_down(sample, plan, spec, one.spec, reliabilities=reliabilities)
    return path_estimates(found, sample, plan.level)


def _value(level: str, n: int, rows: Mapping[str, PathEstimate], path: str) -> ConditionValue:
    row = rows.get(path)
    if row is None:
        return ConditionValue(level, n, reason=TOO_FEW if n < FEWEST_SESSIONS else "")
    ci = None
    if row.std_ci_lower is not None and row.std_ci_upper is not None:
        ci = Interval(row.std_ci_lower, row.std_ci_upper)
    return ConditionValue(level, n, row.std, ci, "" if row.reason is None else row.reason.value)


def flip_p(values: NDArray[np.float64]) -> float | None:
    """Share of flips of signs with as large a mean, one-sided; None with too few values.

    ``values``: (W,), in the expected direction. All flips up to `MOST_FLIPPED` values, then
    `FLIPS` seeded ones and the values as they are.
    """
    if len(values) < FEWEST_FLIPPED:
        return None
    if len(values) <= MOST_FLIPPED:
        signs = np.array(list(product((-1.0, 1.0), repeat=len(values))))
    else:
        drawn = np.random.default_rng(0).choice((-1.0, 1.0), size=(FLIPS, len(values)))
        signs = np.vstack([np.ones(len(values)), drawn])
    return float(np.mean(signs @ values >= values.sum() - 1e-12))
