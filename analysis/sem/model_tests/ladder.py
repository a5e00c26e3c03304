"""Measurement invariance step by step, and which equalities to give up where a step fails.

Continuous items: configural → metric (loadings) → scalar (intercepts) → strict (residuals).
Ordered items:    configural → thresholds → loadings → intercepts (Wu & Estabrook 2016).
Structural paths are compared on top of equal loadings alone: raw slopes need a common metric, no
more (Meredith 1993; Steenkamp & Baumgartner 1998).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from analysis.sem.engine import fit
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.language.syntax import Statements
from analysis.sem.model_tests.comparison import ModelComparison, compare
from analysis.sem.model_tests.modification import score_tests
from analysis.sem.results import SemFit

__all__ = [
    "LADDER",
    "ORDINAL_LADDER",
    "LadderStep",
    "PartialSearch",
    "equal_regressions",
    "invariance_ladder",
    "search_partial",
]

LADDER: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
ORDINAL_LADDER: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "loadings": ("thresholds", "loadings"),
    "intercepts": ("thresholds", "loadings", "intercepts"),
}


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One model of the ladder, and its test against the step before (None for the first).

    `delta_cfi` and `delta_rmsea` are changes from the step before, robust or scaled where the
    estimator gives them (Cheung & Rensvold 2002; Chen 2007).
    """

    name: str
    group_equal: tuple[str, ...]
    fit: SemFit
    comparison: ModelComparison | None
    delta_cfi: float | None
    delta_rmsea: float | None


@dataclass(frozen=True, slots=True)
class PartialSearch:
    """The equalities given up in order, and the fit without them.

    `comparison` tests the result against the freer model; `accepted` says whether its p value
    reached the level asked for before the search ran out of releases.
    """

    released: tuple[str, ...]
    fit: SemFit
    comparison: ModelComparison
    accepted: bool


def invariance_ladder(
    model: str | Statements,
    data: Mapping[str, npt.ArrayLike],
    *,
    group: npt.ArrayLike,
    steps: Sequence[str] | None = None,
    method: str = "default",
    **options: Any,
) -> tuple[LadderStep, ...]:
    """Fits the models of the ladder and tests each against the one before.

    `steps` names some of LADDER (or, with ordered items, of ORDINAL_LADDER) in order; by default
    all.  `method` is that of :func:`compare`, `options` go to :func:`fit`.

    Raises ModelSpecificationError for an unknown step, and what `fit` and `compare` raise.
    """
    ladder = ORDINAL_LADDER if _is_ordinal(options) else LADDER
    names = tuple(ladder) if steps is None else tuple(steps)
    unknown = [name for name in names if name not in ladder]
    if unknown:
        raise ModelSpecificationError(
            f"unknown steps {', '.join(unknown)}; choose among {', '.join(ladder)}"
        )
    climbed: list[LadderStep] = []
    for name in names:
        result = fit(model, data, group=group, group_equal=ladder[name], **options)
        climbed.append(_step(name, ladder[name], result, climbed[-1] if climbed else None, method))
    return tuple(climbed)


def _is_ordinal(options: Mapping[str, Any]) -> bool:
    return str(options.get("estimator", "ML")).upper() in ("WLSMV", "DWLS")


def _step(
    name: str, equal: tuple[str, ...], result: SemFit, before: LadderStep | None, method: str
) -> LadderStep:
    if before is None:
        return LadderStep(name, equal, result, None, None, None)
    return LadderStep(
        name,
        equal,
        result,
        compare(result, before.fit, method=method),
        _best(result, "cfi") - _best(before.fit, "cfi"),
        _best(result, "rmsea") - _best(before.fit, "rmsea"),
    )


def _best(result: SemFit, index: str) -> float:
    """The robust index if there is one, else the scaled, else the plain."""
    for name in (f"{index}.robust", f"{index}.scaled", index):
        if name in result.fit:
            return result.fit[name]
    return float("nan")


def equal_regressions(
    model: str | Statements,
    data: Mapping[str, npt.ArrayLike],
    *,
    group: npt.ArrayLike,
    method: str = "default",
    **options: Any,
) -> tuple[SemFit, SemFit, ModelComparison]:
    """Structural paths free and equal across groups on equal loadings, and their comparison.

    Paths that the model labels are left as labelled.  With ordered items thresholds are equal too.
    """
    base = ("thresholds", "loadings") if _is_ordinal(options) else ("loadings",)
    free = fit(model, data, group=group, group_equal=base, **options)
    equal = fit(model, data, group=group, group_equal=(*base, "regressions"), **options)
    return free, equal, compare(equal, free, method=method)


def search_partial(
    model: str | Statements,
    data: Mapping[str, npt.ArrayLike],
    *,
    group: npt.ArrayLike,
    group_equal: Sequence[str],
    freer: SemFit,
    level: float = 0.05,
    most: int = 10,
    method: str = "default",
    **options: Any,
) -> PartialSearch:
    """Releases equalities one by one, the largest score test first, until the rest holds.

    A parameter is released in all groups at once.  The search stops when the comparison with
    `freer` has p >= `level`, or after `most` releases.  What it finds was suggested by the data:
    report it as exploratory (MacCallum, Roznowski & Necowitz 1992).
    """
    released: list[str] = []
    while True:
        result = fit(
            model, data, group=group, group_equal=group_equal, group_partial=released, **options
        )
        comparison = compare(result, freer, method=method)
        if comparison.pvalue >= level or len(released) >= most:
            return PartialSearch(tuple(released), result, comparison, comparison.pvalue >= level)
        _, candidates = score_tests(result)
        tied = [item for item in candidates if item.label.startswith(".p")]
        if not tied:
            return PartialSearch(tuple(released), result, comparison, accepted=False)
        worst = tied[0]
        name = f"{worst.lhs} {worst.op} {worst.rhs}" if worst.op != "~1" else f"{worst.lhs} ~ 1"
        released.append(name)
