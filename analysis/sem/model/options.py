"""The options of a fit, checked once, with the defaults each estimator implies."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.effect_coding import EFFECTS
from analysis.sem.model.language.syntax import Statements
from analysis.sem.names import canonical_names

__all__ = ["Options", "checked_options"]

_ESTIMATORS = ("ML", "MLM", "MLR", "DWLS", "WLSMV")
_ORDINAL = ("DWLS", "WLSMV")
_MISSING = {
    "listwise": "listwise",
    "pairwise": "pairwise",
    "fiml": "fiml",
    "ml": "fiml",
    "direct": "fiml",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is to be estimated; see :func:`analysis.sem.fit` for each entry."""

    estimator: str
    missing: str
    group_equal: tuple[str, ...]
    group_partial: tuple[str, ...]
    ordered: tuple[str, ...]
    std_lv: bool
    meanstructure: bool
    fixed_x: bool
    information: str
    likelihood: str
    parameterization: str
    max_iterations: int
    effect_coding: tuple[str, ...] = ()
    orthogonal: bool = False

    @property
    def is_robust(self) -> bool:
        """True for the sandwich estimators of normal theory."""
        return self.estimator in ("MLM", "MLR")

    @property
    def is_ordinal(self) -> bool:
        """True for the least-squares estimators."""
        return self.estimator in _ORDINAL


def checked_options(
    statements: Statements,
    *,
    estimator: str,
    missing: str,
    group_equal: Sequence[str] | str,
    group_partial: Sequence[str] | str,
    ordered: Sequence[str] | str,
    std_lv: bool,
    meanstructure: bool | None,
    fixed_x: bool,
    information: str | None,
    likelihood: str,
    parameterization: str,
    max_iterations: int,
    effect_coding: bool | Sequence[str],
    orthogonal: bool,
    n_groups: int,
    clustered: bool,
    weighted: bool,
) -> Options:
    """Fills in defaults; raises ModelSpecificationError for an unknown or impossible choice."""
    estimator = estimator.upper()
    _choose("estimator", estimator, _ESTIMATORS)
    _choose("missing", missing, tuple(_MISSING))
    _choose("likelihood", likelihood, ("normal", "wishart"))
    _choose("parameterization", parameterization, ("delta", "theta"))
    _choose("information", information, (None, "expected", "observed"))
    treatment = _MISSING[missing]
    equal, items = canonical_names(group_equal), canonical_names(ordered)
    effects = _effects(effect_coding, std_lv=std_lv)
    _check_combination(estimator, treatment, items, likelihood, clustered=clustered)
    if weighted:
        _check_weights(estimator, likelihood)
    if estimator not in _ORDINAL:
        _require_continuous(statements)
    intercepts = any(term.op == "~1" for term in statements.terms)
    means = (
        n_groups > 1
        or treatment == "fiml"
        or estimator in _ORDINAL
        or clustered
        or intercepts
        or "intercepts" in equal
        or bool(meanstructure)
    )
    by_likelihood = estimator in ("ML", "MLR")
    observed = by_likelihood and (
        estimator == "MLR" or treatment == "fiml" or clustered or weighted
    )
    return Options(
        estimator=estimator,
        missing=treatment,
        group_equal=equal,
        group_partial=canonical_names(group_partial),
        ordered=items,
        std_lv=std_lv,
        meanstructure=means,
        fixed_x=fixed_x,
        information=information or ("observed" if observed else "expected"),
        likelihood=likelihood,
        parameterization=parameterization,
        max_iterations=max_iterations,
        effect_coding=effects,
        orthogonal=orthogonal,
    )


def _effects(asked: bool | Sequence[str], *, std_lv: bool) -> tuple[str, ...]:
    """The kinds of parameter that effect coding averages."""
    effects = (EFFECTS if asked else ()) if isinstance(asked, bool) else canonical_names(asked)
    for effect in effects:
        _choose("effect_coding", effect, EFFECTS)
    if std_lv and "loadings" in effects:
        raise ModelSpecificationError(
            "effect coding and std_lv both set the scale of the factors; choose one"
        )
    return effects


def _require_continuous(statements: Statements) -> None:
    """Thresholds and scales belong to ordered items: without them they would change nothing."""
    for term in statements.terms:
        if term.op in ("|", "~*~"):
            kind = "thresholds" if term.op == "|" else "scales"
            raise ModelSpecificationError(
                f"{term.lhs} {term.op} {term.rhs}: {kind} are those of ordered items; name "
                f'{term.lhs} in `ordered` with estimator="WLSMV", or leave this out',
                code="not_ordered",
            )


def _check_weights(estimator: str, likelihood: str) -> None:
    if estimator == "MLM" or likelihood == "wishart":
        chosen = estimator if likelihood != "wishart" else 'likelihood="wishart"'
        raise ModelSpecificationError(
            f'sampling weights are not supported with {chosen}; use estimator="MLR"',
            code="unsupported",
        )


def _choose(option: str, value: str | None, allowed: Sequence[str | None]) -> None:
    if value not in allowed:
        listed = ", ".join(str(item) for item in allowed if item is not None)
        raise ModelSpecificationError(f"{option}={value!r} is unknown; choose among {listed}")


def _check_combination(
    estimator: str, missing: str, ordered: tuple[str, ...], likelihood: str, *, clustered: bool
) -> None:
    ordinal = estimator in _ORDINAL
    if ordered and not ordinal:
        raise ModelSpecificationError(
            f'ordered items need estimator="WLSMV" (or "DWLS"), not {estimator}; '
            "leave `ordered` empty to treat them as continuous"
        )
    if ordinal and missing == "fiml":
        raise ModelSpecificationError(
            f'{estimator} has no full-information treatment; use missing="pairwise" or "listwise"'
        )
    if estimator == "DWLS" and clustered:
        raise ModelSpecificationError(
            "DWLS takes rows for independent, so `cluster` would change nothing; use "
            'estimator="WLSMV", the same estimates with standard errors and tests by cluster',
            code="clusters_need_wlsmv",
        )
    if estimator == "MLM" and missing != "listwise":
        raise ModelSpecificationError(
            'MLM needs complete rows; use estimator="MLR" for missing data'
        )
    if missing == "pairwise" and not ordinal:
        raise ModelSpecificationError('missing="pairwise" is for WLSMV; use "fiml" with ML or MLR')
    if likelihood == "wishart" and (estimator != "ML" or missing != "listwise"):
        raise ModelSpecificationError('likelihood="wishart" is for ML with complete rows')
